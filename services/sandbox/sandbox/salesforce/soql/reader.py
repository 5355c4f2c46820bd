"""Walks over the tokens of a SOQL text and complains at the place where it stands."""

from dataclasses import dataclass, field

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.soql.lexer import Token, refusal

COUNT_MAX = 2**31 - 1


@dataclass(slots=True)
class Reader:
    soql: str
    tokens: list[Token]
    position: int = field(default=0)

    @property
    def peek(self) -> Token:
        return self.tokens[self.position]

    @property
    def following(self) -> Token:
        """The token after the next, the end itself at the end."""
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)]

    def advance(self) -> Token:
        token = self.tokens[self.position]
        self.position += token.kind != "end"
        return token

    def take(self, *words: str) -> bool:
        found = self.peek.is_word(*words)
        self.position += found
        return found

    def sign(self, *signs: str) -> bool:
        found = self.peek.is_sign(*signs)
        self.position += found
        return found

    def word(self, word: str) -> Token:
        token = self.peek
        if not self.take(word):
            raise self.unexpected()
        return token

    def need(self, sign: str) -> None:
        if not self.sign(sign):
            raise self.unexpected()

    def name(self) -> Token:
        if self.peek.kind != "name":
            raise self.unexpected()
        return self.advance()

    def count(self) -> int:
        token = self.peek
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected()
        return min(int(self.advance().text), COUNT_MAX)

    def unexpected(self, token: Token | None = None) -> Refusal:
        found = token or self.peek
        return self.error(found, f"unexpected token: '{found.text}'")

    def error(self, token: Token, message: str) -> Refusal:
        return refusal(self.soql, token.at, "MALFORMED_QUERY", message)
