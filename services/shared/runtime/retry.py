"""Try again what may work later: full jitter, a limit, and the wait the other side asked for."""

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from kernel.errors import RetryableError, UnknownOutcomeError
from runtime.clock import Clock

T = TypeVar("T")
DOUBLINGS_MAX = 30


def backoff(attempt: int, first_s: float, most_s: float, dice: random.Random) -> float:
    """Seconds before the attempt after `attempt` failed ones: anywhere up to the doubled wait."""
    return dice.uniform(0, min(most_s, first_s * 2.0 ** min(attempt - 1, DOUBLINGS_MAX)))


def delay_of(
    error: RetryableError, attempt: int, first_s: float, most_s: float, dice: random.Random
) -> float:
    """The back-off, and never less than the other side asked for."""
    return max(error.after_s or 0.0, backoff(attempt, first_s, most_s, dice))


async def retried(
    call: Callable[[], Awaitable[T]],
    *,
    clock: Clock,
    attempts_max: int,
    dice: random.Random,
    first_s: float = 0.1,
    most_s: float = 5.0,
    on_wait: Callable[[RetryableError, float], None] | None = None,
) -> T:
    """The result of the first attempt that works; the last error once the attempts are used up.

    An unknown outcome is not repeated here: whoever sent the call must look first.
    """
    attempt = 1
    while True:
        try:
            return await call()
        except UnknownOutcomeError:
            raise
        except RetryableError as error:
            if attempt >= attempts_max:
                raise
            delay_s = delay_of(error, attempt, first_s, most_s, dice)
            if on_wait:
                on_wait(error, delay_s)
            await clock.sleep(delay_s)
            attempt += 1
