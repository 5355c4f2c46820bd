"""Filters of a map: named rules that say which documents stay in their own system."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kernel.money import Money
from kernel.values import Fields, Sealed, Value, plain_number

Scalar = str | int | bool
Applies = Callable[[Fields, str], bool]
"""(fields of a document, what stands before the names of an embedded one) → whether it holds."""


class State(StrEnum):
    """What `is` can ask of a field."""

    EMPTY = "empty"
    FILLED = "filled"
    YES = "yes"
    NO = "no"


STATE_OF: dict[object, State] = {
    "empty": State.EMPTY,
    "filled": State.FILLED,
    True: State.YES,
    False: State.NO,
}
"""By what stands in the table; YAML reads yes and no as flags."""


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field holds one of the values. An empty field holds none."""

    field: str
    values: tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Is:
    field: str
    state: State


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Condition"


Condition = OneOf | Is | Every | Some | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """A document for which `when` holds is not sent. `applies` is `when`, made once."""

    name: str
    purpose: str
    when: Condition
    applies: Applies = field(repr=False, compare=False)


def filter_of(name: str, purpose: str, when: Condition) -> Filter:
    return Filter(name=name, purpose=purpose, when=when, applies=compiled(when))


def compiled(condition: Condition) -> Applies:
    match condition:
        case OneOf():
            wanted = frozenset(map(_plain, condition.values))
            return lambda fields, prefix: _plain(fields.get(prefix + condition.field)) in wanted
        case Is():
            return _state(condition)
        case Every():
            every = tuple(map(compiled, condition.parts))
            return lambda fields, prefix: all(part(fields, prefix) for part in every)
        case Some():
            some = tuple(map(compiled, condition.parts))
            return lambda fields, prefix: any(part(fields, prefix) for part in some)
        case Not():
            inner = compiled(condition.part)
            return lambda fields, prefix: not inner(fields, prefix)


def looks_of(condition: Condition) -> Iterator[OneOf | Is]:
    """Every look at a field, in the order in which they stand."""
    match condition:
        case OneOf() | Is():
            yield condition
        case Every() | Some():
            for part in condition.parts:
                yield from looks_of(part)
        case Not():
            yield from looks_of(condition.part)


def words(condition: Condition) -> str:
    """The condition as a person says it: `Type is Test or Demo`."""
    match condition:
        case OneOf():
            return f"{condition.field} is {' or '.join(map(_word, condition.values))}"
        case Is():
            return f"{condition.field} is {condition.state}"
        case Every():
            return " and ".join(map(_inner, condition.parts))
        case Some():
            return " or ".join(map(_inner, condition.parts))
        case Not():
            return f"not {_inner(condition.part)}"


def _inner(condition: Condition) -> str:
    is_joined = isinstance(condition, Every | Some)
    return f"({words(condition)})" if is_joined else words(condition)


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "''"


def _state(condition: Is) -> Applies:
    name, state = condition.field, condition.state
    match state:
        case State.EMPTY:
            return lambda fields, prefix: fields.get(prefix + name) in (None, "")
        case State.FILLED:
            return lambda fields, prefix: fields.get(prefix + name) not in (None, "")
        case State.YES:
            return lambda fields, prefix: fields.get(prefix + name) is True
        case State.NO:
            return lambda fields, prefix: fields.get(prefix + name) is False


def _plain(value: Value) -> str | bool | None:
    """Comparable with what a table can hold: a number is its text, so 1, 1.0 and "1" are one."""
    match value:
        case None | bool() | str():
            return value
        case int() | Decimal():
            return plain_number(Decimal(value))
        case date():
            return value.isoformat()
        case Money():
            return plain_number(value.amount)
        case Sealed():
            return None
