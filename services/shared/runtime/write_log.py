"""The write log in PostgreSQL: what was begun, how it ended, which version stands where."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

from psycopg import sql
from psycopg.rows import dict_row

from kernel.codec import Codec
from kernel.errors import FatalError
from kernel.messages import Outcome, Version, WriteCommand
from kernel.values import content_hash
from kernel.write_log import Entry
from runtime.database import Pool, migrate, ready_pool, translated
from runtime.process import Context
from runtime.waiting import eventually

PART = "postgres:sync"
MIGRATIONS = (
    """CREATE TABLE IF NOT EXISTS writes (
        command_id text        PRIMARY KEY,
        target     text        NOT NULL,
        part       text        NOT NULL,
        major      bigint      NOT NULL,
        minor      bigint      NOT NULL,
        state      text        NOT NULL CHECK (state IN ('started', 'idle', 'ended')),
        attempts   integer     NOT NULL,
        failures   integer     NOT NULL DEFAULT 0,
        started_at timestamptz NOT NULL,
        ended_at   timestamptz,
        outcome    bytea,
        CHECK ((state = 'ended') = (outcome IS NOT NULL))
    )""",
    """CREATE TABLE IF NOT EXISTS written (
        target     text        NOT NULL,
        part       text        NOT NULL,
        major      bigint      NOT NULL,
        minor      bigint      NOT NULL,
        content    text        NOT NULL,
        command_id text        NOT NULL,
        written_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (target, part)
    )""",
    """COMMENT ON COLUMN writes.state IS
        'started: a call may be under way; idle: the last one certainly did nothing; ended'""",
)
BEGIN = """
WITH wanted AS (
    SELECT * FROM unnest(
        %(command)s::text[], %(target)s::text[], %(part)s::text[],
        %(major)s::bigint[], %(minor)s::bigint[]
    ) AS each (command_id, target, part, major, minor)
), begun AS (
    INSERT INTO {schema}.writes AS mine
        (command_id, target, part, major, minor, state, attempts, started_at)
    SELECT command_id, target, part, major, minor, 'started', 1, now()
    FROM wanted ORDER BY command_id
    ON CONFLICT (command_id) DO UPDATE
        SET state = 'started', attempts = mine.attempts + 1, started_at = now()
        WHERE mine.state = 'idle'
    RETURNING command_id, attempts, failures
)
SELECT wanted.command_id,
       begun.attempts IS NOT NULL AS is_begun,
       COALESCE(begun.attempts, old.attempts) AS attempts,
       COALESCE(begun.failures, old.failures) AS failures,
       old.outcome,
       EXTRACT(epoch FROM clock_timestamp() - old.started_at) AS waited_s,
       written.major, written.minor, written.content,
       EXISTS (SELECT FROM {schema}.written AS part WHERE part.target = wanted.target)
           AS was_written
