"""What this service needs from outside, and no more."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kernel.messages import ChangeEvent, Coordinates, Message, Outcome, WriteCommand
from kernel.records import RecordRef
from transform.domain.decisions import Decision
from transform.domain.endings import Conclusion, Ending
from transform.domain.facts import Cause, Facts, Wanted
from transform.domain.likeness import Likeness, Question
from transform.domain.reviews import Review, Ruling


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A message that is stored and still has to be produced."""

    number: int
    message: Message
    body: bytes
    """The message encoded, as it is stored."""
    parent: str
    """traceparent of the record that caused it; empty where none is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of decisions: stored with their messages, or refused because facts moved."""

    due: tuple[Due, ...] = ()
    refused: frozenset[str] = frozenset()
    """Ids of the changes to decide again."""


Conclude = Callable[[Sequence[Ending], Facts], Sequence[Conclusion]]
Say = Callable[[Cause], WriteCommand]
Parents = Mapping[str, str]
"""Event id → traceparent."""


class State(Protocol):
    """Links, changes, commands, applied values: the memory behind decisions."""

    async def facts(self, wanted: Wanted) -> Facts: ...

    async def store(self, decisions: Sequence[Decision], parents: Parents) -> Stored:
        """All of a decision or nothing of it, in one transaction."""
        ...

    async def conclude(
        self, outcomes: Sequence[Outcome], conclude: Conclude, parents: Parents
    ) -> tuple[Due, ...]:
        """Read how the ended commands' changes stand, conclude, store; one transaction."""
        ...

    async def releasable(self, refs: Collection[RecordRef]) -> Sequence[Cause]:
        """Changes that wait on those of the refs that hold by now, older versions first."""
        ...

    async def say_late(self, after_s: float, say: Say) -> tuple[Due, ...]:
        """Say on each record whose write has been under way for so long that it is; stored in one
        transaction, during which no such write ends."""
        ...

    async def rule(self, ruling: Ruling) -> Review | None:
        """The review as it stands then: one that was settled before stays so. None: no such."""
        ...

    async def waiting(self, refs: Collection[RecordRef]) -> Sequence[Cause]:
        """Changes that wait on the refs, whether they hold or not."""
        ...

    async def awaited(self) -> frozenset[RecordRef]:
        """All that changes wait on, but for newer versions of themselves."""
        ...


class Outbox(Protocol):
    """Messages that were stored with a decision and not yet acknowledged by Kafka."""

    async def due(self) -> Sequence[Due]:
        """What an earlier life of this instance left behind, oldest first."""
        ...

    async def sent(self, due: Sequence[Due]) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the records that were asked about."""

    likenesses: Mapping[RecordRef, Likeness]
    """Those of erased subjects are missing."""
    reviews: Mapping[RecordRef, tuple[Review, ...]]
    all_customers: bool
    """Whether every customer that NetSuite had at the start is among those compared."""


class Likenesses(Protocol):
    """Who may be whom. Opens sealed values, in memory only."""

    async def of(self, questions: Sequence[Question]) -> Known: ...


class EventLog(Protocol):
    """The log as the source of what waits."""

    async def read(self, places: Sequence[Coordinates]) -> Mapping[Coordinates, ChangeEvent]: ...

    def keep(self, place: Coordinates, event: ChangeEvent) -> None:
        """Remember an event that is likely to be asked for."""
        ...


class Producer(Protocol):
    async def send(
        self,
        messages: Sequence[Message],
        *,
        parents: Mapping[str, str],
        backfill: Collection[str] = frozenset(),
        bodies: Sequence[bytes] = (),
    ) -> Sequence[Coordinates]:
        """`backfill` names the events whose commands may wait for those of people's own work;
        `bodies` are the messages as they are encoded, where that is done already."""
        ...
