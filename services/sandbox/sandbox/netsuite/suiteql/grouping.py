"""ROLLUP, CUBE and GROUPING SETS: one plain GROUP BY for each set, under UNION ALL."""

from itertools import chain, combinations, product
from typing import TYPE_CHECKING

from sqlglot import exp

from sandbox.netsuite.suiteql.aggregates import ordering
from sandbox.netsuite.suiteql.limits import is_place, limits, only, place
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Output, Piece, Scope
from sandbox.netsuite.suiteql.selecting import has_aggregates, is_aggregate
from sandbox.netsuite.tables import Type

if TYPE_CHECKING:
    from sandbox.netsuite.suiteql.query import Compiled, Compiler

SETS_MAX = 64
Set = tuple[exp.Expr, ...]
SORTED = "_sorted"


def groups_by_sets(node: exp.Select) -> bool:
    group = node.args.get("group")
    kinds = (exp.Rollup, exp.Cube, exp.GroupingSets)
    return group is not None and any(isinstance(one, kinds) for one in group.expressions)


def compiled_by_sets(compiler: "Compiler", node: exp.Select, parent: Scope | None) -> "Compiled":
    group = node.args["group"]
    only(group, {"expressions"})
    if node.args.get("distinct"):
        raise unsupported()
    sets = [tuple(chain(*chosen)) for chosen in product(*(_sets(one) for one in group.expressions))]
    if len(sets) > SETS_MAX:
        raise unsupported()
    every = [one for chosen in sets for one in chosen]
    whole, order = _with_sorted(node)
    parts = [compiler.query(_of_set(whole, chosen, every), parent) for chosen in sets]
    outputs = _joined([found for _, found in parts])
    shown = outputs[: len(node.expressions)]
    columns = ", ".join(f'"{output.name}"' for output in shown)
    union = " UNION ALL ".join(f"SELECT * FROM ({sql})" for sql, _ in parts)
    sorted_by = ", ".join(
        ordering(_sort_key(one, outputs), one) for one in (order.expressions if order else ())
    )
    by = f" ORDER BY {sorted_by}" if sorted_by else ""
    return f"SELECT {columns} FROM ({union}){by}{limits(node, bool(by))}", shown


def _sets(node: exp.Expr) -> list[Set]:
    match node:
        case exp.Rollup():
            units = [_unit(one) for one in node.expressions]
            return [tuple(chain(*units[:count])) for count in range(len(units), -1, -1)]
        case exp.Cube():
            units = [_unit(one) for one in node.expressions]
            counts = range(len(units), -1, -1)
            return [tuple(chain(*c)) for count in counts for c in combinations(units, count)]
        case exp.GroupingSets():
            return [found for one in node.expressions for found in _sets(one)]
        case _:
            return [_unit(node)]


def _unit(node: exp.Expr) -> Set:
    if isinstance(node, exp.Tuple):
        return tuple(node.expressions)
    return (node.this,) if isinstance(node, exp.Paren) else (node,)


def _with_sorted(node: exp.Select) -> tuple[exp.Select, exp.Order | None]:
    """What only ORDER BY names is selected too; every column of the list has its name."""
    whole = node.copy()
    aliases = {one.alias.lower() for one in whole.expressions if isinstance(one, exp.Alias)}
    items = [
        exp.Alias(this=one, alias=exp.to_identifier(one.name)) if _is_plain(one) else one
        for one in whole.expressions
    ]
    order = whole.args.get("order")
    for at, one in enumerate(order.expressions if order is not None else ()):
        key = one.this
        named = isinstance(key, exp.Column) and not key.table and key.name.lower() in aliases
        if not named and not is_place(key):
            items.append(exp.Alias(this=key.copy(), alias=exp.to_identifier(f"{SORTED}{at}")))
            one.set("this", exp.column(f"{SORTED}{at}"))
    whole.set("expressions", items)
    for name in ("order", "limit", "offset", "with_"):
        whole.set(name, None)
    return whole, order


def _is_plain(node: exp.Expr) -> bool:
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and node.name == "*"):
        raise unsupported()
    return isinstance(node, exp.Column)


def _of_set(whole: exp.Select, chosen: Set, every: list[exp.Expr]) -> exp.Select:
    part = whole.copy()
    lost = [one for one in every if not any(_same(one, held) for held in chosen)]
    part.set("expressions", [_without(one, lost, chosen) for one in part.expressions])
    having = part.args.get("having")
    if having is not None:
        having.set("this", _without(having.this, lost, chosen))
    keys: list[exp.Expr] = [one.copy() for one in chosen]
    if not keys and not has_aggregates(exp.Select(expressions=part.expressions)):
        keys = [exp.Null()]
    part.set("group", exp.Group(expressions=keys) if keys else None)
    return part


def _without(node: exp.Expr, lost: list[exp.Expr], chosen: Set) -> exp.Expr:
    """What the set does not group by is null in it; an aggregate still sees it."""

    def replaced(found: exp.Expr) -> exp.Expr:
        if isinstance(found, exp.Anonymous) and found.name.upper() in ("GROUPING", "GROUPING_ID"):
            return exp.Literal.number(_grouping(found, lost, chosen))
        if is_aggregate(found) or isinstance(found, exp.Query):
            return found
        if any(_same(found, one) for one in lost):
            return exp.Null()
        for name, value in list(found.args.items()):
            if isinstance(value, exp.Expr):
                found.set(name, replaced(value))
            elif isinstance(value, list):
                found.set(name, [replaced(v) if isinstance(v, exp.Expr) else v for v in value])
        return found

    return replaced(node)


def _grouping(node: exp.Expr, lost: list[exp.Expr], chosen: Set) -> int:
    """A bit for each argument: 1 when the row adds up over it."""
    if not node.expressions or (node.name.upper() == "GROUPING" and len(node.expressions) > 1):
        raise unsupported()
    bits = 0
    for one in node.expressions:
        if not any(_same(one, known) for known in [*lost, *chosen]):
            raise unsupported()
        bits = bits * 2 + any(_same(one, gone) for gone in lost)
    return bits


def _same(one: exp.Expr, other: exp.Expr) -> bool:
    if isinstance(one, exp.Column) and isinstance(other, exp.Column):
        tables = {one.table.lower(), other.table.lower()} - {""}
        return one.name.lower() == other.name.lower() and len(tables) < 2
    return type(one) is type(other) and one.sql("oracle").lower() == other.sql("oracle").lower()


def _joined(parts: list[tuple[Output, ...]]) -> tuple[Output, ...]:
    return tuple(
        Output(
            name=columns[0].name,
            type=next((c.type for c in columns if c.type is not Type.UNKNOWN), Type.UNKNOWN),
            weight=max(c.weight for c in columns),
        )
        for columns in zip(*parts, strict=True)
    )


def _sort_key(node: exp.Expr, outputs: tuple[Output, ...]) -> Piece:
    if is_place(node.this):
        return place(node.this, len(outputs))
    return Piece(sql=f'"{node.this.name.lower()}"', type=Type.UNKNOWN)
