"""A recursive-descent parser for SOQL."""

from dataclasses import dataclass, field

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.soql.dates import RELATIVE, RELATIVE_N
from sandbox.salesforce.soql.lexer import Token, refusal, tokens
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
)

SIGNS = ("=", "!=", "<>", "<", "<=", ">", ">=")
CLAUSES = frozenset(
    "WHERE WITH GROUP HAVING ORDER LIMIT OFFSET FOR USING ALL UPDATE AND OR NOT NULLS ASC"
    " DESC".split()
)
FUNCTIONS = frozenset(
    "COUNT COUNT_DISTINCT SUM AVG MIN MAX TOLABEL FORMAT CONVERTCURRENCY FIELDS CALENDAR_YEAR"
    " CALENDAR_QUARTER CALENDAR_MONTH DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY FISCAL_YEAR"
    " FISCAL_QUARTER FISCAL_MONTH HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR CONVERTTIMEZONE".split()
)
DEPTH_MAX = 50


def parse(soql: str) -> Query:
    parser = _Parser(soql, tokens(soql))
    query = parser.query(nested=False)
    parser.expect_end()
    return query


@dataclass(slots=True)
class _Parser:
    soql: str
    tokens: list[Token]
    position: int = field(default=0)
    depth: int = field(default=0)

    def query(self, *, nested: bool) -> Query:
        start = self._word("SELECT").at
        items = self._items(nested)
        self._word("FROM")
        source = self._path()
        alias = self._source_alias()
        scope = self._scope()
        where = self._condition() if self._take("WHERE") else None
        self._with()
        group_by = self._group_by()
        having = self._condition() if self._take("HAVING") else None
        order_by = self._order_by()
        limit = self._count() if self._take("LIMIT") else None
        offset = self._count() if self._take("OFFSET") else 0
        all_rows = self._tail()
        return Query(
            items=items, source=source, alias=alias, scope=scope, where=where, group_by=group_by,
            having=having, order_by=order_by, limit=limit, offset=offset, all_rows=all_rows,
            at=start,
        )  # fmt: skip

    def expect_end(self) -> None:
        if self._peek.kind != "end":
            raise self._unexpected()

    # what is selected

    def _items(self, nested: bool) -> tuple[Item, ...]:
        items = [self._item(nested)]
        while self._sign(","):
            items.append(self._item(nested))
        return tuple(items)

    def _item(self, nested: bool) -> Item:
        if self._peek.is_sign("("):
            if nested:
                raise self._unexpected()
            self._advance()
            query = self.query(nested=True)
            self._need(")")
            return Item(query)
        if self._peek.is_word("TYPEOF"):
            raise self._error(self._peek, "TYPEOF is not supported by this sandbox")
        expression = self._expression()
        alias = ""
        if self._peek.kind == "name" and not self._peek.is_word("FROM"):
            alias = self._advance().text
        return Item(expression, alias)

    def _expression(self) -> Expression:
        token = self._peek
        if token.kind != "name" or token.is_word("FROM"):
            raise self._unexpected()
        following = self._following
        if following.is_sign("(") and token.text.upper() in FUNCTIONS:
            return self._call()
        return self._path()

    def _call(self) -> Call:
        token = self._advance()
        self._need("(")
        argument: Expression | None = None
        if not self._peek.is_sign(")"):
            argument = self._expression()
        elif not token.is_word("COUNT"):
            raise self._unexpected()
        self._need(")")
        return Call(token.text.upper(), argument, token.at)

    def _path(self) -> Path:
        token = self._name()
        parts = [token.text]
        while self._sign("."):
            parts.append(self._name().text)
        return Path(tuple(parts), token.at)

    # where it comes from

    def _source_alias(self) -> str:
        self._take("AS")
        token = self._peek
        if token.kind == "name" and token.text.upper() not in CLAUSES:
            return self._advance().text
        return ""

    def _scope(self) -> str:
        if not self._take("USING"):
            return ""
        self._word("SCOPE")
        return self._name().text.lower()

    def _with(self) -> None:
        while self._take("WITH"):
            if self._take("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
                continue
            raise self._unexpected()

    def _group_by(self) -> tuple[Expression, ...]:
        if not self._take("GROUP"):
            return ()
        self._word("BY")
        if self._peek.is_word("ROLLUP", "CUBE"):
            raise self._error(self._peek, "ROLLUP and CUBE are not supported by this sandbox")
        found = [self._expression()]
        while self._sign(","):
            found.append(self._expression())
        return tuple(found)

    def _order_by(self) -> tuple[Order, ...]:
        if not self._take("ORDER"):
            return ()
        self._word("BY")
        found = [self._order()]
        while self._sign(","):
            found.append(self._order())
        return tuple(found)

    def _order(self) -> Order:
        expression = self._expression()
        descending = False
        if self._take("DESC"):
            descending = True
        else:
            self._take("ASC")
        nulls_last = False
        if self._take("NULLS"):
            nulls_last = self._peek.is_word("LAST")
            if not self._take("FIRST", "LAST"):
                raise self._unexpected()
        return Order(expression, descending, nulls_last)

    def _tail(self) -> bool:
        all_rows = False
        while self._peek.is_word("FOR", "ALL", "UPDATE"):
            if self._take("FOR"):
                if not self._take("VIEW", "REFERENCE", "UPDATE"):
                    raise self._unexpected()
            elif self._take("UPDATE"):
                if not self._take("TRACKING", "VIEWSTAT"):
                    raise self._unexpected()
            else:
                self._advance()
                self._word("ROWS")
                all_rows = True
        return all_rows

    # conditions

    def _condition(self) -> Condition:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self._error(self._peek, "query is too deeply nested")
        items = [self._unit()]
        operator = self._peek.text.upper() if self._peek.is_word("AND", "OR") else ""
        while operator and self._take(operator):
            items.append(self._unit())
        if operator and self._peek.is_word("AND", "OR"):
            raise self._unexpected()
        self.depth -= 1
        return items[0] if len(items) == 1 else Both(operator, tuple(items))

    def _unit(self) -> Condition:
        if self._take("NOT"):
            return Not(self._unit())
        if self._sign("("):
            condition = self._condition()
            self._need(")")
            return condition
        return self._comparison()

    def _comparison(self) -> Comparison:
        start = self._peek.at
        left = self._expression()
        token = self._peek
        if self._sign(*SIGNS):
            operator = "!=" if token.text == "<>" else token.text
            return Comparison(left, operator, self._literal(), start)
        if self._take("LIKE"):
            return Comparison(left, "LIKE", self._literal(), start)
        if self._take("IN"):
            return Comparison(left, "IN", self._list_or_query(), start)
        if self._take("NOT"):
            self._word("IN")
            return Comparison(left, "NOT IN", self._list_or_query(), start)
        if self._peek.is_word("INCLUDES", "EXCLUDES"):
            operator = self._advance().text.upper()
            return Comparison(left, operator, self._list(), start)
        raise self._unexpected()

    def _list_or_query(self) -> tuple[Literal, ...] | Query:
        if self._following.is_word("SELECT"):
            self._need("(")
            query = self.query(nested=True)
            self._need(")")
            return query
        return self._list()

    def _list(self) -> tuple[Literal, ...]:
        self._need("(")
        found = [self._literal()]
        while self._sign(","):
            found.append(self._literal())
        self._need(")")
        return tuple(found)

    def _literal(self) -> Literal:
        token = self._advance()
        if token.kind in ("string", "number", "date", "datetime"):
            return Literal(token.kind, token.text, token.at)
        if token.kind != "name":
            raise self._unexpected(token)
        word = token.text.upper()
        if word in ("TRUE", "FALSE"):
            return Literal("boolean", word, token.at)
        if word == "NULL":
            return Literal("null", word, token.at)
        if word in RELATIVE:
            return Literal("relative", word, token.at)
        if word in RELATIVE_N:
            self._need(":")
            return Literal("relative", word, token.at, self._count())
        if len(word) > 3 and word[:3].isalpha() and word[3:].isdigit():
            return self._currency(token)
        raise self._unexpected(token)

    def _currency(self, token: Token) -> Literal:
        """USD5000 or USD5000.5: the decimals are tokens of their own."""
        text = token.text
        if self._peek.kind == "number" and self._peek.text.startswith("."):
            text += self._advance().text
        return Literal("currency", text, token.at)

    # tokens

    @property
    def _peek(self) -> Token:
        return self.tokens[self.position]

    @property
    def _following(self) -> Token:
        """The token after the next, the end itself at the end."""
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def _advance(self) -> Token:
        token = self.tokens[self.position]
        self.position += token.kind != "end"
        return token

    def _take(self, *words: str) -> bool:
        found = self._peek.is_word(*words)
        self.position += found
        return found

    def _sign(self, *signs: str) -> bool:
        found = self._peek.is_sign(*signs)
        self.position += found
        return found

    def _word(self, word: str) -> Token:
        token = self._peek
        if not self._take(word):
            raise self._unexpected()
        return token

    def _need(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected()

    def _name(self) -> Token:
        if self._peek.kind != "name":
            raise self._unexpected()
        return self._advance()

    def _count(self) -> int:
        token = self._peek
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected()
        return int(self._advance().text)

    def _unexpected(self, token: Token | None = None) -> Refusal:
        found = token or self._peek
        return self._error(found, f"unexpected token: '{found.text}'")

    def _error(self, token: Token, message: str) -> Refusal:
        return refusal(self.soql, token.at, "MALFORMED_QUERY", message)
