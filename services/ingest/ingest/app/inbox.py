"""Notices waiting to be read, by document: what comes while a document is read waits for the next
reading and is read together."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ingest.domain.changes import Notice
from ingest.domain.positions import Position
from kernel.records import RecordRef
from runtime.clock import Clock

DOCUMENTS_MAX = 200
"""As many as one query names."""

CALM_AFTER_S = 0.05
"""A notice that comes so long after the last reading began does not wait for company."""

NOTICES_MAX = 100
"""Of one document in one reading; an event lists them all."""


@dataclass(frozen=True, slots=True)
class Waiting:
    notice: Notice
    position: Position


@dataclass(frozen=True, slots=True)
class Unit:
    """Documents of one kind to be read together, each with its notices in order."""

    kind: str
    documents: dict[RecordRef, tuple[Waiting, ...]]


class Inbox:
    """One reader of a document at a time; documents in the order of their oldest notice.

    What one transaction changed arrives together. Beyond that, in busy moments a notice waits
    `window_s` for company.
    """

    def __init__(self, clock: Clock, *, window_s: float, notices_max: int) -> None:
        self._clock, self._window_s, self._notices_max = clock, window_s, notices_max
        self._waiting: dict[RecordRef, list[Waiting]] = {}
        self._notices = 0
        self._busy: set[RecordRef] = set()
        self._held: set[str] = set()
        self._work, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._waits_until = 0.0
        self._taken_at = float("-inf")
        self._closed = False

    def put(self, waiting: Iterable[Waiting]) -> None:
        for item in waiting:
            self._waiting.setdefault(item.notice.ref, []).append(item)
            self._notices += 1
        self._look()

    async def take(self) -> Unit | None:
        """The next unit; None when the inbox is closed."""
        while not self._closed:
            await self._work.wait()
            left_s = self._waits_until - self._clock.monotonic()
            if left_s > 0 and not self._closed:
                await self._clock.sleep(left_s)
            refs = list(self._ready())
            if refs and not self._closed:
                return self._unit(refs)
        return None

    def done(self, unit: Unit) -> None:
        self._busy.difference_update(unit.documents)
        self._look()

    def hold(self, unit: Unit) -> None:
        """Take a unit back: documents of its kind wait until it is released, others go on."""
        for ref, waiting in unit.documents.items():
            later = self._waiting.pop(ref, [])
            self._waiting[ref] = [*waiting, *later]
            self._notices += len(waiting)
        self._held.add(unit.kind)
        self.done(unit)

    def release(self, kind: str) -> None:
        self._held.discard(kind)
        self._look()

    async def room(self) -> None:
        """Returns while fewer notices wait than may."""
        await self._room.wait()

    def close(self) -> None:
        """What waits is given up; what was taken is not."""
        self._closed = True
        self._work.set()

    def _ready(self) -> Iterator[RecordRef]:
        return (
            ref for ref in self._waiting if ref not in self._busy and ref.kind not in self._held
        )

    def _unit(self, ready: list[RecordRef]) -> Unit:
        refs = [ref for ref in ready if ref.kind == ready[0].kind][:DOCUMENTS_MAX]
        unit = Unit(ready[0].kind, {ref: self._taken(ref) for ref in refs})
        self._busy.update(refs)
        self._taken_at = self._clock.monotonic()
        self._look()
        return unit

    def _taken(self, ref: RecordRef) -> tuple[Waiting, ...]:
        waiting = self._waiting.pop(ref)
        taken, left = waiting[:NOTICES_MAX], waiting[NOTICES_MAX:]
        if left:
            self._waiting[ref] = left
        self._notices -= len(taken)
        return tuple(taken)

    def _look(self) -> None:
        """Wake whoever has something to do now."""
        if self._notices < self._notices_max:
            self._room.set()
        else:
            self._room.clear()
        has_work = any(True for _ in self._ready())
        if has_work and not self._work.is_set():
            now = self._clock.monotonic()
            is_calm = now - self._taken_at > CALM_AFTER_S
            self._waits_until = now if is_calm else now + self._window_s
            self._work.set()
        elif not has_work and not self._closed:
            self._work.clear()
