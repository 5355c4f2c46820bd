"""Fields and functions of a query as SQL, with the type that their values have."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.salesforce.schema import SCALED_TYPES, Field
from sandbox.salesforce.soql.distances import distance_sql
from sandbox.salesforce.soql.exchange import RATE_SCALE, rate_of
from sandbox.salesforce.soql.scope import Scope
from sandbox.salesforce.soql.tree import Call, Expression, Literal, Path

AGGREGATES = frozenset("COUNT COUNT_DISTINCT SUM AVG MIN MAX".split())
DRESSES = frozenset({"FORMAT", "CONVERTCURRENCY", "TOLABEL"})
CURRENCY_PLACES = 2
UNIX = ", 'unixepoch'"
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
    """`kind` is a field type; `real` marks a value that is a plain number, not a scaled one.

    `owner` is the object of a plain field.
    """

    sql: str
    kind: str
    scale: int = 0
    field: Field | None = None
    real: bool = False
    owner: str = ""


def typed(scope: Scope, expression: Expression | Literal) -> Typed:
    if isinstance(expression, Literal):
        message = f"unexpected token: '{expression.text}'"
        raise scope.refuse(expression.at, "MALFORMED_QUERY", message)
    if isinstance(expression, Path):
        column = scope.column(expression)
        field = column.field
        return Typed(column.sql, field.type, field.scale, field, owner=column.sobject.name)
    return _call(scope, expression)


def is_aggregate(expression: object) -> bool:
    """An aggregate, perhaps with a dress around it."""
    if not isinstance(expression, Call):
        return False
    if expression.name in DRESSES:
        return is_aggregate(expression.argument)
    return expression.name in AGGREGATES


def _call(scope: Scope, call: Call) -> Typed:
    if call.name in AGGREGATES:
        return _aggregate(scope, call)
    if call.argument is None:
        raise scope.refuse(call.at, "MALFORMED_QUERY", f"{call.name} needs a field")
    if call.name == "DISTANCE":
        return Typed(distance_sql(scope, call), "double", real=True)
    _check_stored(scope, call, typed(scope, call.argument))
    if call.name in DATE_PARTS:
        return _date_part(scope, call)
    if call.name in ("CONVERTTIMEZONE", "TOLABEL"):
        return typed(scope, call.argument)
    if call.name == "CONVERTCURRENCY":
        return _converted(scope, call)
    if call.name == "FORMAT":
        return _formatted(scope, typed(scope, call.argument))
    raise scope.refuse(call.at, "MALFORMED_QUERY", f"{call.name} is not allowed here")


def _aggregate(scope: Scope, call: Call) -> Typed:
    if call.argument is None:
        return Typed("count(*)", "int")
    inner = typed(scope, call.argument)
    _check_stored(scope, call, inner)
    if is_aggregate(call.argument):
        message = f"unexpected token: '{_name(call)}'"
        raise scope.refuse(call.at, "MALFORMED_QUERY", message)
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


def _check_stored(scope: Scope, call: Call, inner: Typed) -> None:
    """Compound fields cannot be reckoned with."""
    if inner.field is not None and not inner.field.stored:
        message = f"field {_name(call)} does not support the function {call.name}"
        raise scope.refuse(call.at, "MALFORMED_QUERY", message)


def _corporate(scope: Scope, call: Call, inner: Typed) -> str:
    """Aggregates of money are in the corporate currency."""
    if inner.kind != "currency" or not scope.org.multi_currency:
        return inner.sql
    table = inner.sql.partition(".")[0]
    rate = rate_of(table, inner.owner)
    return f"CAST(round({inner.sql} * {RATE_SCALE}.0 / {rate}) AS INTEGER)"


def _converted(scope: Scope, call: Call) -> Typed:
    """The value in the currency of the user who asks."""
    inner = typed(scope, call.argument) if call.argument is not None else None
    if inner is None or inner.kind != "currency" or is_aggregate(call.argument):
        message = f"{_name(call)} is not a currency field"
        raise scope.refuse(call.at, "INVALID_FIELD", message)
    currency = scope.org.user_currency(scope.user)
    if currency is None:
        return inner
    table = inner.sql.partition(".")[0]
    wanted = rate_of(table, inner.owner, scope.bind(currency))
    own = rate_of(table, inner.owner)
    sql = f"CAST(round({inner.sql} * 1.0 * {wanted} / {own}) AS INTEGER)"
    return Typed(sql, inner.kind, inner.scale, inner.field)


def _formatted(scope: Scope, inner: Typed) -> Typed:
    """As the user's locale (en_US) writes it: USD 1,234.50, 11/24/2026, 9:05 AM."""
    form = _form(scope, inner)
    if not form:
        return inner
    return Typed(f"CASE WHEN {inner.sql} IS NOT NULL THEN {form} END", "string")


