"""Take units of documents out of the inbox, have them read, and count what they finish."""

import asyncio
from collections import Counter

from ingest.app.inbox import Inbox, Unit
from ingest.app.lifetime import Patience
from ingest.app.progress import Progress
from ingest.app.reader import RECORDS, DocumentReader
from kernel.errors import PermanentError
from kernel.messages import Coordinates
from kernel.records import RecordRef
from runtime.health import StopRequestedError
from runtime.process import Context


class Workers:
    """Several `run` side by side; each brings one unit at a time."""

    def __init__(
        self, inbox: Inbox, reader: DocumentReader, progress: Progress, ctx: Context
    ) -> None:
        self._inbox, self._reader, self._progress, self._ctx = inbox, reader, progress, ctx
        self._patience = Patience(ctx)
        self._refusals: Counter[str] = Counter()

    async def run(self) -> None:
        """Until the inbox is closed."""
        while unit := await self._inbox.take():
            try:
                produced = await self._reader.bring(unit)
            except PermanentError as error:
                self._hold(unit, error)
            except StopRequestedError:
                return  # what this unit waits for is not there; the others are finished
            else:
                self._finish(unit, produced)

    def _hold(self, unit: Unit, error: PermanentError) -> None:
        """Reading this kind is refused, as when a mapped field was removed: other kinds go on."""
        self._refusals[unit.kind] += 1
        part = _part(unit.kind)
        self._ctx.health.declare(part)
        self._ctx.health.waiting(part, str(error))
        delay_s = self._patience.delay_s(error, self._refusals[unit.kind])
        self._inbox.hold(unit)
        asyncio.get_running_loop().call_later(delay_s, self._inbox.release, unit.kind)

    def _finish(self, unit: Unit, produced: dict[RecordRef, Coordinates]) -> None:
        if self._refusals.pop(unit.kind, 0):
            self._ctx.health.well(_part(unit.kind))
        self._inbox.done(unit)
        for ref, waiting in unit.documents.items():
            for item in waiting:
                self._progress.finish(item.position, produced.get(ref))


def _part(kind: str) -> str:
    return f"{RECORDS}:{kind}"
