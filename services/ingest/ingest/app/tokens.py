"""Access tokens: one sign-in at a time, life by the monotonic clock."""

import asyncio

from ingest.ports import SignIn, Token
from runtime.clock import Clock

MARGIN = 0.9
"""The share of a token's life after which the next one is fetched."""


class HeldToken:
    """Keeps one token and replaces it when it is old or was refused."""

    def __init__(self, sign_in: SignIn, clock: Clock) -> None:
        self._sign_in, self._clock = sign_in, clock
        self._lock = asyncio.Lock()
        self._token: Token | None = None
        self._fresh_until = 0.0

    async def current(self) -> str:
        async with self._lock:
            if self._token is None or self._clock.monotonic() >= self._fresh_until:
                await self._sign_in_anew()
            return self._held()

    async def renewed(self, refused: str) -> str:
        """Many callers may be refused at once; the first signs in for all of them."""
        async with self._lock:
            if self._token is None or self._token.text == refused:
                self._token = None
                await self._sign_in_anew()
            return self._held()

    async def _sign_in_anew(self) -> None:
        asked = self._clock.monotonic()
        self._token = await self._sign_in.token()
        self._fresh_until = asked + MARGIN * self._token.life_s

    def _held(self) -> str:
        assert self._token is not None
        return self._token.text
