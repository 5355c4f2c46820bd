"""Reads FROM: tables, queries, joins of both dialects, and Oracle's (+)."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlglot import exp

from sandbox.netsuite.errors import bad_query, search_error
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Output, Scope, Source, plain_name
from sandbox.netsuite.tables import Type

if TYPE_CHECKING:
    from sandbox.netsuite.suiteql.query import Compiler

JOIN_PARTS = frozenset("this on side kind using".split())
KINDS = {
    ("", ""): "JOIN",
    ("", "INNER"): "JOIN",
    ("LEFT", ""): "LEFT JOIN",
    ("LEFT", "OUTER"): "LEFT JOIN",
    ("RIGHT", ""): "RIGHT JOIN",
    ("RIGHT", "OUTER"): "RIGHT JOIN",
    ("FULL", ""): "FULL JOIN",
    ("FULL", "OUTER"): "FULL JOIN",
    ("", "CROSS"): "CROSS JOIN",
}
NOT_HERE = frozenset(
    "subsidiary customersubsidiaryrelationship consolidatedexchangerate partner job budgets"
    " budgetsmachine revenueplan revenueelement inventorybalance aggregateitemlocation itemprice"
    " pricing file mediaitemfolder message note supportcase task phonecall calendarevent campaign"
    " promotioncode script scriptdeployment scriptnote customfield role inventorynumber bin"
    " unitstype unitstypeuom nexus taxtype salestaxitem taxitemtaxgroup billingaccount subscription"
    " vendorsubsidiaryrelationship transactionbillingaddress transactionshippingaddress"
    " transactionshipment".split()
)
"""Tables that other accounts or roles have: the wording for them differs from a word unknown."""
OUTER = frozenset({"LEFT JOIN", "RIGHT JOIN", "FULL JOIN"})


@dataclass(slots=True)
class From:
    """`sql` is empty for DUAL. `conditions` are what WHERE still has to ask."""

    sql: str = ""
    conditions: list[exp.Expr] = field(default_factory=list)


def read_from(compiler: "Compiler", node: exp.Select, scope: Scope) -> From:
    where = node.args.get("where")
    conditions = _conjuncts(where.this) if where is not None else []
    clause = node.args.get("from_")
    if clause is None:
        raise unsupported()
    joins = node.args.get("joins") or []
    if any(_marked(condition) for condition in conditions):
        return _oracle(compiler, [clause.this, *_commas(joins)], conditions, scope)
    plain = [join for join in joins if set(_carried(join)) == {"this"}]
    if plain and len(plain) < len(joins):
        raise unsupported()
    first = _source(compiler, clause.this, scope)
    sql = first + "".join(_join(compiler, join, scope) for join in joins)
    return From(sql=sql, conditions=conditions)


def _conjuncts(node: exp.Expr) -> list[exp.Expr]:
    if isinstance(node, exp.And):
        return [*_conjuncts(node.left), *_conjuncts(node.right)]
    if isinstance(node, exp.Paren) and isinstance(node.this, exp.And):
        return _conjuncts(node.this)
    return [node]


def _marked(node: exp.Expr) -> set[str]:
    """Aliases that carry (+) in this condition."""
    return {
        column.table.lower() for column in node.find_all(exp.Column) if column.args.get("join_mark")
    }


def _commas(joins: list[exp.Join]) -> list[exp.Expr]:
    """Oracle's outer joins do not mix with JOIN."""
    for join in joins:
        if set(_carried(join)) != {"this"}:
            raise unsupported()
    return [join.this for join in joins]


def _carried(node: exp.Expr) -> list[str]:
    return [name for name, value in node.args.items() if value not in (None, False, [])]


def _join(compiler: "Compiler", join: exp.Join, scope: Scope) -> str:
    if set(_carried(join)) - JOIN_PARTS:
        raise unsupported()
    kind = KINDS.get((join.side.upper(), join.kind.upper()))
    condition, using = join.args.get("on"), join.args.get("using")
    if kind is None:
        raise unsupported()
    if using:
        return _using(compiler, join, kind, scope)
    if kind in ("RIGHT JOIN", "FULL JOIN"):
        scope.outer |= set(scope.sources)
    source = _source(compiler, join.this, scope)
    if kind in ("LEFT JOIN", "FULL JOIN"):
        scope.outer.add(list(scope.sources)[-1])
    if condition is None:
        if kind in OUTER:
            raise unsupported()
        return f" CROSS JOIN {source}"
    if _marked(condition) or kind == "CROSS JOIN":
        raise unsupported()
    return f" {kind} {source} ON {compiler.expressions.predicate(condition, scope)}"


