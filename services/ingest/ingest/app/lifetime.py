"""Several loops that live and die together, and attempts that go on until they work."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import TypeVar

from kernel.errors import PermanentError, RetryableError
from runtime import names
from runtime.health import StopRequestedError
from runtime.process import Context
from runtime.retry import backoff

T = TypeVar("T")
FIRST_S, MOST_S = 0.1, 5.0


async def together(*work: Coroutine[object, object, None]) -> None:
    """Returns when all have; the first error ends the others and is raised."""
    tasks = [asyncio.create_task(item) for item in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await ended(*tasks)


async def ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Patience:
    """Nothing is given up: what fails is said to be waited for and tried again."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._dice = random.Random()

    async def until_it_works(self, part: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """The result of the first attempt that works; StopRequestedError when the process shall
        end before."""
        failures = 0
        while True:
            try:
                result = await attempt()
            except RetryableError as error:
                failures += 1
                await self.pause(part, error, failures)
            else:
                if failures:
                    self._ctx.health.well(part)
                return result

    async def until_allowed(self, part: str, attempt: Callable[[], Awaitable[T]]) -> T:
        """The same for a call that can be refused: what it lacks may be granted, and until then
        the reason stands on /ready."""
        return await self.until_it_works(part, lambda: _perhaps_later(attempt))

    async def pause(self, part: str, error: RetryableError | PermanentError, failures: int) -> None:
        """Say what is waited for and wait, longer after each failure."""
        self._ctx.health.waiting(part, str(error))
        self._ctx.telemetry.count(names.RETRIES, part=part)
        await self.wait(self.delay_s(error, failures))

    def delay_s(self, error: RetryableError | PermanentError, failures: int) -> float:
        """Longer after each failure, and never less than the other side asked for."""
        after_s = error.after_s if isinstance(error, RetryableError) else None
        return max(after_s or 0.0, backoff(failures, FIRST_S, MOST_S, self._dice))

    async def wait(self, seconds: float) -> None:
        """StopRequestedError when the process shall end before."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ctx.stop.wait()
        if self._ctx.stop.is_set():
            raise StopRequestedError


async def _perhaps_later(attempt: Callable[[], Awaitable[T]]) -> T:
    try:
        return await attempt()
    except PermanentError as error:
        raise RetryableError(str(error)) from error
