"""Reads SuiteQL: Oracle's dialect with every function left as it was written."""

import re
from typing import ClassVar

from sqlglot import exp
from sqlglot.dialects.oracle import Oracle
from sqlglot.errors import SqlglotError
from sqlglot.parsers.oracle import OracleParser
from sqlglot.tokenizer_core import Token, TokenType

from sandbox.netsuite.errors import NetSuiteError, bad_query, search_error

QUERY_MAX = 100_000
NUMBERED = re.compile(r"p\d{1,4}")
UNSUPPORTED = "Invalid or unsupported search."


class SuiteQLParser(OracleParser):
    """No function is translated, so none can lose an argument on the way."""

    FUNCTIONS: ClassVar = {}
    FUNCTION_PARSERS: ClassVar = {
        name: parser
        for name, parser in OracleParser.FUNCTION_PARSERS.items()
        if name in ("CAST", "EXTRACT")
    }


class SuiteQL(Oracle):
    Parser = SuiteQLParser


def parse(query: str) -> exp.Query:
    """One SELECT. Raises the vendor's refusal for anything else."""
    if len(query) > QUERY_MAX:
        raise unsupported()
    dialect = SuiteQL()
    try:
        tokens = dialect.tokenize(query)
        if any(token.token_type is TokenType.LIMIT for token in tokens):
            raise syntax(query, "LIMIT")
        named = _numbered(query, tokens)
        statements = dialect.parser().parse(dialect.tokenize(named), named)
    except SqlglotError as error:
        raise syntax(query, _near(error)) from error
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise syntax(query, query.split(None, 1)[0] if query.split() else "")
    return statements[0]


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
    return bad_query(
        f"Search error occurred: Failed to parse SQL [{query[:1000]}]: syntax error, near: {near}."
    )


def _near(error: SqlglotError) -> str:
    found = getattr(error, "errors", None)
    if isinstance(found, list) and found and isinstance(found[0], dict):
        first = found[0]
        return f"{first.get('highlight', '')}({first.get('line')},{first.get('col')})"
    return ""
