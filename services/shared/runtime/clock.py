"""The one way to ask for the time and to wait."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """The machine's clock. A test may pass its own with the same three methods."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
