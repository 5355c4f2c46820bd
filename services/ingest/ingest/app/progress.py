"""How far a channel has come: positions in memory, what is finished for good in the store."""

import asyncio

from ingest.app.lifetime import Patience
from ingest.domain.positions import Position, Positions
from ingest.ports import Cursor, Cursors
from kernel.messages import Coordinates
from runtime.process import Context

STORE = "postgres:sync"
IN_HAND_MAX = 20_000
"""Events behind the oldest unfinished one that are kept track of."""

STORE_EVERY_S = 0.1
"""What lies between two stores is delivered again after a crash."""


class Progress:
    def __init__(self, cursors: Cursors, channel: str, ctx: Context) -> None:
        self._cursors, self._channel, self._ctx = cursors, channel, ctx
        self._positions = Positions(Cursor())
        self._stored = Cursor()
        self._advanced, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._patience = Patience(ctx)

    @property
    def opened(self) -> Cursor:
        """Everything up to here is at least in hand."""
        return self._positions.opened

    @property
    def reached(self) -> Cursor:
        """Everything up to here is in the log."""
        return self._positions.reached

    async def load(self) -> None:
        stored = await self._patience.until_it_works(
            STORE, lambda: self._cursors.load(self._channel)
        )
        self._stored = stored or Cursor()
        self._positions = Positions(self._stored)

    def open(self, cursor: Cursor, parts: int) -> Position:
        position = self._positions.open(cursor, parts)
        self._moved()
        return position

    def add(self, position: Position, parts: int) -> None:
        self._positions.add(position, parts)

    def finish(self, position: Position, produced: Coordinates | None = None) -> None:
        self._positions.finish(position, produced)
        self._moved()

    async def room(self) -> None:
        """Returns while fewer events are in hand than may be."""
        await self._room.wait()

    async def keep(self) -> None:
        """Store the cursor as it advances, without end."""
        while True:
            await self._advanced.wait()
            self._advanced.clear()
            await self._patience.until_it_works(STORE, self.store)
            await self._ctx.clock.sleep(STORE_EVERY_S)

    async def store(self) -> None:
        reached = self._positions.reached
        if reached != self._stored:
            await self._cursors.store(self._channel, reached)
            self._stored = reached

    def _moved(self) -> None:
        self._advanced.set()
        if self._positions.in_hand < IN_HAND_MAX:
            self._room.set()
        else:
            self._room.clear()
