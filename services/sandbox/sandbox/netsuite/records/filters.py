"""The `q` of a collection: grammar, operators by type, dates in the account's format."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import Property, RecordType, Shape
from sandbox.netsuite.errors import QUERY, NetSuiteError, bad_parameter
from sandbox.netsuite.suiteql.udf import bad_date
from sandbox.netsuite.timing import STAMP, parse_account, to_utc

TOKEN = re.compile(
    r'\s*(?:(?P<mark>[()\[\],])|"(?P<text>(?:[^"\\]|\\.)*)"|(?P<word>[^\s()\[\],"\']+))'
)
ESCAPED = re.compile(r"\\(.)")
NUMBER = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)
MARKS = frozenset("()[],")
KEYWORDS = MARKS | {"AND", "OR"}
LENGTH_MAX = 10_000
CONDITIONS_MAX = 200
DEPTH_MAX = 50
KEPT = {
    "id": "id",
    "externalid": "externalid",
    "lastmodifieddate": "modified",
    "createddate": "created",
    "datecreated": "created",
}
Sql = tuple[str, list[object]]
WORDS = {"CONTAIN": "%{}%", "START_WITH": "{}%", "END_WITH": "%{}", "ENDWITH": "%{}"}
NUMBERS = {
    "EQUAL": "=",
    "GREATER": ">",
    "GREATER_OR_EQUAL": ">=",
    "LESS": "<",
    "LESS_OR_EQUAL": "<=",
}
DATES = {"AFTER": ">", "BEFORE": "<", "ON_OR_AFTER": ">=", "ON_OR_BEFORE": "<="}


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    quoted: bool = False

    def word(self) -> str:
        return "" if self.quoted else self.text.upper()


def filter_sql(work: Work, record: RecordType, query: str) -> Sql:
    """A condition on `_record`. Raises the recorded refusals."""
    tokens = _tokens(query)
    reader = _Reader(work, record, tokens)
    sql = reader.either()
    if reader.left():
        raise invalid()
    return sql, reader.values


def invalid() -> NetSuiteError:
    return bad_parameter("q", QUERY + "Provide a valid search query.")


def _tokens(query: str) -> list[Token]:
    if len(query) > LENGTH_MAX:
        raise invalid()
    found: list[Token] = []
    at = 0
    while query[at:].strip():
        match = TOKEN.match(query, at)
        if match is None:
            raise invalid()
        quoted = match["text"] is not None
        text = ESCAPED.sub(r"\1", match["text"] or "")
        found.append(Token(text if quoted else match["mark"] or match["word"], quoted))
        at = match.end()
    return found


class _Reader:
    """AND binds tighter than OR."""

    def __init__(self, work: Work, record: RecordType, tokens: Sequence[Token]) -> None:
        self._work = work
        self._record = record
        self._tokens = list(tokens)
        self._at = 0
        self._depth = 0
        self._conditions = 0
        self.values: list[object] = []

    def left(self) -> bool:
        return self._at < len(self._tokens)

    def either(self) -> str:
        parts = [self._both()]
        while self._peek() == "OR":
            self._at += 1
            parts.append(self._both())
        return f"({' OR '.join(parts)})"

    def _both(self) -> str:
        parts = [self._one()]
        while self._peek() == "AND":
            self._at += 1
            parts.append(self._one())
        return f"({' AND '.join(parts)})"

    def _one(self) -> str:
        if self._peek() == "(":
            self._at += 1
            self._depth += 1
            if self._depth > DEPTH_MAX:
                raise invalid()
            inner = self.either()
            self._depth -= 1
            if self._next().word() != ")":
                raise invalid()
            return inner
        return self._condition()

    def _peek(self) -> str:
        return self._tokens[self._at].word() if self.left() else ""

    def _next(self) -> Token:
        if not self.left():
            raise invalid()
        self._at += 1
        return self._tokens[self._at - 1]

    def _condition(self) -> str:
        self._conditions += 1
        name = self._next()
        item = self._record.properties.get(self._record.own_name(name.text))
        if name.quoted or name.word() in KEYWORDS or self._conditions > CONDITIONS_MAX:
            raise invalid()
        if item is None or item.filterable is False or item.shape is Shape.SUBLIST:
            raise bad_parameter("q", f"Unknown field name '{name.text}' in the search query.")
        operator = self._next().word()
        bare, negated = _negation(operator)
        sql = self._compared(item, bare)
        return f"(NOT coalesce({sql}, 0))" if negated else f"coalesce({sql}, 0)"

    def _compared(self, item: Property, operator: str) -> str:
        column = _column(item)
        if operator == "EMPTY":
            return f"({column} IS NULL)"
        shape = Shape.INTEGER if item.name == "id" else item.shape
        for known, operators in READERS.items():
            if shape in known and operator in operators:
                return operators[operator](self, item, column)
        raise invalid()

    def bind(self, value: object) -> str:
        self.values.append(value)
        return "?"

    def value(self) -> str:
        token = self._next()
        if not token.quoted and token.text in MARKS:
            raise invalid()
        return token.text

    def listed(self) -> list[str]:
        """[1, 2] or a single value."""
        if self._peek() != "[":
            return [self.value()]
        self._at += 1
        found = [self.value()]
        while (mark := self._next().word()) == ",":
            found.append(self.value())
        if mark != "]":
            raise invalid()
        return found

    def number(self, text: str) -> float:
        if NUMBER.fullmatch(text) is None:
            raise invalid()
        return float(text)

    def moment(self, item: Property, text: str) -> str:
        """A literal of the account's format as it is held: a day, or a time in UTC."""
        return _held(item, self._wall(text))

    def _wall(self, text: str) -> datetime:
        date_format = self._work.account.profile.account_date_format
        found = parse_account(text, date_format)
        if found is None:
            raise bad_parameter("q", f"{QUERY}Search error occurred: {bad_date(text, date_format)}")
        return found

    def day(self, item: Property, text: str) -> tuple[str, str]:
        """When it begins and when the next one does; with a clock, that minute."""
        begin = self._wall(text)
        has_clock = item.shape is Shape.DATETIME and len(text.split()) > 1
        end = begin + (timedelta(minutes=1) if has_clock else timedelta(days=1))
        return _held(item, begin), _held(item, end)


