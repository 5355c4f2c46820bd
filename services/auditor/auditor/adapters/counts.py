"""The reader's side of the event store, where it counts."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime

from psycopg import AsyncConnection, IsolationLevel
from psycopg.rows import TupleRow

from auditor.adapters.rows import RECORD_COLUMNS, record_of
from auditor.domain.completeness import RANGES_NAMED_MAX, Partition, Range, Span, Watermarks
from auditor.domain.conservation import STATES, Group
from auditor.domain.conservation import WAITING as WAITING_STATES
from auditor.domain.waiting import Cause
from auditor.ports import Count, Standings, WaitingRow
from runtime.database import Pool, translated

Connection = AsyncConnection[TupleRow]
COUNT_WITHIN = "10min"
COUNT_MEMORY = "64MB"

NEWEST = """
SELECT asked.topic, asked.partition, newest."offset"
  FROM unnest(%s::text[], %s::integer[]) AS asked (topic, partition)
 CROSS JOIN LATERAL (
     SELECT "offset" FROM audit.records AS r
      WHERE r.topic = asked.topic AND r.partition = asked.partition
      ORDER BY "offset" DESC LIMIT 1
 ) AS newest
"""
SPANS = """
SELECT asked.topic, asked.partition, span.first, span.last, span.count
  FROM unnest(%s::text[], %s::integer[], %s::bigint[]) AS asked (topic, partition, high)
 CROSS JOIN LATERAL (
     SELECT min("offset") AS first, max("offset") AS last, count(*) AS count
       FROM audit.records AS r
      WHERE r.topic = asked.topic AND r.partition = asked.partition AND r."offset" < asked.high
 ) AS span
 WHERE span.count > 0
"""
HOLES = """
SELECT "offset" + 1, next - 1
  FROM (
      SELECT "offset", lead("offset") OVER (ORDER BY "offset") AS next
        FROM audit.records
       WHERE topic = %s AND partition = %s AND "offset" <= %s
  ) AS pairs
 WHERE next > "offset" + 1
 ORDER BY "offset"
 LIMIT %s
"""
GROUPS = """
SELECT topic, state, count(*), is_contradicted, is_reopened, min(captured_at)
  FROM audit.standing GROUP BY topic, state, is_contradicted, is_reopened
"""
CAPTURED = "SELECT topic, changes FROM audit.captured"
GUARDED = """
SELECT count(*) > 0 FROM pg_trigger
 WHERE tgrelid = 'audit.records'::regclass AND tgname = 'records_only_grow' AND tgenabled = 'A'
"""
SUSPECTS = """
SELECT event_id FROM audit.standing
 WHERE topic IS NULL OR is_contradicted OR is_reopened OR NOT state = ANY(%s)
 ORDER BY event_id LIMIT %s
"""
WAITING = """
SELECT standing.event_id, standing.captured_at, coalesce(outcome.code, '') AS code,
       CASE WHEN outcome.waits_on IS DISTINCT FROM outcome.ref
            THEN coalesce(outcome.waits_on, '') ELSE '' END AS waits_on,
       standing.topic, outcome.partition, outcome."offset"
  FROM audit.standing
  JOIN audit.records AS outcome
    ON outcome.event_id = standing.event_id AND outcome.topic = 'sync.outcomes.v1'
   AND outcome."offset" = standing.stands_at AND outcome.subject = 'change'
 WHERE standing.state IN ('parked', 'review')
"""
CAUSES = f"SELECT code, waits_on, count(*), min(captured_at) FROM ({WAITING}) AS w GROUP BY 1, 2"
WAITING_RECORDS = f"""
SELECT w.code, w.waits_on, {RECORD_COLUMNS.format("change")}, {RECORD_COLUMNS.format("outcome")}
  FROM (SELECT * FROM ({WAITING}) AS all_of_them ORDER BY captured_at LIMIT %s) AS w
  JOIN audit.records AS outcome
    ON (outcome.topic, outcome.partition, outcome."offset")
     = ('sync.outcomes.v1', w.partition, w."offset")
 CROSS JOIN LATERAL (
     SELECT * FROM audit.records AS r
      WHERE r.event_id = w.event_id AND r.topic = w.topic
      ORDER BY r.partition, r."offset" LIMIT 1
 ) AS change
 ORDER BY w.captured_at
