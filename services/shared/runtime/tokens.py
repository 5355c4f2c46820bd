"""Access tokens: one sign-in at a time, life by the monotonic clock."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock

MARGIN = 0.9
"""The share of a token's life after which the next one is fetched."""
REFUSALS_MAX = 12
"""Refused tokens in a row, over all callers, after which the credentials are taken for wrong."""
FRESH_LEAST_S = 1.0
"""However short a life is told, not every call signs in."""


@dataclass(frozen=True, slots=True)
class Token:
    """`life_s` counts from when the token was asked for; infinite where only a refusal ends it."""

    text: str = field(repr=False)
    life_s: float


class SignIn(Protocol):
    async def token(self) -> Token:
        """A new token. FatalError where the credentials are refused, RetryableError when away."""
        ...


class HeldToken:
    """Keeps one token and replaces it when it is old or was refused."""

    def __init__(self, sign_in: SignIn, clock: Clock) -> None:
        self._sign_in, self._clock = sign_in, clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._fresh_until = 0.0
        self._refusals = 0

    async def current(self) -> str:
        """The token in use, a new one once it is old."""
        async with self._lock:
            if self._token is None or self._clock.monotonic() >= self._fresh_until:
                await self._sign_in_anew()
            return self._held()

    async def renewed(self, refused: str) -> str:
        """Another token than the one that was refused. Many callers may be refused at once; the
        first signs in for all of them."""
        async with self._lock:
            if self._token is None or self._token.text == refused:
                self._token = None
                self._refusals += 1
                await self._sign_in_anew()
            return self._held()

    def worked(self) -> None:
        """A call was let in: earlier refusals were tokens that had died."""
        self._refusals = 0

    def refusal(self, message: str) -> Exception:
        """What a caller raises whose last token was refused: nothing was done, and tokens may die
        in a bad moment; when not one call in many is let in, somebody must look."""
        if self._refusals >= REFUSALS_MAX:
            return FatalError(message)
        return RetryableError(message)

    async def _sign_in_anew(self) -> None:
        asked = self._clock.monotonic()
        self._token = await self._sign_in.token()
        self._fresh_until = asked + max(FRESH_LEAST_S, MARGIN * self._token.life_s)

    def _held(self) -> str:
        assert self._token is not None
        return self._token.text
