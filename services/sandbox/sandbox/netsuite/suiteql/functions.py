"""The functions SuiteQL may call: what they take, what they give, and how SQLite does it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.netsuite.suiteql.conversions import Converter
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece
from sandbox.netsuite.tables import Type

TEXT, NUMBER, DATE = Type.TEXT, Type.NUMBER, Type.DATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Simple:
    """A function whose arguments have fixed types. `takes` beyond `least` may be left out."""

    sql: str
    gives: Type
    takes: tuple[Type, ...]
    least: int


def _simple(sql: str, gives: Type, *takes: Type, least: int | None = None) -> Simple:
    return Simple(sql=sql, gives=gives, takes=takes, least=len(takes) if least is None else least)


SIMPLE: Mapping[str, Simple] = {
    "UPPER": _simple("ns_upper", TEXT, TEXT),
    "LOWER": _simple("ns_lower", TEXT, TEXT),
    "INITCAP": _simple("ns_initcap", TEXT, TEXT),
    "LENGTH": _simple("length", NUMBER, TEXT),
    "SUBSTR": _simple("ns_substr", TEXT, TEXT, NUMBER, NUMBER, least=2),
    "INSTR": _simple("ns_instr", NUMBER, TEXT, TEXT, NUMBER, NUMBER, least=2),
    "REPLACE": _simple("ns_replace", TEXT, TEXT, TEXT, TEXT, least=2),
    "LPAD": _simple("ns_lpad", TEXT, TEXT, NUMBER, TEXT, least=2),
    "RPAD": _simple("ns_rpad", TEXT, TEXT, NUMBER, TEXT, least=2),
    "ABS": _simple("abs", NUMBER, NUMBER),
    "SIGN": _simple("sign", NUMBER, NUMBER),
    "CEIL": _simple("ns_ceil", NUMBER, NUMBER),
    "FLOOR": _simple("ns_floor", NUMBER, NUMBER),
    "MOD": _simple("ns_mod", NUMBER, NUMBER, NUMBER),
    "ADD_MONTHS": _simple("ns_add_months", DATE, DATE, NUMBER),
    "MONTHS_BETWEEN": _simple("ns_months_between", NUMBER, DATE, DATE),
    "LAST_DAY": _simple("ns_last_day", DATE, DATE),
    "NEXT_DAY": _simple("ns_next_day", DATE, DATE, TEXT),
    "TRANSLATE": _simple("ns_translate", TEXT, TEXT, TEXT, TEXT),
    "ASCII": _simple("ns_ascii", NUMBER, TEXT),
    "CHR": _simple("ns_chr", TEXT, NUMBER),
    "POWER": _simple("ns_power", NUMBER, NUMBER, NUMBER),
    "LOG": _simple("ns_log", NUMBER, NUMBER, NUMBER),
    "BITAND": _simple("ns_bitand", NUMBER, NUMBER, NUMBER),
    "ATAN2": _simple("ns_atan2", NUMBER, NUMBER, NUMBER),
    **{
        name: _simple(f"ns_{name.lower()}", NUMBER, NUMBER)
        for name in "SQRT EXP LN SIN COS TAN ASIN ACOS ATAN".split()
    },
    "REGEXP_SUBSTR": _simple(
        "ns_regexp_substr", TEXT, TEXT, TEXT, NUMBER, NUMBER, TEXT, NUMBER, least=2
    ),
    "REGEXP_INSTR": _simple(
        "ns_regexp_instr", NUMBER, TEXT, TEXT, NUMBER, NUMBER, NUMBER, TEXT, least=2
    ),
    "REGEXP_REPLACE": _simple(
        "ns_regexp_replace", TEXT, TEXT, TEXT, TEXT, NUMBER, NUMBER, TEXT, least=2
    ),
    "REGEXP_COUNT": _simple("ns_regexp_count", NUMBER, TEXT, TEXT, NUMBER, TEXT, least=2),
    "TO_DATE": _simple("ns_text_date", DATE, TEXT, TEXT),
    "TO_TIMESTAMP": _simple("ns_text_date", DATE, TEXT, TEXT),
}
TRIMS = {"LTRIM": "ltrim", "RTRIM": "rtrim"}
SIDES = {"BOTH": "trim", "LEADING": "ltrim", "TRAILING": "rtrim"}
STATISTICS = frozenset("MEDIAN STDDEV STDDEV_POP STDDEV_SAMP VARIANCE VAR_POP VAR_SAMP".split())
AGGREGATES = STATISTICS | frozenset("COUNT SUM AVG MIN MAX LISTAGG APPROX_COUNT_DISTINCT".split())
WINDOWS = {
    "ROW_NUMBER": NUMBER,
    "RANK": NUMBER,
    "DENSE_RANK": NUMBER,
    "NTILE": NUMBER,
    "PERCENT_RANK": NUMBER,
    "CUME_DIST": NUMBER,
}
SHIFTS = frozenset("LAG LEAD FIRST_VALUE LAST_VALUE NTH_VALUE".split())
Handler = Callable[[Converter, list[Piece]], Piece]


def call(converter: Converter, name: str, pieces: list[Piece]) -> Piece:
    """A scalar function. Unknown names and wrong counts are refused."""
    word = name.upper()
    if word in SIMPLE:
        return _call_simple(converter, SIMPLE[word], pieces)
    if word in TRIMS:
        return trimmed(converter, TRIMS[word], pieces)
    handler = SPECIAL.get(word)
    if handler is None:
        raise unsupported()
    return handler(converter, pieces)


def _call_simple(converter: Converter, function: Simple, pieces: list[Piece]) -> Piece:
    if not function.least <= len(pieces) <= len(function.takes):
        if function.sql == "ns_text_date" and len(pieces) == 1:
            return converter.to(DATE, pieces[0])
        raise unsupported()
    taken = [
        converter.to(wanted, piece) for wanted, piece in zip(function.takes, pieces, strict=False)
    ]
    if function.sql == "ns_text_date":
        taken.append(Piece(sql=f"'{converter.today}'", type=TEXT))
    return Piece(sql=_sql(function.sql, taken), type=function.gives)


def _sql(function: str, pieces: list[Piece]) -> str:
    return f"{function}({', '.join(piece.sql for piece in pieces)})"


def trimmed(converter: Converter, function: str, pieces: list[Piece]) -> Piece:
    if not 1 <= len(pieces) <= 2:
        raise unsupported()
    taken = [converter.to(TEXT, piece) for piece in pieces]
    return Piece(sql=f"nullif({_sql(function, taken)}, '')", type=TEXT)


def _to_char(converter: Converter, pieces: list[Piece]) -> Piece:
    if not 1 <= len(pieces) <= 2:
        raise unsupported()
    value = pieces[0]
    if len(pieces) == 1:
        return converter.to(TEXT, value)
    model = converter.to(TEXT, pieces[1])
    if value.type is DATE:
        return Piece(sql=_sql("ns_date_text", [value, model]), type=TEXT)
    value = converter.to(NUMBER, value)
    return Piece(sql=_sql("ns_text", [value, model]), type=TEXT)


def _to_number(converter: Converter, pieces: list[Piece]) -> Piece:
    if not 1 <= len(pieces) <= 2:
        raise unsupported()
    if len(pieces) == 1:
        return converter.to(NUMBER, pieces[0])
    text, model = (converter.to(TEXT, piece) for piece in pieces)
    return Piece(sql=_sql("ns_read_number", [text, model]), type=NUMBER)


def _trunc(converter: Converter, pieces: list[Piece]) -> Piece:
    return _cut(converter, pieces, "ns_trunc", "ns_trunc_date")


def _round(converter: Converter, pieces: list[Piece]) -> Piece:
    return _cut(converter, pieces, "ns_round", "ns_round_date")


def _cut(converter: Converter, pieces: list[Piece], number: str, date: str) -> Piece:
    if not 1 <= len(pieces) <= 2:
        raise unsupported()
    value, *unit = pieces
    if value.type is DATE:
        return Piece(sql=_sql(date, [value, *(converter.to(TEXT, u) for u in unit)]), type=DATE)
    taken = [converter.to(NUMBER, piece) for piece in pieces]
    return Piece(sql=_sql(number, taken), type=NUMBER)


def _first_of(converter: Converter, pieces: list[Piece]) -> Piece:
    if len(pieces) < 2:
        raise unsupported()
    kind, taken = converter.alike(pieces)
    nullable = all(piece.nullable for piece in taken)
    return Piece(sql=_sql("coalesce", taken), type=kind, nullable=nullable)


def _nvl(converter: Converter, pieces: list[Piece]) -> Piece:
    if len(pieces) != 2:
        raise unsupported()
    _, taken = converter.same(pieces)
    return _first_of(converter, taken)


def _nvl2(converter: Converter, pieces: list[Piece]) -> Piece:
    if len(pieces) != 3:
        raise unsupported()
    kind, (yes, no) = converter.same(pieces[1:])
    sql = f"CASE WHEN {pieces[0].sql} IS NOT NULL THEN {yes.sql} ELSE {no.sql} END"
    return Piece(sql=sql, type=kind)


def _nullif(converter: Converter, pieces: list[Piece]) -> Piece:
    if len(pieces) != 2:
        raise unsupported()
    kind, taken = converter.common(pieces)
    return Piece(sql=_sql("nullif", taken), type=kind)


def _decode(converter: Converter, pieces: list[Piece]) -> Piece:
    """Null equals null here. What is looked for takes the type of the first candidate."""
    if len(pieces) < 3:
        raise unsupported()
    rest = pieces[1:]
    default = [rest[-1]] if len(rest) % 2 else []
    searched, results = rest[0 : len(rest) - len(default) : 2], rest[1::2]
    _, compared = converter.common([pieces[0], *searched])
    kind, given = converter.same([*results, *default])
    whens = " ".join(
        f"WHEN {compared[0].sql} IS {wanted.sql} THEN {result.sql}"
        for wanted, result in zip(compared[1:], given, strict=False)
    )
    otherwise = given[-1].sql if default else "NULL"
    return Piece(sql=f"CASE {whens} ELSE {otherwise} END", type=kind)


def _extreme(function: str) -> Handler:
    def handler(converter: Converter, pieces: list[Piece]) -> Piece:
        if len(pieces) < 2:
            raise unsupported()
        kind, taken = converter.same(pieces)
        return Piece(sql=_sql(function, taken), type=kind)

    return handler


def _concat(converter: Converter, pieces: list[Piece]) -> Piece:
    """Null counts as nothing; nothing at all is null."""
    if len(pieces) < 2:
        raise unsupported()
    parts = [f"coalesce({converter.to(TEXT, piece).sql}, '')" for piece in pieces]
    return Piece(sql=f"nullif({' || '.join(parts)}, '')", type=TEXT)


def concatenated(converter: Converter, pieces: list[Piece]) -> Piece:
    return _concat(converter, pieces)


def _matches(converter: Converter, pieces: list[Piece]) -> Piece:
    if not 2 <= len(pieces) <= 3:
        raise unsupported()
    taken = [converter.to(TEXT, piece) for piece in pieces]
    return Piece(sql=_sql("ns_regexp_like", taken), type=Type.UNKNOWN, is_predicate=True)


SPECIAL: Mapping[str, Handler] = {
    "TO_CHAR": _to_char,
    "TO_NCHAR": _to_char,
    "REGEXP_LIKE": _matches,
    "TO_NUMBER": _to_number,
    "TRUNC": _trunc,
    "ROUND": _round,
    "NVL": _nvl,
    "COALESCE": _first_of,
    "NVL2": _nvl2,
    "NULLIF": _nullif,
    "DECODE": _decode,
    "GREATEST": _extreme("max"),
    "LEAST": _extreme("min"),
    "CONCAT": _concat,
}
