"""Writes Avro bodies: of each schema one function is made, once, that takes our own values.

The fields of a record are the attributes of our value that have their names.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Context, Decimal
from operator import attrgetter
from types import NoneType
from typing import Any

from kernel.avro_schemas import DECIMAL_DIGITS_MAX, INT64_BITS, PLAIN, Node, kind_of, logical_of
from kernel.messages import Version, microseconds
from kernel.money import Money
from kernel.records import RecordRef
from kernel.values import Document, Sealed

Write = Callable[[Any, bytearray], None]
"""Appends the value to the bytes. ValueError, TypeError or OverflowError for one that is none."""
EXACT = Context(prec=60)
EPOCH_DAY = date(1970, 1, 1).toordinal()
NAMES_CACHED_MAX = 1_000
INT64_MAX = 2 ** (INT64_BITS - 1) - 1


def writer_of(schema: Node, named: dict[str, Write]) -> Write:
    """`named` holds the writers of the records that were met before, and is filled."""
    if isinstance(schema, list):
        return _union([(_type_of(branch), writer_of(branch, named)) for branch in schema])
    kind = kind_of(schema)
    if kind in named:
        return named[kind]
    match kind, schema:
        case "record", dict():
            named[schema["name"]] = write = _record(schema, named)
            return write
        case "map", dict():
            return _map(writer_of(schema["values"], named))
        case "array", dict():
            return _array(writer_of(schema["items"], named))
    if logical_of(schema) == "decimal" and isinstance(schema, dict):
        return _decimal(schema["scale"])
    return WRITERS[kind, logical_of(schema)]


def _record(schema: Mapping[str, Any], named: dict[str, Write]) -> Write:
    writers = [writer_of(field["type"], named) for field in schema["fields"]]
    if schema["name"] in PLAIN:
        return writers[0]
    taken = attrgetter(*[field["name"] for field in schema["fields"]])

    def write(value: Any, out: bytearray) -> None:
        for writer, item in zip(writers, taken(value), strict=True):
            writer(item, out)

    return write


def _type_of(branch: Node) -> type:
    """Of our values that stand in this branch of a union."""
    return TYPES.get((kind_of(branch), logical_of(branch))) or RECORDS[_name(branch)]


def _name(branch: Node) -> str:
    return branch["name"] if isinstance(branch, dict) else str(branch)


def _union(branches: list[tuple[type, Write]]) -> Write:
    known = {kind: (2 * number, write) for number, (kind, write) in enumerate(branches)}

    def write(value: Any, out: bytearray) -> None:
        found = known.get(type(value)) or inherited(type(value))
        out.append(found[0])
        found[1](value, out)

    def inherited(kind: type) -> tuple[int, Write]:
        """A member of a StrEnum, such as a system, is a text."""
        for base in kind.__mro__:
            if base in known:
                return known[base]
        raise ValueError(f"{kind.__name__} is not a type of value")

    return write


def _map(write_value: Write) -> Write:
    known: dict[str, bytes] = {}

    def encoded(name: str) -> bytes:
        """The same few names come again and again."""
        data = bytearray()
        _string(name, data)
        if len(known) < NAMES_CACHED_MAX:
            known[name] = bytes(data)
        return bytes(data)

    def write(value: Mapping[str, Any], out: bytearray) -> None:
        """Sorted by name, so that equal fields are equal bytes."""
        if value:
            _long(len(value), out)
            for name in sorted(value):
                out += known.get(name) or encoded(name)
                write_value(value[name], out)
        out.append(0)

    return write


def _array(write_value: Write) -> Write:
    def write(value: tuple[Any, ...], out: bytearray) -> None:
        if value:
            _long(len(value), out)
            for item in value:
                write_value(item, out)
        out.append(0)

    return write


def _long(value: int, out: bytearray) -> None:
    if not -INT64_MAX - 1 <= value <= INT64_MAX:
        raise OverflowError("a number has more than 64 bits")
    number = (value << 1) ^ (value >> (INT64_BITS - 1))
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)


def _string(value: str, out: bytearray) -> None:
    data = value.encode()
    size = len(data)
    if size < 64:
        out.append(size << 1)
    else:
        _long(size, out)
    out += data


def _bytes(data: bytes, out: bytearray) -> None:
    size = len(data)
    if size < 64:
        out.append(size << 1)
    else:
        _long(size, out)
    out += data


def _decimal(scale: int) -> Write:
    limit = 10**DECIMAL_DIGITS_MAX

    def write(value: Decimal, out: bytearray) -> None:
        unscaled = int(scaled := value.scaleb(scale, EXACT))
        if unscaled != scaled or not -limit < unscaled < limit:
            raise ValueError("a decimal has more digits than the schema allows")
        _bytes(unscaled.to_bytes((unscaled.bit_length() + 8) >> 3, "big", signed=True), out)

    return write


def _boolean(value: bool, out: bytearray) -> None:
    out.append(1 if value else 0)


def _null(value: None, out: bytearray) -> None:
    """Nothing stands for it."""


def _date(value: date, out: bytearray) -> None:
    _long(value.toordinal() - EPOCH_DAY, out)


def _moment(value: datetime, out: bytearray) -> None:
    _long(microseconds(value), out)


WRITERS: Mapping[tuple[str, str], Write] = {
    ("null", ""): _null,
    ("boolean", ""): _boolean,
    ("int", ""): _long,
    ("long", ""): _long,
    ("string", ""): _string,
    ("bytes", ""): _bytes,
    ("int", "date"): _date,
    ("long", "timestamp-micros"): _moment,
}
TYPES: Mapping[tuple[str, str], type] = {
    ("null", ""): NoneType,
    ("boolean", ""): bool,
    ("long", ""): int,
    ("string", ""): str,
    ("bytes", "decimal"): Decimal,
    ("int", "date"): date,
}
RECORDS: Mapping[str, type] = {
    "tallystick.Instant": datetime,
    "tallystick.Money": Money,
    "tallystick.Sealed": Sealed,
    "tallystick.RecordRef": RecordRef,
    "tallystick.Version": Version,
    "tallystick.Document": Document,
}
"""The types of our values, by the branch of a union that they stand in."""
