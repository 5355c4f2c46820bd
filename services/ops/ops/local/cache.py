"""The cache of what takes long to fetch or to make: shared by all stacks of one user."""

import contextlib
import fcntl
import hashlib
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TextIO

from ops.local.errors import PartFailedError
from ops.local.polling import holds_within
from ops.local.state import write_whole

WAIT_S = 600.0


def cache_directory(environment: Mapping[str, str]) -> Path:
    named = environment.get("TALLYSTICK_CACHE")
    path = Path(named) if named else Path.home() / ".cache" / "tallystick"
    path.mkdir(parents=True, exist_ok=True)
    return path.absolute()


@contextlib.asynccontextmanager
async def only_one(lock: Path) -> AsyncIterator[None]:
    """One process at a time fills this part of the cache; the others wait and then find it."""
    with _opened(lock) as handle:

        async def taken() -> bool:
            return _taken(handle.fileno())

        if not await holds_within(WAIT_S, taken):
            raise PartFailedError(
                f"another process holds {lock} for {WAIT_S:g} s: end it and start again"
            )
        yield


def _opened(lock: Path) -> TextIO:
    return lock.open("w")


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def seal(path: Path) -> None:
    """Keep the digest beside the file, so that damage is seen before it is used."""
    write_whole(_seal_of(path), sha256_of(path))


def is_whole(path: Path) -> bool:
    return (
        path.exists() and _seal_of(path).exists() and _seal_of(path).read_text() == sha256_of(path)
    )


def discard(path: Path) -> None:
    path.unlink(missing_ok=True)
    _seal_of(path).unlink(missing_ok=True)


def _seal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")