def _held(item: Property, wall: datetime) -> str:
    if item.shape is Shape.DATE:
        return wall.date().isoformat()
    return to_utc(wall).strftime(STAMP)


def _negation(operator: str) -> tuple[str, bool]:
    if operator == "END_WITH_NOT":
        return "END_WITH", True
    if operator.endswith("_NOT"):
        return operator.removesuffix("_NOT"), True
    return operator, False


def _column(item: Property) -> str:
    if item.name.lower() in KEPT:
        return KEPT[item.name.lower()]
    inner = ".id" if item.shape in (Shape.REFERENCE, Shape.ENUMERATION) else ""
    return f"json_extract(body, '$.{item.name}{inner}')"


def _like(pattern: str) -> Callable[[_Reader, Property, str], str]:
    def read(reader: _Reader, item: Property, column: str) -> str:
        text = reader.value().lower()
        for sign in "\\%_":
            text = text.replace(sign, f"\\{sign}")
        return f"(ns_lower({column}) LIKE {reader.bind(pattern.format(text))} ESCAPE '\\')"

    return read


def _same(reader: _Reader, item: Property, column: str) -> str:
    return f"(ns_lower({column}) = {reader.bind(reader.value().lower())})"


def _yes(reader: _Reader, item: Property, column: str) -> str:
    text = reader.value().lower()
    if text not in ("true", "false", "t", "f"):
        raise invalid()
    return f"(coalesce({column}, 0) = {int(text.startswith('t'))})"


def _ordered(sign: str) -> Callable[[_Reader, Property, str], str]:
    def read(reader: _Reader, item: Property, column: str) -> str:
        return f"(CAST({column} AS REAL) {sign} {reader.bind(reader.number(reader.value()))})"

    return read


def _any(reader: _Reader, item: Property, column: str) -> str:
    marks = ", ".join(reader.bind(text) for text in reader.listed())
    return f"(CAST({column} AS TEXT) IN ({marks}))"


def _any_number(reader: _Reader, item: Property, column: str) -> str:
    marks = ", ".join(reader.bind(reader.number(text)) for text in reader.listed())
    return f"(CAST({column} AS REAL) IN ({marks}))"


def _between(reader: _Reader, item: Property, column: str) -> str:
    bounds = reader.listed()
    if len(bounds) != 2:
        raise invalid()
    low, high = (reader.bind(reader.number(text)) for text in bounds)
    return f"(CAST({column} AS REAL) BETWEEN {low} AND {high})"


def _dated(sign: str) -> Callable[[_Reader, Property, str], str]:
    def read(reader: _Reader, item: Property, column: str) -> str:
        return f"({column} {sign} {reader.bind(reader.moment(item, reader.value()))})"

    return read


def _on(reader: _Reader, item: Property, column: str) -> str:
    """Some time of the day."""
    begin, end = reader.day(item, reader.value())
    return f"({column} >= {reader.bind(begin)} AND {column} < {reader.bind(end)})"


Reading = Callable[[_Reader, Property, str], str]
_NUMERIC: Mapping[str, Reading] = {
    **{name: _ordered(sign) for name, sign in NUMBERS.items()},
    "ANY_OF": _any_number,
    "BETWEEN": _between,
    "WITHIN": _between,
}
READERS: Mapping[frozenset[Shape], Mapping[str, Reading]] = {
    frozenset({Shape.STRING}): {
        **{name: _like(pattern) for name, pattern in WORDS.items()},
        "IS": _same,
        "ANY_OF": _any,
    },
    frozenset({Shape.REFERENCE, Shape.ENUMERATION}): {"ANY_OF": _any, "IS": _any, "EQUAL": _any},
    frozenset({Shape.NUMBER, Shape.INTEGER}): _NUMERIC,
    frozenset({Shape.BOOLEAN}): {"IS": _yes},
    frozenset({Shape.DATE, Shape.DATETIME}): {
        "ON": _on,
        **{name: _dated(sign) for name, sign in DATES.items()},
    },
}
