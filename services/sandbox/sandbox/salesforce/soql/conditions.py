"""WHERE and HAVING as SQL, where a comparison is true or false and never unknown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.schema import ID_TYPES, SCALED_TYPES
from sandbox.salesforce.soql.dates import relative_range
from sandbox.salesforce.soql.exchange import rate_of
from sandbox.salesforce.soql.expressions import Typed, is_aggregate, typed
from sandbox.salesforce.soql.lexer import like_pattern, unquoted
from sandbox.salesforce.soql.scope import Scope
from sandbox.salesforce.soql.tree import (
    Both,
    Call,
    Comparison,
    Condition,
    Expression,
    Literal,
    Path,
    Query,
)
from sandbox.salesforce.soql.tree import Not as Negation
from sandbox.salesforce.values import EPOCH, parse_datetime, seconds_of

SubQuery = Callable[[Query, Scope], str]
EXPECTED = {
    "string": ("string", "string"),
    "number": ("int", "double", "currency", "percent"),
    "boolean": ("boolean",),
    "date": ("date",),
    "datetime": ("datetime",),
    "relative": ("date", "datetime"),
    "currency": ("currency",),
}
NAMES = {"datetime": "dateTime", "id": "ID", "reference": "ID", "int": "int"}
SELECT_ONLY = {"CONVERTCURRENCY": "convertCurrency", "FORMAT": "FORMAT", "GROUPING": "GROUPING"}
"""Functions that dress a value and cannot be compared."""
NOT_AN_ID = "semi join sub-selects can only be compared with an ID or reference field"
SEMI_JOINS_MAX = 2
INTEGER_MAX = 2**63
OF_TIME = ("boolean", "date", "datetime")
ORDERING = ("<", "<=", ">", ">=")


def condition_sql(scope: Scope, condition: Condition, subquery: SubQuery) -> str:
    if isinstance(condition, Both):
        items = [condition_sql(scope, item, subquery) for item in condition.items]
        return f"({f' {condition.operator} '.join(items)})"
    if isinstance(condition, Negation):
        return f"(NOT coalesce({condition_sql(scope, condition.item, subquery)}, 0))"
    left = typed(scope, condition.left)
    _check_filterable(scope, condition, left)
    if isinstance(condition.value, Query):
        if left.kind not in ID_TYPES:
            raise scope.refuse(condition.at, "INVALID_FIELD", NOT_AN_ID)
        inside = subquery(condition.value, scope)
        return f"({left.sql} {condition.operator} ({inside}))"
    if isinstance(condition.value, tuple):
        return _in(scope, condition, left, condition.value)
    if condition.value.kind == "relative":
        return _relative(scope, condition, left, condition.value)
    return _compare(scope, condition, left, condition.value)


def _check_filterable(scope: Scope, condition: Comparison, left: Typed) -> None:
    if isinstance(condition.left, Call) and condition.left.name in SELECT_ONLY:
        message = f"{SELECT_ONLY[condition.left.name]} is not allowed in a filter"
        raise scope.refuse(condition.at, "MALFORMED_QUERY", message)
    measured = isinstance(condition.left, Call) and condition.left.name == "DISTANCE"
    if measured and condition.operator not in ("<", ">"):
        message = "DISTANCE can only be compared with < and >"
        raise scope.refuse(condition.at, "INVALID_QUERY_FILTER_OPERATOR", message)
    if left.field is not None and (not left.field.filterable or not left.field.stored):
        name = left.field.name
        message = f"field '{name}' can not be filtered in a query call"
        raise scope.refuse(condition.at, "INVALID_FIELD", message)


def _compare(scope: Scope, condition: Comparison, left: Typed, literal: Literal) -> str:
    operator = condition.operator
    blank = _is_blank(left, literal)
    if literal.kind == "null" or (blank and operator in ("=", "!=")):
        if operator not in ("=", "!="):
            raise scope.refuse(condition.at, "MALFORMED_QUERY", "invalid operator with null")
        return f"({left.sql} IS {'NOT ' if operator == '!=' else ''}NULL)"
    if operator == "LIKE":
        return _like(scope, condition, left, literal)
    if left.kind in ID_TYPES and operator in ORDERING and not _is_key(left):
        raise scope.refuse(
            condition.at, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"
        )
    if blank and left.kind not in EXPECTED["number"] + OF_TIME:
        return _beside_blank(left, operator)
    if literal.kind == "currency":
        return _compare_money(scope, condition, left, literal)
    value = scope.bind(literal_value(scope, condition.left, left, literal))
    if operator == "!=":
        return f"({left.sql} IS NOT {value})"
    return f"({left.sql} {operator} {value})"


def _beside_blank(left: Typed, operator: str) -> str:
    """No value is the empty text, and that comes before every other."""
    return {
        ">": f"({left.sql} IS NOT NULL)",
        "<=": f"({left.sql} IS NULL)",
        ">=": "(1 = 1)",
    }.get(operator, "(1 = 0)")


def _is_key(left: Typed) -> bool:
    """Paging by the record's own id is usual and allowed."""
    return left.field is not None and left.field.type == "id"


