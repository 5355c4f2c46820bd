"""The write log in PostgreSQL: what was begun, how it ended, which version stands where."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from psycopg.rows import dict_row

from kernel.codec import Codec
from kernel.errors import FatalError
from kernel.messages import Outcome, Version, WriteCommand
from kernel.values import content_hash
from runtime.database import Pool, migrate, translated
from salesforce_writer.ports import Entry

SCHEMA = "salesforce_writer"
STATEMENTS = (
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
    INSERT INTO salesforce_writer.writes AS mine
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
       written.major, written.minor, written.content
FROM wanted
LEFT JOIN begun USING (command_id)
LEFT JOIN salesforce_writer.writes AS old USING (command_id)
LEFT JOIN salesforce_writer.written
    ON (written.target, written.part) = (wanted.target, wanted.part)
"""
AGAIN = """UPDATE salesforce_writer.writes
    SET state = 'started', attempts = attempts + 1, failures = failures + 1, started_at = now()
    WHERE command_id = ANY(%s::text[]) AND state <> 'ended'"""
REST = """UPDATE salesforce_writer.writes SET state = 'idle'
    WHERE command_id = ANY(%s::text[]) AND state = 'started'"""
NEWEST = """
SELECT wanted.command_id, written.major, written.minor
FROM unnest(%s::text[], %s::text[], %s::text[]) AS wanted (command_id, target, part)
JOIN salesforce_writer.written USING (target, part)
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
    INSERT INTO salesforce_writer.writes AS mine
        (command_id, target, part, major, minor, state, attempts, started_at, ended_at, outcome)
    SELECT command_id, target, part, major, minor, 'ended', attempts, now(), now(), outcome
    FROM given ORDER BY command_id
    ON CONFLICT (command_id) DO UPDATE
        SET state = 'ended', ended_at = now(), outcome = excluded.outcome
        WHERE mine.state <> 'ended'
    RETURNING command_id
), noted AS (
    INSERT INTO salesforce_writer.written AS now_held
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
OUTCOMES = """SELECT command_id, outcome FROM salesforce_writer.writes
    WHERE command_id = ANY(%s::text[])"""
Row = Mapping[str, object]


class PostgresWriteLog:
    """Each method is one statement and one round trip, in its own transaction."""

    def __init__(self, pool: Pool, codec: Codec) -> None:
        self._pool, self._codec = pool, codec

    async def prepare(self) -> None:
        await migrate(self._pool, SCHEMA, STATEMENTS)

    async def begin(self, commands: Sequence[WriteCommand]) -> list[Entry]:
        rows = {str(row["command_id"]): row for row in await self._rows(BEGIN, _named(commands))}
        return [self._entry(rows[command.id]) for command in commands]

    async def again(self, commands: Sequence[WriteCommand]) -> None:
        await self._execute(AGAIN, (_ids(commands),))

    async def rest(self, commands: Sequence[WriteCommand]) -> None:
        await self._execute(REST, (_ids(commands),))

    async def newest(self, commands: Sequence[WriteCommand]) -> list[Version | None]:
        named = _named(commands)
        values = (named["command"], named["target"], named["part"])
        rows = {str(row["command_id"]): row for row in await self._rows(NEWEST, values)}
        return [_version(rows.get(command.id, {})) for command in commands]

    async def end(self, ended: Sequence[tuple[WriteCommand, Outcome]]) -> list[Outcome]:
        values = {
            **_named([command for command, _ in ended]),
            "attempts": [outcome.attempts for _, outcome in ended],
            "outcome": [self._codec.encode(outcome) for _, outcome in ended],
            "content": [content_hash(command.document) for command, _ in ended],
            "is_written": [outcome.written is not None for _, outcome in ended],
        }
        now = {str(row["command_id"]) for row in await self._rows(END, values)}
        before = [command for command, _ in ended if command.id not in now]
        kept = await self._kept(before) if before else {}
        return [kept.get(command.id, outcome) for command, outcome in ended]

    async def _kept(self, commands: Sequence[WriteCommand]) -> dict[str, Outcome]:
        rows = await self._rows(OUTCOMES, (_ids(commands),))
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
        )

    def _outcome(self, data: bytes) -> Outcome:
        message = self._codec.decode(data)
        if not isinstance(message, Outcome):
            raise FatalError(f"the write log holds a {type(message).__name__}, not an outcome")
        return message

    async def _rows(
        self, statement: str, values: Mapping[str, object] | tuple[object, ...]
    ) -> list[dict[str, object]]:
        async with translated(), self._pool.connection() as connection:
            await connection.set_autocommit(True)  # spares two round trips
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(statement.encode(), values)
                return await cursor.fetchall()

    async def _execute(self, statement: str, values: tuple[object, ...]) -> None:
        async with translated(), self._pool.connection() as connection:
            await connection.set_autocommit(True)
            await connection.execute(statement.encode(), values)


def _named(commands: Sequence[WriteCommand]) -> dict[str, object]:
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
