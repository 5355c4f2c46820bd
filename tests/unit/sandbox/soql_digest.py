"""A parsed query in the words that the oracle's script uses, so that both can be compared."""

from collections.abc import Iterator
from typing import Any

from sandbox.salesforce.soql.tree import (
    Both,
    Call,
    Comparison,
    Condition,
    Item,
    Literal,
    Not,
    Order,
    Path,
    Query,
    TypeOf,
)


def digest(query: Query) -> dict[str, Any]:
    group = [_text(expression) for expression in query.group_by]
    return {
        "fields": [_item(item) for item in query.items],
        "from": query.source.text.lower(),
        "where": list(_condition(query.where)),
        "group": [f"{query.grouping.lower()}({','.join(group)})"] if query.grouping else group,
        "having": list(_condition(query.having)),
        "order": [_order(order) for order in query.order_by],
        "limit": query.limit,
        "offset": query.offset,
    }


def _item(item: Item) -> str | dict[str, Any]:
    expression = item.expression
    if isinstance(expression, Query):
        return digest(expression)
    if isinstance(expression, TypeOf):
        cases = [f"{name}:{_paths(paths)}" for name, paths in expression.cases]
        cases += [f"else:{_paths(expression.otherwise)}"] if expression.otherwise else []
        return f"typeof{expression.path.text}{''.join(cases)}".lower()
    return f"{_text(expression)} {item.alias.lower()}" if item.alias else _text(expression)


def _paths(paths: tuple[Path, ...]) -> str:
    return ",".join(path.text for path in paths)


def _text(expression: Path | Call | Literal | None) -> str:
    if expression is None:
        return ""
    if isinstance(expression, Call):
        given = [expression.argument, *expression.more] if expression.argument else []
        return f"{expression.name.lower()}({','.join(_text(entry) for entry in given)})"
    return expression.text.lower()


def _condition(condition: Condition | None) -> Iterator[Any]:
    """In the order of the text, without the parentheses."""
    if isinstance(condition, Both):
        for place, item in enumerate(condition.items):
            if place:
                yield condition.operator.lower()
            yield from _condition(item)
    elif isinstance(condition, Not):
        yield "not"
        yield from _condition(condition.item)
    elif isinstance(condition, Comparison):
        yield _text(condition.left)
        yield condition.operator.lower()
        yield _value(condition.value)


def _value(value: Literal | tuple[Literal, ...] | Query) -> str | dict[str, Any]:
    if isinstance(value, Query):
        return digest(value)
    return ",".join(_literal(entry) for entry in (value if isinstance(value, tuple) else (value,)))


def _literal(literal: Literal) -> str:
    if literal.kind == "string":
        return literal.text
    number = f":{literal.number}" if literal.kind == "relative" and literal.number else ""
    return literal.text.lower() + number


def _order(order: Order) -> str:
    direction = " desc" if order.descending else ""
    return f"{_text(order.expression)}{direction}{' last' if order.nulls_last else ''}"
