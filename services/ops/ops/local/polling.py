"""Ask again and again, within a time, what nobody will tell us."""

import asyncio
import time
from collections.abc import Awaitable, Callable

EVERY_S = 0.02


async def holds_within(
    within_s: float, question: Callable[[], Awaitable[bool]], *, every_s: float = EVERY_S
) -> bool:
    """True as soon as the answer is yes, False when it never was; a question may raise."""
    deadline = time.monotonic() + within_s
    while not await question():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(every_s)
    return True
