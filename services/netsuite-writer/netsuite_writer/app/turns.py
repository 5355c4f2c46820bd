"""One after the other, where two records look for the same one before they are made."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Place:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


@dataclass(frozen=True, slots=True)
class Turns:
    """Who looks for the same waits until the one before has been made. It holds for one process:
    each looks again in NetSuite in its own turn."""

    _places: dict[frozenset[tuple[str, str]], _Place] = field(default_factory=dict)

    @asynccontextmanager
    async def of(self, looked_for: Mapping[str, str | int]) -> AsyncIterator[None]:
        """Values count without their case. Who looks for nothing does not wait."""
        if not looked_for:
            yield
            return
        key = frozenset((name, str(value).casefold()) for name, value in looked_for.items())
        place = self._places.setdefault(key, _Place())
        place.users += 1
        try:
            async with place.lock:
                yield
        finally:
            place.users -= 1
            if not place.users:
                del self._places[key]
