"""Compiles window functions, their frames, and KEEP."""

from sqlglot import exp

from sandbox.netsuite.suiteql import functions
from sandbox.netsuite.suiteql.aggregates import aggregate, ordering
from sandbox.netsuite.suiteql.expressions import Expressions
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece, Scope
from sandbox.netsuite.suiteql.selecting import keeps
from sandbox.netsuite.tables import Type

KEPT = frozenset("MIN MAX SUM AVG COUNT".split())


def window(compiler: Expressions, node: exp.Window, scope: Scope) -> Piece:
    if keeps(node):
        return _kept(compiler, node, scope)
    if node.args.get("alias") is not None:
        raise unsupported()
    call, order = node.this, []
    if isinstance(call, exp.WithinGroup):
        call, order = call.this, call.expression.expressions
    if not isinstance(call, exp.Anonymous):
        raise unsupported()
    over = _over(compiler, node, scope)
    if call.name.upper() == "RATIO_TO_REPORT":
        return _share(compiler, call, scope, over)
    piece = _called(compiler, call, scope, order)
    return Piece(sql=f"{piece.sql} OVER ({over})", type=piece.type)


def _called(
    compiler: Expressions, call: exp.Anonymous, scope: Scope, order: list[exp.Expr]
) -> Piece:
    name = call.name.upper()
    if name in functions.WINDOWS and not order:
        inner = ", ".join(piece.sql for piece in compiler.values(call.expressions, scope))
        return Piece(sql=f"{name.lower()}({inner})", type=functions.WINDOWS[name])
    if name in functions.SHIFTS and not order and call.expressions:
        first, *rest = compiler.values(call.expressions, scope)
        if len(rest) == 2:
            rest[1] = compiler.converter.to(first.type, rest[1])
        inner = ", ".join(one.sql for one in (first, *rest))
        return Piece(sql=f"{name.lower()}({inner})", type=first.type)
    if name in functions.AGGREGATES:
        return aggregate(compiler, call, scope, order)
    raise unsupported()


def _share(compiler: Expressions, call: exp.Anonymous, scope: Scope, over: str) -> Piece:
    if len(call.expressions) != 1 or "ORDER BY" in over:
        raise unsupported()
    part = compiler.converter.to(Type.NUMBER, compiler.value(call.expressions[0], scope))
    sql = f"ns_divide({part.sql}, ns_sum({part.sql}) OVER ({over}))"
    return Piece(sql=sql, type=Type.NUMBER)


def _kept(compiler: Expressions, node: exp.Window, scope: Scope) -> Piece:
    """An aggregate over the rows that come first, or last, in an order of their own."""
    call, order = node.this, node.args.get("order")
    ranked = node.args.get("alias")
    if not isinstance(call, exp.Anonymous) or call.name.upper() not in KEPT or order is None:
        raise unsupported()
    if ranked is None or ranked.name.upper() != "DENSE_RANK" or len(call.expressions) != 1:
        raise unsupported()
    if node.args.get("partition_by") or not scope.allows_aggregates:
        raise unsupported()
    value = compiler.value(call.expressions[0], scope)
    directions = "".join("d" if one.args.get("desc") else "a" for one in order.expressions)
    keys = [compiler.value(one.this, scope).sql for one in order.expressions]
    end = "first" if node.args.get("first") else "last"
    inner = ", ".join([value.sql, f"'{call.name.upper()}'", f"'{end}'", f"'{directions}'", *keys])
    kind = value.type if call.name.upper() in ("MIN", "MAX") else Type.NUMBER
    return Piece(sql=f"ns_keep({inner})", type=kind)


def _over(compiler: Expressions, node: exp.Window, scope: Scope) -> str:
    parts: list[str] = []
    partition = node.args.get("partition_by") or []
    if partition:
        inner = ", ".join(piece.sql for piece in compiler.values(partition, scope))
        parts.append(f"PARTITION BY {inner}")
    order = node.args.get("order")
    if order is not None:
        ordered = [ordering(compiler.value(one.this, scope), one) for one in order.expressions]
        parts.append(f"ORDER BY {', '.join(ordered)}")
    spec = node.args.get("spec")
    if spec is not None:
        if order is None:
            raise unsupported()
        parts.append(_frame(spec))
    return " ".join(parts)


def _frame(spec: exp.Expr) -> str:
    """ROWS with any bounds; RANGE only where no distance is reckoned."""
    kind = str(spec.args.get("kind") or "").upper()
    start = _bound(spec, "start", kind)
    if spec.args.get("exclude") or kind not in ("ROWS", "RANGE"):
        raise unsupported()
    if not spec.args.get("end"):
        return f"{kind} {start}"
    return f"{kind} BETWEEN {start} AND {_bound(spec, 'end', kind)}"


def _bound(spec: exp.Expr, end: str, kind: str) -> str:
    value, side = spec.args.get(end), str(spec.args.get(f"{end}_side") or "").upper()
    if value == "CURRENT ROW":
        return "CURRENT ROW"
    if side not in ("PRECEDING", "FOLLOWING"):
        raise unsupported()
    if value == "UNBOUNDED":
        return f"UNBOUNDED {side}"
    if kind != "ROWS" or not isinstance(value, exp.Literal) or not str(value.this).isdigit():
        raise unsupported()
    return f"{value.this} {side}"
