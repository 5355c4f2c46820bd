"""The data keys of people in the records: one a subject, kept wrapped in the database `keys`."""

import base64
import binascii
import os
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

from kernel.errors import FatalError
from runtime.database import Pool, migrate, translated

KEY_ENCRYPTION_KEY_BYTES = 32
DATA_KEY_BYTES = 64
NONCE_BYTES = 12
SCHEMA = "keys"
CHECK_SUBJECT, CHECK_VERSION = "", 0
"""A row that every process can unwrap whose key-encryption key is the right one."""

STATEMENTS = (
    """CREATE TABLE IF NOT EXISTS data_keys (
        subject     text        NOT NULL,
        key_version integer     NOT NULL,
        wrapped     bytea,
        created_at  timestamptz NOT NULL DEFAULT now(),
        shredded_at timestamptz,
        PRIMARY KEY (subject, key_version),
        CHECK ((wrapped IS NULL) = (shredded_at IS NOT NULL))
    )""",
)
INSERT = """INSERT INTO keys.data_keys (subject, key_version, wrapped)
    SELECT * FROM unnest(%s::text[], %s::integer[], %s::bytea[]) ON CONFLICT DO NOTHING"""
NEWEST = """SELECT DISTINCT ON (subject) subject, key_version, wrapped FROM keys.data_keys
    WHERE subject = ANY(%s) ORDER BY subject, key_version DESC"""
NAMED = """SELECT subject, key_version, wrapped FROM keys.data_keys
    WHERE (subject, key_version) IN (SELECT * FROM unnest(%s::text[], %s::integer[]))"""
SHRED = """UPDATE keys.data_keys SET wrapped = NULL, shredded_at = now()
    WHERE subject = %s AND wrapped IS NOT NULL"""
KeyId = tuple[str, int]


