"""Two workers that hold the same command at the same moment, on one database and one NetSuite."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from kernel.messages import Coordinates, WriteCommand
from netsuite_writer.adapters.write_log import SingleWriteLog
from netsuite_writer.app.attempts import Attempts
from netsuite_writer.app.writer import Writer
from ops.local.stack import Stack
from runtime.database import open_pool
from runtime.process import Context
from runtime.records import Record
from runtime.vendor_settings import Patience
from runtime.write_log import PostgresWriteLog
from tests.connections import account_of, netsuite_at, netsuite_writer
from tests.fakes import FakeOutcomes, FakeSeals
from tests.integration.writers.desk import Desk, changes
from tests.log import CODEC
from tests.unit.netsuite_writer.commands import customer, order

pytestmark = pytest.mark.real
WORKERS = 3


@pytest.fixture
async def writers(stack: Stack, desk: Desk, ctx: Context) -> AsyncIterator[list[Writer]]:
    """Each with connections of its own."""
    async with AsyncExitStack() as parts:
        yield [await writer(stack, desk, ctx, parts) for _ in range(WORKERS)]


async def writer(stack: Stack, desk: Desk, ctx: Context, parts: AsyncExitStack) -> Writer:
    there = account_of(desk.vendors.netsuite)
    calls = await parts.enter_async_context(netsuite_at(there, desk.vendors.ca_file))
    pool = open_pool(stack.dsn("sync_service"), size=2, service="test")
    await parts.enter_async_context(pool)
    stored = PostgresWriteLog(pool, CODEC, "netsuite_writer")
    await stored.prepare()
    log, seals = SingleWriteLog(stored), FakeSeals()
    attempts = Attempts(
        netsuite=netsuite_writer(calls),
        log=log,
        ctx=ctx,
        patience=Patience(settle_s=2.0, failures_max=3),
        dice=random.Random(1),
    )
    return Writer(
        attempts=attempts, log=log, outcomes=FakeOutcomes(), seals=seals, codec=CODEC, ctx=ctx
    )


def record_of(command: WriteCommand) -> Record:
    place = Coordinates("netsuite.commands.v1", 0, 0)
    return Record(
        place, str(command.target), CODEC.encode(command), {}, datetime(2026, 11, 20, tzinfo=UTC)
    )


async def test_one_command_on_several_workers_is_one_record_and_one_outcome(
    writers: list[Writer], desk: Desk, number: int
) -> None:
    """T1.1"""
    buyer = await written_by_all(writers, desk, customer(number))
    await written_by_all(writers, desk, order(number, customer_id=buyer))


async def written_by_all(writers: list[Writer], desk: Desk, command: WriteCommand) -> str:
    """The id of the one record that all of them wrote."""
    await asyncio.gather(*(one.handle([record_of(command)]) for one in writers))
    told = [one.outcomes.sent[-1] for one in writers]  # type: ignore[attr-defined]  # the fake
    assert len({outcome.id for outcome in told}) == 1
    assert told[0].written is not None
    history, external = desk.history("netsuite"), str(command.target.external_id)
    assert len(changes(history, command.target.kind, "externalId", external, "create")) == 1
    return str(told[0].written.id)


async def test_begun_at_once_exactly_one_is_the_first(writers: list[Writer], number: int) -> None:
    command = customer(number)
    entries = await asyncio.gather(*(one.log.begin(command) for one in writers))
    assert sorted(entry.is_leftover for entry in entries) == [False, True, True]


async def test_ended_at_once_one_outcome_stands(writers: list[Writer], number: int) -> None:
    command = customer(number)
    await writers[0].log.begin(command)
    await asyncio.gather(
        *(one.broken(record_of(command), RuntimeError(str(at)))
          for at, one in enumerate(writers))
    )  # fmt: skip
    told = [one.outcomes.sent[-1] for one in writers]  # type: ignore[attr-defined]  # the fake
    assert len({outcome.params["detail"] for outcome in told}) == 1
