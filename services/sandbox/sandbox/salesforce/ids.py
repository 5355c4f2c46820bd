"""Record ids: 15 case-sensitive characters, or 18 with three that hold the letters' case."""

import string
from functools import lru_cache

CHECKSUM = string.ascii_uppercase + "012345"
DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
ALLOWED = frozenset(DIGITS)
POD = "dx0"
SERIAL_LENGTH = 9
KEPT = 4096
"""Ids whose forms are remembered: those of a call are read again and again."""


@lru_cache(maxsize=KEPT)
def to_18(identifier: str) -> str:
    """The 18-character form of a 15-character id (or of an 18-character one, read by its 15)."""
    short = identifier[:15]
    sums = (
        sum(character.isupper() << place for place, character in enumerate(short[at : at + 5]))
        for at in (0, 5, 10)
    )
    return short + "".join(CHECKSUM[total] for total in sums)


def is_id(text: str) -> bool:
    """A well-formed id of 15, or of 18 characters whose checksum fits."""
    if len(text) not in (15, 18) or not text.isascii() or not ALLOWED.issuperset(text):
        return False
    return len(text) == 15 or to_18(repaired(text)) == repaired(text)


def normal(text: str) -> str:
    """The one form that is stored: 18 characters in their true case."""
    return to_18(repaired(text))


@lru_cache(maxsize=KEPT)
def repaired(text: str) -> str:
    """Some tools upper-case or lower-case ids; the checksum restores the case of the 15."""
    if len(text) != 18 or any(character.upper() not in CHECKSUM for character in text[15:]):
        return text
    letters = []
    for at in range(3):
        bits = CHECKSUM.index(text[15 + at].upper())
        for place, character in enumerate(text[at * 5 : at * 5 + 5]):
            letters.append(character.upper() if bits >> place & 1 else character.lower())
    return "".join(letters) + text[15:].upper()


def make_id(prefix: str, serial: int) -> str:
    return to_18(prefix + POD + base62(serial).rjust(SERIAL_LENGTH, "0"))


def base62(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, 62)
        text = DIGITS[digit] + text
    return text
