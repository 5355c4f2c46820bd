"""Prove that nothing is missing, or name what is."""

from collections.abc import Mapping, Sequence

from auditor.domain.columns import columns_of
from auditor.domain.completeness import (
    Partition,
    Watermarks,
    beyond_the_log,
    is_behind,
    judged,
)
from auditor.domain.conservation import FAULTS_NAMED_MAX, Fault, Group, conserved
from auditor.domain.faults import Seen, faults_of, judgeable
from auditor.domain.report import Verification
from auditor.ports import Counts, Log, Shelf
from runtime.clock import Clock

LOOK_AGAIN_S = 0.05
WAIT_MAX_S = 300.0
RECORDS_OF_SUSPECTS_MAX = 5_000


async def verify(
    counts: Counts, shelf: Shelf, log: Log, clock: Clock, *, wait_s: float = 0.0
) -> Verification:
    """Waits up to `wait_s` for the store to reach the ends that the log has at the moment of the
    call; only then are both counted."""
    started_s = clock.monotonic()
    watermarks = await log.watermarks()
    await _until_stored(watermarks, counts, clock, started_s + min(wait_s, WAIT_MAX_S))
    count = await counts.count(watermarks)
    beyond = beyond_the_log(count.newest, await log.watermarks())
    faults, unjudged = await _faults(count.groups, counts, shelf, watermarks)
    return Verification(
        completeness=judged(watermarks, count.spans, count.holes, list(beyond)),
        conservation=conserved(count.groups, count.captured, faults, unjudged),
        is_guarded=count.is_guarded,
        took_s=clock.monotonic() - started_s,
    )


async def _until_stored(
    watermarks: Mapping[Partition, Watermarks], counts: Counts, clock: Clock, deadline_s: float
) -> None:
    while is_behind(watermarks, await counts.newest(watermarks)):
        if clock.monotonic() >= deadline_s:
            return
        await clock.sleep(LOOK_AGAIN_S)


async def _faults(
    groups: Sequence[Group],
    counts: Counts,
    shelf: Shelf,
    watermarks: Mapping[Partition, Watermarks],
) -> tuple[list[Fault], int]:
    """The faults by name, and how many changes only looked faulty because they are so new."""
    if not any(group.is_faulty for group in groups):
        return [], 0
    suspects = await counts.suspects(FAULTS_NAMED_MAX)
    records = await shelf.records(suspects, RECORDS_OF_SUSPECTS_MAX)
    found = faults_of(Seen(record.at, columns_of(record)) for record in records)
    faults = judgeable(found, watermarks)
    cleared = {fault.event_id for fault in found} - {fault.event_id for fault in faults}
    return faults, len(cleared)
