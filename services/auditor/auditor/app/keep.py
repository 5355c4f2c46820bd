"""Keep what the log brings, and know where to go on after a stop."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack

from auditor.domain.columns import LogRecord
from auditor.domain.completeness import (
    EMPTY,
    Partition,
    Range,
    Span,
    Watermarks,
    first_missing,
)
from auditor.ports import Counts, Log, Store
from kernel.errors import FatalError
from kernel.headers import CORRELATION
from runtime import logs, names
from runtime.records import Record
from runtime.telemetry import Telemetry

TRACED_MAX = 50
"""A larger batch is a store that catches up; a span for each record would slow it down."""


async def keep(records: Sequence[Record], store: Store, telemetry: Telemetry) -> None:
    with ExitStack() as spans:
        for record in records if len(records) <= TRACED_MAX else ():
            if event_id := record.headers.get(CORRELATION):
                span = telemetry.span(
                    names.SPAN_STORE, event_id, record.traceparent, at=str(record.coordinates)
                )
                spans.enter_context(span)
        await store.append([as_stored(record) for record in records])


def as_stored(record: Record) -> LogRecord:
    return LogRecord(
        at=record.coordinates,
        logged_at=record.timestamp,
        key=record.key_bytes,
        value=record.value,
        headers=record.header_bytes,
    )


async def refuse(record: Record, error: Exception) -> None:
    """A record that cannot be stored stops the auditor: a store with a hole proves nothing."""
    raise FatalError(
        f"{record.coordinates} cannot be stored ({type(error).__name__}:"
        f" {logs.first_line(str(error))}); nothing after it is stored before the cause is removed"
    ) from error


async def starts(
    partitions: Collection[tuple[str, int]], counts: Counts, log: Log
) -> Mapping[tuple[str, int], int]:
    """Where the store's own rows end or have a hole: what the group has committed does not count.

    FatalError where the store holds rows that the log does not have.
    """
    wanted = {Partition(topic, number) for topic, number in partitions}
    spans, holes = await counts.ends(wanted)
    watermarks = await log.watermarks()
    _refuse_another_log(spans, watermarks)
    if holes:
        places = ", ".join(map(str, holes[:5]))
        logs.warning(
            names.STORE_HAS_HOLES, f"the store has holes and is read again from them: {places}"
        )
    return {
        (part.topic, part.number): first_missing(
            watermarks[part],
            spans.get(part, EMPTY),
            (hole for hole in holes if hole.partition == part),
        )
        for part in wanted
        if part in watermarks
    }


def _refuse_another_log(
    spans: Mapping[Partition, Span], watermarks: Mapping[Partition, Watermarks]
) -> None:
    beyond = [
        Range(part, watermarks[part].high, span.last)
        for part, span in spans.items()
        if part in watermarks and span.last >= watermarks[part].high
    ]
    if beyond:
        places = ", ".join(map(str, sorted(beyond)[:5]))
        raise FatalError(
            f"the store holds records that the log does not have: {places}."
            " The topic was cut or made anew, or this is the store of another log:"
            " name the store that belongs to this log, or an empty one"
        )
