"""PostgreSQL: pools with limits, migrations, and its errors as ours."""

import hashlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool

from kernel.errors import FatalError, RetryableError
from runtime import logs, names
from runtime.health import Health
from runtime.process import Context
from runtime.waiting import eventually

Connection = psycopg.AsyncConnection[TupleRow]
Pool = AsyncConnectionPool[Connection]
CONNECT_TIMEOUT_S = 5
STATEMENT_TIMEOUT_S = 30
CHECKOUT_TIMEOUT_S = 3.0
RECONNECT_TIMEOUT_S = 5.0
RESTS_MAX_S = 1.0
REFUSALS = ("authentication failed", "does not exist", "permission denied", "no pg_hba.conf entry")
"""What the server says where waiting cannot help."""


def open_pool(dsn: str, *, size: int, service: str) -> Pool:
    """A pool of at most `size` connections; `async with pool:` or `wait_for` opens it.

    Every connection has keepalives, a statement timeout and the service's name. A statement is a
    transaction of its own, which spares two round trips; several that belong together stand in
    `async with connection.transaction():`.
    """
    try:
        conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:
        raise FatalError(
            f"a DSN of {service} cannot be read: give postgresql://user:password@host/database"
        ) from error
    rests = _Rests()
    return AsyncConnectionPool(
        dsn,
        kwargs=_connection_arguments(service),
        min_size=min(2, size),
        max_size=size,
        open=False,
        check=rests.check,
        reset=rests.note,
        timeout=CHECKOUT_TIMEOUT_S,
        reconnect_timeout=RECONNECT_TIMEOUT_S,
        name=service,
    )


async def wait_for(pool: Pool, health: Health, part: str = "postgres:sync") -> None:
    """Open the pool and return once the database answers; FatalError where waiting cannot help."""
    await pool.open()
    await eventually(part, lambda: _answer(pool, part), health=health)


@asynccontextmanager
async def ready_pool(dsn: str, part: str, *, size: int, ctx: Context) -> AsyncIterator[Pool]:
    """A pool once its database answers; it closes at the end."""
    pool = open_pool(dsn, size=size, service=ctx.service)
    try:
        await wait_for(pool, ctx.health, part)
        yield pool
    finally:
        await pool.close()


async def migrate(pool: Pool, schema: str, statements: Sequence[str]) -> None:
    """Run the statements in one transaction with the schema made and first in the search path.

    Several processes may do so at once: an advisory lock lets one in after the other, so the
    statements must be of the kind CREATE … IF NOT EXISTS.
    """
    await pool.open()
    async with translated(), pool.connection() as connection, connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_lock_number(schema)])
        await _enter_schema(connection, schema)
        for statement in statements:
            await connection.execute(statement.encode())
    logs.info(names.SCHEMA_MIGRATED, f"schema {schema} is as this version needs it", schema=schema)


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """RetryableError where the database is away, busy or gave up the transaction.

    As `async with translated():` around the statements or as a decorator of a coroutine function.
    """
    try:
        yield
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        text = logs.first_line(str(error)) or type(error).__name__
        raise RetryableError(f"PostgreSQL: {text}") from error


async def _enter_schema(connection: psycopg.AsyncConnection[TupleRow], schema: str) -> None:
    name = sql.Identifier(schema)
    found = await connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema])
    if await found.fetchone() is None:
        try:
            await connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
        except psycopg.errors.InsufficientPrivilege as error:
            database, user = connection.info.dbname, connection.info.user
            raise FatalError(
                f"{user} may not make what it needs in the database: GRANT CREATE ON DATABASE"
                f" {database} TO {user}, or make schema {schema} for it as the owner"
            ) from error
    await connection.execute(sql.SQL("SET LOCAL search_path TO {}, public").format(name))


class _Rests:
    """Asks a connection whether it still works once it has rested for a while: asking every time
    costs a round trip. One that is lost within a short rest fails in the hands of its user, who
    tries again, and the pool replaces it."""

    def __init__(self) -> None:
        self._used_at: WeakKeyDictionary[Connection, float] = WeakKeyDictionary()

    async def check(self, connection: Connection) -> None:
        if time.monotonic() - self._used_at.get(connection, 0.0) > RESTS_MAX_S:
            await AsyncConnectionPool.check_connection(connection)

    async def note(self, connection: Connection) -> None:
        self._used_at[connection] = time.monotonic()


def _connection_arguments(service: str) -> dict[str, object]:
    return {
        "application_name": f"tallystick {service}",
        "autocommit": True,
        "connect_timeout": CONNECT_TIMEOUT_S,
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_S * 1000} -c timezone=UTC",
    }


async def _answer(pool: Pool, part: str) -> None:
    """One connection beside the pool: only it hears why the server refuses."""
    try:
        connection = await psycopg.AsyncConnection.connect(
            str(pool.conninfo), connect_timeout=CONNECT_TIMEOUT_S
        )
        async with connection:
            await connection.execute("SELECT 1")
    except psycopg.OperationalError as error:
        text = logs.first_line(str(error))
        if any(refusal in text for refusal in REFUSALS):
            raise FatalError(f"{part} refuses us: {text}: correct its DSN or its roles") from error
        raise RetryableError(text or type(error).__name__) from error


def _lock_number(schema: str) -> int:
    digest = hashlib.sha256(f"tallystick schema {schema}".encode()).digest()
    return int.from_bytes(digest[:8], signed=True)
