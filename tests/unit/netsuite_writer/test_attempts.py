"""One command in, one outcome out: what the writer does with every kind of answer."""

import asyncio
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kernel.errors import FatalError, RetryableError
from kernel.exact_json import Json
from kernel.messages import Coordinates, Outcome, Result, Version, WriteCommand
from kernel.records import netsuite
from kernel.sentences import say
from kernel.values import Document, Sealed
from netsuite_writer.app.attempts import Attempts
from netsuite_writer.app.writer import Writer
from netsuite_writer.ports import Reply
from runtime.clock import Clock
from runtime.health import Health
from runtime.process import Context
from runtime.records import Record
from runtime.telemetry import open_telemetry
from runtime.vendor_settings import Patience
from tests.fakes import FakeNetSuite, FakeOutcomes, FakeSeals, FakeWrite, FakeWriteLog, opened
from tests.log import CODEC
from tests.unit.netsuite_writer.commands import LINE_ONE, LINE_TWO, customer, order

BUSY = Reply(status=429, after_s=0.0)
FAILED = Reply(status=500, body={"o:errorDetails": [{"o:errorCode": "UNEXPECTED_ERROR"}]})


def refused(detail: str, status: int = 400) -> Reply:
    told: list[Json] = [{"detail": detail, "o:errorCode": "USER_ERROR"}]
    return Reply(status=status, body={"o:errorDetails": told})


class Desk:
    """A writer over fakes."""

    def __init__(
        self, *, settle_s: float = 0.05, failures_max: int = 3, fresh_s: float = 2.0
    ) -> None:
        self.netsuite, self.log = FakeNetSuite(), FakeWriteLog()
        self.outcomes = FakeOutcomes()
        self.stop = asyncio.Event()
        ctx = Context(
            service="test",
            stop=self.stop,
            health=Health(self.stop),
            telemetry=open_telemetry("test", "0"),
            clock=Clock(),
        )
        seals = FakeSeals()
        attempts = Attempts(
            netsuite=self.netsuite,
            log=self.log,
            ctx=ctx,
            patience=Patience(settle_s=settle_s, failures_max=failures_max, fresh_s=fresh_s),
            dice=random.Random(1),
        )
        self.writer = Writer(
            attempts=attempts,
            log=self.log,
            outcomes=self.outcomes,
            seals=seals,
            codec=CODEC,
            ctx=ctx,
        )

    async def handle(self, *commands: WriteCommand) -> Outcome:
        """The outcome of the last one."""
        await self.writer.handle([record_of(command) for command in commands])
        return self.outcomes.sent[-1]

    def lines(self) -> Sequence[Json]:
        [record] = [record for (kind, _), record in self.netsuite.records.items()
                    if kind == "salesOrder"]  # fmt: skip
        item = record["item"]
        assert isinstance(item, dict)
        assert isinstance(item["items"], list)
        return item["items"]


def record_of(command: WriteCommand, offset: int = 0) -> Record:
    place = Coordinates("netsuite.commands.v1", 0, offset)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    return Record(place, str(command.target), CODEC.encode(command), {}, at)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_a_first_write_is_one_save_and_reads_back_what_was_asked(desk: Desk) -> None:
    outcome = await desk.handle(order())
    assert (outcome.result, outcome.code) == (Result.APPLIED, "WRITTEN")
    assert (desk.netsuite.saves, desk.netsuite.reads) == (1, 1)
    assert outcome.read_back is not None
    assert outcome.read_back.fields["status.refName"] == "Pending Approval"
    assert str(outcome.written) == "netsuite:salesOrder:1"
    assert outcome.version == Version(1, 0)


async def test_nothing_is_read_back_where_nothing_is_asked(desk: Desk) -> None:
    outcome = await desk.handle(customer(reads_back=()))
    assert (desk.netsuite.saves, desk.netsuite.reads) == (1, 0)
    assert outcome.read_back is None


