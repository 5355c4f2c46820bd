"""Seal and open personal values: deterministic, authenticated, erased by destroying one key.

AES-SIV (RFC 5297) under a data key of the value's subject; subject, path and key version are
authenticated. The same value of the same field of the same subject is always the same bytes.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cryptography.exceptions import InvalidTag

from kernel.errors import PermanentError
from kernel.values import Document, Fields, Sealed, Value
from runtime.data_keys import DataKeys, KeyEncryptionKey
from runtime.database import Pool, ready_pool
from runtime.process import Context
from runtime.sealed_values import from_bytes, to_bytes
from runtime.waiting import eventually

PART = "postgres:keys"
ERASED = "[erased]"
CIPHERS_CACHED_MAX = 2_000
"""Of the data subjects met last: a change of an order needs its account's again and again."""
CIPHER_AGE_MAX_S = 60.0


@asynccontextmanager
async def ready_sealer(
    dsn: str, kek_file: Path, *, size: int, ctx: Context
) -> AsyncIterator["Sealer"]:
    """A sealer with up to `size` connections, once the database `keys` answers."""
    async with ready_pool(dsn, PART, size=size, ctx=ctx) as pool:
        yield await eventually(PART, lambda: open_sealer(pool, kek_file), health=ctx.health)


async def open_sealer(
    pool: Pool,
    kek_file: Path,
    *,
    cached_max: int = CIPHERS_CACHED_MAX,
    age_max_s: float = CIPHER_AGE_MAX_S,
) -> "Sealer":
    """A sealer over the database `keys`, whose table is made where it is missing.

    FatalError names the file where it is not the key-encryption key in use; RetryableError where
    the database is away.
    """
    keys = DataKeys(pool, KeyEncryptionKey(kek_file), cached_max=cached_max, age_max_s=age_max_s)
    await keys.prepare()
    return Sealer(keys)


class Sealer:
    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    async def seal(self, items: Sequence[tuple[str, str, Value]]) -> list[Sealed | None]:
        """Of each (subject, path, value) the sealed value, in the same order.

        None holds nothing personal and stays None. ValueError for a value that is sealed already.
        """
        newest = await self._keys.newest(
            subject for subject, _, value in items if value is not None
        )
        sealed: list[Sealed | None] = []
        for subject, path, value in items:
            if value is None:
                sealed.append(None)
                continue
            version, cipher = newest[subject]
            bound = _bound(subject, path, version)
            sealed.append(Sealed(subject, path, version, cipher.encrypt(to_bytes(value), bound)))
        return sealed

    async def open(self, items: Iterable[Sealed]) -> dict[Sealed, Value]:
        """Each sealed value opened; `[erased]` where the subject's key was destroyed.

        PermanentError where a value is not what was sealed under this subject and path.
        """
        wanted = set(items)
        keys = await self._keys.named((item.subject, item.key_version) for item in wanted)
        opened: dict[Sealed, Value] = {}
        for item in wanted:
            cipher = keys.get((item.subject, item.key_version))
            if cipher is None:
                opened[item] = ERASED
                continue
            bound = _bound(item.subject, item.path, item.key_version)
            try:
                opened[item] = from_bytes(cipher.decrypt(item.ciphertext, bound))
            except (InvalidTag, ValueError) as error:
                raise PermanentError(
                    f"the sealed value of {item.path} of {item.subject} is not what was sealed"
                ) from error
        return opened

    async def open_document(self, document: Document) -> Document:
        """The same document with every sealed value opened."""
        opened = await self.open(
            value for value in document.every_value() if isinstance(value, Sealed)
        )
        return Document(
            _opened(document.fields, opened),
            {
                name: tuple(_opened(line, opened) for line in lines)
                for name, lines in document.lines.items()
            },
        )

    async def shred(self, subject: str) -> int:
        """Destroy the keys of a subject: what was sealed for it can never be opened again.

        Other processes forget them within a minute.
        """
        return await self._keys.shred(subject)


def without_erased(sealed: Document, opened: Document) -> Document:
    """What was opened without the values of destroyed keys: what a person had us forget is
    neither written nor compared."""
    return Document(
        _remembered(sealed.fields, opened.fields),
        {
            name: tuple(
                _remembered(before, line)
                for before, line in zip(sealed.lines[name], lines, strict=True)
            )
            for name, lines in opened.lines.items()
        },
    )


def _remembered(sealed: Fields, opened: Fields) -> Fields:
    return {
        name: value
        for name, value in opened.items()
        if not (isinstance(sealed[name], Sealed) and value == ERASED)
    }


def _bound(subject: str, path: str, version: int) -> list[bytes]:
    return [subject.encode(), path.encode(), str(version).encode()]


def _opened(fields: Mapping[str, Value], opened: Mapping[Sealed, Value]) -> dict[str, Value]:
    return {
        name: opened[value] if isinstance(value, Sealed) else value
        for name, value in fields.items()
    }
