"""Compiles whole queries: sources, joins, grouping, order, limits."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from sandbox.netsuite.errors import search_error
from sandbox.netsuite.suiteql.aggregates import ordering
from sandbox.netsuite.suiteql.conversions import Converter
from sandbox.netsuite.suiteql.expressions import Expressions
from sandbox.netsuite.suiteql.grouping import compiled_by_sets, groups_by_sets
from sandbox.netsuite.suiteql.joins import From, read_from
from sandbox.netsuite.suiteql.limits import is_place, limits, only, place, row_limit
from sandbox.netsuite.suiteql.nodes import HANDLERS
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Output, Piece, Scope, plain_name
from sandbox.netsuite.suiteql.selecting import all_columns, frame_of, has_aggregates, is_aggregate
from sandbox.netsuite.suiteql.selecting import named as numbered
from sandbox.netsuite.suiteql.visibility import Visible
from sandbox.netsuite.tables import Type

SELECT_PARTS = frozenset(
    "expressions from_ joins where group having order limit offset distinct with_ hint".split()
)
SET_PARTS = frozenset("this expression distinct order limit offset with_".split())
SETS: dict[type[exp.Expr], str] = {
    exp.Union: "UNION",
    exp.Except: "EXCEPT",
    exp.Intersect: "INTERSECT",
}
WEIGHT_MAX = 20_000
COUNTED_WHOLE = ("distinct", "limit", "offset", "with_")
Compiled = tuple[str, tuple[Output, ...]]


@dataclass(slots=True, kw_only=True)
class Compiler:
    tables: Visible
    expressions: Expressions
    named: dict[str, tuple[Output, ...]] = field(default_factory=dict)
    """Queries under WITH."""
    heaviest: int = 1
    """The weight of the heaviest column so far."""
    counts: str = ""
    """Of the query compiled last: how its rows are counted without reckoning its columns."""

    def query(self, node: exp.Expr, parent: Scope | None) -> Compiled:
        if isinstance(node, exp.Subquery):
            only(node, {"this"})
            return self.query(node.this, parent)
        prefix = self._with(node, parent)
        if isinstance(node, exp.Select) and groups_by_sets(node):
            only(node, SELECT_PARTS)
            sql, outputs = compiled_by_sets(self, node, parent)
            self.counts = ""
        elif isinstance(node, exp.Select):
            sql, outputs = self._select(node, parent)
        elif type(node) in SETS:
            sql, outputs = self._set(node, parent)
            self.counts = ""
        else:
            raise unsupported()
        return prefix + sql, outputs

    def _with(self, node: exp.Expr, parent: Scope | None) -> str:
        clause = node.args.get("with_")
        if clause is None:
            return ""
        if clause.args.get("recursive"):
            raise unsupported()
        parts: list[str] = []
        for one in clause.expressions:
            sql, outputs = self.query(one.this, parent)
            outputs = renamed(outputs, one.args["alias"].args.get("columns") or [])
            name = plain_name(one.alias)
            self.named[name] = outputs
            columns = ", ".join(f'"{output.name}"' for output in outputs)
            parts.append(f'"{name}"({columns}) AS ({sql})')
        return f"WITH {', '.join(parts)} "

    def _set(self, node: exp.Expr, parent: Scope | None) -> Compiled:
        only(node, SET_PARTS)
        left_sql, left = self.query(node.this, parent)
        right_sql, right = self.query(node.args["expression"], parent)
        if len(left) != len(right) or any(
            a.type is not b.type and Type.UNKNOWN not in (a.type, b.type)
            for a, b in zip(left, right, strict=True)
        ):
            raise search_error("expression must have same datatype as corresponding expression")
        word = SETS[type(node)] + ("" if node.args.get("distinct") else " ALL")
        outputs = tuple(
            Output(
                name=a.name,
                type=b.type if a.type is Type.UNKNOWN else a.type,
                weight=max(a.weight, b.weight),
            )
            for a, b in zip(left, right, strict=True)
        )
        sql = f"SELECT * FROM ({left_sql}) {word} SELECT * FROM ({right_sql})"
        order = self._set_order(node, outputs)
        return f"{sql}{order}{limits(node, bool(order))}", outputs

    def _set_order(self, node: exp.Expr, outputs: Sequence[Output]) -> str:
        """By place or by the name of a column of the whole."""
        clause = node.args.get("order")
        if clause is None:
            return ""
        parts: list[str] = []
        for one in clause.expressions:
            if is_place(one.this):
                parts.append(ordering(place(one.this, len(outputs)), one))
                continue
            name = one.this.name.lower()
            if name not in {output.name for output in outputs}:
                raise unsupported()
            parts.append(ordering(Piece(sql=f'"{name}"', type=Type.UNKNOWN), one))
        return f" ORDER BY {', '.join(parts)}"

    def _select(self, node: exp.Select, parent: Scope | None) -> Compiled:
        only(node, SELECT_PARTS)
        scope = Scope(parent=parent)
        source = read_from(self, node, scope)
        condition, rows = self._where(node, scope, source)
        groups = self._groups(node, scope)
        scope.allows_aggregates = True
        items = self._items(node, scope)
        scope.aliases = {name: piece for name, piece in items if name}
        grouped = bool(groups) or bool(node.args.get("having")) or has_aggregates(node)
        if grouped:
            self._check_grouped(node, scope, groups)
        having = node.args.get("having")
        having_sql = f" HAVING {self.expressions.predicate(having.this, scope)}" if having else ""
        named = numbered(items)
        body = f" FROM {source.sql}" if source.sql else ""
        body += f" WHERE {condition}" if condition else ""
        body += f" GROUP BY {', '.join(groups)}" if groups else ""
        body += having_sql
        weight = self._weigh(node, scope)
        outputs = tuple(
            Output(name=name, type=piece.type, nullable=piece.nullable, weight=weight)
            for name, piece in named
        )
        sql = self._ordered(node, scope, named, body, rows, grouped)
        limited = rows is not None or grouped or any(node.args.get(name) for name in COUNTED_WHOLE)
        self.counts = "" if limited else f"SELECT count(*){body}"
        return sql, outputs

    def _ordered(
        self,
        node: exp.Select,
        scope: Scope,
        named: Sequence[tuple[str, Piece]],
        body: str,
        rows: int | None,
        grouped: bool,
    ) -> str:
        distinct = "DISTINCT " if node.args.get("distinct") else ""
        columns = ", ".join(f'{piece.sql} AS "{name}"' for name, piece in named)
        order = self._order(node, scope, named)
        if distinct:
            self._check_distinct(node, scope, named)
        if rows is None and not (scope.numbered and (order or distinct)):
            sql = f"SELECT {distinct}{columns}{body}"
            return f"{sql}{f' ORDER BY {order}' if order else ''}{limits(node, bool(order))}"
        if grouped:
            raise unsupported()
        if distinct:
            return self._rows_then_distinct(node, named, body, rows)
        if not order:
            return f"SELECT * FROM (SELECT {columns}{body} LIMIT {rows}){limits(node, False)}"
        return self._rows_then_order(node, scope, named, body, -1 if rows is None else rows)

    def _rows_then_distinct(
        self, node: exp.Select, named: Sequence[tuple[str, Piece]], body: str, rows: int | None
    ) -> str:
        if node.args.get("order"):
            raise unsupported()
        columns = ", ".join(f'{piece.sql} AS "{name}"' for name, piece in named)
        inner = f"SELECT {columns}{body} LIMIT {-1 if rows is None else rows}"
        return f"SELECT DISTINCT * FROM ({inner}){limits(node, False)}"

    def _rows_then_order(
        self,
        node: exp.Select,
        scope: Scope,
        named: Sequence[tuple[str, Piece]],
        body: str,
        rows: int,
    ) -> str:
        """ROWNUM counts before ORDER BY sorts."""
        keys = [
            (f"_o{at}", self._order_piece(one.this, scope, named), one)
            for at, one in enumerate(node.args["order"].expressions)
        ]
        inner = ", ".join(
            [f'{piece.sql} AS "{name}"' for name, piece in named]
            + [f'{piece.sql} AS "{name}"' for name, piece, _ in keys]
        )
        outer = ", ".join(f'"{name}"' for name, _ in named)
        order = ", ".join(
            ordering(Piece(sql=f'"{name}"', type=piece.type), one) for name, piece, one in keys
        )
        return (
            f"SELECT {outer} FROM (SELECT {inner}{body} LIMIT {rows}) ORDER BY {order}"
            f"{limits(node, True)}"
        )

    def _weigh(self, node: exp.Select, scope: Scope) -> int:
        """Of the heaviest column; names inside names may not multiply without end."""
        weights = [
            sum(
                scope.weight(column.name, column.table) or self.heaviest
                for column in one.find_all(exp.Column)
            )
            for one in node.expressions
        ]
        heaviest = max([1, *weights])
        if heaviest > WEIGHT_MAX:
            raise unsupported()
        self.heaviest = max(self.heaviest, heaviest)
        return heaviest

    def _where(self, node: exp.Select, scope: Scope, source: From) -> tuple[str, int | None]:
        """The condition without the ROWNUM limit, and that limit."""
        rows: int | None = None
        kept: list[str] = []
        for part in source.conditions:
            limit = row_limit(part)
            if limit is None:
                kept.append(self.expressions.predicate(part, scope))
            else:
                rows = limit if rows in (None, -1) else rows if limit == -1 else min(rows, limit)
        if scope.numbered:
            raise unsupported()
        return " AND ".join(kept), rows

    def _groups(self, node: exp.Select, scope: Scope) -> list[str]:
        clause = node.args.get("group")
        if clause is None:
            return []
        only(clause, {"expressions"})
        return [self.expressions.value(one, scope).sql for one in clause.expressions]

    def _items(self, node: exp.Select, scope: Scope) -> list[tuple[str, Piece]]:
        items: list[tuple[str, Piece]] = []
        for one in node.expressions:
            if isinstance(one, exp.Star):
                only(one, frozenset())
                items += all_columns(scope, "")
            elif isinstance(one, exp.Column) and isinstance(one.this, exp.Star):
                items += all_columns(scope, one.table)
            elif isinstance(one, exp.Alias):
                items.append((plain_name(one.alias), self.expressions.value(one.this, scope)))
            else:
                piece = self.expressions.value(one, scope)
                name = one.name.lower() if isinstance(one, exp.Column) else ""
                items.append((name, piece))
        return items

    def _order(self, node: exp.Select, scope: Scope, named: Sequence[tuple[str, Piece]]) -> str:
        clause = node.args.get("order")
        if clause is None:
            return ""
        only(clause, {"expressions"})
        return ", ".join(
            ordering(self._order_piece(one.this, scope, named), one) for one in clause.expressions
        )

    def _order_piece(
        self, node: exp.Expr, scope: Scope, named: Sequence[tuple[str, Piece]]
    ) -> Piece:
        """A place, a name from the select list, or an expression."""
        if is_place(node):
            chosen = named[int(place(node, len(named)).sql) - 1][1]
            return Piece(sql=chosen.sql, type=chosen.type, nullable=chosen.nullable)
        if isinstance(node, exp.Column) and not node.table and node.name.lower() in scope.aliases:
            return scope.aliases[node.name.lower()]
        return self.expressions.value(node, scope)

    def _check_distinct(
        self, node: exp.Select, scope: Scope, named: Sequence[tuple[str, Piece]]
    ) -> None:
        """Rows that are told apart by the select list can only be sorted by it."""
        order = node.args.get("order")
        chosen = {piece.sql for _, piece in named}
        for one in order.expressions if order is not None else ():
            if self._order_piece(one.this, scope, named).sql not in chosen:
                raise unsupported()

    def _check_grouped(self, node: exp.Select, scope: Scope, groups: Sequence[str]) -> None:
        """A column outside an aggregate must be one that the rows are grouped by."""
        order = node.args.get("order")
        having = node.args.get("having")
        parts = [*node.expressions]
        parts += [having.this] if having is not None else []
        parts += [one.this for one in order.expressions] if order is not None else []
        for part in parts:
            inner = part.this if isinstance(part, exp.Alias) else part
            is_alias = isinstance(inner, exp.Column) and inner.name.lower() in scope.aliases
            if not (is_alias and part not in node.expressions):
                self._covered(inner, scope, frozenset(groups))

    def _covered(self, node: exp.Expr, scope: Scope, groups: frozenset[str]) -> None:
        if isinstance(node, exp.Star | exp.Query) or is_aggregate(node):
            return
        if isinstance(node, exp.Window):
            # What a window adds up has been grouped before.
            inner = node.this.this if isinstance(node.this, exp.WithinGroup) else node.this
            for child in (*inner.expressions, *frame_of(node)):
                self._covered(child, scope, groups)
            return
        if isinstance(node, exp.Column):
            piece = self.expressions.compile(node, scope)
            own = scope.owns(node.name, node.table)
            if own and piece.sql not in groups:
                raise unsupported()
            return
        if type(node) in HANDLERS and self.expressions.compile(node, scope).sql in groups:
            return
        for child in node.iter_expressions():
            self._covered(child, scope, groups)


def renamed(outputs: tuple[Output, ...], names: Sequence[exp.Expr]) -> tuple[Output, ...]:
    """By the column list of a query under WITH."""
    if not names:
        return outputs
    if len(names) != len(outputs):
        raise unsupported()
    return tuple(
        replace(output, name=plain_name(name.name))
        for name, output in zip(names, outputs, strict=True)
    )


def compiler_for(
    tables: Visible, date_format: str, now: str, now_utc: str, parameters: int
) -> Compiler:
    expressions = Expressions(
        converter=Converter(date_format, now[:10]),
        handlers=HANDLERS,
        subquery=_unready,
        now=now,
        now_utc=now_utc,
        parameters=parameters,
    )
    compiler = Compiler(tables=tables, expressions=expressions)
    expressions.subquery = compiler.query
    return compiler


def _unready(node: exp.Expr, scope: Scope | None) -> Compiled:
    raise unsupported()
