"""Addresses as NetSuite keeps them: streets in three short lines, each address in its own place."""

from collections.abc import Mapping, Sequence

from kernel.exact_json import Json
from kernel.values import Document, Fields, Value
from netsuite_writer.domain.comparing import lines_of

BOOK = "addressBook"
WITHIN, STREET, PLACES = "addressBookAddress.", "addr1", ("addr1", "addr2", "addr3")
OWN = ("billingAddress.", "shippingAddress.")
"""What stands before the parts of an address that a document bears itself."""
LENGTH_MAX = 150
MARKS = ("defaultBilling", "defaultShipping")


def with_short_streets(document: Document) -> Document:
    """A street of several lines, or a long one, in up to three; `document` must be open. What does
    not fit stays in the last, so that it is refused with its length."""
    fields = document.fields
    for prefix in OWN:
        fields = _split(fields, prefix)
    if BOOK not in document.lines:
        return Document(fields, document.lines)
    book = tuple(_split(line, WITHIN) for line in document.lines[BOOK])
    return Document(fields, {**document.lines, BOOK: book})


def kept_addresses(wanted: Sequence[Mapping[str, Json]], record: Mapping[str, Json]) -> list[Json]:
    """Each wanted address in the place of the one with its mark, then the others by their key."""
    held = lines_of(record, BOOK)
    ours: list[Json] = []
    met: set[int] = set()
    for line in wanted:
        at = next((n for n, old in enumerate(held) if n not in met and _same_mark(line, old)), None)
        key: dict[str, Json] = {} if at is None else {"id": held[at].get("id")}
        met |= set() if at is None else {at}
        ours.append({**key, **line})
    others = (old for n, old in enumerate(held) if n not in met)
    return [*ours, *({"id": old.get("id")} for old in others)]


def _same_mark(line: Mapping[str, Json], old: Mapping[str, Json]) -> bool:
    """An address that is both is met by the first that asks for it."""
    return any(line.get(mark) is True and old.get(mark) is True for mark in MARKS)


def _split(line: Fields, prefix: str) -> Fields:
    street = line.get(prefix + STREET)
    if not isinstance(street, str):
        return line
    rows = [part for row in street.splitlines() for part in _short(row)]
    rows = [*rows[:2], ", ".join(rows[2:])] if len(rows) > len(PLACES) else rows
    parts: dict[str, Value] = dict(zip(PLACES, rows, strict=False))
    others = {name: value for name, value in line.items() if name != prefix + STREET}
    return {**others, **{prefix + name: value for name, value in parts.items()}}


def _short(row: str) -> list[str]:
    """Parts that fit, broken between words."""
    parts: list[str] = []
    for word in row.split():
        longer = f"{parts[-1]} {word}" if parts else word
        if parts and len(longer) <= LENGTH_MAX:
            parts[-1] = longer
        else:
            parts.append(word)
    return parts
