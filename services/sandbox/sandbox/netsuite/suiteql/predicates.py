"""Compiles conditions: comparisons, IN, LIKE, BETWEEN, EXISTS, CASE."""

from collections.abc import Sequence

from sqlglot import exp

from sandbox.netsuite.errors import search_error
from sandbox.netsuite.suiteql.display import status_code
from sandbox.netsuite.suiteql.expressions import Expressions, query_of
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece, Scope
from sandbox.netsuite.tables import Type

LIST_MAX = 1000
COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}


def comparison(compiler: Expressions, node: exp.Binary, scope: Scope) -> Piece:
    if isinstance(node.right, exp.Any | exp.All):
        return _with_many(compiler, node, scope)
    left, right = compiler.value(node.left, scope), compiler.value(node.right, scope)
    left = coded(left, [right])
    right = coded(right, [left])
    _, (a, b) = compiler.converter.common([left, right])
    return condition(f"{a.sql} {COMPARISONS[type(node)]} {b.sql}")


def _with_many(compiler: Expressions, node: exp.Binary, scope: Scope) -> Piece:
    """`> ALL (…)`, `= ANY (…)`: with a list written out, with a query asked of its rows."""
    operator, of_all = COMPARISONS[type(node)], isinstance(node.right, exp.All)
    left, inner = compiler.value(node.left, scope), node.right.this
    options = inner.expressions if isinstance(inner, exp.Tuple) else []
    if isinstance(inner, exp.Paren) and not isinstance(inner.this, exp.Query):
        options = [inner.this]
    if options:
        _, (value, *others) = compiler.converter.common([left, *compiler.values(options, scope)])
        word = " AND " if of_all else " OR "
        return condition(f"({word.join(f'{value.sql} {operator} {o.sql}' for o in others)})")
    sql, outputs = compiler.subquery(query_of(inner), scope)
    if len(outputs) != 1:
        raise unsupported()
    there = Piece(sql=f'_m."{outputs[0].name}"', type=outputs[0].type)
    _, (value, other) = compiler.converter.common([left, there])
    test = f"({value.sql} {operator} {other.sql})"
    rows = f"SELECT 1 FROM ({sql}) AS _m WHERE"
    decided, otherwise = (f"NOT {test}", 1) if of_all else (test, 0)
    return condition(
        f"(CASE WHEN EXISTS ({rows} {decided}) THEN {1 - otherwise}"
        f" WHEN EXISTS ({rows} {test} IS NULL) THEN NULL ELSE {otherwise} END)"
    )


def coded(piece: Piece, others: Sequence[Piece]) -> Piece:
    """A status is compared with its letter, or with type and letter where that is written."""
    base = piece.base
    if base is None or (base.table, base.column) != ("transaction", "status"):
        return piece
    literals = [other.literal for other in others]
    if literals and all(literal is not None and ":" in literal for literal in literals):
        return status_code(piece)
    return piece


def condition(sql: str) -> Piece:
    return Piece(sql=sql, type=Type.UNKNOWN, is_predicate=True)


def negated(node: exp.Expr) -> str:
    return "NOT " if node.args.get("negate") else ""


def joined(compiler: Expressions, node: exp.Connector, scope: Scope) -> Piece:
    word = "AND" if isinstance(node, exp.And) else "OR"
    left, right = compiler.predicate(node.left, scope), compiler.predicate(node.right, scope)
    return condition(f"({left} {word} {right})")


def negation(compiler: Expressions, node: exp.Not, scope: Scope) -> Piece:
    return condition(f"(NOT {compiler.predicate(node.this, scope)})")


def is_null(compiler: Expressions, node: exp.Is, scope: Scope) -> Piece:
    if not isinstance(node.expression, exp.Null):
        raise unsupported()
    return condition(f"{compiler.value(node.this, scope).sql} IS {negated(node)}NULL")


def between(compiler: Expressions, node: exp.Between, scope: Scope) -> Piece:
    nodes = [node.this, node.args["low"], node.args["high"]]
    _, (value, low, high) = compiler.converter.common(compiler.values(nodes, scope))
    return condition(f"{value.sql} {negated(node)}BETWEEN {low.sql} AND {high.sql}")


def like(compiler: Expressions, node: exp.Like, scope: Scope) -> Piece:
    value, pattern = (
        compiler.converter.to(Type.TEXT, piece)
        for piece in compiler.values([node.this, node.expression], scope)
    )
    return condition(f"{value.sql} {negated(node)}LIKE {pattern.sql}")


