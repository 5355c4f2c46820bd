"""Cuts a SOQL text into tokens and says where each stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.salesforce.errors import Refusal

PATTERN = re.compile(
    r"""(?P<space>\s+)
    |(?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?)
    |(?P<date>\d{4}-\d\d-\d\d)
    |(?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<string>'(?:[^'\\]|\\.)*')
    |(?P<operator><=|>=|!=|<>|[=<>(),.:])""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
QUERY_LENGTH_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is a group of PATTERN, or `end`."""

    kind: str
    text: str
    at: int

    def is_word(self, *words: str) -> bool:
        return self.kind == "name" and self.text.upper() in words

    def is_sign(self, *signs: str) -> bool:
        return self.kind == "operator" and self.text in signs


def tokens(soql: str) -> list[Token]:
    if len(soql) > QUERY_LENGTH_MAX:
        raise Refusal(
            "QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100000 characters."
        )
    return list(_tokens(soql))


def _tokens(soql: str) -> Iterator[Token]:
    at = 0
    while at < len(soql):
        match = PATTERN.match(soql, at)
        if match is None:
            raise refusal(soql, at, "MALFORMED_QUERY", f"unexpected token: '{soql[at]}'")
        kind = str(match.lastgroup)
        if kind != "space":
            yield Token(kind, match.group(), at)
        at = match.end()
    yield Token("end", "<EOF>", len(soql))


def refusal(soql: str, at: int, code: str, message: str) -> Refusal:
    """With the line, a mark below the place, and its row and column counted from 1."""
    row = soql.count("\n", 0, at) + 1
    start = soql.rfind("\n", 0, at) + 1
    end = soql.find("\n", at)
    line = soql[start : end if end >= 0 else len(soql)]
    column = at - start
    text = f"\n{line}\n{' ' * column}^\nERROR at Row:{row}:Column:{column + 1}\n{message}"
    return Refusal(code, text)


def unquoted(text: str) -> str:
    """The value of a string token."""
    return re.sub(
        r"\\(.)", lambda found: ESCAPES.get(found[1], found[1]), text[1:-1], flags=re.DOTALL
    )


def like_pattern(text: str) -> str:
    """The value of a string token after LIKE: an escaped wildcard stays escaped."""
    return re.sub(
        r"\\(.)",
        lambda found: found[0] if found[1] in "%_\\" else ESCAPES.get(found[1], found[1]),
        text[1:-1],
        flags=re.DOTALL,
    )
