"""Reads Avro bodies: of each schema one function is made, once, that yields our own values.

A reader of Avro that knows no values of ours would make dictionaries first, and takes three times
as long. Only what schemas/avro uses is known here.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal
from typing import Any

from kernel.avro_schemas import DECIMAL_DIGITS_MAX, INT64_BITS, PLAIN, Node, kind_of, logical_of
from kernel.messages import (
    Alert,
    AlertState,
    Capture,
    ChangeEvent,
    ChangeKind,
    Coordinates,
    Operation,
    OperationKind,
    Outcome,
    Result,
    Subject,
    Version,
    WriteCommand,
)
from kernel.money import Money
from kernel.records import RecordRef, System
from kernel.values import Document, Sealed

Read = Callable[[bytes, int], tuple[Any, int]]
"""(body, place) → what stands there and the place behind it. That place may lie beyond the body's
end where it was cut off: whoever reads a whole body compares in the end."""
EPOCH, EPOCH_DAY = datetime(1970, 1, 1, tzinfo=UTC), date(1970, 1, 1).toordinal()
EXACT = Context(prec=60)
"""More digits than a value of the schema has: nothing is rounded."""
ONE, ZERO = Decimal(1), Decimal(0)
SYSTEMS: Mapping[str, System] = {system.value: system for system in System}


def reader_of(schema: Node, named: dict[str, Read]) -> Read:
    """`named` holds the readers of the records that were met before, and is filled."""
    if isinstance(schema, list):
        return _union([reader_of(branch, named) for branch in schema])
    kind = kind_of(schema)
    if kind in named:
        return named[kind]
    match kind, schema:
        case "record", dict():
            named[schema["name"]] = read = _record(schema, named)
            return read
        case "map", dict():
            return _map(reader_of(schema["values"], named))
        case "array", dict():
            return _array(reader_of(schema["items"], named))
    if logical_of(schema) == "decimal" and isinstance(schema, dict):
        return _decimal(schema["scale"])
    return READERS[kind, logical_of(schema)]


def _record(schema: Mapping[str, Any], named: dict[str, Read]) -> Read:
    fields = [(field["name"], reader_of(field["type"], named)) for field in schema["fields"]]
    if schema["name"] in PLAIN:
        return fields[0][1]
    make = MAKERS[schema["name"]]

    def read(data: bytes, at: int) -> tuple[Any, int]:
        values: dict[str, Any] = {}
        for name, reader in fields:
            values[name], at = reader(data, at)
        return make(**values), at

    return read


def _union(branches: list[Read]) -> Read:
    """The number of a branch takes one byte: a union here has fewer than 64."""

    def read(data: bytes, at: int) -> tuple[Any, int]:
        number = data[at]
        if number & 1:
            raise ValueError("a branch has no number below zero")
        return branches[number >> 1](data, at + 1)

    return read


def _map(read_value: Read) -> Read:
    def read(data: bytes, at: int) -> tuple[Any, int]:
        found: dict[str, Any] = {}
        while True:
            count, at = _count(data, at)
            if not count:
                return found, at
            for _ in range(count):
                size = data[at]
                if size > 127 or size & 1:
                    name, at = _string(data, at)
                else:  # as `_string`, without a call for every field
                    end = at + 1 + (size >> 1)
                    name, at = data[at + 1 : end].decode(), end
                found[name], at = read_value(data, at)

    return read


def _array(read_value: Read) -> Read:
    def read(data: bytes, at: int) -> tuple[Any, int]:
        found: list[Any] = []
        while True:
            count, at = _count(data, at)
            if not count:
                return tuple(found), at
            for _ in range(count):
                value, at = read_value(data, at)
                found.append(value)

    return read


def _count(data: bytes, at: int) -> tuple[int, int]:
    """How many items a block has; one that says its size too has the number below zero."""
    count, at = _long(data, at)
    if count < 0:
        _, at = _long(data, at)
    return abs(count), at


def _long(data: bytes, at: int) -> tuple[int, int]:
    byte = data[at]
    at += 1
    number, shift = byte & 127, 7
    while byte > 127:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if shift > INT64_BITS + 7:
            raise ValueError("a number has more than 64 bits")
    return (number >> 1) ^ -(number & 1), at


def _span(data: bytes, at: int) -> tuple[int, int]:
    """Where a string or bytes begin and end."""
    size = data[at]
    if size > 127 or size & 1:
        size, at = _long(data, at)
        if size < 0:
            raise ValueError("a size is below zero")
        return at, at + size
    return at + 1, at + 1 + (size >> 1)


def _string(data: bytes, at: int) -> tuple[str, int]:
    size = data[at]
    if size > 127 or size & 1:
        at, end = _span(data, at)
    else:
        at += 1
        end = at + (size >> 1)
    return data[at:end].decode(), end


def _bytes(data: bytes, at: int) -> tuple[bytes, int]:
    at, end = _span(data, at)
    return data[at:end], end


def _decimal(scale: int) -> Read:
    unit, limit = 10**scale, 10**DECIMAL_DIGITS_MAX

    def read(data: bytes, at: int) -> tuple[Decimal, int]:
        """Without trailing zeros and without exponent: equal numbers print alike."""
        at, end = _span(data, at)
        unscaled = int.from_bytes(data[at:end], "big", signed=True)
        if not -limit < unscaled < limit:
            raise ValueError("a decimal has more digits than the schema allows")
        whole, rest = divmod(unscaled, unit)
        if not rest:
            return Decimal(whole), end
        return Decimal(unscaled).scaleb(-scale, EXACT).normalize(EXACT), end

    return read


def _date(data: bytes, at: int) -> tuple[date, int]:
    days, at = _long(data, at)
    return date.fromordinal(EPOCH_DAY + days), at


def _moment(data: bytes, at: int) -> tuple[datetime, int]:
    microseconds, at = _long(data, at)
    return EPOCH + timedelta(microseconds=microseconds), at


READERS: Mapping[tuple[str, str], Read] = {
    ("null", ""): lambda data, at: (None, at),
    ("boolean", ""): lambda data, at: (data[at] != 0, at + 1),
    ("int", ""): _long,
    ("long", ""): _long,
    ("string", ""): _string,
    ("bytes", ""): _bytes,
    ("int", "date"): _date,
    ("long", "timestamp-micros"): _moment,
}


def _ref(system: str, kind: str, id: str) -> RecordRef:
    return RecordRef(SYSTEMS[system], kind, id)


def _capture(kind: str, **fields: Any) -> Capture:
    return Capture(kind=ChangeKind(kind), **fields)


def _change(kind: str, **fields: Any) -> ChangeEvent:
    return ChangeEvent(kind=ChangeKind(kind), **fields)


def _outcome(subject: str, result: str, **fields: Any) -> Outcome:
    return Outcome(subject=Subject(subject), result=Result(result), **fields)


def _operation(kind: str, **fields: Any) -> Operation:
    return Operation(kind=OperationKind(kind), **fields)


def _alert(state: str, **fields: Any) -> Alert:
    return Alert(state=AlertState(state), **fields)


MAKERS: Mapping[str, Callable[..., Any]] = {
    "tallystick.RecordRef": _ref,
    "tallystick.Version": Version,
    "tallystick.Coordinates": Coordinates,
    "tallystick.Money": Money,
    "tallystick.Sealed": Sealed,
    "tallystick.Document": Document,
    "tallystick.Capture": _capture,
    "tallystick.ChangeEvent": _change,
    "tallystick.WriteCommand": WriteCommand,
    "tallystick.Outcome": _outcome,
    "tallystick.Operation": _operation,
    "tallystick.Alert": _alert,
}
"""By the name of a record: what makes our value of its fields."""
