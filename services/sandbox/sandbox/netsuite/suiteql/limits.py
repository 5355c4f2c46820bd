"""Small parts of a query: limits, places in ORDER BY, and the guard against unknown parts."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from sqlglot import exp

from sandbox.netsuite.suiteql.expressions import ROWNUM
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece
from sandbox.netsuite.tables import Type

KEEP_ORDER = " LIMIT -1"
"""A sorted query under FROM keeps its order by having a limit."""


TURNED: Mapping[type[exp.Expr], type[exp.Expr]] = MappingProxyType(
    {exp.LT: exp.GT, exp.LTE: exp.GTE, exp.GT: exp.LT, exp.GTE: exp.LTE, exp.EQ: exp.EQ}
)


def row_limit(node: exp.Expr) -> int | None:
    """How many rows a condition on ROWNUM lets through; -1 is all. Only whole numbers are read.

    The first row is number 1 until a row has been let through, so that a condition which
    refuses it lets none through.
    """
    columns = [one for one in of_this_query(node) if isinstance(one, exp.Column)]
    found = [one for one in columns if one.name.upper() == ROWNUM and not one.this.quoted]
    if not found:
        return None
    if isinstance(node, exp.Between) and node.this is found[0] and not node.args.get("negate"):
        low, high = _counted(node.args["low"]), _counted(node.args["high"])
        return max(high, 0) if low <= 1 else 0
    left, right = node.args.get("this"), node.args.get("expression")
    kind = type(node)
    if right is found[0] and kind in TURNED:
        left, right, kind = right, left, TURNED[kind]
    if left is not found[0]:
        raise unsupported()
    return _let_through(kind, _counted(right))


def _let_through(kind: type[exp.Expr], value: int) -> int:
    if kind is exp.LTE:
        return max(value, 0)
    if kind is exp.LT:
        return max(value - 1, 0)
    if kind is exp.EQ:
        return 1 if value == 1 else 0
    if kind is exp.GT:
        return -1 if value < 1 else 0
    if kind is exp.GTE:
        return -1 if value <= 1 else 0
    raise unsupported()


def _counted(node: object) -> int:
    if not isinstance(node, exp.Literal) or node.is_string or not str(node.this).isdigit():
        raise unsupported()
    return int(str(node.this))


def of_this_query(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes below, without those of queries inside."""
    yield node
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query):
            yield from of_this_query(child)


def limits(node: exp.Expr, ordered: bool) -> str:
    """TOP and FETCH; a sorted query inside another keeps its order by having a limit."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    count = -1
    if isinstance(limit, exp.Fetch):
        options = limit.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise unsupported()
        count = _whole(limit.args.get("count"), 1)
    elif limit is not None:
        count = _whole(limit.expression, -1)
    if limit is None and offset is None:
        return KEEP_ORDER if ordered else ""
    skipped = f" OFFSET {_whole(offset.expression, 0)}" if offset is not None else ""
    return f" LIMIT {count}{skipped}"


def _whole(node: exp.Expr | None, default: int) -> int:
    if node is None:
        return default
    if not isinstance(node, exp.Literal) or not str(node.this).isdigit():
        raise unsupported()
    return int(str(node.this))


def only(node: exp.Expr, known: frozenset[str] | set[str]) -> None:
    """A part of the query that is not understood is not left out: it is refused."""
    if {name for name, value in node.args.items() if value not in (None, False, [])} - known:
        raise unsupported()


def is_place(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and not node.is_string


def place(node: exp.Expr, count: int) -> Piece:
    text = str(node.this)
    if not text.isdigit() or not 1 <= int(text) <= count:
        raise unsupported()
    return Piece(sql=text, type=Type.UNKNOWN)
