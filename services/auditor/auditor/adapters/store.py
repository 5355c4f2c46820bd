"""The writer's side of the event store: rows are inserted and never seen again by this role."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from operator import attrgetter

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from auditor.domain.columns import Columns, LogRecord, columns_of
from auditor.domain.frames import packed
from runtime.database import Pool, translated

TYPES: Mapping[str, str] = {
    "topic": "text",
    "partition": "int4",
    "offset": "int8",
    "logged_at": "timestamptz",
    "key": "bytea",
    "value": "bytea",
    "headers": "bytea",
    "message_id": "text",
    "type": "text",
    "ref": "text",
    "event_id": "text",
    "causation": "text",
    "target": "text",
    "written": "text",
    "result": "text",
    "code": "text",
    "subject": "text",
    "round": "int4",
    "user_id": "text",
    "waits_on": "text",
    "map_hash": "text",
    "operation_id": "text",
    "origin": "text",
    "event_time": "timestamptz",
}
"""The columns of audit.records in order; from `message_id` on those of `Columns`."""

NAMES = sql.SQL(", ").join(map(sql.Identifier, TYPES))
INSERT = sql.SQL("INSERT INTO audit.records ({}) VALUES ({}) ON CONFLICT DO NOTHING").format(
    NAMES, sql.SQL(", ").join(sql.Placeholder() * len(TYPES))
)
STAGE = sql.SQL("CREATE TEMPORARY TABLE IF NOT EXISTS staged ({}) ON COMMIT DELETE ROWS").format(
    sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in TYPES.items()
    )
)
COPY = sql.SQL("COPY staged ({}) FROM STDIN (FORMAT BINARY)").format(NAMES)
INSERT_STAGED = sql.SQL(
    "INSERT INTO audit.records ({0}) SELECT {0} FROM staged ON CONFLICT DO NOTHING"
).format(NAMES)
COPIED_FROM_ROWS = 200
"""From so many rows on the way over a staging table is the quicker one."""

SEARCHED = attrgetter(*(field.name for field in fields(Columns)))
Row = tuple[str | int | bytes | datetime | None, ...]


class PostgresStore:
    """A conflict names no target, so the role needs no right to select."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def append(self, records: Sequence[LogRecord]) -> None:
        rows = [_row(record) for record in records]
        async with translated(), self._pool.connection() as connection, connection.transaction():
            if len(rows) < COPIED_FROM_ROWS:
                await connection.cursor().executemany(INSERT, rows)
            else:
                await _copy(connection, rows)


async def _copy(connection: AsyncConnection[TupleRow], rows: Sequence[Row]) -> None:
    cursor = connection.cursor()
    await cursor.execute(STAGE)
    async with cursor.copy(COPY) as copy:
        copy.set_types(list(TYPES.values()))
        for row in rows:
            await copy.write_row(row)
    await cursor.execute(INSERT_STAGED)


def _row(record: LogRecord) -> Row:
    at = record.at
    return (
        at.topic,
        at.partition,
        at.offset,
        record.logged_at,
        record.key,
        record.value,
        packed(record.headers),
        *SEARCHED(columns_of(record)),
    )
