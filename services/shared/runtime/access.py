"""What lets a call in: a token that is held and renewed, or a signature of its own for each."""

import secrets
from collections.abc import Callable
from typing import Protocol

from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock
from runtime.oauth1 import Keys, authorization
from runtime.tokens import REFUSALS_MAX, HeldToken

BEARER = "Bearer "


class Access(Protocol):
    async def header(self, method: str, url: str) -> str:
        """The value of Authorization for this call."""
        ...

    async def renewed(self, refused: str, method: str, url: str) -> str:
        """Another one, after that one was refused."""
        ...

    def worked(self) -> None:
        """A call was let in."""
        ...

    def refusal(self, message: str) -> Exception:
        """What a caller raises that was refused to the end."""
        ...


class TokenAccess:
    def __init__(self, tokens: HeldToken) -> None:
        self._tokens = tokens

    async def header(self, method: str, url: str) -> str:
        return BEARER + await self._tokens.current()

    async def renewed(self, refused: str, method: str, url: str) -> str:
        return BEARER + await self._tokens.renewed(refused.removeprefix(BEARER))

    def worked(self) -> None:
        self._tokens.worked()

    def refusal(self, message: str) -> Exception:
        return self._tokens.refusal(message)


class SignedAccess:
    """`keys` reads the secrets anew for each call, so that they can be replaced while we run."""

    def __init__(self, keys: Callable[[], Keys], *, account: str, clock: Clock) -> None:
        self._keys, self._clock = keys, clock
        self._realm = account.upper().replace("-", "_")
        self._refusals = 0

    async def header(self, method: str, url: str) -> str:
        return authorization(
            self._keys(),
            method,
            url,
            realm=self._realm,
            nonce=secrets.token_hex(16),
            timestamp_s=int(self._clock.now().timestamp()),
        )

    async def renewed(self, refused: str, method: str, url: str) -> str:
        self._refusals += 1
        return await self.header(method, url)

    def worked(self) -> None:
        self._refusals = 0

    def refusal(self, message: str) -> Exception:
        if self._refusals >= REFUSALS_MAX:
            return FatalError(message)
        return RetryableError(message)
