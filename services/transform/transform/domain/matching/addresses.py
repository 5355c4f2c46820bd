"""Street and postcode in one way of writing: enough to see that two records share a door."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from transform.domain.matching.normalise import folded

ABBREVIATIONS = {
    "st": "street", "str": "street", "strasse": "street", "rd": "road", "ave": "avenue",
    "av": "avenue", "avda": "avenida", "blvd": "boulevard", "bd": "boulevard", "bvd": "boulevard",
    "dr": "drive", "ln": "lane", "ct": "court", "pl": "place", "plz": "platz", "sq": "square",
    "hwy": "highway", "pkwy": "parkway", "pky": "parkway", "ter": "terrace", "cir": "circle",
    "n": "north", "s": "south", "e": "east", "w": "west", "r": "rue", "c": "calle", "v": "via",
    "ne": "northeast", "nw": "northwest", "se": "southeast", "sw": "southwest", "pza": "plaza",
    "al": "aleja", "ul": "", "ulitsa": "", "no": "", "nr": "", "num": "", "number": "",
    "the": "", "of": "", "de": "", "la": "", "du": "", "des": "", "po": "postbox", "box": "",
    "postfach": "postbox", "pobox": "postbox", "first": "1st", "second": "2nd", "third": "3rd",
    "fourth": "4th", "fifth": "5th", "sixth": "6th", "seventh": "7th", "eighth": "8th",
}  # fmt: skip
UNITS = frozenset("suite ste unit apt apartment floor fl room rm flat etage og stock piso".split())
STREET_ENDINGS = ("strasse", "str")
"""Grown together with the name in German: Hauptstr, Hauptstrasse."""
NUMBER_AND_LETTER = re.compile(r"(?<=\d) (?=[a-z]$)")
LEADING_ZIP = re.compile(r"^(\d{5})\d{4}$")


@dataclass(frozen=True, slots=True)
class Address:
    """Empty parts are not known."""

    postcode: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    street: str = field(default="", repr=False)
    """Words in order of the alphabet, numbers among them."""
    numbers: frozenset[str] = field(default=frozenset(), repr=False)
    unit: str = field(default="", repr=False)


def address_of(street: str, postcode: str, city: str, country: str) -> Address:
    words, unit = _without_unit(folded(street).split())
    street_words = sorted(set(_street_words(words)))
    code = folded(postcode).replace(" ", "").upper()
    return Address(
        postcode=LEADING_ZIP.sub(r"\1", code) if country in {"US", ""} else code,
        city=folded(city),
        street=" ".join(street_words),
        numbers=frozenset(word for word in street_words if word[0].isdigit()),
        unit=unit,
    )


def _street_words(words: list[str]) -> Iterator[str]:
    text = NUMBER_AND_LETTER.sub("", " ".join(words))
    for word in text.split():
        ending = next((end for end in STREET_ENDINGS if word.endswith(end) and word != end), "")
        if ending and len(word) > len(ending) + 2:
            yield from (word.removesuffix(ending), "street")
        elif meant := ABBREVIATIONS.get(word, word):
            yield meant


def _without_unit(words: list[str]) -> tuple[list[str], str]:
    """`12 high street suite 300` is the street and unit 300; `3 floor` likewise."""
    for place, word in enumerate(words):
        if word in UNITS and place > 0:
            after = words[place + 1 : place + 2]
            if after and any(letter.isdigit() for letter in after[0]):
                return words[:place] + words[place + 2 :], after[0]
    return words, ""
