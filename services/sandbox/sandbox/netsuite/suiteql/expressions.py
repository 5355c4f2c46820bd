"""Compiles expressions: every node is known or refused, every type is converted on purpose."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from sandbox.netsuite.suiteql import functions, spans
from sandbox.netsuite.suiteql.conversions import Converter
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Output, Piece, Scope
from sandbox.netsuite.tables import Type

ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "ns_add",
    exp.Sub: "ns_subtract",
    exp.Mul: "ns_multiply",
    exp.Div: "ns_divide",
}
CASTS = {
    "INT": Type.NUMBER,
    "BIGINT": Type.NUMBER,
    "DECIMAL": Type.NUMBER,
    "FLOAT": Type.NUMBER,
    "DOUBLE": Type.NUMBER,
    "VARCHAR": Type.TEXT,
    "NVARCHAR": Type.TEXT,
    "CHAR": Type.TEXT,
    "TEXT": Type.TEXT,
    "DATE": Type.DATE,
    "TIMESTAMP": Type.DATE,
}
ROWNUM = "ROWNUM"
PLAIN_NUMBER = re.compile(r"\d{1,40}(\.\d{0,40})?([eE][+-]?\d{1,3})?|\.\d{1,40}")
Subquery = Callable[[exp.Expr, Scope | None], tuple[str, tuple[Output, ...]]]
Handler = Callable[..., Piece]
"""Takes the Expressions, the node (of the kind it is registered for) and the scope."""


@dataclass(slots=True, kw_only=True)
class Expressions:
    """`subquery` compiles a nested query; `now` is the account's wall clock, `now_utc` UTC's."""

    converter: Converter
    handlers: "Mapping[type[exp.Expr], tuple[Handler | None, frozenset[str]]]"
    subquery: Subquery
    now: str
    now_utc: str
    parameters: int = 0
    """How many values came with the query."""

    def predicate(self, node: exp.Expr, scope: Scope) -> str:
        piece = self.compile(node, scope)
        if not piece.is_predicate:
            raise unsupported()
        return piece.sql

    def value(self, node: exp.Expr, scope: Scope) -> Piece:
        piece = self.compile(node, scope)
        if piece.is_predicate:
            raise unsupported()
        return piece

    def compile(self, node: exp.Expr, scope: Scope) -> Piece:
        """A node of an unknown kind, or one that carries more than is understood, is refused."""
        handler, understood = self.handlers.get(type(node), (None, frozenset()))
        carried = {name for name, value in node.args.items() if value not in (None, False, [])}
        if handler is None or not carried <= understood:
            raise unsupported()
        return handler(self, node, scope)

    def values(self, nodes: Sequence[exp.Expr], scope: Scope) -> list[Piece]:
        return [self.value(node, scope) for node in nodes]


def column(compiler: Expressions, node: exp.Column, scope: Scope) -> Piece:
    if not node.table and not node.this.quoted and node.name.upper() == ROWNUM:
        scope.numbered = True
        return Piece(sql="row_number() OVER ()", type=Type.NUMBER, nullable=False)
    return scope.column(node.name, node.table)


def now_word(compiler: Expressions, node: exp.Expr, scope: Scope) -> Piece:
    """SYSDATE, CURRENT_DATE, SYSTIMESTAMP: server, company and users are in one time zone."""
    return date_literal(compiler.now)


def date_literal(held: str) -> Piece:
    return Piece(sql=f"'{held}'", type=Type.DATE, nullable=False)


def literal(compiler: Expressions, node: exp.Literal, scope: Scope) -> Piece:
    if not node.is_string:
        if not PLAIN_NUMBER.fullmatch(str(node.this)):
            raise unsupported()
        return Piece(sql=str(node.this), type=Type.NUMBER, nullable=False)
    text = str(node.this)
    if not text:
        return Piece(sql="NULL", type=Type.TEXT)
    quoted = text.replace("'", "''")
    return Piece(sql=f"'{quoted}'", type=Type.TEXT, nullable=False, literal=text)


def null(compiler: Expressions, node: exp.Null, scope: Scope) -> Piece:
    return Piece(sql="NULL", type=Type.UNKNOWN)


def ansi_date(compiler: Expressions, node: exp.Func, scope: Scope) -> Piece:
    """DATE '2026-01-31'."""
    literal = node.this
    if not isinstance(literal, exp.Literal) or not literal.is_string:
        raise unsupported()
    sql = f"ns_text_date('{str(literal.this).replace(chr(39), '')}', 'YYYY-MM-DD')"
    return Piece(sql=sql, type=Type.DATE, nullable=False)


def ansi_timestamp(compiler: Expressions, node: exp.StrToTime, scope: Scope) -> Piece:
    """TIMESTAMP '2026-01-31 12:00:00'; parts of a second are not kept."""
    literal = node.this
    if not isinstance(literal, exp.Literal) or not literal.is_string:
        raise unsupported()
    text = str(literal.this).replace("'", "")
    model = "YYYY-MM-DD HH24:MI:SS" + (".FF" if "." in text else "")
    return Piece(sql=f"ns_text_date('{text}', '{model}')", type=Type.DATE, nullable=False)


def placeholder(compiler: Expressions, node: exp.Placeholder, scope: Scope) -> Piece:
    """Named p1, p2, … by the reader, in the order of the text."""
    word = str(node.this or "")
    if not word[1:].isdigit() or not 1 <= int(word[1:]) <= compiler.parameters:
        raise unsupported()
    return Piece(sql=f"?{word[1:]}", type=Type.TEXT)


def paren(compiler: Expressions, node: exp.Paren, scope: Scope) -> Piece:
    inner = compiler.compile(node.this, scope)
    return Piece(
        sql=f"({inner.sql})",
        type=inner.type,
        nullable=inner.nullable,
        is_predicate=inner.is_predicate,
        base=inner.base,
        literal=inner.literal,
    )


def negative(compiler: Expressions, node: exp.Neg, scope: Scope) -> Piece:
    inner = compiler.converter.to(Type.NUMBER, compiler.value(node.this, scope))
    return Piece(sql=f"(- {inner.sql})", type=Type.NUMBER, nullable=inner.nullable)


def arithmetic(compiler: Expressions, node: exp.Binary, scope: Scope) -> Piece:
    span = spans.read(compiler, node.right, scope)
    if span is not None:
        return spans.moved(compiler, node, span, scope)
    left, right = compiler.value(node.left, scope), compiler.value(node.right, scope)
    if Type.DATE in (left.type, right.type):
        return _date_arithmetic(compiler, node, left, right)
    taken = [compiler.converter.to(Type.NUMBER, piece) for piece in (left, right)]
    sql = f"{ARITHMETIC[type(node)]}({taken[0].sql}, {taken[1].sql})"
    return Piece(sql=sql, type=Type.NUMBER)


def _date_arithmetic(compiler: Expressions, node: exp.Binary, left: Piece, right: Piece) -> Piece:
    """A date and days give a date; two dates give days."""
    if isinstance(node, exp.Sub) and left.type is right.type is Type.DATE:
        return Piece(sql=f"ns_date_minus({left.sql}, {right.sql})", type=Type.NUMBER)
    if isinstance(node, exp.Add) and right.type is Type.DATE:
        left, right = right, left
    if not isinstance(node, exp.Add | exp.Sub) or right.type is Type.DATE:
        raise unsupported()
    days = compiler.converter.to(Type.NUMBER, right).sql
    signed = f"(- {days})" if isinstance(node, exp.Sub) else days
    return Piece(sql=f"ns_date_plus({left.sql}, {signed})", type=Type.DATE)


def trim(compiler: Expressions, node: exp.Trim, scope: Scope) -> Piece:
    """TRIM(LEADING '0' FROM a): one sign, or the blank."""
    name = functions.SIDES.get(str(node.args.get("position") or "BOTH").upper())
    sign = node.args.get("expression")
    if name is None:
        raise unsupported()
    pieces = compiler.values([node.this, *([sign] if sign is not None else [])], scope)
    return functions.trimmed(compiler.converter, name, pieces)


def concat(compiler: Expressions, node: exp.DPipe, scope: Scope) -> Piece:
    return functions.concatenated(
        compiler.converter, compiler.values([node.left, node.right], scope)
    )


def query_of(node: exp.Expr) -> exp.Query:
    inner = node.this if isinstance(node, exp.Subquery) else node
    if not isinstance(inner, exp.Query):
        raise unsupported()
    return inner


def scalar_query(compiler: Expressions, node: exp.Subquery, scope: Scope) -> Piece:
    """More than one row is an error and not the first of them."""
    sql, outputs = compiler.subquery(query_of(node), scope)
    if len(outputs) != 1:
        raise unsupported()
    name = outputs[0].name
    many = "ns_refuse('single-row subquery returns more than one row')"
    value = f'CASE WHEN count(*) > 1 THEN {many} ELSE max(_s."{name}") END'
    return Piece(sql=f"(SELECT {value} FROM ({sql}) AS _s)", type=outputs[0].type)


def cast(compiler: Expressions, node: exp.Cast, scope: Scope) -> Piece:
    kind = CASTS.get(node.to.this.name if hasattr(node.to.this, "name") else "")
    if kind is None:
        raise unsupported()
    piece = compiler.converter.to(kind, compiler.value(node.this, scope))
    size = node.to.expressions
    if node.to.this.name == "INT" or (kind is Type.NUMBER and _is_whole(size)):
        return Piece(sql=f"ns_round({piece.sql})", type=kind)
    if kind is Type.NUMBER and len(size) == 2:
        return Piece(sql=f"ns_round({piece.sql}, {int(size[1].name)})", type=kind)
    if kind is Type.TEXT and size:
        return Piece(sql=f"ns_substr({piece.sql}, 1, {int(size[0].name)})", type=kind)
    return Piece(sql=piece.sql, type=kind, nullable=piece.nullable)


def _is_whole(size: Sequence[exp.Expr]) -> bool:
    return len(size) == 1


def extract(compiler: Expressions, node: exp.Extract, scope: Scope) -> Piece:
    part = node.this.name.upper()
    if part not in ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"):
        raise unsupported()
    value = compiler.converter.to(Type.DATE, compiler.value(node.expression, scope))
    return Piece(sql=f"ns_date_part('{part}', {value.sql})", type=Type.NUMBER)


def utc(compiler: Expressions, node: exp.Anonymous, scope: Scope) -> Piece:
    """Of the clock, or of a time that FROM_TZ gave its zone."""
    if len(node.expressions) != 1:
        raise unsupported()
    inner = node.expressions[0]
    if isinstance(inner, exp.Systimestamp | exp.CurrentTimestamp) and not inner.args.get("sysdate"):
        return date_literal(compiler.now_utc)
    if not isinstance(inner, exp.Anonymous) or inner.name.upper() != "FROM_TZ":
        raise unsupported()
    if len(inner.expressions) != 2:
        raise unsupported()
    value, zone = compiler.values(inner.expressions, scope)
    held = compiler.converter.to(Type.DATE, value)
    named = compiler.converter.to(Type.TEXT, zone)
    return Piece(sql=f"ns_from_zone({held.sql}, {named.sql})", type=Type.DATE)