FROM wanted
LEFT JOIN begun USING (command_id)
LEFT JOIN {schema}.writes AS old USING (command_id)
LEFT JOIN {schema}.written ON (written.target, written.part) = (wanted.target, wanted.part)
"""
AGAIN = """
UPDATE {schema}.writes AS mine
SET state = 'started', attempts = mine.attempts + 1, failures = failed.failures, started_at = now()
FROM unnest(%s::text[], %s::integer[]) AS failed (command_id, failures)
WHERE mine.command_id = failed.command_id AND mine.state <> 'ended'
"""
REST = """
UPDATE {schema}.writes SET state = 'idle' WHERE command_id = ANY(%s::text[]) AND state = 'started'
"""
NEWEST = """
SELECT wanted.command_id, written.major, written.minor
FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted (command_id, target, part)
JOIN {schema}.written USING (target, part)
"""
END = """
WITH given AS (
    SELECT * FROM unnest(
        %(command)s::text[], %(target)s::text[], %(part)s::text[],
        %(major)s::bigint[], %(minor)s::bigint[],
        %(attempts)s::integer[], %(outcome)s::bytea[],
        %(content)s::text[], %(is_written)s::boolean[]
    ) AS each
        (command_id, target, part, major, minor, attempts, outcome, content, is_written)
), ended AS (
    INSERT INTO {schema}.writes AS mine
        (command_id, target, part, major, minor, state, attempts, started_at, ended_at, outcome)
    SELECT command_id, target, part, major, minor, 'ended', attempts, now(), now(), outcome
    FROM given ORDER BY command_id
    ON CONFLICT (command_id) DO UPDATE
        SET state = 'ended', ended_at = now(), outcome = excluded.outcome
        WHERE mine.state <> 'ended'
    RETURNING command_id
), noted AS (
    INSERT INTO {schema}.written AS now_held
        (target, part, major, minor, content, command_id)
    SELECT target, part, major, minor, content, command_id
    FROM given JOIN ended USING (command_id) WHERE is_written ORDER BY target, part
    ON CONFLICT (target, part) DO UPDATE
        SET (major, minor, content, command_id, written_at)
            = (excluded.major, excluded.minor, excluded.content, excluded.command_id, now())
        WHERE (now_held.major, now_held.minor) <= (excluded.major, excluded.minor)
)
SELECT command_id FROM ended
"""
OUTCOMES = "SELECT command_id, outcome FROM {schema}.writes WHERE command_id = ANY(%s::text[])"
Row = Mapping[str, object]
Values = Mapping[str, object] | tuple[object, ...]


@asynccontextmanager
async def ready_write_log(
    dsn: str, codec: Codec, schema: str, *, size: int, ctx: Context
) -> AsyncIterator["PostgresWriteLog"]:
    """The write log in a schema of the database `sync`, once its tables stand there."""
    async with ready_pool(dsn, PART, size=size, ctx=ctx) as pool:
        log = PostgresWriteLog(pool, codec, schema)
        await eventually(PART, log.prepare, health=ctx.health)
        yield log


class PostgresWriteLog:
    """Each method takes many commands, of different ids, and is one statement and one round trip
    in its own transaction. RetryableError where the database is away."""

    def __init__(self, pool: Pool, codec: Codec, schema: str) -> None:
        self._pool, self._codec, self._schema = pool, codec, schema
        self._begin, self._again, self._rest, self._newest, self._end, self._outcomes = (
            sql.SQL(text).format(schema=sql.Identifier(schema)).as_bytes()
            for text in (BEGIN, AGAIN, REST, NEWEST, END, OUTCOMES)
        )

    async def prepare(self) -> None:
        await migrate(self._pool, self._schema, MIGRATIONS)

    async def begin(self, commands: Sequence[WriteCommand]) -> list[Entry]:
        """Note that calls are about to be made, before they are made."""
        rows = await self._rows(self._begin, _columns(commands))
        entries = {str(row["command_id"]): self._entry(row) for row in rows}
        return [entries[command.id] for command in commands]

    async def again(self, failed: Sequence[tuple[WriteCommand, int]]) -> None:
        """The attempts did not work after all; others are about to be made. Of each command the
        attempts that have failed by now."""
        ids = _ids([command for command, _ in failed])
        await self._execute(self._again, (ids, [failures for _, failures in failed]))

    async def rest(self, commands: Sequence[WriteCommand]) -> None:
        """The attempts certainly did nothing; the next begins are fresh ones."""
        await self._execute(self._rest, (_ids(commands),))

    async def newest(self, commands: Sequence[WriteCommand]) -> list[Version | None]:
        """The newest version written of each command's part of its target, as of now."""
        columns = _columns(commands)
        values = (columns["command"], columns["target"], columns["part"])
        rows = {str(row["command_id"]): row for row in await self._rows(self._newest, values)}
        return [_version(rows.get(command.id, {})) for command in commands]

    async def end(self, ended: Sequence[tuple[WriteCommand, Outcome]]) -> list[Outcome]:
        """Keep the outcomes. Returns those that stand: the first that were kept."""
        values = {
            **_columns([command for command, _ in ended]),
            "attempts": [outcome.attempts for _, outcome in ended],
            "outcome": [self._codec.encode(outcome) for _, outcome in ended],
            "content": [content_hash(command.document) for command, _ in ended],
            "is_written": [outcome.written is not None for _, outcome in ended],
        }
        now = {str(row["command_id"]) for row in await self._rows(self._end, values)}
        before = [command for command, _ in ended if command.id not in now]
        kept = await self._kept(before) if before else {}
        return [kept.get(command.id, outcome) for command, outcome in ended]

    async def _kept(self, commands: Sequence[WriteCommand]) -> dict[str, Outcome]:
        rows = await self._rows(self._outcomes, (_ids(commands),))
        return {
            str(row["command_id"]): self._outcome(row["outcome"])
            for row in rows
            if isinstance(row["outcome"], bytes)
        }

    def _entry(self, row: Row) -> Entry:
        if row["attempts"] is None:
            return Entry(is_leftover=True)  # begun elsewhere after our statement had looked
        outcome, waited_s = row["outcome"], row["waited_s"]
        return Entry(
            attempts=_whole(row["attempts"]),
            failures=_whole(row["failures"]),
            outcome=self._outcome(outcome) if isinstance(outcome, bytes) else None,
            is_leftover=not row["is_begun"],
            waited_s=float(waited_s) if isinstance(waited_s, Decimal) else 0.0,
            newest=_version(row),
            held=str(row["content"] or ""),
            was_written=bool(row["was_written"]),
        )

    def _outcome(self, data: bytes) -> Outcome:
        message = self._codec.decode(data)
        if not isinstance(message, Outcome):
            raise FatalError(f"the write log holds a {type(message).__name__}, not an outcome")
        return message

    async def _rows(self, statement: bytes, values: Values) -> list[dict[str, object]]:
        async with (
            translated(),
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(statement, values)
            return await cursor.fetchall()

    async def _execute(self, statement: bytes, values: Values) -> None:
        async with translated(), self._pool.connection() as connection:
            await connection.execute(statement, values)


def _columns(commands: Sequence[WriteCommand]) -> dict[str, object]:
    return {
        "command": _ids(commands),
        "target": [str(command.target) for command in commands],
        "part": [command.part for command in commands],
        "major": [command.version.major for command in commands],
        "minor": [command.version.minor for command in commands],
    }


def _ids(commands: Sequence[WriteCommand]) -> list[str]:
    return [command.id for command in commands]


def _version(row: Row) -> Version | None:
    if row.get("major") is None:
        return None
    return Version(_whole(row["major"]), _whole(row["minor"]))


def _whole(value: object) -> int:
    return int(str(value))
