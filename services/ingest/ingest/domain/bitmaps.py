"""Which fields a Salesforce change event names: bitmaps over the order of its schema."""

import re
from collections.abc import Iterable, Iterator

from ingest.ports import EventSchema

BITMAP = re.compile(r"(?:(\d+)-)?0[xX]([0-9a-fA-F]+)")
WHOLE = -1


def changed_names(bitmaps: Iterable[str], schema: EventSchema) -> tuple[str, ...] | None:
    """Names in schema order, `ShippingAddress.Street` for a part of a compound field.

    `0x…` counts the event's fields, `6-0x…` the parts of field 6; the last bit is the first
    field. None where a bitmap does not fit the schema: then the source has not said.
    """
    found: set[tuple[int, int]] = set()
    for bitmap in bitmaps:
        match = BITMAP.fullmatch(bitmap)
        if match is None:
            return None
        compound, digits = match.groups()
        bits = _set_bits(int(digits, 16))
        found.update((int(compound), bit) if compound else (bit, WHOLE) for bit in bits)
    try:
        return tuple(_name(schema, field, part) for field, part in sorted(found))
    except LookupError:
        return None


def _set_bits(number: int) -> Iterator[int]:
    return (bit for bit in range(number.bit_length()) if number >> bit & 1)


def _name(schema: EventSchema, field: int, part: int) -> str:
    name = schema.names[field]
    return name if part == WHOLE else f"{name}.{schema.parts[field][part]}"
