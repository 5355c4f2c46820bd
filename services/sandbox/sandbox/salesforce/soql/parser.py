"""A recursive-descent parser for SOQL."""

from dataclasses import dataclass, field

from sandbox.salesforce.soql.dates import RELATIVE, RELATIVE_N
from sandbox.salesforce.soql.lexer import Token, tokens
from sandbox.salesforce.soql.reader import Reader
from sandbox.salesforce.soql.tree import (
    Both,
    Call,
    Comparison,
    Condition,
    Expression,
    Item,
    Literal,
    Not,
    Order,
    Path,
    Query,
    TypeOf,
)

SIGNS = ("=", "!=", "<>", "<", "<=", ">", ">=")
CLAUSES = frozenset(
    "WHERE WITH GROUP HAVING ORDER LIMIT OFFSET FOR USING ALL UPDATE AND OR NOT NULLS ASC"
    " DESC".split()
)
FUNCTIONS = frozenset(
    "COUNT COUNT_DISTINCT SUM AVG MIN MAX TOLABEL FORMAT CONVERTCURRENCY FIELDS CALENDAR_YEAR"
    " CALENDAR_QUARTER CALENDAR_MONTH DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY FISCAL_YEAR"
    " FISCAL_QUARTER FISCAL_MONTH HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR CONVERTTIMEZONE GROUPING"
    " DISTANCE GEOLOCATION".split()
)
WITH_MORE = frozenset({"DISTANCE", "GEOLOCATION"})
"""Functions of more than one argument."""
DEPTH_MAX = 50
LEVELS_MAX = 5
"""Of records and their children, the outermost included."""


def parse(soql: str) -> Query:
    parser = _Parser(Reader(soql, tokens(soql)))
    query = parser.query()
    parser.expect_end()
    return query


