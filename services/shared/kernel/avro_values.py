"""What a field holds, as a branch of the schema's union and back."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from types import NoneType
from typing import Any

from kernel.money import Money
from kernel.values import Sealed, Value

Record = dict[str, Any]  # the edge of the codec: Avro knows the types, Python does not
INSTANT, MONEY, SEALED = "tallystick.Instant", "tallystick.Money", "tallystick.Sealed"
EXACT = Context(prec=60)
"""More digits than a value of the schema has: nothing is rounded."""
ONE, ZERO = Decimal(1), Decimal(0)
WHOLE_DIGITS_MAX = 28
"""What the schema's precision leaves before the point."""


def value_to_avro(value: Value) -> object:
    """With the name of its branch of the union: fastavro would try one branch after the other."""
    if value is None:
        return None
    branch = BRANCHES.get(type(value)) or _inherited(type(value))
    if branch is None:
        raise ValueError(f"{type(value).__name__} is not a type of value")
    return branch(value)


def _inherited(kind: type) -> Callable[[Any], object] | None:
    """A member of a StrEnum, such as a system, is a text."""
    return next((BRANCHES[base] for base in kind.__mro__ if base in BRANCHES), None)


def _instant_to_avro(value: datetime) -> object:
    return (INSTANT, {"at": value})


def _decimal_to_avro(value: Decimal) -> object:
    """fastavro looks at the digits as they are written, so that 1E+28 would pass."""
    if not value.is_finite() or value.adjusted() >= WHOLE_DIGITS_MAX:
        raise ValueError(f"a number of more than {WHOLE_DIGITS_MAX} whole digits, or none at all")
    return ("bytes", value)


def _money_to_avro(value: Money) -> object:
    return (MONEY, {"amount": value.amount, "currency": value.currency})


def _sealed_to_avro(value: Sealed) -> object:
    record = {
        "subject": value.subject,
        "path": value.path,
        "key_version": value.key_version,
        "ciphertext": value.ciphertext,
    }
    return (SEALED, record)


BRANCHES: Mapping[type, Callable[[Any], object]] = {
    bool: lambda value: ("boolean", value),
    int: lambda value: ("long", value),
    str: lambda value: ("string", value),
    Decimal: _decimal_to_avro,
    date: lambda value: ("int", value),
    datetime: _instant_to_avro,
    Money: _money_to_avro,
    Sealed: _sealed_to_avro,
}


def value_from_avro(value: Any) -> Value:
    kind = type(value)
    if kind in PLAIN:
        return value  # type: ignore[no-any-return]  # its type was looked at
    if kind is Decimal:
        return _plain(value)
    if kind is tuple:
        return _named_value(*value)
    raise ValueError(f"{kind.__name__} is not a type of value")


PLAIN = frozenset({NoneType, bool, int, str, date})


def _plain(number: Decimal) -> Decimal:
    """Without trailing zeros and without exponent: equal numbers print alike."""
    if not number:
        return ZERO
    short = number.normalize(EXACT)
    is_round = int(short.as_tuple().exponent) > 0  # as in 1E+2
    return short.quantize(ONE, context=EXACT) if is_round else short


def _named_value(name: str, record: Record) -> Value:
    match name:
        case "tallystick.Instant":
            return utc(record["at"])
        case "tallystick.Money":
            return Money(_plain(record["amount"]), record["currency"])
        case "tallystick.Sealed":
            return Sealed(
                record["subject"], record["path"], record["key_version"], record["ciphertext"]
            )
    raise ValueError(f"{name} is not a type of value")


def utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
