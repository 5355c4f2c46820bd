"""Stretches of time beside a date: INTERVAL, NUMTODSINTERVAL, NUMTOYMINTERVAL."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece, Scope
from sandbox.netsuite.tables import Type

if TYPE_CHECKING:
    from sandbox.netsuite.suiteql.expressions import Expressions

PER_DAY = {"DAY": 1, "HOUR": 24, "MINUTE": 1440, "SECOND": 86400}
MONTHS = {"MONTH": 1, "YEAR": 12}
NUMBERS = {"NUMTODSINTERVAL": PER_DAY, "NUMTOYMINTERVAL": MONTHS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """So many `unit`s."""

    count: str
    unit: str


def read(compiler: "Expressions", node: exp.Expr, scope: Scope) -> Span | None:
    """None for what is no stretch of time."""
    if isinstance(node, exp.Interval):
        return _literal(node)
    if not isinstance(node, exp.Anonymous) or node.name.upper() not in NUMBERS:
        return None
    if len(node.expressions) != 2:
        raise unsupported()
    count, unit = node.expressions
    word = str(unit.this).upper() if isinstance(unit, exp.Literal) and unit.is_string else ""
    if word not in NUMBERS[node.name.upper()]:
        raise unsupported()
    number = compiler.converter.to(Type.NUMBER, compiler.value(count, scope))
    return Span(count=number.sql, unit=word)


def _literal(node: exp.Interval) -> Span:
    value, unit = node.this, node.args.get("unit")
    text = str(value.this).strip() if isinstance(value, exp.Literal) else ""
    word = unit.name.upper() if isinstance(unit, exp.Var) else ""
    if word not in PER_DAY | MONTHS or not text.lstrip("+-").isdigit() or len(text) > 9:
        raise unsupported()
    return Span(count=text, unit=word)


def moved(compiler: "Expressions", node: exp.Binary, span: Span, scope: Scope) -> Piece:
    """A date before or after; a month that lacks the day is refused and not shortened."""
    if not isinstance(node, exp.Add | exp.Sub):
        raise unsupported()
    value = compiler.value(node.left, scope)
    if value.type is not Type.DATE:
        raise unsupported()
    count = f"(- {span.count})" if isinstance(node, exp.Sub) else span.count
    if span.unit in MONTHS:
        sql = f"ns_plus_months({value.sql}, ns_multiply({count}, {MONTHS[span.unit]}))"
    else:
        sql = f"ns_plus_parts({value.sql}, {count}, {PER_DAY[span.unit]})"
    return Piece(sql=sql, type=Type.DATE)