@dataclass(slots=True)
class _Parser:
    read: Reader
    depth: int = field(default=0)
    level: int = field(default=0)

    def query(self, *, filtering: bool = False) -> Query:
        """`filtering`: inside IN, where nothing but one column can be selected."""
        self.level += 1
        start = self.read.word("SELECT").at
        items = self._items(filtering)
        self.read.word("FROM")
        source = self._path()
        alias = self._source_alias()
        aliases = self._aliases()
        scope = self._scope()
        where = self._condition() if self.read.take("WHERE") else None
        data_category = self._with()
        grouping, group_by = self._group_by()
        having = self._condition() if self.read.take("HAVING") else None
        order_by = self._order_by()
        limit = self.read.count() if self.read.take("LIMIT") else None
        offset = self.read.count() if self.read.take("OFFSET") else 0
        all_rows = self._tail()
        self.level -= 1
        return Query(
            items=items, source=source, alias=alias, scope=scope, where=where, group_by=group_by,
            having=having, order_by=order_by, limit=limit, offset=offset, all_rows=all_rows,
            grouping=grouping, data_category=data_category, aliases=aliases,
            at=start, end=self.read.peek.at,
        )  # fmt: skip

    def expect_end(self) -> None:
        if self.read.peek.kind != "end":
            raise self.read.unexpected()

    # what is selected

    def _items(self, filtering: bool) -> tuple[Item, ...]:
        items = [self._item(filtering)]
        first = items[0].expression
        if isinstance(first, Call) and first.argument is None and self.read.peek.is_sign(","):
            raise self.read.unexpected()
        while self.read.sign(","):
            items.append(self._item(filtering))
        return tuple(items)

    def _item(self, filtering: bool) -> Item:
        if self.read.peek.is_sign("("):
            if filtering or self.level >= LEVELS_MAX or not self.read.following.is_word("SELECT"):
                raise self.read.unexpected()
            self.read.advance()
            query = self.query()
            self.read.need(")")
            return Item(query)
        if self.read.peek.is_word("TYPEOF") and self.read.following.kind == "name":
            return Item(self._type_of())
        expression = self._expression()
        alias = ""
        if self.read.peek.kind == "name" and not self.read.peek.is_word("FROM"):
            alias = self.read.advance().text
        return Item(expression, alias)

    def _type_of(self) -> TypeOf:
        start = self.read.word("TYPEOF").at
        path = self._path()
        cases = []
        while self.read.take("WHEN"):
            name = self.read.name().text
            self.read.word("THEN")
            cases.append((name, self._paths()))
        if not cases:
            raise self.read.unexpected()
        otherwise = self._paths() if self.read.take("ELSE") else ()
        self.read.word("END")
        return TypeOf(path, tuple(cases), otherwise, start)

    def _paths(self) -> tuple[Path, ...]:
        found = [self._path()]
        while self.read.sign(","):
            found.append(self._path())
        return tuple(found)

    def _expression(self) -> Expression:
        token = self.read.peek
        if token.kind != "name" or token.is_word("FROM"):
            raise self.read.unexpected()
        following = self.read.following
        if following.is_sign("(") and token.text.upper() in FUNCTIONS:
            return self._call()
        return self._path()

    def _call(self) -> Call:
        token = self.read.advance()
        self.read.need("(")
        arguments: list[Path | Call | Literal] = []
        if not self.read.peek.is_sign(")"):
            arguments.append(self._argument())
        elif not token.is_word("COUNT"):
            raise self.read.unexpected()
        while token.text.upper() in WITH_MORE and self.read.sign(","):
            arguments.append(self._argument())
        self.read.need(")")
        first = arguments[0] if arguments else None
        return Call(token.text.upper(), first, token.at, tuple(arguments[1:]))

    def _argument(self) -> Path | Call | Literal:
        if self.read.peek.kind in ("number", "string"):
            token = self.read.advance()
            return Literal(token.kind, token.text, token.at)
        return self._expression()

    def _path(self) -> Path:
        token = self.read.name()
        parts = [token.text]
        while self.read.sign("."):
            parts.append(self.read.name().text)
        return Path(tuple(parts), token.at)

    # where it comes from

    def _source_alias(self) -> str:
        self.read.take("AS")
        token = self.read.peek
        if token.kind == "name" and token.text.upper() not in CLAUSES:
            return self.read.advance().text
        return ""

    def _scope(self) -> str:
        if not self.read.take("USING"):
            return ""
        self.read.word("SCOPE")
        return self.read.name().text.lower()

    def _aliases(self) -> tuple[tuple[str, Path], ...]:
        found = []
        while self.read.sign(","):
            path = self._path()
            found.append((self._source_alias() or path.parts[-1], path))
        return tuple(found)

    def _with(self) -> bool:
        """Whether data categories are asked for; modes of access make no difference here."""
        categories = False
        while self.read.take("WITH"):
            if self.read.take("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
                continue
            self.read.word("DATA")
            self.read.word("CATEGORY")
            self._category()
            while self.read.take("AND"):
                self._category()
            categories = True
        return categories

    def _category(self) -> None:
        self.read.name()
        if not self.read.take("AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW"):
            raise self.read.unexpected()
        if self.read.sign("("):
            self._paths()
            self.read.need(")")
        else:
            self.read.name()

    def _group_by(self) -> tuple[str, tuple[Expression, ...]]:
        if not self.read.take("GROUP"):
            return "", ()
        self.read.word("BY")
        grouping = ""
        if self.read.peek.is_word("ROLLUP", "CUBE") and self.read.following.is_sign("("):
            grouping = self.read.advance().text.upper()
            self.read.need("(")
        found = [self._expression()]
        while self.read.sign(","):
            found.append(self._expression())
        if grouping:
            self.read.need(")")
        return grouping, tuple(found)

    def _order_by(self) -> tuple[Order, ...]:
        if not self.read.take("ORDER"):
            return ()
        self.read.word("BY")
        found = [self._order()]
        while self.read.sign(","):
            found.append(self._order())
        return tuple(found)

    def _order(self) -> Order:
        expression = self._expression()
        descending = False
        if self.read.take("DESC"):
            descending = True
        else:
            self.read.take("ASC")
        nulls_last = False
        if self.read.take("NULLS"):
            nulls_last = self.read.peek.is_word("LAST")
            if not self.read.take("FIRST", "LAST"):
                raise self.read.unexpected()
        return Order(expression, descending, nulls_last)

    def _tail(self) -> bool:
        all_rows = False
        while self.read.peek.is_word("FOR", "ALL", "UPDATE"):
            if self.read.take("FOR"):
                if not self.read.take("VIEW", "REFERENCE", "UPDATE"):
                    raise self.read.unexpected()
            elif self.read.take("UPDATE"):
                self._statistics()
                while self.read.sign(","):
                    self._statistics()
            else:
                self.read.advance()
                self.read.word("ROWS")
                all_rows = True
        return all_rows

    def _statistics(self) -> None:
        if not self.read.take("TRACKING", "VIEWSTAT"):
            raise self.read.unexpected()

    # conditions

    def _condition(self) -> Condition:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.read.error(self.read.peek, "query is too deeply nested")
        items = [self._unit()]
        operator = self.read.peek.text.upper() if self.read.peek.is_word("AND", "OR") else ""
        while operator and self.read.take(operator):
            items.append(self._unit())
        if operator and self.read.peek.is_word("AND", "OR"):
            raise self.read.unexpected()
        self.depth -= 1
        return items[0] if len(items) == 1 else Both(operator, tuple(items))

    def _unit(self) -> Condition:
        if self.read.take("NOT"):
            return Not(self._unit())
        if self.read.sign("("):
            condition = self._condition()
            self.read.need(")")
            return condition
        return self._comparison()

    def _comparison(self) -> Comparison:
        start = self.read.peek.at
        left = self._expression()
        token = self.read.peek
        if self.read.sign(*SIGNS):
            operator = "!=" if token.text == "<>" else token.text
            return Comparison(left, operator, self._literal(), start)
        if self.read.take("LIKE"):
            return Comparison(left, "LIKE", self._literal(), start)
        if self.read.take("IN"):
            return Comparison(left, "IN", self._list_or_query(), start)
        if self.read.take("NOT"):
            self.read.word("IN")
            return Comparison(left, "NOT IN", self._list_or_query(), start)
        if self.read.peek.is_word("INCLUDES", "EXCLUDES"):
            operator = self.read.advance().text.upper()
            return Comparison(left, operator, self._list(), start)
        raise self.read.unexpected()

    def _list_or_query(self) -> tuple[Literal, ...] | Query:
        if self.read.following.is_word("SELECT"):
            self.read.need("(")
            query = self.query(filtering=True)
            self.read.need(")")
            return query
        return self._list()

    def _list(self) -> tuple[Literal, ...]:
        self.read.need("(")
        found = [self._literal()]
        while self.read.sign(","):
            found.append(self._literal())
        self.read.need(")")
        return tuple(found)

    def _literal(self) -> Literal:
        token = self.read.advance()
        if token.kind in ("string", "number", "date", "datetime"):
            return Literal(token.kind, token.text, token.at)
        if token.kind != "name":
            raise self.read.unexpected(token)
        word = token.text.upper()
        if word in ("TRUE", "FALSE"):
            return Literal("boolean", word, token.at)
        if word == "NULL":
            return Literal("null", word, token.at)
        if word in RELATIVE:
            return Literal("relative", word, token.at)
        if word in RELATIVE_N:
            self.read.need(":")
            return Literal("relative", word, token.at, self.read.count())
        if len(word) > 3 and word[:3].isalpha() and word[3:].isdigit():
            return self._currency(token)
        raise self.read.unexpected(token)

    def _currency(self, token: Token) -> Literal:
        """USD5000 or USD5000.5: the decimals are tokens of their own."""
        text = token.text
        if self.read.peek.kind == "number" and self.read.peek.text.startswith("."):
            text += self.read.advance().text
        return Literal("currency", text, token.at)
