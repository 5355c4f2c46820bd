"""Small parts of a query: limits, places in ORDER BY, and the guard against unknown parts."""

from collections.abc import Iterator

from sqlglot import exp

from sandbox.netsuite.suiteql.expressions import ROWNUM
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece
from sandbox.netsuite.tables import Type

KEEP_ORDER = " LIMIT -1"
"""A sorted query under FROM keeps its order by having a limit."""


def row_limit(node: exp.Expr) -> int | None:
    """Of `ROWNUM <= n`, `ROWNUM < n`, `ROWNUM = 1`; other uses of ROWNUM there are refused."""
    columns = [one for one in of_this_query(node) if isinstance(one, exp.Column)]
    found = [one for one in columns if one.name.upper() == ROWNUM]
    if not found or found[0].this.quoted:
        return None
    left, right = node.args.get("this"), node.args.get("expression")
    literal = isinstance(right, exp.Literal) and not right.is_string and right.name.isdigit()
    if left is not found[0] or not literal or right is None:
        raise unsupported()
    value = int(right.name)
    if isinstance(node, exp.LTE) or (isinstance(node, exp.EQ) and value == 1):
        return value
    if isinstance(node, exp.LT):
        return max(value - 1, 0)
    raise unsupported()


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