async def test_the_id_alone_needs_no_second_call(desk: Desk) -> None:
    outcome = await desk.handle(customer(reads_back=("id",)))
    assert desk.netsuite.reads == 0
    assert outcome.read_back == Document({"id": "1"})


async def test_the_same_command_again_is_told_again_and_not_written_again(desk: Desk) -> None:
    """T1.1"""
    first = await desk.handle(order())
    again = await desk.handle(order(event=first.event_id))
    assert again == first
    assert desk.netsuite.saves == 1


async def test_an_older_version_never_overwrites(desk: Desk) -> None:
    """T4.6, I4"""
    await desk.handle(customer(version=Version(2, 0), companyName="New"))
    outcome = await desk.handle(customer(version=Version(1, 9), companyName="Old"))
    assert (outcome.result, outcome.code) == (Result.SUPERSEDED, "SUPERSEDED")
    assert outcome.written is None
    assert desk.netsuite.saves == 1


async def test_the_same_version_may_be_written_again_by_another_command(desk: Desk) -> None:
    await desk.handle(customer(companyName="One"))
    outcome = await desk.handle(customer(companyName="Two"))
    assert outcome.result is Result.APPLIED


async def test_an_answer_lost_after_the_save_is_found_and_not_repeated(desk: Desk) -> None:
    """R2"""
    desk.netsuite.troubles = ["lost"]
    outcome = await desk.handle(order())
    assert (outcome.result, outcome.code) == (Result.APPLIED, "FOUND_AFTER_UNKNOWN")
    assert desk.netsuite.saves == 1
    assert outcome.path == (
        "unknown: no answer to PUT",
        "looked up by external id: found 1",
        "all fields equal",
    )
    assert outcome.read_back is not None
    assert outcome.read_back.fields["tranId"] == "SO-1"


async def test_a_save_that_comes_late_is_waited_for(desk: Desk) -> None:
    """R2, T9.4"""
    desk.netsuite.troubles = ["late 1"]
    outcome = await desk.handle(order())
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert desk.netsuite.saves == 1
    assert len(desk.netsuite.records) == 1
    assert len(desk.lines()) == 2


async def test_a_save_that_never_came_is_made_again_after_the_window(desk: Desk) -> None:
    desk.netsuite.troubles = [FAILED]
    outcome = await desk.handle(order())
    assert (outcome.code, outcome.attempts) == ("WRITTEN", 2)
    assert outcome.path[0] == "unknown: NetSuite answers 500 UNEXPECTED_ERROR"
    assert "looked up by external id: not found" in outcome.path
    assert len(desk.lines()) == 2


async def test_lines_do_not_double_when_a_lost_save_is_repeated(desk: Desk) -> None:
    """T9.5"""
    desk.netsuite.troubles = [FAILED, "lost"]
    await desk.handle(order(lines=(LINE_ONE,)))
    desk.netsuite.troubles = ["lost"]
    await desk.handle(order(version=Version(2, 0), lines=(LINE_ONE, LINE_TWO)))
    assert len(desk.lines()) == 2


async def test_what_fails_again_and_again_is_held_for_a_person(desk: Desk) -> None:
    desk.netsuite.troubles = [FAILED] * 3
    outcome = await desk.handle(customer())
    assert (outcome.result, outcome.code) == (Result.PARKED, "TRIED_ENOUGH")
    assert outcome.waits_on == outcome.ref
    assert say(outcome.code, outcome.params).startswith(
        "Account 001xx0000000001AAA (customer) is held: NetSuite failed 3 times: NetSuite answers"
        " 500 UNEXPECTED_ERROR."
    )


async def test_equal_values_prove_nothing_while_the_lost_call_may_still_come() -> None:
    desk = Desk(settle_s=0.3)
    first = customer()
    await desk.handle(first)
    desk.netsuite.troubles = [FAILED]
    started = desk.netsuite.reads
    outcome = await desk.handle(customer(version=Version(2, 0)))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "ALREADY_SO")
    assert desk.netsuite.reads - started >= 2
    assert desk.netsuite.saves == 2


