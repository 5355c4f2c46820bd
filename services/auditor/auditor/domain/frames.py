"""A record's headers as one string of bytes and back, nothing lost: order, repeats, empty, none.

For each header: length of the name, name, length of the value (-1 for none), value; lengths are
four bytes, big-endian, as in Kafka's own protocol.
"""

import struct
from collections.abc import Iterator
from functools import lru_cache

from auditor.domain.columns import Headers

LENGTH = struct.Struct(">i")
NONE = LENGTH.pack(-1)
NAMES_CACHED_MAX = 256


def packed(headers: Headers) -> bytes:
    pieces: list[bytes] = []
    for name, value in headers:
        pieces.append(_named(name))
        pieces += (NONE,) if value is None else (LENGTH.pack(len(value)), value)
    return b"".join(pieces)


def unpacked(frame: bytes) -> Headers:
    """ValueError where the bytes are not a frame."""
    return tuple(_headers(frame))


@lru_cache(NAMES_CACHED_MAX)
def _named(name: str) -> bytes:
    """The same few names stand on every record."""
    encoded = name.encode()
    return LENGTH.pack(len(encoded)) + encoded


def _headers(frame: bytes) -> Iterator[tuple[str, bytes | None]]:
    at = 0
    while at < len(frame):
        name, at = _taken(frame, at)
        value, at = _taken(frame, at)
        if name is None:
            raise ValueError(f"a header without a name ends at byte {at}")
        yield name.decode(), value


def _taken(frame: bytes, at: int) -> tuple[bytes | None, int]:
    start = at + LENGTH.size
    if start > len(frame):
        raise ValueError(f"a length is cut off at byte {at}")
    (length,) = LENGTH.unpack_from(frame, at)
    end = start + max(length, 0)
    if end > len(frame) or length < -1:
        raise ValueError(f"{length} bytes do not follow at byte {start}")
    return (None if length < 0 else frame[start:end]), end
