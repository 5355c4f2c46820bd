"""A parser for the platform's formula language, as validation rules are written in it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from sandbox.salesforce.formula.tree import Constant, Function, Name, Node

PATTERN = re.compile(
    r"""(?P<space>\s+|/\*.*?\*/)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<name>\$?[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
    |(?P<sign>\|\||&&|<>|!=|==|<=|>=|[-+*/^&=<>!(),])""",
    re.VERBOSE | re.DOTALL,
)
LEVELS = (("||",), ("&&",), ("=", "==", "<>", "!=", "<", ">", "<=", ">="), ("+", "-", "&"),
          ("*", "/"), ("^",))  # fmt: skip
"""Binary operators, the loosest first."""
SAME = {"==": "=", "!=": "<>", "||": "OR", "&&": "AND"}
CONSTANTS = {"TRUE": True, "FALSE": False, "NULL": None}
DEPTH_MAX = 60


class FormulaError(ValueError):
    """The text is not a formula of this language."""


def parse_formula(text: str) -> Node:
    parser = _Parser(list(_tokens(text)))
    node = parser.binary(0)
    parser.end()
    return node


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        match = PATTERN.match(text, at)
        if match is None:
            raise FormulaError(f"unexpected {text[at]!r} at position {at}")
        if match.lastgroup != "space":
            yield str(match.lastgroup), match.group()
        at = match.end()
    yield "end", ""


@dataclass(slots=True)
class _Parser:
    tokens: list[tuple[str, str]]
    at: int = 0
    depth: int = 0

    def binary(self, level: int) -> Node:
        if level == len(LEVELS):
            return self._unary()
        left = self.binary(level + 1)
        while self._peek in [("sign", sign) for sign in LEVELS[level]]:
            sign = self._take()[1]
            left = Function(SAME.get(sign, sign), (left, self.binary(level + 1)))
        return left

    def end(self) -> None:
        if self._peek[0] != "end":
            raise FormulaError(f"unexpected {self._peek[1]!r}")

    @property
    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.at]

    def _take(self) -> tuple[str, str]:
        token = self.tokens[self.at]
        self.at += token[0] != "end"
        return token

    def _unary(self) -> Node:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise FormulaError("too deeply nested")
        try:
            if self._peek == ("sign", "!"):
                self._take()
                return Function("NOT", (self._unary(),))
            if self._peek in (("sign", "-"), ("sign", "+")):
                sign = self._take()[1]
                return Function(sign, (Constant(Decimal(0)), self._unary()))
            return self._primary()
        finally:
            self.depth -= 1

    def _primary(self) -> Node:
        kind, text = self._take()
        if kind == "number":
            return Constant(Decimal(text))
        if kind == "text":
            return Constant(re.sub(r"\\(.)", r"\1", text[1:-1]))
        if (kind, text) == ("sign", "("):
            node = self.binary(0)
            self._need(")")
            return node
        if kind != "name":
            raise FormulaError(f"unexpected {text!r}")
        if self._peek == ("sign", "("):
            return Function(text.upper(), tuple(self._arguments()))
        if text.upper() in CONSTANTS:
            return Constant(CONSTANTS[text.upper()])
        return Name(tuple(text.split(".")))

    def _arguments(self) -> Iterator[Node]:
        self._need("(")
        if self._peek == ("sign", ")"):
            self._take()
            return
        yield self.binary(0)
        while self._peek == ("sign", ","):
            self._take()
            yield self.binary(0)
        self._need(")")

    def _need(self, sign: str) -> None:
        if self._take() != ("sign", sign):
            raise FormulaError(f"{sign!r} is missing")
