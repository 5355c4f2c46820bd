"""Reads SuiteQL: Oracle's dialect with every function left as it was written."""

import re
from functools import lru_cache
from itertools import pairwise
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.errors import SqlglotError
from sqlglot.parsers.oracle import OracleParser
from sqlglot.tokenizer_core import Token, TokenType

from sandbox.netsuite.errors import NetSuiteError, bad_query, search_error

QUERY_MAX = 100_000
REMEMBERED_MAX = 4000
AFTER_NO_COMMA = frozenset(
    {
        TokenType.COMMA,
        TokenType.FROM,
        TokenType.WHERE,
        TokenType.R_PAREN,
        TokenType.GROUP_BY,
        TokenType.ORDER_BY,
        TokenType.HAVING,
    }
)
NUMBERED = re.compile(r"p\d{1,4}")
UNSUPPORTED = "Invalid or unsupported search."


class SuiteQLParser(OracleParser):
    """No function is translated, so none can lose an argument on the way."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {
        name: parser
        for name, parser in OracleParser.FUNCTION_PARSERS.items()
        if name in ("CAST", "EXTRACT", "TRIM")
    }


class SuiteQL(Oracle):
    Parser = SuiteQLParser


def parse(query: str) -> exp.Query:
    """One SELECT, not to be changed. Raises the vendor's refusal for anything else."""
    return _remembered(query) if len(query) <= REMEMBERED_MAX else _parsed(query)


@lru_cache(maxsize=256)
def _remembered(query: str) -> exp.Query:
    return _parsed(query)


def _parsed(query: str) -> exp.Query:
    if len(query) > QUERY_MAX:
        raise unsupported()
    dialect = SuiteQL()
    try:
        tokens = dialect.tokenize(query)
        _refuse_what_the_reader_forgives(query, tokens)
        named = _numbered(query, tokens)
        statements = dialect.parser().parse(dialect.tokenize(named), named)
    except SqlglotError as error:
        raise syntax(query, _near(error)) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise syntax(query, f"{query.split(None, 1)[0] if query.split() else ''}(1,1")
    return statements[0]


def _refuse_what_the_reader_forgives(query: str, tokens: list[Token]) -> None:
    """LIMIT, and a comma with nothing behind it."""
    for token, after in pairwise([*tokens, None]):
        if token is not None and token.token_type is TokenType.LIMIT:
            raise syntax(query, _place(token))
        if token is None or token.token_type is not TokenType.COMMA:
            continue
        if after is None or after.token_type in AFTER_NO_COMMA:
            raise syntax(query, _place(after or token))


def _place(token: Token) -> str:
    return f"{token.text}({token.line},{token.col - len(token.text) + 1}"


def placeholders(query: exp.Query) -> int:
    """The highest number among them; a name that the query brought along is refused."""
    names = [str(one.this or "") for one in query.find_all(exp.Placeholder)]
    if not all(NUMBERED.fullmatch(name) for name in names):
        raise unsupported()
    return max((int(name[1:]) for name in names), default=0)


def _numbered(query: str, tokens: list[Token]) -> str:
    """Each `?` gets its number before the parts of the query are taken out of order."""
    text = query
    found = [token for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    for number, token in reversed(list(enumerate(found, start=1))):
        text = f"{text[: token.start]}:p{number}{text[token.end + 1 :]}"
    return text


def unsupported() -> NetSuiteError:
    return search_error(UNSUPPORTED)


def syntax(query: str, near: str) -> NetSuiteError:
    """`near` is the word that does not belong and its place, as in `FROM(1,12`."""
    return bad_query(
        f"Search error occurred: Failed to parse SQL [{query[:1000]}]: syntax error,"
        f" state:979(10102) near: {near}, token code:0)."
    )


def _near(error: SqlglotError) -> str:
    found = getattr(error, "errors", None)
    if isinstance(found, list) and found and isinstance(found[0], dict):
        first = found[0]
        word = str(first.get("highlight") or "")
        column = max(int(first.get("col") or 1) - len(word) + 1, 1)
        return f"{word}({first.get('line') or 1},{column}"
    return "(1,1"