@pytest.mark.parametrize("busy", [BUSY, Reply(status=503), refused("Record has been changed")])
async def test_a_busy_netsuite_is_asked_again_and_nothing_ends(desk: Desk, busy: Reply) -> None:
    """R9"""
    command = order()
    desk.netsuite.troubles = [busy]
    with pytest.raises(RetryableError):
        await desk.handle(command)
    assert desk.outcomes.sent == []
    assert desk.netsuite.reads == 0
    outcome = await desk.handle(command)
    assert (outcome.code, outcome.attempts) == ("WRITTEN", 2)
    assert desk.netsuite.reads == 1


async def test_what_was_never_sent_is_begun_afresh(desk: Desk) -> None:
    command = order()
    desk.netsuite.troubles = [RetryableError("NetSuite cannot be reached")]
    with pytest.raises(RetryableError):
        await desk.handle(command)
    assert desk.log.writes[command.id].state == "idle"
    assert desk.writer.ctx.health.parts["netsuite"] == "NetSuite cannot be reached"
    assert (await desk.handle(command)).code == "WRITTEN"
    assert desk.writer.ctx.health.parts["netsuite"] == "well"


async def test_a_refused_credential_stops_the_service_and_loses_nothing(desk: Desk) -> None:
    command = order()
    desk.netsuite.troubles = [FatalError("NetSuite refuses (401)")]
    with pytest.raises(FatalError):
        await desk.handle(command)
    assert desk.log.writes[command.id].state == "idle"


async def test_a_refused_record_is_held_with_a_whole_sentence(desk: Desk) -> None:
    desk.netsuite.troubles = [refused("No Jane Doe here")]
    outcome = await desk.handle(customer())
    assert (outcome.result, outcome.code) == (Result.PARKED, "NETSUITE_REFUSED")
    detail = outcome.params["detail"]
    assert isinstance(detail, Sealed)
    assert (detail.subject, detail.path) == (str(outcome.ref), "detail")
    assert say(outcome.code, outcome.params, lambda sealed: str(opened(sealed))).startswith(
        "Account 001xx0000000001AAA (customer) is held: NetSuite refused it: No Jane Doe here."
    )
    assert all("Jane" not in step for step in outcome.path)
    after = await desk.handle(customer(version=Version(2, 0)))
    assert after.code == "WRITTEN"


async def test_an_inactive_customer_is_told_apart_from_a_wrong_one(desk: Desk) -> None:
    await desk.handle(customer())
    [record] = desk.netsuite.records.values()
    record["isInactive"] = True
    wrong = "You have entered an Invalid Field Value 1 for the following field: entity."
    desk.netsuite.troubles = [refused(wrong)]
    outcome = await desk.handle(order())
    assert outcome.code == "CUSTOMER_INACTIVE"


async def test_another_record_in_the_way_is_a_refusal(desk: Desk) -> None:
    desk.netsuite.troubles = [refused("This entity already exists.")]
    outcome = await desk.handle(customer())
    assert outcome.code == "NETSUITE_REFUSED"
    assert desk.netsuite.saves == 1


async def test_a_record_made_at_the_same_moment_is_met_and_not_doubled(desk: Desk) -> None:
    command = customer()
    await desk.handle(command)
    desk.log.writes.clear()
    desk.log.written.clear()
    desk.netsuite.troubles = [refused("This entity already exists.")]
    outcome = await desk.handle(command)
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert len(desk.netsuite.records) == 1


async def test_a_target_by_id_that_is_gone_is_said_so(desk: Desk) -> None:
    command = customer()
    outcome = await desk.handle(replace(command, target=netsuite("customer", "77")))
    assert (outcome.result, outcome.code) == (Result.PARKED, "TARGET_GONE")
    assert "NetSuite customer 77 does not exist" in say(outcome.code, outcome.params)


