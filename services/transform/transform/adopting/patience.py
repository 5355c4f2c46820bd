"""Tries again what may work later, for as long as nobody asks to end."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kernel.errors import RetryableError
from runtime.retry import delay_of
from transform.adopting.ports import Say

T = TypeVar("T")
FIRST_S, MOST_S = 0.2, 30.0
SAID_AFTER = 3
"""Failures in a row before a person hears of them."""


class Patience:
    def __init__(self, say: Say) -> None:
        self._say, self._dice = say, random.Random()

    async def until_it_works(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of the first attempt that is not retryable."""
        failures = 0
        while True:
            try:
                return await call()
            except RetryableError as error:
                failures += 1
                if failures >= SAID_AFTER:
                    self._say("waiting", why=str(error))
                await asyncio.sleep(delay_of(error, failures, FIRST_S, MOST_S, self._dice))
