"""Where a value stands in a document, and how NetSuite points at it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kernel.values import Document, Value

LINE_POINTER = re.compile(r"^(?P<sublist>\w+)\.items\[(?P<index>\d+)\](?:\.(?P<name>.+))?$")
LABEL = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Place:
    """A field of the document, or of one line of a sublist."""

    name: str
    sublist: str = ""
    index: int = 0

    def __str__(self) -> str:
        return f"{self.sublist}[{self.index}].{self.name}" if self.sublist else self.name


def places_of(document: Document) -> Iterator[tuple[Place, Value]]:
    for name, value in document.fields.items():
        yield Place(name), value
    for sublist, lines in document.lines.items():
        for index, line in enumerate(lines):
            for name, value in line.items():
                yield Place(name, sublist, index), value


def value_at(document: Document, place: Place) -> Value:
    if not place.sublist:
        return document.fields[place.name]
    return document.lines[place.sublist][place.index][place.name]


def place_of(document: Document, pointer: str, label: str) -> Place | None:
    """The value that a refusal speaks of.

    `pointer` as in `item.items[0].item` or `currency`, `label` the name of a field inside the
    sentence (`customer`, `Subsidiary`). None where neither leads to a value of the document.
    """
    found = LINE_POINTER.match(pointer)
    sublist = found["sublist"] if found else ""
    index = int(found["index"]) if found else 0
    wanted = (found["name"] or "") if found else pointer
    for name in filter(None, (_plain(wanted), _plain(label))):
        for place, _ in places_of(document):
            same_line = (place.sublist, place.index) == (sublist, index)
            if same_line and name in {_plain(place.name), _plain(_head(place.name))}:
                return place
    return None


def _head(name: str) -> str:
    """`currency` of `currency.id`."""
    return name.partition(".")[0]


def _plain(name: str) -> str:
    """Labels are written with capitals and spaces: `PO Number`, `entity`."""
    return LABEL.sub("", name.lower())
