"""Field bitmaps of change events: hexadecimal, one bit a schema position, lowest bit first."""

from collections.abc import Iterable, Mapping


def encode(positions: Iterable[int]) -> str:
    """Upper-case hexadecimal in whole bytes, big-endian."""
    number = sum(1 << position for position in set(positions))
    return "0x" + number.to_bytes((number.bit_length() + 7) // 8, "big").hex().upper()


def decode(text: str) -> list[int]:
    number = int(text, 16)
    return [position for position in range(number.bit_length()) if number >> position & 1]


def bitmaps(top: Iterable[int], nested: Mapping[int, Iterable[int]]) -> list[str]:
    """The list as it stands in the header: the top level first, then each compound's parts."""
    found = [encode(top)] if (top := list(top)) else []
    return found + [f"{position}-{encode(parts)}" for position, parts in sorted(nested.items())]
