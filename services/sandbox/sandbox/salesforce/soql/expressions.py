"""Fields and functions of a query as SQL, with the type that their values have."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.salesforce.schema import SCALED_TYPES, Field
from sandbox.salesforce.soql.scope import Scope
from sandbox.salesforce.soql.tree import Call, Expression, Path

AGGREGATES = frozenset("COUNT COUNT_DISTINCT SUM AVG MIN MAX".split())
RATE_SCALE = 10**6
DATE_PARTS: Mapping[str, str] = {
    "CALENDAR_YEAR": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "CALENDAR_MONTH": "CAST(strftime('%m', {0}) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "FISCAL_YEAR": "CAST(strftime('%Y', {0}) AS INTEGER)",
    "FISCAL_MONTH": "CAST(strftime('%m', {0}) AS INTEGER)",
    "FISCAL_QUARTER": "(CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3",
    "DAY_IN_MONTH": "CAST(strftime('%d', {0}) AS INTEGER)",
    "DAY_IN_YEAR": "CAST(strftime('%j', {0}) AS INTEGER)",
    "DAY_IN_WEEK": "(CAST(strftime('%w', {0}) AS INTEGER) + 1)",
    "HOUR_IN_DAY": "CAST(strftime('%H', {0}) AS INTEGER)",
    "WEEK_IN_MONTH": "((CAST(strftime('%d', {0}) AS INTEGER) - 1) / 7 + 1)",
    "WEEK_IN_YEAR": "((CAST(strftime('%j', {0}) AS INTEGER) - 1) / 7 + 1)",
    "DAY_ONLY": "strftime('%Y-%m-%d', {0})",
}


@dataclass(frozen=True, slots=True)
class Typed:
    """`kind` is a field type; `real` marks a value that is a plain number, not a scaled one."""

    sql: str
    kind: str
    scale: int = 0
    field: Field | None = None
    real: bool = False


def typed(scope: Scope, expression: Expression) -> Typed:
    if isinstance(expression, Path):
        column = scope.column(expression)
        return Typed(column.sql, column.field.type, column.field.scale, column.field)
    return _call(scope, expression)


def is_aggregate(expression: object) -> bool:
    return isinstance(expression, Call) and expression.name in AGGREGATES


def _call(scope: Scope, call: Call) -> Typed:
    if call.name in AGGREGATES:
        return _aggregate(scope, call)
    if call.argument is None:
        raise scope.refuse(call.at, "MALFORMED_QUERY", f"{call.name} needs a field")
    if call.name in DATE_PARTS:
        return _date_part(scope, call)
    if call.name in ("CONVERTTIMEZONE", "TOLABEL"):
        return typed(scope, call.argument)
    if call.name == "CONVERTCURRENCY":
        return _converted(scope, call)
    if call.name == "FORMAT":
        message = "FORMAT is not supported by this sandbox"
        raise scope.refuse(call.at, "MALFORMED_QUERY", message)
    raise scope.refuse(call.at, "MALFORMED_QUERY", f"{call.name} is not allowed here")


def _aggregate(scope: Scope, call: Call) -> Typed:
    if call.argument is None:
        return Typed("count(*)", "int")
    inner = typed(scope, call.argument)
    if call.name == "COUNT":
        return Typed(f"count({inner.sql})", "int")
    if call.name == "COUNT_DISTINCT":
        return Typed(f"count(DISTINCT {inner.sql})", "int")
    numeric = inner.kind in SCALED_TYPES or inner.kind == "int"
    if call.name in ("SUM", "AVG") and not numeric:
        message = f"field {_name(call)} does not support aggregate operator {call.name}"
        raise scope.refuse(call.at, "MALFORMED_QUERY", message)
    value = _corporate(scope, call, inner)
    if call.name == "AVG":
        return Typed(f"avg({value}) / {10**inner.scale}.0", "double", real=True)
    kind = "double" if inner.kind == "int" and call.name == "SUM" else inner.kind
    return Typed(f"{call.name.lower()}({value})", kind, inner.scale)


def _corporate(scope: Scope, call: Call, inner: Typed) -> str:
    """Aggregates of money are in the corporate currency."""
    if inner.kind != "currency" or not scope.org.multi_currency:
        return inner.sql
    table = inner.sql.partition(".")[0]
    rate = _rate_of_record(table)
    return f"CAST(round({inner.sql} * {RATE_SCALE}.0 / {rate}) AS INTEGER)"


def _rate_of_record(table: str) -> str:
    return (
        f'coalesce((SELECT "ConversionRate" FROM "CurrencyType" WHERE "IsoCode" ='
        f' {table}."CurrencyIsoCode"), {RATE_SCALE})'
    )


def _converted(scope: Scope, call: Call) -> Typed:
    """The value in the currency of the user who asks."""
    inner = typed(scope, call.argument) if call.argument is not None else None
    if inner is None or inner.kind != "currency":
        message = f"{_name(call)} is not a currency field"
        raise scope.refuse(call.at, "INVALID_FIELD", message)
    currency = scope.org.user_currency(scope.user)
    rate = scope.org.conversion_rate(str(currency)) if currency else None
    if rate is None:
        return inner
    table = inner.sql.partition(".")[0]
    factor = scope.bind(rate * RATE_SCALE)
    sql = f"CAST(round({inner.sql} * {factor} / {_rate_of_record(table)}) AS INTEGER)"
    return Typed(sql, inner.kind, inner.scale, inner.field)


def _date_part(scope: Scope, call: Call) -> Typed:
    inner = typed(scope, call.argument) if call.argument is not None else None
    if inner is None or inner.kind not in ("date", "datetime"):
        message = f"{_name(call)} is not a date or dateTime field"
        raise scope.refuse(call.at, "INVALID_FIELD", message)
    source = inner.sql if inner.kind == "date" else f"{inner.sql}, 'unixepoch'"
    kind = "date" if call.name == "DAY_ONLY" else "int"
    return Typed(DATE_PARTS[call.name].format(source), kind)


def _name(call: Call) -> str:
    argument = call.argument
    while isinstance(argument, Call):
        argument = argument.argument
    return argument.text if isinstance(argument, Path) else call.name
