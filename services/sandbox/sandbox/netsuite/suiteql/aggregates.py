"""Compiles aggregates."""

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
    if name in functions.STATISTICS:
        if distinct or piece.type is Type.DATE:
            raise unsupported()
        piece = compiler.converter.to(Type.NUMBER, piece)
        return Piece(sql=f"ns_{name.lower()}({piece.sql})", type=Type.NUMBER)
    if name == "APPROX_COUNT_DISTINCT":
        return Piece(sql=f"count(DISTINCT {piece.sql})", type=Type.NUMBER, nullable=False)
    kind = Type.NUMBER if name == "COUNT" else piece.type
    return Piece(sql=f"{name.lower()}({distinct}{piece.sql})", type=kind, nullable=name != "COUNT")


def _list(
    compiler: Expressions,
    arguments: Sequence[exp.Expr],
    scope: Scope,
    order: Sequence[exp.Expr],
) -> Piece:
    unique = ""
    if len(arguments) == 1 and isinstance(arguments[0], exp.Distinct):
        arguments, unique = arguments[0].expressions, "u"
    if not 1 <= len(arguments) <= 2:
        raise unsupported()
    value = compiler.converter.to(Type.TEXT, compiler.value(arguments[0], scope))
    separator = compiler.value(arguments[1], scope).sql if len(arguments) == 2 else "NULL"
    directions = "".join("d" if one.args.get("desc") else "a" for one in order)
    keys = [compiler.value(one.this, scope).sql for one in order]
    inner = ", ".join([value.sql, separator, f"'{unique}'", f"'{directions}'", *keys])
    return Piece(sql=f"ns_listagg({inner})", type=Type.TEXT)


def ordering(piece: Piece, node: exp.Expr) -> str:
    """Nulls are largest, unless the query says where they go."""
    descending = bool(node.args.get("desc"))
    text = f"{piece.sql} DESC" if descending else piece.sql
    nulls_first = bool(node.args.get("nulls_first"))
    if not piece.nullable or nulls_first is not descending:
        return text
    return f"{text} NULLS {'FIRST' if nulls_first else 'LAST'}"