def _is_blank(left: Typed, literal: Literal) -> bool:
    return literal.kind == "string" and literal.text == "''" and left.kind not in SCALED_TYPES


def _like(scope: Scope, condition: Comparison, left: Typed, literal: Literal) -> str:
    if literal.kind != "string" or left.kind in SCALED_TYPES | {"int", "date", "datetime"}:
        message = "invalid operator"
        raise scope.refuse(condition.at, "INVALID_QUERY_FILTER_OPERATOR", message)
    value = scope.bind(like_pattern(literal.text))
    return f"coalesce({left.sql} LIKE {value} ESCAPE '\\', 0)"


def _in(scope: Scope, condition: Comparison, left: Typed, literals: Sequence[Literal]) -> str:
    if condition.operator in ("INCLUDES", "EXCLUDES"):
        return _includes(scope, condition, left, literals)
    if any(literal.kind == "currency" for literal in literals):
        return _among_money(scope, condition, left, literals)
    nulls = any(literal.kind == "null" or _is_blank(left, literal) for literal in literals)
    values = [
        scope.bind(literal_value(scope, condition.left, left, literal))
        for literal in literals
        if literal.kind != "null" and not _is_blank(left, literal)
    ]
    among = f"{left.sql} IN ({', '.join(values)})"
    if condition.operator == "IN":
        return f"({among} OR {left.sql} IS NULL)" if nulls else f"({among})"
    return f"(NOT coalesce({among}, 0){f' AND {left.sql} IS NOT NULL' if nulls else ''})"


def _among_money(
    scope: Scope, condition: Comparison, left: Typed, literals: Sequence[Literal]
) -> str:
    """Amounts with a currency stand only among their like."""
    if any(literal.kind != "currency" for literal in literals):
        message = "cannot mix currency literals with other values in a list"
        raise scope.refuse(condition.at, "MALFORMED_QUERY", message)
    equal = replace(condition, operator="=")
    found = " OR ".join(_compare_money(scope, equal, left, literal) for literal in literals)
    return f"({found})" if condition.operator == "IN" else f"(NOT coalesce({found}, 0))"


