"""The account's slots: requests of every channel and asynchronous work share them."""

import asyncio
from collections.abc import Callable


class Slots:
    """A slot is taken on arrival and kept until the work has really ended."""

    def __init__(self, limit: Callable[[], int]) -> None:
        self._limit = limit
        self._taken: set[int] = set()
        self._freed = asyncio.Event()

    @property
    def limit(self) -> int:
        return self._limit()

    @property
    def free(self) -> int:
        return max(self.limit - len(self._taken), 0)

    def take(self, holder: int) -> bool:
        if len(self._taken) >= self.limit:
            return False
        self._taken.add(holder)
        return True

    def release(self, holder: int) -> None:
        self._taken.discard(holder)
        self._freed.set()

    async def wait_for_one(self, holder: int, look_again_s: float) -> None:
        """Asynchronous work waits where a request is turned away.

        It looks again now and then because the limit itself may have been raised.
        """
        while not self.take(holder):
            self._freed.clear()
            try:
                async with asyncio.timeout(look_again_s):
                    await self._freed.wait()
            except TimeoutError:
                continue
