"""The reader's side of the event store, where it finds the records of a story."""

from collections.abc import Collection, Sequence

from psycopg.rows import TupleRow

from auditor.adapters.rows import RECORD_COLUMNS, record_of
from auditor.domain.columns import LogRecord
from auditor.domain.history import Mention
from runtime.database import Pool, translated

MENTIONS_MAX = 1_000
NEXT_CHARACTER = "\1"
"""Behind a text, the first text that is greater: PostgreSQL's texts hold no NUL."""
NAMED = "reverse({column}) >= %(start)s AND reverse({column}) < %(end)s"
MENTIONS = f"""
SELECT DISTINCT ref, target, written FROM audit.records
 WHERE {" OR ".join(f"({NAMED.format(column=name)})" for name in ("ref", "target", "written"))}
 LIMIT {MENTIONS_MAX}
"""
EVENTS = """
SELECT event_id FROM audit.records
 WHERE event_id IS NOT NULL
   AND (reverse(ref) = reverse(%(ref)s) OR reverse(target) = reverse(%(ref)s)
        OR reverse(written) = reverse(%(ref)s))
 GROUP BY event_id ORDER BY min(logged_at) DESC, event_id LIMIT %(limit)s
"""
CAPTURED = """
SELECT event_id FROM audit.records
 WHERE event_id IS NOT NULL AND reverse(ref) = reverse(%(ref)s)
   AND topic IN ('salesforce.changes.v1', 'netsuite.changes.v1')
 GROUP BY event_id ORDER BY min(logged_at) DESC, event_id LIMIT %(limit)s
"""
RECORDS = f"""
SELECT {RECORD_COLUMNS.format("r")} FROM audit.records AS r
 WHERE event_id = ANY(%(event_ids)s) ORDER BY logged_at DESC LIMIT %(limit)s
"""


class PostgresShelf:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def mentions(self, ref_or_id: str) -> Sequence[Mention]:
        start, end = _bounds(ref_or_id)
        rows = await self._all(MENTIONS, start=start, end=end)
        return [Mention(*row) for row in rows]

    async def events(self, ref: str, limit: int) -> Sequence[str]:
        return [row[0] for row in await self._all(EVENTS, ref=ref, limit=limit)]

    async def events_captured(self, ref: str, limit: int) -> Sequence[str]:
        return [row[0] for row in await self._all(CAPTURED, ref=ref, limit=limit)]

    async def records(self, event_ids: Collection[str], limit: int) -> Sequence[LogRecord]:
        rows = await self._all(RECORDS, event_ids=list(event_ids), limit=limit)
        return [record_of(row) for row in rows]

    async def _all(self, query: str, **parameters: object) -> list[TupleRow]:
        async with translated(), self._pool.connection() as connection:
            cursor = await connection.execute(query.encode(), parameters)
            return await cursor.fetchall()


def _bounds(ref_or_id: str) -> tuple[str, str]:
    """The range of turned-round refs: a whole ref is itself, a bare id all that end with `:id`."""
    turned = ref_or_id[::-1]
    if ":" in ref_or_id:
        return turned, turned + NEXT_CHARACTER
    return turned + ":", turned + ";"