class KeyEncryptionKey:
    """Wraps data keys; the subject and version are authenticated with each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._cipher = AESGCM(read_key(path))

    def wrap(self, key_id: KeyId, data_key: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, data_key, _named(key_id))

    def unwrap(self, key_id: KeyId, wrapped: bytes) -> bytes:
        try:
            nonce, rest = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
            return self._cipher.decrypt(nonce, rest, _named(key_id))
        except (InvalidTag, ValueError) as error:
            raise FatalError(
                f"KEK_FILE {self._path} is not the key that the data keys are wrapped with:"
                " give the file that was used before, or restore the keys database that belongs"
                " to it"
            ) from error


class DataKeys:
    """Ciphers by subject and version: out of a bounded cache, else out of the database.

    A cipher is asked for again after `age_max_s`, so that an erased subject is forgotten by then.
    """

    def __init__(
        self,
        pool: Pool,
        kek: KeyEncryptionKey,
        *,
        cached_max: int,
        age_max_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool, self._kek = pool, kek
        self._cached_max, self._age_max_s, self._monotonic = cached_max, age_max_s, monotonic
        self._cache: OrderedDict[KeyId, tuple[AESSIV, float]] = OrderedDict()
        self._newest: dict[str, int] = {}

    async def prepare(self) -> None:
        """Make the table and see that the key-encryption key is the right one."""
        await migrate(self._pool, SCHEMA, STATEMENTS)
        check = (CHECK_SUBJECT, CHECK_VERSION)
        await self._add([check])
        for key_id, wrapped in (await self._named([check])).items():
            self._kek.unwrap(key_id, wrapped or b"")

    async def newest(self, subjects: Iterable[str]) -> Mapping[str, tuple[int, AESSIV]]:
        """The key of each subject to seal with; made where there is none or it was shredded."""
        wanted = set(subjects)
        found = {
            subject: (self._newest[subject], cipher)
            for subject in wanted
            if subject in self._newest
            and (cipher := self._cached((subject, self._newest[subject])))
        }
        missing = sorted(wanted - found.keys())
        if missing:
            found.update(await self._newest_stored(missing))
        return found

    async def named(self, key_ids: Iterable[KeyId]) -> Mapping[KeyId, AESSIV]:
        """Those of the keys that still exist."""
        wanted = set(key_ids)
        found = {key_id: cipher for key_id in wanted if (cipher := self._cached(key_id))}
        missing = sorted(wanted - found.keys())
        for key_id, wrapped in (await self._named(missing)).items() if missing else ():
            if wrapped is not None:
                found[key_id] = self._kept(key_id, wrapped)
        return found

    async def shred(self, subject: str) -> int:
        """Destroy every key of a subject and return how many. The versions stay as used up."""
        async with translated(), self._pool.connection() as connection:
            done = await connection.execute(SHRED, [subject])
        self._newest.pop(subject, None)
        for key_id in [key_id for key_id in self._cache if key_id[0] == subject]:
            del self._cache[key_id]
        return done.rowcount

    async def _newest_stored(self, subjects: list[str]) -> Mapping[str, tuple[int, AESSIV]]:
        rows = await self._select(NEWEST, [subjects])
        used = {subject: version for (subject, version), _ in rows.items()}
        gone = {subject for (subject, _), wrapped in rows.items() if wrapped is None}
        lacking = [name for name in subjects if name not in used or name in gone]
        if lacking:
            await self._add([(name, used.get(name, 0) + 1) for name in lacking])
            rows = await self._select(NEWEST, [subjects])
        found = {}
        for (subject, version), wrapped in rows.items():
            if wrapped is not None:
                self._newest[subject] = version
                found[subject] = (version, self._kept((subject, version), wrapped))
        return found

    async def _add(self, key_ids: list[KeyId]) -> None:
        """Two processes may add the same one: the first row stands, for both."""
        wrapped = [self._kek.wrap(key_id, os.urandom(DATA_KEY_BYTES)) for key_id in key_ids]
        names, versions = [name for name, _ in key_ids], [number for _, number in key_ids]
        async with translated(), self._pool.connection() as connection:
            await connection.execute(INSERT, [names, versions, wrapped])

    async def _named(self, key_ids: list[KeyId]) -> dict[KeyId, bytes | None]:
        names, versions = [name for name, _ in key_ids], [number for _, number in key_ids]
        return await self._select(NAMED, [names, versions])

    async def _select(self, query: str, arguments: list[object]) -> dict[KeyId, bytes | None]:
        async with translated(), self._pool.connection() as connection:
            rows = await (await connection.execute(query.encode(), arguments)).fetchall()
        return {(subject, version): wrapped for subject, version, wrapped in rows}

    def _cached(self, key_id: KeyId) -> AESSIV | None:
        cipher, since = self._cache.get(key_id, (None, 0.0))
        if cipher is None:
            return None
        if self._monotonic() - since > self._age_max_s:
            del self._cache[key_id]
            return None
        self._cache.move_to_end(key_id)
        return cipher

    def _kept(self, key_id: KeyId, wrapped: bytes) -> AESSIV:
        cipher = AESSIV(self._kek.unwrap(key_id, wrapped))
        self._cache[key_id] = (cipher, self._monotonic())
        while len(self._cache) > self._cached_max:
            (subject, version), _ = self._cache.popitem(last=False)
            if self._newest.get(subject) == version:
                del self._newest[subject]
        return cipher


def read_key(path: Path) -> bytes:
    """FatalError says what is wrong with the file."""
    remedy = f"give the base64 text of {KEY_ENCRYPTION_KEY_BYTES} random bytes"
    try:
        key = base64.b64decode(path.read_text().strip(), validate=True)
    except OSError as error:
        raise FatalError(f"KEK_FILE {path} cannot be read: {error.strerror}: {remedy}") from error
    except (binascii.Error, ValueError) as error:
        raise FatalError(f"KEK_FILE {path} is not base64: {remedy}") from error
    if len(key) != KEY_ENCRYPTION_KEY_BYTES:
        raise FatalError(f"KEK_FILE {path} holds {len(key)} bytes: {remedy}")
    return key


def _named(key_id: KeyId) -> bytes:
    subject, version = key_id
    return f"{version} {subject}".encode()
