"""The write log in PostgreSQL: what was begun, how it ended, which version stands where."""

from collections.abc import Mapping
from decimal import Decimal

from psycopg.rows import dict_row

from kernel.codec import Codec
from kernel.errors import FatalError
from kernel.messages import Outcome, Version, WriteCommand
from kernel.values import content_hash
from netsuite_writer.ports import Entry
from runtime.database import Pool, migrate, translated

SCHEMA = "netsuite_writer"
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
WITH begun AS (
    INSERT INTO netsuite_writer.writes AS mine
        (command_id, target, part, major, minor, state, attempts, started_at)
    VALUES (%(command)s, %(target)s, %(part)s, %(major)s, %(minor)s, 'started', 1, now())
    ON CONFLICT (command_id) DO UPDATE
        SET state = 'started', attempts = mine.attempts + 1, started_at = now()
        WHERE mine.state = 'idle'
    RETURNING attempts, failures
)
SELECT begun.attempts IS NOT NULL AS is_begun,
       COALESCE(begun.attempts, old.attempts) AS attempts,
       COALESCE(begun.failures, old.failures) AS failures,
       old.outcome,
       EXTRACT(epoch FROM clock_timestamp() - old.started_at) AS waited_s,
       written.major, written.minor, written.content,
       EXISTS (SELECT FROM netsuite_writer.written AS part WHERE part.target = %(target)s)
           AS was_written
FROM (VALUES (1)) AS one
LEFT JOIN begun ON true
LEFT JOIN netsuite_writer.writes AS old ON old.command_id = %(command)s
LEFT JOIN netsuite_writer.written ON (written.target, written.part) = (%(target)s, %(part)s)
"""
AGAIN = """UPDATE netsuite_writer.writes
    SET state = 'started', attempts = attempts + 1, failures = %s, started_at = now()
    WHERE command_id = %s AND state <> 'ended'"""
REST = (
    "UPDATE netsuite_writer.writes SET state = 'idle' WHERE command_id = %s AND state = 'started'"
)
NEWEST = "SELECT major, minor FROM netsuite_writer.written WHERE (target, part) = (%s, %s)"
END = """
WITH ended AS (
    INSERT INTO netsuite_writer.writes AS mine
        (command_id, target, part, major, minor, state, attempts, started_at, ended_at, outcome)
    VALUES (%(command)s, %(target)s, %(part)s, %(major)s, %(minor)s, 'ended',
        %(attempts)s, now(), now(), %(outcome)s)
    ON CONFLICT (command_id) DO UPDATE
        SET state = 'ended', ended_at = now(), outcome = excluded.outcome
        WHERE mine.state <> 'ended'
    RETURNING command_id
), noted AS (
    INSERT INTO netsuite_writer.written AS now_held
        (target, part, major, minor, content, command_id)
    SELECT %(target)s, %(part)s, %(major)s, %(minor)s, %(content)s, command_id
    FROM ended WHERE %(is_written)s
    ON CONFLICT (target, part) DO UPDATE
        SET (major, minor, content, command_id, written_at)
            = (excluded.major, excluded.minor, excluded.content, excluded.command_id, now())
        WHERE (now_held.major, now_held.minor) <= (excluded.major, excluded.minor)
)
SELECT count(*) AS ended FROM ended
"""
OUTCOME = "SELECT outcome FROM netsuite_writer.writes WHERE command_id = %s"
Row = Mapping[str, object]


class PostgresWriteLog:
    """Each method is one statement and one round trip, in its own transaction."""

    def __init__(self, pool: Pool, codec: Codec) -> None:
        self._pool, self._codec = pool, codec

    async def prepare(self) -> None:
        await migrate(self._pool, SCHEMA, STATEMENTS)

    async def begin(self, command: WriteCommand) -> Entry:
        row = await self._row(BEGIN, _named(command))
        if row["attempts"] is None:
            return Entry(is_leftover=True)  # begun elsewhere after our statement had looked
        outcome = row["outcome"]
        return Entry(
            attempts=_whole(row["attempts"]),
            failures=_whole(row["failures"]),
            outcome=self._outcome(outcome) if isinstance(outcome, bytes) else None,
            is_leftover=not row["is_begun"],
            waited_s=float(row["waited_s"]) if isinstance(row["waited_s"], Decimal) else 0.0,
            newest=_version(row),
            held=str(row["content"] or ""),
            was_written=bool(row["was_written"]),
        )

    async def again(self, command: WriteCommand, failures: int) -> None:
        await self._execute(AGAIN, (failures, command.id))

    async def rest(self, command: WriteCommand) -> None:
        await self._execute(REST, (command.id,))

    async def newest(self, command: WriteCommand) -> Version | None:
        row = await self._row(NEWEST, (str(command.target), command.part))
        return _version(row)

    async def end(self, command: WriteCommand, outcome: Outcome) -> Outcome:
        values = {
            **_named(command),
            "outcome": self._codec.encode(outcome),
            "attempts": outcome.attempts,
            "content": content_hash(command.document),
            "is_written": outcome.written is not None,
        }
        row = await self._row(END, values)
        if row["ended"]:
            return outcome
        kept = (await self._row(OUTCOME, (command.id,)))["outcome"]
        return self._outcome(kept) if isinstance(kept, bytes) else outcome

    def _outcome(self, data: bytes) -> Outcome:
        message = self._codec.decode(data)
        if not isinstance(message, Outcome):
            raise FatalError(f"the write log holds a {type(message).__name__}, not an outcome")
        return message

    async def _row(self, statement: str, values: Mapping[str, object] | tuple[object, ...]) -> Row:
        async with translated(), self._pool.connection() as connection:
            await connection.set_autocommit(True)  # spares two round trips
            async with connection.cursor(row_factory=dict_row) as cursor:
                await cursor.execute(statement.encode(), values)
                return await cursor.fetchone() or {}

    async def _execute(self, statement: str, values: tuple[object, ...]) -> None:
        async with translated(), self._pool.connection() as connection:
            await connection.set_autocommit(True)
            await connection.execute(statement.encode(), values)


def _named(command: WriteCommand) -> dict[str, object]:
    return {
        "command": command.id,
        "target": str(command.target),
        "part": command.part,
        "major": command.version.major,
        "minor": command.version.minor,
    }


def _version(row: Row) -> Version | None:
    return (
        Version(_whole(row["major"]), _whole(row["minor"]))
        if row.get("major") is not None
        else None
    )


def _whole(value: object) -> int:
    return int(str(value))