def _includes(scope: Scope, condition: Comparison, left: Typed, literals: Sequence[Literal]) -> str:
    """One value of the list: all of its parts, joined by semicolons, are chosen."""
    if left.kind != "multipicklist":
        raise scope.refuse(condition.at, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator")
    choices = []
    for literal in literals:
        parts = [scope.bind(part) for part in unquoted(literal.text).split(";")]
        held = [f"instr(';' || {left.sql} || ';', ';' || {part} || ';') > 0" for part in parts]
        choices.append(f"({' AND '.join(held)})")
    found = f"coalesce({' OR '.join(choices)}, 0)"
    return f"({found})" if condition.operator == "INCLUDES" else f"(NOT {found})"


def _relative(scope: Scope, condition: Comparison, left: Typed, literal: Literal) -> str:
    if left.kind not in ("date", "datetime"):
        raise _mistyped(scope, condition.left, left, literal)
    today = scope.org.clock.now().date()
    first, after = relative_range(literal.text, literal.number, today)
    if condition.operator not in ("=", "!=", *ORDERING):
        raise scope.refuse(condition.at, "INVALID_QUERY_FILTER_OPERATOR", "invalid operator")
    if condition.operator in ("<", ">="):
        return f"({left.sql} {condition.operator} {scope.bind(_moment(left, first))})"
    if condition.operator in ("<=", ">"):
        operator = {"<=": "<", ">": ">="}[condition.operator]
        return f"({left.sql} {operator} {scope.bind(_moment(left, after))})"
    start, end = (scope.bind(_moment(left, day)) for day in (first, after))
    within = f"{left.sql} >= {start} AND {left.sql} < {end}"
    return f"({within})" if condition.operator == "=" else f"(NOT coalesce({within}, 0))"


def _moment(left: Typed, day: date) -> int | str:
    if left.kind == "date":
        return day.isoformat()
    return seconds_of(datetime.combine(day, time(), UTC))


def _compare_money(scope: Scope, condition: Comparison, left: Typed, literal: Literal) -> str:
    """USD5000 is compared with what the record's amount is worth."""
    code, amount = literal.text[:3].upper(), Decimal(literal.text[3:])
    known = scope.org.multi_currency and scope.org.conversion_rate(code) is not None
    if left.kind != "currency" or left.field is None or not known:
        raise _mistyped(scope, condition.left, left, literal)
    table = left.sql.partition(".")[0]
    asked = rate_of(table, left.owner, scope.bind(code))
    own = rate_of(table, left.owner)
    worth = scope.bind(float(amount) * 10**left.scale)
    return f"({left.sql} * 1.0 * {asked} / {own} {condition.operator} {worth})"


def literal_value(scope: Scope, expression: Expression, left: Typed, literal: Literal) -> object:
    """The value as the store compares it; one of the wrong type is refused."""
    if left.kind in ID_TYPES:
        return _id_value(scope, expression, left, literal)
    if literal.kind == "string":
        if left.kind in SCALED_TYPES | {"int", "boolean", "date", "datetime"}:
            raise _mistyped(scope, expression, left, literal)
        return unquoted(literal.text)
    if left.kind not in EXPECTED.get(literal.kind, ()):
        raise _mistyped(scope, expression, left, literal)
    if literal.kind == "number":
        number = Decimal(literal.text) * (1 if left.real else 10**left.scale)
        whole = number == number.to_integral_value() and abs(number) < INTEGER_MAX
        return int(number) if whole else float(number)
    if literal.kind == "boolean":
        return int(literal.text == "TRUE")
    if literal.kind == "date":
        return _day(scope, literal)
    return _instant(scope, literal)


def _instant(scope: Scope, literal: Literal) -> float:
    try:
        return (parse_datetime(literal.text) - EPOCH).total_seconds()
    except ValueError:
        message = f"invalid dateTime: {literal.text}"
        raise scope.refuse(literal.at, "MALFORMED_QUERY", message) from None


def check_where(scope: Scope, condition: Condition) -> None:
    """Aggregates belong to HAVING; queries inside IN stand only at the top, and few of them."""
    for comparison in comparisons(condition):
        if is_aggregate(comparison.left):
            message = "aggregate functions are not allowed in a WHERE clause"
            raise scope.refuse(comparison.at, "MALFORMED_QUERY", message)
    _check_semi_joins(scope, condition)


def comparisons(condition: Condition) -> Iterator[Comparison]:
    if isinstance(condition, Both):
        for item in condition.items:
            yield from comparisons(item)
    elif isinstance(condition, Negation):
        yield from comparisons(condition.item)
    else:
        yield condition


def _check_semi_joins(scope: Scope, condition: Condition) -> None:
    top = condition.items if isinstance(condition, Both) and condition.operator == "AND" else ()
    plain = [item for item in top or (condition,) if _is_semi_join(item)]
    everywhere = [found for found in comparisons(condition) if _is_semi_join(found)]
    if len(everywhere) > len(plain):
        message = (
            "Semi join sub-selects are only allowed at the top level WHERE expressions and not in"
            " nested WHERE expressions."
        )
        raise scope.refuse(everywhere[-1].at, "MALFORMED_QUERY", message)
    if len(plain) > SEMI_JOINS_MAX:
        message = f"Maximum {SEMI_JOINS_MAX} semi join sub-selects are allowed."
        raise scope.refuse(everywhere[-1].at, "MALFORMED_QUERY", message)


def _is_semi_join(condition: Condition) -> bool:
    return isinstance(condition, Comparison) and isinstance(condition.value, Query)


def _day(scope: Scope, literal: Literal) -> str:
    try:
        return date.fromisoformat(literal.text).isoformat()
    except ValueError:
        message = f"invalid date: {literal.text}"
        raise scope.refuse(literal.at, "MALFORMED_QUERY", message) from None


def _id_value(scope: Scope, expression: Expression, left: Typed, literal: Literal) -> object:
    if literal.kind != "string":
        raise _mistyped(scope, expression, left, literal)
    text = unquoted(literal.text)
    if not is_id(text):
        message = f"invalid ID field: {text}"
        raise scope.refuse(expression.at, "INVALID_QUERY_FILTER_OPERATOR", message)
    return normal(text)


def _mistyped(scope: Scope, expression: Expression, left: Typed, literal: Literal) -> Exception:
    name = expression.parts[-1] if isinstance(expression, Path) else expression.name
    kind = NAMES.get(left.kind, left.kind)
    if left.kind in ID_TYPES or left.kind not in SCALED_TYPES | {
        "int", "boolean", "date", "datetime",
    }:  # fmt: skip
        kind = kind if left.kind in ID_TYPES else "string"
        advice = "should be enclosed in quotes"
    else:
        advice = "should not be enclosed in quotes"
    message = f"value of filter criterion for field '{name}' must be of type {kind} and {advice}"
    return scope.refuse(expression.at, "INVALID_FIELD", message)
