"""Whose part a record is, as readings and events have said: so a line finds its document."""

from collections import OrderedDict
from collections.abc import Collection, Iterable
from typing import TypeVar

from ingest.ports import Member, Members
from kernel.records import RecordRef

CACHED_MAX = 50_000
T = TypeVar("T")
V = TypeVar("V")


class Membership:
    """The stored members, the latest ones in memory."""

    def __init__(self, store: Members) -> None:
        self._store = store
        self._roots: OrderedDict[RecordRef, tuple[RecordRef, ...]] = OrderedDict()
        self._stored: OrderedDict[Member, None] = OrderedDict()
        self._noted: OrderedDict[RecordRef, RecordRef] = OrderedDict()

    def note(self, members: Iterable[Member]) -> None:
        """Keep in memory what an event said, until a reading has stored it."""
        self._noted.update((item.part, item.root) for item in members)
        _trim(self._noted)

    async def roots_of(
        self, parts: Collection[RecordRef]
    ) -> dict[RecordRef, tuple[RecordRef, ...]]:
        """Parts that are not known are left out."""
        noted = {part: (self._noted[part],) for part in parts if part in self._noted}
        known = {part: self._roots[part] for part in parts if part in self._roots}
        unknown = [part for part in parts if part not in noted and part not in known]
        found = await self._store.roots_of(unknown) if unknown else {}
        self._roots.update(found)
        _trim(self._roots)
        return {**noted, **known, **found}

    async def remember(self, members: Collection[Member]) -> None:
        """Durable when it returns; nothing is written that is known already."""
        new = [item for item in members if item not in self._stored]
        if not new:
            return
        await self._store.remember(new)
        for item in new:
            self._stored[item] = None
            self._roots.pop(item.part, None)  # read anew, with whatever else is stored
        _trim(self._stored)


def _trim(cache: OrderedDict[T, V]) -> None:
    while len(cache) > CACHED_MAX:
        cache.popitem(last=False)
