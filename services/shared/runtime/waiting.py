"""Wait for a part that is away, say so once, and go on when it is back."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from kernel.errors import RetryableError
from runtime.health import Health, StopRequestedError
from runtime.retry import delay_of

T = TypeVar("T")
FIRST_S, MOST_S = 0.1, 1.0


async def eventually(part: str, attempt: Callable[[], Awaitable[T]], *, health: Health) -> T:
    """The result of the first attempt that is not retryable; the part is well then.

    Without end: StopRequestedError once the process shall end.
    """
    failures, dice = 0, random.Random()
    health.declare(part)
    while not health.stop.is_set():
        try:
            result = await _unless_stopped(attempt, health)
        except RetryableError as error:
            failures += 1
            health.waiting(part, str(error))
            delay_s = delay_of(error, failures, FIRST_S, MOST_S, dice)
            with suppress(TimeoutError):
                async with asyncio.timeout(delay_s):
                    await health.stop.wait()
        else:
            health.well(part)
            return result
    raise StopRequestedError(f"{part} was still waited for")


async def _unless_stopped(attempt: Callable[[], Awaitable[T]], health: Health) -> T:
    trying = asyncio.ensure_future(attempt())
    stopping = asyncio.create_task(health.stop.wait())
    await asyncio.wait({trying, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not trying.done():
        trying.cancel()
        raise StopRequestedError("asked to end while a part was waited for")
    return trying.result()
