"""What ingest remembers, in schema `ingest` of the database `sync`: all of it can be read again."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from ingest.ports import Cursor, LastReading, Marking, Member
from kernel.messages import Coordinates, Version
from kernel.records import RecordRef, System
from runtime.database import Pool, translated
from runtime.handover import load_watermark

SCHEMA = "ingest"
MIGRATIONS = (
    """CREATE TABLE IF NOT EXISTS cursors (
        channel text PRIMARY KEY,
        replay_id bytea,
        committed_at timestamptz,
        commit_number bigint NOT NULL,
        sequence bigint NOT NULL,
        produced_topic text,
        produced_partition integer,
        produced_offset bigint,
        updated_at timestamptz NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS members (
        part text NOT NULL,
        root text NOT NULL,
        PRIMARY KEY (part, root)
    )""",
    """CREATE TABLE IF NOT EXISTS readings (
        ref text PRIMARY KEY,
        content text NOT NULL,
        major bigint NOT NULL,
        minor bigint NOT NULL,
        sequence bigint NOT NULL
    )""",
    "CREATE INDEX IF NOT EXISTS readings_sequence ON readings (sequence)",
    """CREATE TABLE IF NOT EXISTS marked_customers (
        customer text PRIMARY KEY,
        mark text NOT NULL,
        after bigint NOT NULL DEFAULT 0,
        is_done boolean NOT NULL
    )""",
    """CREATE INDEX IF NOT EXISTS marked_customers_waiting ON marked_customers (after, customer)
    WHERE NOT is_done""",
)
LOAD_CURSOR = """SELECT replay_id, committed_at, commit_number, sequence,
    produced_topic, produced_partition, produced_offset
    FROM ingest.cursors WHERE channel = %s"""
STORE_CURSOR = """INSERT INTO ingest.cursors VALUES (%s, %s, %s, %s, %s, %s, %s, %s, now())
    ON CONFLICT (channel) DO UPDATE SET
        replay_id = excluded.replay_id,
        committed_at = excluded.committed_at,
        commit_number = excluded.commit_number,
        sequence = excluded.sequence,
        produced_topic = excluded.produced_topic,
        produced_partition = excluded.produced_partition,
        produced_offset = excluded.produced_offset,
        updated_at = excluded.updated_at"""
ROOTS_OF = "SELECT part, root FROM ingest.members WHERE part = ANY(%s) ORDER BY part, root"
REMEMBER = """INSERT INTO ingest.members (part, root)
    SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING"""
READING = "SELECT ref, content, major, minor, sequence FROM ingest.readings"
LATEST = f"{READING} WHERE ref = ANY(%s)"
AFTER = f"{READING} WHERE sequence > %s AND starts_with(ref, %s)"
DECIDE = """INSERT INTO ingest.readings (ref, content, major, minor, sequence)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::bigint[])
    ON CONFLICT (ref) DO UPDATE SET
        content = excluded.content,
        major = excluded.major,
        minor = excluded.minor,
        sequence = excluded.sequence"""
NOTE = """INSERT INTO ingest.marked_customers AS held (customer, mark, is_done)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::boolean[])
    ON CONFLICT (customer) DO UPDATE SET mark = excluded.mark, after = 0, is_done = false
    WHERE held.mark <> excluded.mark"""
WAITING = """SELECT customer, after FROM ingest.marked_customers
    WHERE NOT is_done AND after = (
        SELECT max(after) FROM ingest.marked_customers WHERE NOT is_done)
    ORDER BY customer LIMIT %s"""
BROUGHT = """UPDATE ingest.marked_customers SET after = %s, is_done = %s
    WHERE customer = ANY(%s)"""


class Store:
    """Cursors, members, last readings and linked customers. RetryableError where the database is
    away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def load(self, channel: str) -> Cursor | None:
        async with translated(), self._pool.connection() as connection:
            row = await (await connection.execute(LOAD_CURSOR, [channel])).fetchone()
        if row is None:
            adopted_at = await load_watermark(self._pool, channel)
            return Cursor(committed_at=adopted_at) if adopted_at else None
        replay_id, committed_at, commit_number, sequence, topic, partition, offset = row
        return Cursor(
            replay_id=bytes(replay_id) if replay_id is not None else None,
            committed_at=committed_at,
            commit_number=commit_number,
            sequence=sequence,
            produced=Coordinates(topic, partition, offset) if topic else None,
        )

    async def store(self, channel: str, cursor: Cursor) -> None:
        produced = cursor.produced
        values = [
            channel,
            cursor.replay_id,
            cursor.committed_at,
            cursor.commit_number,
            cursor.sequence,
            produced.topic if produced else None,
            produced.partition if produced else None,
            produced.offset if produced else None,
        ]
        async with translated(), self._pool.connection() as connection:
            await connection.execute(STORE_CURSOR, values)

    async def roots_of(
        self, parts: Collection[RecordRef]
    ) -> Mapping[RecordRef, tuple[RecordRef, ...]]:
        roots: defaultdict[RecordRef, tuple[RecordRef, ...]] = defaultdict(tuple)
        async with translated(), self._pool.connection() as connection:
            found = await connection.execute(ROOTS_OF, [[str(part) for part in parts]])
            async for part, root in found:
                roots[RecordRef.parse(part)] += (RecordRef.parse(root),)
        return dict(roots)

    async def remember(self, members: Collection[Member]) -> None:
        ordered = sorted(members)  # several processes take their locks in one order
        columns = [str(item.part) for item in ordered], [str(item.root) for item in ordered]
        async with translated(), self._pool.connection() as connection:
            await connection.execute(REMEMBER, columns)

    async def latest(self, refs: Collection[RecordRef]) -> Mapping[RecordRef, LastReading]:
        return await self._readings(LATEST, [[str(ref) for ref in refs]])

    async def after(self, system: System, sequence: int) -> Mapping[RecordRef, LastReading]:
        return await self._readings(AFTER, [sequence, f"{system}:"])

    async def decide(self, readings: Mapping[RecordRef, LastReading]) -> None:
        rows = sorted((str(ref), reading) for ref, reading in readings.items())
        columns = [
            [ref for ref, _ in rows],
            [reading.content for _, reading in rows],
            [reading.version.major for _, reading in rows],
            [reading.version.minor for _, reading in rows],
            [reading.sequence for _, reading in rows],
        ]
        async with translated(), self._pool.connection() as connection:
            await connection.execute(DECIDE, columns)

    async def note(self, markings: Collection[Marking]) -> None:
        rows = sorted((item.customer, item.mark, item.is_done) for item in markings)
        columns = [list(column) for column in zip(*rows, strict=True)]
        async with translated(), self._pool.connection() as connection:
            await connection.execute(NOTE, columns)

    async def waiting(self, limit: int) -> tuple[Sequence[str], str]:
        async with translated(), self._pool.connection() as connection:
            rows = await (await connection.execute(WAITING, [limit])).fetchall()
        return [customer for customer, _ in rows], str(rows[0][1]) if rows else ""

    async def brought(self, customers: Collection[str], last: str) -> None:
        values = [int(last or 0), not last, sorted(customers)]
        async with translated(), self._pool.connection() as connection:
            await connection.execute(BROUGHT, values)

    async def _readings(
        self, statement: str, values: list[object]
    ) -> Mapping[RecordRef, LastReading]:
        async with translated(), self._pool.connection() as connection:
            rows = await (await connection.execute(statement.encode(), values)).fetchall()
        return {
            RecordRef.parse(ref): LastReading(
                content=content, version=Version(major, minor), sequence=sequence
            )
            for ref, content, major, minor, sequence in rows
        }