async def test_a_command_begun_before_a_crash_is_looked_up_before_anything_else(
    desk: Desk,
) -> None:
    """R1"""
    command = order()
    await desk.handle(command)
    desk.log.writes[command.id] = FakeWrite()
    desk.log.written.clear()
    outcome = await desk.handle(command)
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert outcome.path[0] == "begun before, no end on record"
    assert desk.netsuite.saves == 1


async def test_a_command_begun_before_a_crash_and_never_sent_is_sent_after_the_window(
    desk: Desk,
) -> None:
    command = order()
    desk.log.writes[command.id] = FakeWrite(waited_s=99.0)
    outcome = await desk.handle(command)
    assert (outcome.code, outcome.attempts) == ("WRITTEN", 2)
    assert desk.netsuite.saves == 1


async def test_two_workers_with_one_command_make_one_record_and_tell_one_outcome() -> None:
    """T1.1"""
    desk = Desk(settle_s=0.2)
    command = order()
    await asyncio.gather(*(desk.handle(command) for _ in range(3)))
    assert len(desk.netsuite.records) == 1
    assert len(desk.lines()) == 2
    assert len({outcome.id for outcome in desk.outcomes.sent}) == 1
    assert len(desk.outcomes.sent) == 3


async def test_the_outcome_is_kept_before_it_is_told(desk: Desk) -> None:
    command = customer()
    desk.outcomes.away = 1
    with pytest.raises(RetryableError):
        await desk.handle(command)
    kept = desk.log.writes[command.id].outcome
    assert await desk.handle(command) == kept
    assert desk.netsuite.saves == 1


async def test_a_look_up_is_asked_until_it_is_answered(desk: Desk) -> None:
    desk.netsuite.troubles = ["lost"]
    desk.netsuite.deaf_reads = 2
    outcome = await desk.handle(customer())
    assert outcome.code == "FOUND_AFTER_UNKNOWN"


async def test_the_end_of_the_process_gives_a_waiting_command_back() -> None:
    desk = Desk(settle_s=60.0)
    desk.netsuite.troubles = [FAILED]
    command = customer()
    waiting = asyncio.create_task(desk.handle(command))
    await asyncio.wait_for(desk.netsuite.was_read.wait(), 5.0)
    desk.stop.set()
    with pytest.raises(RetryableError, match="the process ends"):
        await waiting
    assert desk.log.writes[command.id].state == "started"


async def test_a_frozen_process_does_not_write_what_has_become_old() -> None:
    """R3"""
    desk = Desk(fresh_s=0.0)
    command = customer(version=Version(1, 0))
    desk.log.meanwhile[command.target, command.part] = (Version(2, 0), "newer")
    outcome = await desk.handle(command)
    assert outcome.code == "SUPERSEDED"
    assert desk.netsuite.saves == 0


async def test_bytes_that_say_nothing_end_at_their_coordinates(desk: Desk) -> None:
    place = Coordinates("netsuite.commands.v1", 3, 41)
    record = Record(place, "k", b"\x00garbage", {}, datetime(2026, 11, 20, tzinfo=UTC))
    with pytest.raises(Exception, match="schema id") as caught:
        await desk.writer.handle([record])
    await desk.writer.broken(record, caught.value)
    [outcome] = desk.outcomes.sent
    assert (outcome.result, outcome.code, outcome.ref) == (Result.DEAD, "UNDECODABLE", None)
    assert outcome.origin == place


async def test_a_fault_of_ours_ends_the_command_once(desk: Desk) -> None:
    command = customer()
    error = RuntimeError("boom about Jane")
    await desk.writer.broken(record_of(command), error)
    await desk.writer.broken(record_of(command), error)
    first, second = desk.outcomes.sent
    assert first == second
    assert (first.result, first.code) == (Result.DEAD, "UNEXPECTED")
    assert isinstance(first.params["detail"], Sealed)
