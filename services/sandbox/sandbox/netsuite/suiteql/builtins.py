"""Compiles the functions under BUILTIN: names, relative days, consolidation, conversion."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from types import MappingProxyType

from sqlglot import exp

from sandbox.netsuite.errors import search_error
from sandbox.netsuite.suiteql.display import display, status_code
from sandbox.netsuite.suiteql.expressions import Expressions, date_literal
from sandbox.netsuite.suiteql.money import consolidated, converted, currency_of
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.ranges import day_range
from sandbox.netsuite.suiteql.scope import Piece, Scope
from sandbox.netsuite.tables import Type

Arguments = Sequence[exp.Expr]
DATE_KINDS = {"DATE": "00:00:00", "DATETIME_AS_DATE": "00:00:00", "DATETIME": "23:59:59"}
"""And the clock of the last day."""
WITH_PARENTS = frozenset("subsidiary account location department classification item".split())


def builtin(compiler: Expressions, node: exp.Dot, scope: Scope) -> Piece:
    call = node.expression
    if node.this.name.upper() != "BUILTIN" or not isinstance(call, exp.Anonymous):
        raise unsupported()
    handler = BUILTINS.get(call.name.upper())
    if handler is None:
        raise unsupported()
    return handler(compiler, call.expressions, scope)


def _display(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    piece = _only(compiler, arguments, scope)
    shown = display(piece)
    return shown if shown is not piece else compiler.converter.to(Type.TEXT, piece)


def _code(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    return status_code(_only(compiler, arguments, scope))


def _relative(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    words = [_word(one) for one in arguments]
    if not 2 <= len(words) <= 3:
        raise unsupported()
    code, end, kind = (*words, "DATE")[:3]
    found = day_range(code, date.fromisoformat(compiler.now[:10]))
    if found is None or end not in ("START", "END") or kind not in DATE_KINDS:
        raise search_error(f"Invalid relative date range: {', '.join(words)}")
    if end == "START":
        return date_literal(f"{found[0].isoformat()} 00:00:00")
    return date_literal(f"{found[1].isoformat()} {DATE_KINDS[kind]}")


def _hierarchy(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    """The joined names, which the list's full name already is."""
    if len(arguments) != 2 or _word(arguments[1]) != "DISPLAY_JOINED":
        raise unsupported()
    piece = compiler.value(arguments[0], scope)
    if piece.base is None or piece.base.joins not in WITH_PARENTS:
        raise unsupported()
    column = "displaynamewithhierarchy" if piece.base.joins == "account" else "fullname"
    name = f'SELECT _h."{column}" FROM "{piece.base.joins}" AS _h WHERE _h."id" = {piece.sql}'
    return Piece(sql=f"({name})", type=Type.TEXT)


def _consolidate(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    """Amount, view, rate type, rate of the subsidiary, target subsidiary, period, book."""
    if len(arguments) != 7:
        raise unsupported()
    amount = compiler.value(arguments[0], scope)
    view, rate_type, rate = (_word(one) for one in arguments[1:4])
    target, period = (_or_default(compiler, one, scope) for one in arguments[4:6])
    if rate_type not in ("DEFAULT", "STANDARD") or not _is_primary_book(arguments[6]):
        raise unsupported()
    return consolidated(amount, view, rate, target, period)


def _convert(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    """Amount, target currency, and the day whose rate is taken: today when none is given."""
    if not 2 <= len(arguments) <= 3:
        raise unsupported()
    amount, target = compiler.values(arguments[:2], scope)
    day = compiler.value(arguments[2], scope) if len(arguments) == 3 else date_literal(compiler.now)
    return converted(
        amount,
        compiler.converter.to(Type.NUMBER, target),
        compiler.converter.to(Type.DATE, day),
    )


def _currency(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    return currency_of(_only(compiler, arguments, scope))


def _only(compiler: Expressions, arguments: Arguments, scope: Scope) -> Piece:
    if len(arguments) != 1:
        raise unsupported()
    return compiler.value(arguments[0], scope)


def _word(node: exp.Expr) -> str:
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise unsupported()
    return str(node.this).upper()


def _or_default(compiler: Expressions, node: exp.Expr, scope: Scope) -> Piece | None:
    if isinstance(node, exp.Literal) and node.is_string and str(node.this).upper() == "DEFAULT":
        return None
    return compiler.converter.to(Type.NUMBER, compiler.value(node, scope))


def _is_primary_book(node: exp.Expr) -> bool:
    return isinstance(node, exp.Literal) and str(node.this).upper() in ("DEFAULT", "1")


BUILTINS: Mapping[str, Callable[[Expressions, Arguments, Scope], Piece]] = MappingProxyType(
    {
        "DF": _display,
        "CF": _code,
        "RELATIVE_RANGES": _relative,
        "HIERARCHY": _hierarchy,
        "CONSOLIDATE": _consolidate,
        "CURRENCY_CONVERT": _convert,
        "CURRENCY": _currency,
    }
)
