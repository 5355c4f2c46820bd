import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from auditor.app.keep import TRACED_MAX, as_stored, keep, refuse, starts
from auditor.domain.columns import LogRecord
from auditor.domain.completeness import Partition, Range, Span, Watermarks
from auditor.ports import Count, Standings
from kernel.errors import FatalError
from kernel.messages import Coordinates
from runtime.names import SPAN_STORE
from runtime.records import Record
from runtime.telemetry import open_telemetry

FIRST, SECOND, NEW = (Partition("sync.outcomes.v1", number) for number in range(3))
EVENT_ID = "64ab92a8-3d0b-5f6f-92c4-ae5d6984fea1"
ASKED = [(part.topic, part.number) for part in (FIRST, SECOND, NEW)]


class Stored:
    """A store with these rows; only its ends are asked for here."""

    def __init__(self, spans: Mapping[Partition, Span], *holes: Range) -> None:
        self._spans, self._holes = spans, holes

    async def ends(
        self, partitions: Collection[Partition]
    ) -> tuple[Mapping[Partition, Span], Sequence[Range]]:
        return {part: span for part, span in self._spans.items() if part in partitions}, self._holes

    async def newest(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        raise NotImplementedError

    async def count(self, watermarks: Mapping[Partition, Watermarks]) -> Count:
        raise NotImplementedError

    async def suspects(self, limit: int) -> Sequence[str]:
        raise NotImplementedError

    async def standings(self, limit: int) -> Standings:
        raise NotImplementedError


class Ends:
    def __init__(self, marks: Mapping[Partition, Watermarks]) -> None:
        self._marks = marks

    async def watermarks(self) -> Mapping[Partition, Watermarks]:
        return self._marks


LOG = Ends({FIRST: Watermarks(0, 10), SECOND: Watermarks(0, 10), NEW: Watermarks(0, 0)})


async def test_reading_goes_on_behind_the_last_row_or_at_the_first_hole(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = Stored({FIRST: Span(0, 6, 7), SECOND: Span(0, 9, 9)}, Range(SECOND, 4, 4))
    with caplog.at_level(logging.WARNING):
        found = await starts(ASKED, store, LOG)
    assert found == {ASKED[0]: 7, ASKED[1]: 4, ASKED[2]: 0}
    assert "sync.outcomes.v1 [1] @ 4" in caplog.text


async def test_a_partition_that_the_log_does_not_know_is_left_to_kafka() -> None:
    assert await starts([("other.v1", 0)], Stored({}), LOG) == {}


async def test_a_store_of_another_log_is_refused() -> None:
    store = Stored({FIRST: Span(0, 12, 13)})
    with pytest.raises(FatalError, match=r"does not have: sync.outcomes.v1 \[0\] @ 10-12"):
        await starts(ASKED, store, LOG)


async def test_a_record_that_cannot_be_stored_stops_the_auditor() -> None:
    record = Record(
        Coordinates("sync.outcomes.v1", 0, 7), "", None, {}, datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert as_stored(record).headers == ()
    with pytest.raises(FatalError, match=r"sync.outcomes.v1 \[0\] @ 7 cannot be stored"):
        await refuse(record, ValueError("too strange"))


class Kept:
    """A store that remembers what it was given."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []

    async def append(self, records: Sequence[LogRecord]) -> None:
        self.records += records


@pytest.mark.parametrize(("count", "traced"), [(2, 2), (TRACED_MAX + 1, 0)])
async def test_what_is_stored_shows_in_the_trace_of_its_change_unless_it_is_much(
    count: int, traced: int
) -> None:
    spans, store = InMemorySpanExporter(), Kept()
    telemetry = open_telemetry("auditor", "0", exporter=spans)
    records = [received(offset) for offset in range(count)]
    await keep(records, store, telemetry)
    telemetry.close()
    assert [record.at.offset for record in store.records] == list(range(count))
    found = spans.get_finished_spans()
    assert [span.name for span in found] == [SPAN_STORE] * traced
    assert {span.context.trace_id for span in found} == ({UUID(EVENT_ID).int} if traced else set())


def received(offset: int) -> Record:
    place = Coordinates("sync.outcomes.v1", 0, offset)
    headers = {"x-correlation-id": EVENT_ID}
    return Record(place, "k", b"v", headers, datetime(2026, 1, 1, tzinfo=UTC))
