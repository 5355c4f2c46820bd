"""Compiles aggregates and window functions."""

from collections.abc import Sequence

from sqlglot import exp

from sandbox.netsuite.suiteql import functions
from sandbox.netsuite.suiteql.expressions import Expressions, utc
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece, Scope
from sandbox.netsuite.tables import Type


def call(compiler: Expressions, node: exp.Anonymous, scope: Scope) -> Piece:
    name = node.name.upper()
    if name in functions.AGGREGATES:
        return _aggregate(compiler, node, scope)
    if name == "SYS_EXTRACT_UTC":
        return utc(compiler, node, scope)
    return functions.call(compiler.converter, name, compiler.values(node.expressions, scope))


def _aggregate(compiler: Expressions, node: exp.Anonymous, scope: Scope) -> Piece:
    if not scope.allows_aggregates:
        raise unsupported()
    scope.allows_aggregates = False
    try:
        return aggregate(compiler, node, scope, [])
    finally:
        scope.allows_aggregates = True


def within(compiler: Expressions, node: exp.WithinGroup, scope: Scope) -> Piece:
    call = node.this
    if not isinstance(call, exp.Anonymous) or call.name.upper() != "LISTAGG":
        raise unsupported()
    if not scope.allows_aggregates:
        raise unsupported()
    scope.allows_aggregates = False
    try:
        return aggregate(compiler, call, scope, node.expression.expressions)
    finally:
        scope.allows_aggregates = True


def aggregate(
    compiler: Expressions, node: exp.Anonymous, scope: Scope, order: Sequence[exp.Expr]
) -> Piece:
    name, arguments = node.name.upper(), node.expressions
    if name == "LISTAGG":
        return _list(compiler, arguments, scope, order)
    if len(arguments) != 1:
        raise unsupported()
    inner = arguments[0]
    if name == "COUNT" and isinstance(inner, exp.Star):
        return Piece(sql="count(*)", type=Type.NUMBER, nullable=False)
    distinct = ""
    if isinstance(inner, exp.Distinct):
        if len(inner.expressions) != 1:
            raise unsupported()
        inner, distinct = inner.expressions[0], "DISTINCT "
    piece = compiler.value(inner, scope)
    if name in ("SUM", "AVG"):
        piece = compiler.converter.to(Type.NUMBER, piece)
        return Piece(sql=f"ns_{name.lower()}({distinct}{piece.sql})", type=Type.NUMBER)
    kind = Type.NUMBER if name == "COUNT" else piece.type
    return Piece(sql=f"{name.lower()}({distinct}{piece.sql})", type=kind, nullable=name != "COUNT")


def _list(
    compiler: Expressions,
    arguments: Sequence[exp.Expr],
    scope: Scope,
    order: Sequence[exp.Expr],
) -> Piece:
    if not 1 <= len(arguments) <= 2 or isinstance(arguments[0], exp.Distinct):
        raise unsupported()
    value = compiler.converter.to(Type.TEXT, compiler.value(arguments[0], scope))
    separator = compiler.value(arguments[1], scope).sql if len(arguments) == 2 else "NULL"
    directions = "".join("d" if one.args.get("desc") else "a" for one in order)
    keys = [compiler.value(one.this, scope).sql for one in order]
    inner = ", ".join([value.sql, separator, f"'{directions}'", *keys])
    return Piece(sql=f"ns_listagg({inner})", type=Type.TEXT)


def window(compiler: Expressions, node: exp.Window, scope: Scope) -> Piece:
    call = node.this
    if not isinstance(call, exp.Anonymous) or node.args.get("spec") is not None:
        raise unsupported()
    name = call.name.upper()
    if name in functions.WINDOWS:
        inner = ", ".join(piece.sql for piece in compiler.values(call.expressions, scope))
        piece = Piece(sql=f"{name.lower()}({inner})", type=functions.WINDOWS[name])
    elif name in functions.SHIFTS:
        taken = compiler.values(call.expressions, scope)
        inner = ", ".join(one.sql for one in taken)
        piece = Piece(sql=f"{name.lower()}({inner})", type=taken[0].type)
    elif name in functions.AGGREGATES - {"LISTAGG"}:
        piece = aggregate(compiler, call, scope, [])
    else:
        raise unsupported()
    return Piece(sql=f"{piece.sql} OVER ({_frame(compiler, node, scope)})", type=piece.type)


def _frame(compiler: Expressions, node: exp.Window, scope: Scope) -> str:
    parts: list[str] = []
    partition = node.args.get("partition_by") or []
    if partition:
        inner = ", ".join(piece.sql for piece in compiler.values(partition, scope))
        parts.append(f"PARTITION BY {inner}")
    order = node.args.get("order")
    if order is not None:
        ordered = [ordering(compiler.value(one.this, scope), one) for one in order.expressions]
        parts.append(f"ORDER BY {', '.join(ordered)}")
    return " ".join(parts)


def ordering(piece: Piece, node: exp.Expr) -> str:
    """Nulls are largest, unless the query says where they go."""
    descending = bool(node.args.get("desc"))
    text = f"{piece.sql} DESC" if descending else piece.sql
    nulls_first = bool(node.args.get("nulls_first"))
    if not piece.nullable or nulls_first is not descending:
        return text
    return f"{text} NULLS {'FIRST' if nulls_first else 'LAST'}"