def escape(compiler: Expressions, node: exp.Escape, scope: Scope) -> Piece:
    if not isinstance(node.this, exp.Like) or not isinstance(node.expression, exp.Literal):
        raise unsupported()
    sign = compiler.value(node.expression, scope)
    return condition(f"{like(compiler, node.this, scope).sql} ESCAPE {sign.sql}")


def is_in(compiler: Expressions, node: exp.In, scope: Scope) -> Piece:
    query = node.args.get("query")
    if isinstance(node.this, exp.Tuple):
        return _tuple_in(compiler, node, scope)
    left = compiler.value(node.this, scope)
    if query is not None:
        return _in_query(compiler, left, node, scope)
    options = compiler.values(node.expressions, scope)
    if not options:
        raise unsupported()
    if len(options) > LIST_MAX:
        raise search_error(f"maximum number of expressions in a list is {LIST_MAX}")
    _, (value, *wanted) = compiler.converter.common([coded(left, options), *options])
    listed = ", ".join(piece.sql for piece in wanted)
    return condition(f"{value.sql} {negated(node)}IN ({listed})")


def _in_query(compiler: Expressions, left: Piece, node: exp.In, scope: Scope) -> Piece:
    sql, outputs = compiler.subquery(query_of(node.args["query"]), scope)
    if len(outputs) != 1:
        raise unsupported()
    inner = Piece(sql='_i."v"', type=outputs[0].type)
    _, (value, converted) = compiler.converter.common([left, inner])
    if converted.sql == inner.sql:
        return condition(f"{value.sql} {negated(node)}IN ({sql})")
    named = f'SELECT {converted.sql} FROM (SELECT "{outputs[0].name}" AS "v" FROM ({sql})) AS _i'
    return condition(f"{value.sql} {negated(node)}IN ({named})")


def _tuple_in(compiler: Expressions, node: exp.In, scope: Scope) -> Piece:
    """(a, b) IN ((1, 2), …), written out."""
    lefts = compiler.values(node.this.expressions, scope)
    query = node.args.get("query")
    if query is not None:
        return _tuple_in_query(compiler, lefts, query, scope)
    if not node.expressions:
        raise unsupported()
    choices: list[str] = []
    for option in node.expressions:
        if not isinstance(option, exp.Tuple) or len(option.expressions) != len(lefts):
            raise unsupported()
        rights = compiler.values(option.expressions, scope)
        pairs = [compiler.converter.common(pair)[1] for pair in zip(lefts, rights, strict=True)]
        choices.append(" AND ".join(f"{a.sql} = {b.sql}" for a, b in pairs))
    return condition(f"({' OR '.join(f'({choice})' for choice in choices)})")


def _tuple_in_query(
    compiler: Expressions, lefts: Sequence[Piece], query: exp.Expr, scope: Scope
) -> Piece:
    """Only where the types are already the same."""
    sql, outputs = compiler.subquery(query_of(query), scope)
    pairs = zip(lefts, outputs, strict=False)
    if len(outputs) != len(lefts) or any(left.type is not out.type for left, out in pairs):
        raise unsupported()
    return condition(f"(({', '.join(left.sql for left in lefts)}) IN ({sql}))")


def exists(compiler: Expressions, node: exp.Exists, scope: Scope) -> Piece:
    sql, _ = compiler.subquery(query_of(node.this), scope)
    return condition(f"EXISTS ({sql})")


def case(compiler: Expressions, node: exp.Case, scope: Scope) -> Piece:
    results = [compiler.value(branch.args["true"], scope) for branch in node.args["ifs"]]
    default = node.args.get("default")
    if default is not None:
        results.append(compiler.value(default, scope))
    kind, given = compiler.converter.alike(results)
    conditions = [_when(compiler, node.this, branch.this, scope) for branch in node.args["ifs"]]
    whens = " ".join(
        f"WHEN {when} THEN {result.sql}" for when, result in zip(conditions, given, strict=False)
    )
    otherwise = given[-1].sql if default is not None else "NULL"
    return Piece(sql=f"CASE {whens} ELSE {otherwise} END", type=kind)


def _when(compiler: Expressions, subject: exp.Expr | None, node: exp.Expr, scope: Scope) -> str:
    if subject is None:
        return compiler.predicate(node, scope)
    pieces = [compiler.value(subject, scope), compiler.value(node, scope)]
    _, (a, b) = compiler.converter.common([coded(pieces[0], pieces[1:]), pieces[1]])
    return f"{a.sql} = {b.sql}"
