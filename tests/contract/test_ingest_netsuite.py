"""Ingest's NetSuite adapters against the stand-in, and every statement it asks with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from ingest.adapters.netsuite_suiteql import NetSuiteSuiteQl
from ingest.domain import due, suiteql
from ingest.domain.netsuite_documents import measured
from ingest.domain.netsuite_fields import REFERENCES, SOURCES
from ingest.domain.netsuite_transaction_fields import LINE
from ingest.domain.suiteql import CUSTOMERS, DELETED, TRANSACTIONS, Page
from kernel.errors import FatalError, PermanentError, RetryableError
from tests.connections import account_of, netsuite_at
from tests.contract.conftest import Sandbox

QUERY = {"system": "netsuite", "path": "/query/v1/suiteql"}


@asynccontextmanager
async def connected(sandbox: Sandbox, **wrong: str) -> AsyncIterator[NetSuiteSuiteQl]:
    async with netsuite_at(account_of(sandbox.netsuite, **wrong), sandbox.ca_file) as calls:
        yield NetSuiteSuiteQl(calls)


@pytest.fixture
async def netsuite(sandbox: Sandbox) -> AsyncIterator[NetSuiteSuiteQl]:
    async with connected(sandbox) as joined:
        yield joined


async def test_the_servers_time_and_wall_clock_make_an_offset(netsuite: NetSuiteSuiteQl) -> None:
    now = await netsuite.server_time()
    [row] = await netsuite.rows(suiteql.NOW)
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=2)
    assert measured(str(row["now"]), now).ahead in {timedelta(hours=-8), timedelta(hours=-7)}


async def test_every_field_that_a_map_may_name_can_be_read(netsuite: NetSuiteSuiteQl) -> None:
    for source in SOURCES.values():
        for one_world in (True, False):
            chosen = suiteql.selection(source, source.columns, one_world=one_world)
            await netsuite.rows(suiteql.documents(chosen, ["1"], "0"))
    lines = suiteql.selection(LINE, LINE.columns, one_world=True)
    await netsuite.rows(suiteql.lines(lines, ["1"], Page("5", "8")))


async def test_every_search_for_changes_is_understood(netsuite: NetSuiteSuiteQl) -> None:
    since, page = datetime(2026, 11, 20), Page("2026-11-20 00:00:00", "5")
    for changes in (TRANSACTIONS, CUSTOMERS, DELETED):
        await netsuite.rows(suiteql.changed(changes, since, None))
        await netsuite.rows(suiteql.changed(changes, since, page))
    await netsuite.rows(suiteql.linked(["1"], None))
    await netsuite.rows(suiteql.linked(["1", "2"], Page("5", "8")))
    for after in ("", "7"):
        await netsuite.rows(due.overdue_customers(since.date(), after))
        await netsuite.rows(due.newly_due(since.date(), since.date(), after))
    for source in REFERENCES.values():
        await netsuite.rows(suiteql.probe(source))


async def test_calls_take_one_slot_of_the_account(
    sandbox: Sandbox, netsuite: NetSuiteSuiteQl
) -> None:
    sandbox.faults(
        {"system": "netsuite", "effect": "limit", "slots": 1, "path": "*"},
        {**QUERY, "effect": "delay", "seconds": 0.05},
    )
    answers = await asyncio.gather(*(netsuite.rows(suiteql.NOW) for _ in range(5)))
    assert len(answers) == 5


async def test_a_dead_token_is_replaced_and_the_call_repeated(
    sandbox: Sandbox, netsuite: NetSuiteSuiteQl
) -> None:
    await netsuite.rows(suiteql.NOW)
    mark = sandbox.end_of_journal("netsuite")
    sandbox.faults({**QUERY, "effect": "token_dead", "times": 1})
    assert await netsuite.rows(suiteql.NOW)
    assert [entry["status"] for entry in sandbox.journal("netsuite", mark)] == [401, 200, 200]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_netsuite_is_retryable(
    sandbox: Sandbox, netsuite: NetSuiteSuiteQl, status: int
) -> None:
    sandbox.faults({**QUERY, "effect": "status", "status": status})
    with pytest.raises(RetryableError, match=str(status)):
        await netsuite.rows(suiteql.NOW)


async def test_a_connection_that_breaks_is_retryable(
    sandbox: Sandbox, netsuite: NetSuiteSuiteQl
) -> None:
    sandbox.faults({**QUERY, "effect": "drop_before_commit"})
    with pytest.raises(RetryableError):
        await netsuite.rows(suiteql.NOW)


async def test_a_refused_statement_says_why(netsuite: NetSuiteSuiteQl) -> None:
    with pytest.raises(PermanentError, match=r"INVALID_PARAMETER.*mood"):
        await netsuite.rows("SELECT mood FROM customer")


@pytest.mark.parametrize("wrong", ["client_id", "certificate_id"])
async def test_a_wrong_credential_is_fatal_and_not_shown(sandbox: Sandbox, wrong: str) -> None:
    async with connected(sandbox, **{wrong: "a-wrong-credential"}) as netsuite:
        with pytest.raises(FatalError, match="NetSuite refused the sign-in") as refusal:
            await netsuite.rows(suiteql.NOW)
    assert "a-wrong-credential" not in str(refusal.value)
