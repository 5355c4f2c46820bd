"""Small questions about a select list: names, stars, and where the aggregates are."""

from collections.abc import Sequence

from sqlglot import exp

from sandbox.netsuite.suiteql.functions import AGGREGATES
from sandbox.netsuite.suiteql.limits import of_this_query
from sandbox.netsuite.suiteql.scope import Piece, Scope


def frame_of(node: exp.Window) -> list[exp.Expr]:
    order = node.args.get("order")
    sorted_by = [one.this for one in order.expressions] if order is not None else []
    return [*(node.args.get("partition_by") or []), *sorted_by]


def keeps(node: exp.Expr | None) -> bool:
    """`MAX(a) KEEP (DENSE_RANK LAST ORDER BY b)` is read like a window and is none."""
    return isinstance(node, exp.Window) and node.args.get("over") == "KEEP"


def is_aggregate(node: exp.Expr) -> bool:
    if isinstance(node, exp.WithinGroup) or keeps(node):
        return True
    return isinstance(node, exp.Anonymous) and node.name.upper() in AGGREGATES


def has_aggregates(node: exp.Select) -> bool:
    parts = [*node.expressions]
    parts += [node.args[name] for name in ("having", "order") if node.args.get(name)]
    return any(
        is_aggregate(found) and not _windowed(found) for part in parts for found in _in(part)
    )


def _windowed(node: exp.Expr) -> bool:
    over = node.parent.parent if isinstance(node.parent, exp.WithinGroup) else node.parent
    return isinstance(over, exp.Window) and not keeps(over)


def _in(node: exp.Expr) -> list[exp.Expr]:
    return [] if isinstance(node, exp.Query) else list(of_this_query(node))


def all_columns(scope: Scope, qualifier: str) -> list[tuple[str, Piece]]:
    sources = [
        source
        for source in scope.sources.values()
        if not qualifier or source.alias == qualifier.lower()
    ]
    if not sources:
        raise scope.unknown(qualifier)
    return [
        (output.name, scope.column(output.name, source.alias))
        for source in sources
        for output in source.outputs
        if qualifier or scope.merged.get(output.name, source.alias) == source.alias
    ]


def named(items: Sequence[tuple[str, Piece]]) -> list[tuple[str, Piece]]:
    """Unnamed expressions are expr1, expr2, …; a repeated name gets a number."""
    found: list[tuple[str, Piece]] = []
    taken: set[str] = set()
    for at, (name, piece) in enumerate(items, start=1):
        wanted = name or f"expr{at}"
        unique, count = wanted, 0
        while unique in taken:
            unique, count = f"{wanted}_{count}", count + 1
        taken.add(unique)
        found.append((unique, piece))
    return found
