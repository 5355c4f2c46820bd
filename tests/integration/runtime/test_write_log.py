"""The write log of the writers: whatever stands behind it, real or fake, must pass this."""

from collections.abc import AsyncIterator, Mapping

import pytest

from kernel.messages import Outcome, Version, WriteCommand
from kernel.values import content_hash
from kernel.verdicts import dead, outcome_of, stands
from kernel.write_log import Entry
from runtime.database import Pool, open_pool
from runtime.write_log import PostgresWriteLog
from tests.fakes import FakeBatchLog
from tests.log import CODEC
from tests.unit.salesforce_writer.commands import told

pytestmark = pytest.mark.real
Log = PostgresWriteLog | FakeBatchLog


@pytest.fixture
async def pool(postgres: Mapping[str, str]) -> AsyncIterator[Pool]:
    async with open_pool(postgres["sync_service"], size=2, service="test") as pool:
        yield pool


@pytest.fixture(params=["fake", "postgres"])
async def log(request: pytest.FixtureRequest, pool: Pool, unique: str) -> Log:
    if request.param == "fake":
        return FakeBatchLog()
    return await prepared(pool, f'{unique} "quoted"')


async def prepared(pool: Pool, schema: str) -> PostgresWriteLog:
    log = PostgresWriteLog(pool, CODEC, schema)
    await log.prepare()
    return log


def written(command: WriteCommand) -> Outcome:
    return outcome_of(command, stands(command, "WRITTEN", command.target.id, None))


def refused(command: WriteCommand) -> Outcome:
    return outcome_of(command, dead(command, "UNEXPECTED"))


async def test_what_is_begun_at_once_is_told_in_its_order(log: Log) -> None:
    first, second, third = told(1), told(2), told(3)
    await log.begin([second])
    entries = await log.begin([third, second, first])
    assert [entry.is_leftover for entry in entries] == [False, True, False]
    assert entries[0] == Entry()


async def test_an_attempt_that_did_nothing_is_begun_afresh(log: Log) -> None:
    rested, left = told(1), told(2)
    await log.begin([rested, left])
    await log.rest([rested])
    again, leftover = await log.begin([rested, left])
    assert (again.attempts, again.is_leftover) == (2, False)
    assert (leftover.attempts, leftover.is_leftover) == (1, True)


async def test_an_attempt_that_failed_is_counted_as_it_is_told(log: Log) -> None:
    once, often = told(1), told(2)
    await log.begin([once, often])
    await log.again([(often, 3), (once, 0)])
    entries = await log.begin([once, often])
    assert [(entry.attempts, entry.failures) for entry in entries] == [(2, 0), (2, 3)]
    assert all(entry.is_leftover for entry in entries)


async def test_the_first_outcome_that_was_kept_stands(log: Log) -> None:
    ended, open_ = told(1), told(2)
    await log.begin([ended, open_])
    [first] = await log.end([(ended, written(ended))])
    kept = await log.end([(open_, refused(open_)), (ended, refused(ended))])
    assert kept == [refused(open_), first]
    assert [entry.outcome for entry in await log.begin([ended, open_])] == [first, refused(open_)]


async def test_what_has_ended_neither_rests_nor_begins_again(log: Log) -> None:
    command = told(1)
    await log.begin([command])
    await log.end([(command, written(command))])
    await log.rest([command])
    [entry] = await log.begin([command])
    assert (entry.outcome, entry.attempts) == (written(command), 1)


async def test_a_command_that_was_never_begun_can_end(log: Log) -> None:
    command = told(1)
    assert await log.end([(command, refused(command))]) == [refused(command)]


async def test_the_newest_version_of_each_part_is_known_and_never_goes_back(log: Log) -> None:
    new, old = told(1, version=Version(2, 0)), told(1, version=Version(1, 9), NS_X__c="old")
    other = told(1, part="billing")
    assert await log.newest([new, other]) == [None, None]
    await log.end([(new, written(new))])
    await log.end([(old, written(old))])
    assert await log.newest([other, old]) == [None, Version(2, 0)]
    same, apart = await log.begin([told(1), other])
    assert (same.newest, same.held) == (Version(2, 0), content_hash(new.document))
    assert (apart.newest, apart.held) == (None, "")
    assert same.was_written
    assert apart.was_written


async def test_what_was_refused_was_not_written(log: Log) -> None:
    command = told(1)
    await log.end([(command, refused(command))])
    [entry] = await log.begin([told(1, version=Version(2, 0))])
    assert (entry.newest, entry.was_written) == (None, False)


async def test_two_writers_on_one_database_do_not_meet(pool: Pool, unique: str) -> None:
    one, other = await prepared(pool, f"{unique}_a"), await prepared(pool, f"{unique}_b")
    command = told(1)
    await one.end([(command, written(command))])
    assert await other.begin([command]) == [Entry()]
    assert await other.newest([command]) == [None]
