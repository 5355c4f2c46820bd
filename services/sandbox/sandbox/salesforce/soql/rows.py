"""A SOQL query over rows that are not in the store but made on the spot."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.soql.lexer import like_pattern, refusal, unquoted
from sandbox.salesforce.soql.tree import (
    Both,
    Call,
    Comparison,
    Condition,
    Literal,
    Path,
    Query,
)

Record = Mapping[str, object]
Row = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """`base` is the path below which a row has its address."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Record]
    base: str


def run_on_rows(soql: str, query: Query, source: Source) -> list[Row] | int:
    """The records, or their number when it is only counted."""
    for item in query.items:
        if isinstance(item.expression, Path):
            _check_column(soql, source, item.expression)
    found = [row for row in source.rows if _holds(soql, source, query.where, row)]
    for order in reversed(query.order_by):
        if not isinstance(order.expression, Path):
            raise _unsupported(soql, order.expression.at)
        found.sort(
            key=lambda row: _sort_key(_value(soql, source, row, order.expression)),
            reverse=order.descending,
        )
    first = query.items[0].expression
    if isinstance(first, Call) and first.name == "COUNT" and first.argument is None:
        return len(found)
    end = None if query.limit is None else query.offset + query.limit
    return [_shown(soql, source, query, row) for row in found[query.offset : end]]


def _shown(soql: str, source: Source, query: Query, row: Record) -> Row:
    url = f"{source.base}/sobjects/{source.name}/{row.get('Id')}"
    made: Row = {"attributes": {"type": source.name, "url": url}}
    for item in query.items:
        if not isinstance(item.expression, Path):
            raise _unsupported(soql, getattr(item.expression, "at", 0))
        value = _value(soql, source, row, item.expression)
        holder = made
        for name in item.expression.parts[:-1]:
            inner = holder.setdefault(name, {"attributes": {"type": name, "url": url}})
            holder = inner if isinstance(inner, dict) else {}
        holder[_proper(source, item.expression)] = value
    return made


def _proper(source: Source, path: Path) -> str:
    last = path.parts[-1].lower()
    return next((name for name in source.columns if name.lower() == last), path.parts[-1])


def _value(soql: str, source: Source, row: Record, path: object) -> object:
    if not isinstance(path, Path):
        raise _unsupported(soql, getattr(path, "at", 0))
    _check_column(soql, source, path)
    value: object = row
    for part in path.parts:
        if not isinstance(value, Mapping):
            return None
        names = {str(key).lower(): entry for key, entry in value.items()}
        value = names.get(part.lower())
    return value


def _check_column(soql: str, source: Source, path: Path) -> None:
    first = path.parts[0].lower()
    if first not in {name.lower() for name in source.columns}:
        message = (
            f"No such column '{path.text}' on entity '{source.name}'. If you are attempting to use"
            " a custom field, be sure to append the '__c' after the custom field name. Please"
            " reference your WSDL or the describe call for the appropriate names."
        )
        raise refusal(soql, path.at, "INVALID_FIELD", message)


def _holds(soql: str, source: Source, condition: Condition | None, row: Record) -> bool:
    if condition is None:
        return True
    if isinstance(condition, Both):
        held = (_holds(soql, source, item, row) for item in condition.items)
        return all(held) if condition.operator == "AND" else any(held)
    if not isinstance(condition, Comparison):
        return not _holds(soql, source, condition.item, row)
    return _compare(soql, condition, _value(soql, source, row, condition.left))


def _compare(soql: str, condition: Comparison, value: object) -> bool:
    wanted, operator = condition.value, condition.operator
    if isinstance(wanted, Query) or operator in ("INCLUDES", "EXCLUDES"):
        raise _unsupported(soql, condition.at)
    if isinstance(wanted, tuple):
        among = _key(value) in {_literal(literal) for literal in wanted}
        return among is (operator == "IN")
    if operator == "LIKE":
        return _like(str(value or ""), like_pattern(wanted.text))
    left, right = _key(value), _literal(wanted)
    if operator in ("=", "!="):
        return (left == right) is (operator == "=")
    if left is None or right is None:
        return False
    if operator in ("<", "<="):
        return left < right or (operator == "<=" and left == right)
    return left > right or (operator == ">=" and left == right)


def _key(value: object) -> str | None:
    """Texts compare without case; so do the words true and false."""
    return None if value is None else str(value).lower()


def _literal(literal: Literal) -> str | None:
    if literal.kind == "null":
        return None
    return (unquoted(literal.text) if literal.kind == "string" else literal.text).lower()


def _like(text: str, pattern: str) -> bool:
    parts = re.split(r"(\\.|%|_)", pattern)
    wild = {"%": ".*", "_": "."}
    expression = "".join(wild.get(part) or re.escape(part.removeprefix("\\")) for part in parts)
    return re.fullmatch(expression, text, re.IGNORECASE | re.DOTALL) is not None


def _sort_key(value: object) -> tuple[bool, str]:
    return value is not None, str(value).lower()


def _unsupported(soql: str, at: int) -> Refusal:
    return refusal(soql, at, "MALFORMED_QUERY", "this object is not queried in such a way")
