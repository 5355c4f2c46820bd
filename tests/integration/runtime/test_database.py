"""Pools, migrations and errors on a real PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import psycopg
import pytest

from kernel.errors import FatalError, RetryableError
from runtime.database import Pool, migrate, open_pool, translated, wait_for
from runtime.process import Context

pytestmark = pytest.mark.real


@pytest.fixture
async def pool(postgres: Mapping[str, str]) -> AsyncIterator[Pool]:
    async with open_pool(postgres["sync_service"], size=4, service="test") as pool:
        yield pool


async def test_services_that_start_together_migrate_one_after_the_other(
    pool: Pool, unique: str
) -> None:
    statements = ["CREATE TABLE IF NOT EXISTS things (id int)", "INSERT INTO things VALUES (1)"]
    await asyncio.gather(*(migrate(pool, unique, statements) for _ in range(4)))
    assert await value(pool, f"SELECT count(*) FROM {unique}.things") == 4


async def test_a_migration_that_fails_leaves_nothing(pool: Pool, unique: str) -> None:
    with pytest.raises(psycopg.errors.SyntaxError):
        await migrate(pool, unique, ["CREATE TABLE things (id int)", "MAKE more"])
    assert await value(pool, f"SELECT to_regnamespace('{unique}')") is None


async def test_a_role_that_may_not_make_schemas_is_told_what_it_lacks(
    postgres: Mapping[str, str], unique: str
) -> None:
    async with open_pool(postgres["audit_reader"], size=1, service="test") as pool:
        with pytest.raises(FatalError, match=f"GRANT CREATE ON DATABASE audit .*{unique}"):
            await migrate(pool, unique, [])


async def test_two_transactions_that_lock_each_other_out_can_be_tried_again(
    pool: Pool, unique: str
) -> None:
    await migrate(pool, unique, ["CREATE TABLE things (id int primary key)"])
    async with pool.connection() as connection:
        await connection.execute(f"INSERT INTO {unique}.things VALUES (1), (2)".encode())
    both_hold_one = asyncio.Barrier(2)

    async def update(first: int, second: int) -> bool:
        try:
            async with translated(), pool.connection() as connection, connection.transaction():
                await touch(connection, unique, first)
                await both_hold_one.wait()
                await touch(connection, unique, second)
        except RetryableError:
            return False
        return True

    assert sorted(await asyncio.gather(update(1, 2), update(2, 1))) == [False, True]


async def test_a_statement_that_runs_too_long_can_be_tried_again(pool: Pool) -> None:
    async def sleep_too_long() -> None:
        async with translated(), pool.connection() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = 50")
            await connection.execute("SELECT pg_sleep(5)")

    with pytest.raises(RetryableError, match="statement timeout"):
        await sleep_too_long()


async def test_more_callers_than_connections_wait_their_turn(pool: Pool) -> None:
    async def ask(number: int) -> object:
        return await value(pool, f"SELECT {number}, pg_sleep(0.01)")

    assert await asyncio.gather(*map(ask, range(50))) == list(range(50))


async def test_a_wrong_password_and_a_missing_database_stop_the_service(
    postgres: Mapping[str, str], ctx: Context
) -> None:
    whole = postgres["sync_service"]
    address = whole.partition("@")[2].partition("/")[0]
    wrong = open_pool(f"postgresql://sync_service:no@{address}/sync", size=1, service="test")
    with pytest.raises(FatalError, match="postgres:sync refuses us") as caught:
        await wait_for(wrong, ctx.health)
    assert ":no@" not in str(caught.value)
    missing = open_pool(whole.replace("/sync?", "/nowhere?"), size=1, service="test")
    with pytest.raises(FatalError, match='database "nowhere"'):
        await wait_for(missing, ctx.health)
    await wrong.close()
    await missing.close()


async def test_a_dsn_that_cannot_be_read_is_refused_without_showing_it() -> None:
    with pytest.raises(FatalError, match="DSN of test") as caught:
        open_pool("postgresql//user:hunter2@host/database", size=1, service="test")
    assert "hunter2" not in str(caught.value)


async def value(pool: Pool, query: str) -> object:
    async with pool.connection() as connection:
        row = await (await connection.execute(query.encode())).fetchone()
    assert row is not None
    return row[0]


async def touch(connection: psycopg.AsyncConnection[object], schema: str, number: int) -> None:
    query = f"UPDATE {schema}.things SET id = id WHERE id = {number}"
    await connection.execute(query.encode())