def _using(compiler: "Compiler", join: exp.Join, kind: str, scope: Scope) -> str:
    """Columns of one name become one column: that of the left side."""
    if kind not in ("JOIN", "LEFT JOIN"):
        raise unsupported()
    names = [plain_name(one.name) for one in join.args["using"]]
    lefts = [scope.column(name, "") for name in names]
    owners = [next(s.alias for s in scope.sources.values() if s.find(name)) for name in names]
    source = _source(compiler, join.this, scope)
    alias = list(scope.sources)[-1]
    if kind == "LEFT JOIN":
        scope.outer.add(alias)
    conditions: list[str] = []
    for name, left, owner in zip(names, lefts, owners, strict=True):
        pair = compiler.expressions.converter.common([left, scope.column(name, alias)])[1]
        conditions.append(f"{pair[0].sql} = {pair[1].sql}")
        scope.merged.setdefault(name, owner)
    return f" {kind} {source} ON {' AND '.join(conditions)}"


def refuse_mixed(query: exp.Query) -> None:
    """Oracle's outer joins and JOIN do not go together, wherever in the query they stand."""
    marked = any(column.args.get("join_mark") for column in query.find_all(exp.Column))
    if marked and any(set(_carried(join)) != {"this"} for join in query.find_all(exp.Join)):
        raise unsupported()


def _oracle(
    compiler: "Compiler",
    nodes: list[exp.Expr],
    conditions: list[exp.Expr],
    scope: Scope,
) -> From:
    """A condition with (+) belongs to the outer join of the table that carries it."""
    sources = {node.alias_or_name.lower(): _source(compiler, node, scope) for node in nodes}
    outer: dict[str, list[exp.Expr]] = {}
    kept: list[exp.Expr] = []
    for condition in conditions:
        marked = _marked(condition)
        if not marked:
            kept.append(condition)
        elif len(marked) > 1 or not marked <= sources.keys() or not _simple(condition):
            raise unsupported()
        else:
            outer.setdefault(marked.pop(), []).append(_unmarked(condition))
    scope.outer |= set(outer)
    placed = [alias for alias in sources if alias not in outer]
    if not placed:
        raise unsupported()
    sql = " CROSS JOIN ".join(sources[alias] for alias in placed)
    for alias in _in_dependency_order(outer, placed):
        on = " AND ".join(compiler.expressions.predicate(one, scope) for one in outer[alias])
        sql += f" LEFT JOIN {sources[alias]} ON {on}"
    return From(sql=sql, conditions=kept)


def _simple(condition: exp.Expr) -> bool:
    """Not under OR, and not with a query inside."""
    return not any(condition.find_all(exp.Or, exp.Query))


def _unmarked(condition: exp.Expr) -> exp.Expr:
    copy = condition.copy()
    for column in copy.find_all(exp.Column):
        column.set("join_mark", None)
    return copy


def _in_dependency_order(outer: dict[str, list[exp.Expr]], placed: list[str]) -> list[str]:
    order: list[str] = []
    left = dict(outer)
    while left:
        ready = [
            alias
            for alias, conditions in left.items()
            if _needs(conditions) - {alias} <= {*placed, *order}
        ]
        if not ready:
            raise unsupported()
        order.append(ready[0])
        del left[ready[0]]
    return order


def _needs(conditions: list[exp.Expr]) -> set[str]:
    return {
        column.table.lower()
        for condition in conditions
        for column in condition.find_all(exp.Column)
        if column.table
    }


def _source(compiler: "Compiler", node: exp.Expr, scope: Scope) -> str:
    if isinstance(node, exp.Subquery):
        return _derived(compiler, node, scope)
    if not isinstance(node, exp.Table) or set(_carried(node)) - {"this", "alias"}:
        raise unsupported()
    name = node.name.lower()
    alias = plain_name(node.alias or node.name)
    if name in compiler.named:
        scope.add(Source(alias=alias, table="", outputs=compiler.named[name]))
    elif name == "dual":
        scope.add(Source(alias=alias, table="dual", outputs=DUMMY))
        return f'(SELECT \'X\' AS "dummy") AS "{alias}"'
    else:
        scope.add(_table(compiler, name, alias, node.name))
        seen = compiler.tables.rows.get(name)
        if seen is not None:
            return f'(SELECT * FROM "{name}" WHERE {seen}) AS "{alias}"'
    return f'"{name}" AS "{alias}"'


DUMMY = (Output(name="dummy", type=Type.TEXT, nullable=False),)


def _table(compiler: "Compiler", name: str, alias: str, written: str) -> Source:
    columns = compiler.tables.tables.get(name)
    if name in compiler.tables.hidden or (columns is None and name in NOT_HERE):
        raise search_error(f"Record '{written}' was not found.")
    if columns is None:
        raise bad_query(f"Invalid search type: {written}.")
    return Source(
        alias=alias,
        table=name,
        outputs=tuple(
            Output(name=column.name, type=column.type, nullable=not column.never_null)
            for column in columns.values()
        ),
        joins={column.name: column.joins for column in columns.values() if column.joins},
    )


def _derived(compiler: "Compiler", node: exp.Subquery, scope: Scope) -> str:
    """A query under FROM does not see its neighbours."""
    if set(_carried(node)) - {"this", "alias"}:
        raise unsupported()
    sql, outputs = compiler.query(node.this, scope.parent)
    alias = plain_name(node.alias or f"_q{len(scope.sources)}")
    scope.add(Source(alias=alias, table="", outputs=outputs))
    return f'({sql}) AS "{alias}"'
