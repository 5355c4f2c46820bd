"""A value as the bytes that are sealed, and back: types survive, equal values are equal bytes."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from kernel.errors import PermanentError
from kernel.money import Money
from kernel.values import Value, plain_number


def to_bytes(value: Value) -> bytes:
    """ValueError for what cannot be sealed: nothing at all, and what is sealed already."""
    return json.dumps(_tagged(value), ensure_ascii=False, separators=(",", ":")).encode()


def from_bytes(data: bytes) -> Value:
    tag, *parts = json.loads(data)
    match tag:
        case "b" | "i" | "s":
            value: bool | int | str = parts[0]
            return value
        case "n":
            return Decimal(parts[0])
        case "d":
            return date.fromisoformat(parts[0])
        case "t":
            return datetime.fromisoformat(parts[0])
        case "m":
            return Money(Decimal(parts[0]), parts[1])
    raise PermanentError(f"a sealed value is of the unknown type '{tag}': update this service")


def _tagged(value: Value) -> list[object]:
    match value:
        case bool():
            return ["b", value]
        case int():
            return ["i", value]
        case str():
            return ["s", value]
        case Decimal():
            return ["n", plain_number(value)]
        case datetime():
            return ["t", value.astimezone(UTC).isoformat()]
        case date():
            return ["d", value.isoformat()]
        case Money():
            return ["m", plain_number(value.amount), value.currency]
    raise ValueError(f"{type(value).__name__} cannot be sealed")
