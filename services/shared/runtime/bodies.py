"""Reads the body of an answer up to a limit, also what a few compressed bytes unfold to."""

import zlib
from collections.abc import AsyncIterable

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS
CODINGS = frozenset({"gzip", "x-gzip", "deflate"})
PLAIN = frozenset({"", "identity"})


class TooLargeError(Exception):
    """The body is larger than it may be, on the wire or unfolded."""


class UnreadableError(Exception):
    """The body is compressed in a way that was not asked for, or broken."""


async def whole(parts: AsyncIterable[bytes], coding: str, bytes_max: int) -> bytes:
    """All of it, unfolded. `coding` is the answer's Content-Encoding."""
    if coding in PLAIN:
        unfold = _Plain()
    elif coding in CODINGS:
        unfold = _Unfolding()
    else:
        raise UnreadableError(f"a body coded as {coding[:20]!r} was not asked for")
    found, size = [], 0
    async for part in parts:
        piece = unfold.next(part, bytes_max - size + 1)
        size += len(piece)
        if size > bytes_max:
            raise TooLargeError(f"larger than {bytes_max} bytes")
        found.append(piece)
    unfold.end()
    return b"".join(found)


class _Plain:
    def next(self, part: bytes, most: int) -> bytes:
        return part[:most]

    def end(self) -> None:
        """Any end will do: the length was checked by HTTP."""


class _Unfolding(_Plain):
    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(GZIP_OR_ZLIB)
        self._is_empty = True

    def next(self, part: bytes, most: int) -> bytes:
        self._is_empty = self._is_empty and not part
        try:
            return self._inflate.decompress(part, most)
        except zlib.error as error:
            raise UnreadableError("a compressed body does not unfold") from error

    def end(self) -> None:
        if not self._is_empty and not self._inflate.eof:
            raise UnreadableError("a compressed body ends too soon")
