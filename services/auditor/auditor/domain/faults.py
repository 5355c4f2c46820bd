"""Which changes have outcomes that cannot be, named by everything they concern."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.domain.columns import Columns, place
from auditor.domain.completeness import Partition, Watermarks
from auditor.domain.conservation import STATES, Ending, Fault, FaultKind, Standing, standing_of
from kernel.messages import Coordinates, Subject
from kernel.topics import CHANGES


@dataclass(frozen=True, slots=True)
class Seen:
    """A stored record as its columns tell it."""

    at: Coordinates
    columns: Columns

    @property
    def is_change(self) -> bool:
        return self.at.topic in CHANGES.values()

    @property
    def ends_change(self) -> bool:
        return not self.is_change and self.columns.subject == Subject.CHANGE

    @property
    def ending(self) -> Ending:
        return Ending(
            id=self.columns.message_id or str(self.at),
            result=self.columns.result or "",
            at=self.at,
            is_asked_for=self.columns.operation_id is not None,
        )


def faults_of(seen: Iterable[Seen]) -> list[Fault]:
    """What is wrong with each of these changes; nothing where all is well."""
    by_event: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        by_event[one.columns.event_id or ""].append(one)
    return [fault for event_id, some in by_event.items() for fault in _faults(event_id, some)]


def judgeable(faults: Sequence[Fault], watermarks: Mapping[Partition, Watermarks]) -> list[Fault]:
    """Without outcomes newer than the watermarks: their change may not be stored yet."""
    return [
        fault
        for fault in faults
        if fault.kind is not FaultKind.NO_CHANGE
        or any(_is_below(at, watermarks) for at in fault.outcomes)
    ]


def _is_below(at: Coordinates, watermarks: Mapping[Partition, Watermarks]) -> bool:
    marks = watermarks.get(Partition(at.topic, at.partition))
    return marks is not None and at.offset < marks.high


def _faults(event_id: str, seen: Sequence[Seen]) -> Iterator[Fault]:
    ordered = sorted(seen, key=lambda one: place(one.at))
    changes = [one for one in ordered if one.is_change]
    endings = [one.ending for one in ordered if one.ends_change]
    standing = standing_of(endings)
    for kind, concerned in _findings(bool(changes), endings, standing):
        yield Fault(
            kind=kind,
            event_id=event_id,
            ref=next((one.columns.ref for one in ordered if one.columns.ref), None),
            change=changes[0].at if changes else None,
            outcomes=tuple(ending.at for ending in concerned),
            results=tuple(ending.result for ending in concerned),
        )


def _findings(
    has_change: bool, endings: Sequence[Ending], standing: Standing
) -> Iterator[tuple[FaultKind, Sequence[Ending]]]:
    finals = [ending for ending in endings if ending.is_final]
    if endings and not has_change:
        yield FaultKind.NO_CHANGE, endings
    if standing.contradicting:
        yield FaultKind.SECOND_FINAL, (finals[0], *standing.contradicting)
    if standing.reopening:
        yield FaultKind.REOPENED, (finals[0], *standing.reopening)
    if standing.state not in STATES:
        unknown = [ending for ending in endings if ending.result not in STATES]
        yield FaultKind.UNKNOWN_RESULT, unknown
