"""What a formula says about a record; blanks count as nothing, as on the platform."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, DivisionByZero, InvalidOperation
from typing import Protocol, TypeAlias

from sandbox.salesforce.formula.parser import FormulaError
from sandbox.salesforce.formula.tree import Constant, Name, Node

Value: TypeAlias = bool | Decimal | str | date | datetime | None
Arguments: TypeAlias = Sequence[Value]


class Facts(Protocol):
    """What a formula may ask about."""

    def value(self, parts: Sequence[str]) -> Value: ...
    def prior(self, parts: Sequence[str]) -> Value: ...
    def is_new(self) -> bool: ...
    def today(self) -> date: ...
    def now(self) -> datetime: ...


def evaluate(node: Node, facts: Facts) -> Value:
    """Raises FormulaError for a function that is not known or values it cannot work on."""
    if isinstance(node, Constant):
        return node.value
    if isinstance(node, Name):
        return facts.value(node.parts)
    if node.name in LAZY:
        return LAZY[node.name](node.arguments, facts)
    if node.name not in FUNCTIONS:
        raise FormulaError(f"the function {node.name} is not known")
    values = [evaluate(argument, facts) for argument in node.arguments]
    try:
        return FUNCTIONS[node.name](values)
    except (TypeError, ValueError, IndexError, DivisionByZero, InvalidOperation) as error:
        raise FormulaError(f"{node.name}: {error}") from None


def _name_of(nodes: Sequence[Node]) -> Sequence[str]:
    if len(nodes) != 1 or not isinstance(nodes[0], Name):
        raise FormulaError("this function takes the name of a field")
    return nodes[0].parts


def _if(nodes: Sequence[Node], facts: Facts) -> Value:
    if len(nodes) != 3:
        raise FormulaError("IF takes three arguments")
    return evaluate(nodes[1] if evaluate(nodes[0], facts) else nodes[2], facts)


def _case(nodes: Sequence[Node], facts: Facts) -> Value:
    if len(nodes) < 4 or len(nodes) % 2:
        raise FormulaError("CASE takes an expression, pairs, and what else")
    wanted = evaluate(nodes[0], facts)
    for at in range(1, len(nodes) - 1, 2):
        if evaluate(nodes[at], facts) == wanted:
            return evaluate(nodes[at + 1], facts)
    return evaluate(nodes[-1], facts)


LAZY: Mapping[str, Callable[[Sequence[Node], Facts], Value]] = {
    "AND": lambda nodes, facts: all(evaluate(node, facts) for node in nodes),
    "OR": lambda nodes, facts: any(evaluate(node, facts) for node in nodes),
    "IF": _if,
    "CASE": _case,
    "ISCHANGED": lambda nodes, facts: (
        not facts.is_new() and facts.value(_name_of(nodes)) != facts.prior(_name_of(nodes))
    ),
    "PRIORVALUE": lambda nodes, facts: facts.prior(_name_of(nodes)),
    "ISNEW": lambda nodes, facts: facts.is_new(),
    "TODAY": lambda nodes, facts: facts.today(),
    "NOW": lambda nodes, facts: facts.now(),
}


def _number(value: Value) -> Decimal:
    """Blank counts as zero."""
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, Decimal):
        return value
    raise ValueError(f"{value!r} is not a number")


def _text(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _is_blank(value: Value) -> bool:
    return value is None or value == ""


def _same(one: Value, other: Value) -> bool:
    if _is_blank(one) and _is_blank(other):
        return True
    return type(one) is type(other) and one == other


def _compared(values: Arguments, holds: Callable[[int], bool]) -> bool:
    """Nothing compares with a blank, except numbers, where it counts as zero."""
    one, other = values
    if isinstance(one, Decimal) or isinstance(other, Decimal):
        left, right = _number(one), _number(other)
        return holds((left > right) - (left < right))
    if isinstance(one, date) and isinstance(other, date) and type(one) is type(other):
        return holds((one > other) - (one < other))
    if isinstance(one, str) and isinstance(other, str):
        return holds((one > other) - (one < other))
    return False


def _plus(values: Arguments) -> Value:
    one, other = values
    if isinstance(one, str) or isinstance(other, str):
        return _text(one) + _text(other)
    if isinstance(one, date) and not isinstance(one, datetime):
        return date.fromordinal(one.toordinal() + int(_number(other)))
    return _number(one) + _number(other)


def _minus(values: Arguments) -> Value:
    one, other = values
    if isinstance(one, date) and isinstance(other, date):
        return Decimal(one.toordinal() - other.toordinal())
    if isinstance(one, date) and not isinstance(one, datetime):
        return date.fromordinal(one.toordinal() - int(_number(other)))
    return _number(one) - _number(other)


def _rounded(values: Arguments) -> Decimal:
    places = int(_number(values[1])) if len(values) > 1 else 0
    return _number(values[0]).quantize(Decimal(1).scaleb(-places), rounding="ROUND_HALF_UP")


def _date_of(value: Value) -> date:
    if isinstance(value, date):
        return value
    return date.fromisoformat(_text(value)[:10])


def _whole(value: Value) -> int:
    return int(_number(value))


FUNCTIONS: Mapping[str, Callable[[Arguments], Value]] = {
    "NOT": lambda values: not values[0],
    "=": lambda values: _same(*values),
    "<>": lambda values: not _same(*values),
    "<": lambda values: _compared(values, lambda sign: sign < 0),
    ">": lambda values: _compared(values, lambda sign: sign > 0),
    "<=": lambda values: _compared(values, lambda sign: sign <= 0),
    ">=": lambda values: _compared(values, lambda sign: sign >= 0),
    "+": _plus,
    "-": _minus,
    "*": lambda values: _number(values[0]) * _number(values[1]),
    "/": lambda values: _number(values[0]) / _number(values[1]),
    "^": lambda values: _number(values[0]) ** _whole(values[1]),
    "&": lambda values: _text(values[0]) + _text(values[1]),
    "ISBLANK": lambda values: _is_blank(values[0]),
    "ISNULL": lambda values: _is_blank(values[0]),
    "ISNUMBER": lambda values: re.fullmatch(r"-?\d+(\.\d+)?", _text(values[0])) is not None,
    "ISPICKVAL": lambda values: _text(values[0]) == _text(values[1]),
    "INCLUDES": lambda values: _text(values[1]) in _text(values[0]).split(";"),
    "BLANKVALUE": lambda values: values[1] if _is_blank(values[0]) else values[0],
    "NULLVALUE": lambda values: values[1] if _is_blank(values[0]) else values[0],
    "TEXT": lambda values: _text(values[0]),
    "VALUE": lambda values: Decimal(_text(values[0]) or "0"),
    "LEN": lambda values: Decimal(len(_text(values[0]))),
    "CONTAINS": lambda values: _text(values[1]) in _text(values[0]),
    "BEGINS": lambda values: _text(values[0]).startswith(_text(values[1])),
    "FIND": lambda values: Decimal(_text(values[1]).find(_text(values[0])) + 1),
    "LEFT": lambda values: _text(values[0])[: _whole(values[1])],
    "RIGHT": lambda values: _text(values[0])[-_whole(values[1]) :] if _whole(values[1]) else "",
    "MID": lambda values: _text(values[0])[
        _whole(values[1]) - 1 : _whole(values[1]) - 1 + _whole(values[2])
    ],
    "UPPER": lambda values: _text(values[0]).upper(),
    "LOWER": lambda values: _text(values[0]).lower(),
    "TRIM": lambda values: _text(values[0]).strip(),
    "SUBSTITUTE": lambda values: _text(values[0]).replace(_text(values[1]), _text(values[2])),
    "REGEX": lambda values: re.fullmatch(_text(values[1]), _text(values[0])) is not None,
    "DATE": lambda values: date(_whole(values[0]), _whole(values[1]), _whole(values[2])),
    "DATEVALUE": lambda values: _date_of(values[0]),
    "YEAR": lambda values: Decimal(_date_of(values[0]).year),
    "MONTH": lambda values: Decimal(_date_of(values[0]).month),
    "DAY": lambda values: Decimal(_date_of(values[0]).day),
    "ABS": lambda values: abs(_number(values[0])),
    "MOD": lambda values: _number(values[0]) % _number(values[1]),
    "ROUND": _rounded,
    "MIN": lambda values: min(_number(value) for value in values),
    "MAX": lambda values: max(_number(value) for value in values),
}
