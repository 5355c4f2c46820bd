"""The conservation law: every change that was captured stands in exactly one state, always."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from kernel.messages import Coordinates, Result
from kernel.topics import CHANGES

IN_FLIGHT = "in_flight"
STATES = (
    Result.APPLIED,
    Result.UNCHANGED,
    Result.FILTERED,
    Result.SUPERSEDED,
    Result.REJECTED,
    Result.DEAD,
    Result.PARKED,
    Result.REVIEW,
    IN_FLIGHT,
)
"""All a change can be in, in the order in which they are always told."""

WAITING = frozenset({Result.PARKED, Result.REVIEW})
FAULTS_NAMED_MAX = 100
NOTHING_CAPTURED = dict.fromkeys(CHANGES.values(), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A change's outcome as its headers tell it."""

    id: str
    result: str
    at: Coordinates
    is_asked_for: bool = False
    """By a person, in an operation: it may follow a final one."""

    @property
    def is_final(self) -> bool:
        return self.result not in WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one change stands. Contradicting outcomes do not change it: they are faults."""

    state: str
    contradicting: tuple[Ending, ...] = ()
    """Final outcomes of the system's own beyond the first."""
    reopening: tuple[Ending, ...] = ()
    """Waits of the system's own after a final outcome."""


def standing_of(endings: Sequence[Ending]) -> Standing:
    """`endings` in the order of the log; one delivered twice has the same id and counts once."""
    first: dict[str, Ending] = {}
    for ending in endings:
        first.setdefault(ending.id, ending)
    once = list(first.values())
    own_finals = [end for end in once if end.is_final and not end.is_asked_for]
    first_final = next((number for number, end in enumerate(once) if end.is_final), len(once))
    reopening = [end for end in once[first_final:] if not end.is_final and not end.is_asked_for]
    standing = [end for end in once if end not in own_finals[1:] and end not in reopening]
    return Standing(
        state=standing[-1].result if standing else IN_FLIGHT,
        contradicting=tuple(own_finals[1:]),
        reopening=tuple(reopening),
    )


class FaultKind(StrEnum):
    SECOND_FINAL = "second_final"
    """Two different final outcomes of one change."""
    REOPENED = "reopened"
    """A wait that began after the change had ended, and nobody asked for it."""
    NO_CHANGE = "no_change"
    """An outcome of a change that is not in the log."""
    UNKNOWN_RESULT = "unknown_result"
    """An outcome with a result that there is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One change whose outcomes cannot be, with the coordinates of everything it concerns."""

    kind: FaultKind
    event_id: str
    ref: str | None
    change: Coordinates | None
    outcomes: tuple[Coordinates, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """How many changes of a topic stand alike. `topic` is None where the change itself is
    missing; `oldest` is when the first of them was captured."""

    topic: str | None
    state: str
    changes: int
    is_contradicted: bool = False
    is_reopened: bool = False
    oldest: datetime | None = None

    @property
    def is_faulty(self) -> bool:
        is_known = self.topic is not None and self.state in STATES
        return not is_known or self.is_contradicted or self.is_reopened


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The changes of one topic, or of all: `captured` = the sum over the states."""

    captured: int
    by_state: Mapping[str, int]

    @property
    def holds(self) -> bool:
        known = sum(self.by_state[state] for state in STATES)
        return self.captured == known == sum(self.by_state.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Conservation:
    total: Tally
    by_topic: Mapping[str, Tally]
    oldest_in_flight: datetime | None
    fault_count: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        return not self.fault_count and self.total.holds


def conserved(
    groups: Sequence[Group], captured: Mapping[str, int], faults: Sequence[Fault], unjudged: int = 0
) -> Conservation:
    """`captured` are the distinct changes of each topic, counted apart from their outcomes.

    `unjudged` of the faulty changes are too new to be held against anybody.
    """
    changes = [group for group in groups if group.topic is not None]
    by_topic = {
        topic: _tally(count, (group for group in changes if group.topic == topic))
        for topic, count in sorted({**NOTHING_CAPTURED, **captured}.items())
    }
    in_flight = [group.oldest for group in changes if group.state == IN_FLIGHT and group.oldest]
    return Conservation(
        total=_tally(sum(captured.values()), changes),
        by_topic=by_topic,
        oldest_in_flight=min(in_flight, default=None),
        fault_count=sum(group.changes for group in groups if group.is_faulty) - unjudged,
        faults=tuple(faults[:FAULTS_NAMED_MAX]),
    )


def _tally(captured: int, groups: Iterable[Group]) -> Tally:
    by_state = dict.fromkeys(map(str, STATES), 0)
    for group in groups:
        by_state[group.state] = by_state.get(group.state, 0) + group.changes
    return Tally(captured=captured, by_state=by_state)