"""


class PostgresCounts:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def newest(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        async with translated(), self._pool.connection() as connection:
            return await _newest(connection, partitions)

    async def ends(
        self, partitions: Collection[Partition]
    ) -> tuple[Mapping[Partition, Span], Sequence[Range]]:
        async with self._moment() as connection:
            return await _spans(connection, dict.fromkeys(partitions, 2**63 - 1))

    async def count(self, watermarks: Mapping[Partition, Watermarks]) -> Count:
        highs = {partition: marks.high for partition, marks in watermarks.items()}
        async with self._moment() as connection:
            spans, holes = await _spans(connection, highs)
            return Count(
                spans=spans,
                holes=holes,
                newest=await _newest(connection, watermarks),
                groups=await _groups(connection),
                captured=dict(await _all(connection, CAPTURED)),
                is_guarded=bool((await _all(connection, GUARDED))[0][0]),
            )

    async def suspects(self, limit: int) -> Sequence[str]:
        async with self._moment() as connection:
            rows = await _all(connection, SUSPECTS, list(map(str, STATES)), limit)
        return [event_id for (event_id,) in rows]

    async def standings(self, limit: int) -> Standings:
        async with self._moment() as connection:
            groups = await _groups(connection)
            waiting = await _waiting(connection, groups, limit)
            causes = _causes_of(waiting)
            if len(waiting) == limit:
                causes = [_cause(row) for row in await _all(connection, CAUSES)]
        return Standings(groups=groups, causes=causes, waiting=waiting)

    @asynccontextmanager
    async def _moment(self) -> AsyncIterator[Connection]:
        """One snapshot for everything that is asked in it, with time and room to count."""
        async with translated(), self._pool.connection() as connection:
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
            try:
                async with connection.transaction():
                    await connection.execute(f"SET LOCAL statement_timeout = '{COUNT_WITHIN}'")
                    await connection.execute(f"SET LOCAL work_mem = '{COUNT_MEMORY}'")
                    yield connection
            finally:
                await connection.set_isolation_level(None)


async def _all(connection: Connection, query: str, *parameters: object) -> list[TupleRow]:
    cursor = await connection.execute(query.encode(), parameters)
    return await cursor.fetchall()


async def _newest(
    connection: Connection, partitions: Collection[Partition]
) -> dict[Partition, int]:
    rows = await _all(connection, NEWEST, *_columns(partitions))
    return {Partition(topic, number): offset for topic, number, offset in rows}


async def _spans(
    connection: Connection, highs: Mapping[Partition, int]
) -> tuple[dict[Partition, Span], list[Range]]:
    rows = await _all(connection, SPANS, *_columns(highs), list(highs.values()))
    spans = {
        Partition(topic, number): Span(first, last, count)
        for topic, number, first, last, count in rows
    }
    holes: list[Range] = []
    for partition, span in spans.items():
        if not span.is_gapless and len(holes) < RANGES_NAMED_MAX:
            holes += await _holes(connection, partition, span)
    return spans, holes


async def _holes(connection: Connection, partition: Partition, span: Span) -> list[Range]:
    rows = await _all(
        connection, HOLES, partition.topic, partition.number, span.last, RANGES_NAMED_MAX
    )
    return [Range(partition, first, last) for first, last in rows]


async def _groups(connection: Connection) -> list[Group]:
    return [
        Group(
            topic=topic,
            state=state,
            changes=count,
            is_contradicted=is_contradicted,
            is_reopened=is_reopened,
            oldest=oldest,
        )
        for topic, state, count, is_contradicted, is_reopened, oldest in await _all(
            connection, GROUPS
        )
    ]


async def _waiting(connection: Connection, groups: Sequence[Group], limit: int) -> list[WaitingRow]:
    if not any(group.state in WAITING_STATES for group in groups):
        return []
    return [_waiting_row(row) for row in await _all(connection, WAITING_RECORDS, limit)]


def _causes_of(waiting: Sequence[WaitingRow]) -> list[Cause]:
    """Spares another look at every change where all that wait are at hand."""
    since: dict[tuple[str, str], list[datetime]] = {}
    for row in waiting:
        since.setdefault((row.code, row.waits_on), []).append(row.change.logged_at)
    return [_cause((*name, len(times), min(times))) for name, times in since.items()]


def _cause(row: TupleRow) -> Cause:
    code, waits_on, changes, oldest = row
    return Cause(code=code, waits_on=waits_on, changes=changes, oldest=oldest)


def _columns(partitions: Collection[Partition]) -> tuple[list[str], list[int]]:
    return [part.topic for part in partitions], [part.number for part in partitions]


def _waiting_row(row: TupleRow) -> WaitingRow:
    code, waits_on, *rest = row
    half = len(rest) // 2
    return WaitingRow(
        code=code, waits_on=waits_on, change=record_of(rest[:half]), outcome=record_of(rest[half:])
    )