def _form(scope: Scope, inner: Typed) -> str:
    """SQL of the text; empty for what is a text already."""
    if inner.kind == "int":
        return _with_commas(inner.sql, 0)
    if inner.kind == "date":
        return _day_form(inner.sql, "")
    if inner.kind == "datetime":
        return f"{_day_form(inner.sql, UNIX)} || ', ' || {_hour_form(inner.sql)}"
    value = inner.sql if inner.real else f"{inner.sql} / {10**inner.scale}.0"
    if inner.kind == "currency":
        return f"{_currency_sign(scope, inner)} || {_with_commas(value, CURRENCY_PLACES)}"
    if inner.kind not in SCALED_TYPES:
        return ""
    number = _with_commas(value, inner.scale)
    return f"{number} || '%'" if inner.kind == "percent" else number


def _with_commas(sql: str, places: int) -> str:
    """1234.5 with two places is 1,234.50; SQLite itself groups only whole numbers."""
    whole = f"CAST(round(({sql}) * {10**places}) AS INTEGER)"
    sign = f"CASE WHEN {whole} < 0 THEN '-' ELSE '' END"
    number = f"{sign} || printf('%,d', abs({whole}) / {10**places})"
    if not places:
        return number
    return f"{number} || '.' || printf('%0{places}d', abs({whole}) % {10**places})"


def _currency_sign(scope: Scope, inner: Typed) -> str:
    """The currency of the record itself; of sums, that of the organisation."""
    if not scope.org.multi_currency:
        return "'$'"
    table, dot, _ = inner.sql.partition(".")
    if dot and table.isalnum():
        return f"""{table}."CurrencyIsoCode" || ' '"""
    return f"{scope.bind(str(scope.org.user_currency(scope.user) or 'USD'))} || ' '"


def _day_form(sql: str, origin: str) -> str:
    month, day = (f"CAST(strftime('{part}', {sql}{origin}) AS INTEGER)" for part in ("%m", "%d"))
    return f"{month} || '/' || {day} || '/' || strftime('%Y', {sql}{origin})"


def _hour_form(sql: str) -> str:
    hour = f"CAST(strftime('%H', {sql}{UNIX}) AS INTEGER)"
    half = f"CASE WHEN {hour} < 12 THEN ' AM' ELSE ' PM' END"
    return f"(({hour} + 11) % 12 + 1) || ':' || strftime('%M', {sql}{UNIX}) || {half}"


def _date_part(scope: Scope, call: Call) -> Typed:
    inner = typed(scope, call.argument) if call.argument is not None else None
    if inner is None or inner.kind not in ("date", "datetime"):
        message = f"{_name(call)} is not a date or dateTime field"
        raise scope.refuse(call.at, "INVALID_FIELD", message)
    source = inner.sql if inner.kind == "date" else f"{inner.sql}{UNIX}"
    kind = "date" if call.name == "DAY_ONLY" else "int"
    return Typed(DATE_PARTS[call.name].format(source), kind)


def _name(call: Call) -> str:
    argument = call.argument
    while isinstance(argument, Call):
        argument = argument.argument
    return argument.text if isinstance(argument, Path) else call.name
