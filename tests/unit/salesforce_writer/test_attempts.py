"""Many commands in, few calls, one outcome each: what the writer does with every answer."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kernel.errors import FatalError, PermanentError, RetryableError
from kernel.exact_json import Json
from kernel.messages import Coordinates, Outcome, Result, Version, WriteCommand
from kernel.records import salesforce
from kernel.values import Document, Sealed
from runtime.clock import Clock
from runtime.health import Health
from runtime.process import Context
from runtime.records import Record
from runtime.telemetry import open_telemetry
from runtime.vendor_settings import Patience
from salesforce_writer.app.attempts import Attempts
from salesforce_writer.app.writer import Writer
from salesforce_writer.ports import Reply
from tests.fakes import FakeBatchLog, FakeOutcomes, FakeSalesforce, FakeSeals, FakeWrite
from tests.log import CODEC
from tests.unit.salesforce_writer.commands import opportunity_id, told

LOCKED: dict[str, Json] = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": "locked", "fields": []}
NOT_VALID: dict[str, Json] = {
    "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "message": "Jane says no",
}
FAILED = Reply(status=500, body=[{"errorCode": "UNKNOWN_EXCEPTION", "message": "oops"}])


class Desk:
    """A writer over fakes, with opportunities 1 to 9."""

    def __init__(self, *, settle_s: float = 0.0, failures_max: int = 3) -> None:
        self.salesforce, self.log = FakeSalesforce(), FakeBatchLog()
        self.outcomes = FakeOutcomes()
        for number in range(1, 10):
            self.salesforce.add("Opportunity", opportunity_id(number))
        self.offset = 0
        stop = asyncio.Event()
        ctx = Context(
            service="test",
            stop=stop,
            health=Health(stop),
            telemetry=open_telemetry("test", "0"),
            clock=Clock(),
        )
        patience = Patience(settle_s=settle_s, failures_max=failures_max)
        self.writer = Writer(
            attempts=Attempts(salesforce=self.salesforce, log=self.log, ctx=ctx, patience=patience),
            log=self.log,
            outcomes=self.outcomes,
            seals=FakeSeals(),
            codec=CODEC,
            ctx=ctx,
        )

    def records(self, commands: Sequence[WriteCommand]) -> list[Record]:
        self.offset += len(commands)
        at = datetime(2026, 11, 20, tzinfo=UTC)
        return [
            Record(
                Coordinates("salesforce.commands.v1", 0, self.offset + number),
                str(command.target), CODEC.encode(command), {}, at,
            )
            for number, command in enumerate(commands)
        ]  # fmt: skip

    async def handle(self, *commands: WriteCommand) -> list[Outcome]:
        """The outcomes that were told because of these."""
        before = len(self.outcomes.sent)
        await self.writer.handle(self.records(commands))
        return self.outcomes.sent[before:]

    def held(self, number: int, field: str) -> object:
        return self.salesforce.records["Opportunity", opportunity_id(number)].get(field)


@pytest.fixture
async def desk() -> Desk:
    return Desk()


async def test_many_commands_are_one_call_and_each_ends(desk: Desk) -> None:
    outcomes = await desk.handle(*(told(number) for number in range(1, 6)))
    assert desk.salesforce.saves == [5]
    assert [outcome.code for outcome in outcomes] == ["WRITTEN"] * 5
    assert str(outcomes[0].written) == f"salesforce:Opportunity:{opportunity_id(1)}"
    assert desk.held(3, "NS_SO_Number__c") == "SO-3"
    assert desk.salesforce.queries == 0


async def test_several_commands_of_one_record_are_written_in_their_order(desk: Desk) -> None:
    first, second = told(1, NS_X__c="old"), told(1, version=Version(2, 0), NS_X__c="new")
    other = told(2)
    outcomes = await desk.handle(first, other, second)
    assert desk.salesforce.saves == [2, 1]
    assert len(outcomes) == 3
    assert desk.held(1, "NS_X__c") == "new"


async def test_both_parts_of_one_record_are_written(desk: Desk) -> None:
    await desk.handle(told(1, part="a", NS_A__c=1), told(1, part="b", NS_B__c=2))
    assert (desk.held(1, "NS_A__c"), desk.held(1, "NS_B__c")) == (1, 2)


async def test_what_was_asked_is_read_back_and_nothing_else(desk: Desk) -> None:
    asked = told(1, reads_back=("NS_Rate_Date__c", "NS_Billed__c"))
    read, unread = await desk.handle(asked, told(2))
    assert read.read_back == Document(
        {"NS_Rate_Date__c": date(2026, 11, 20), "NS_Billed__c": Decimal("100.5")}
    )
    assert unread.read_back is None
    assert desk.salesforce.queries == 1


async def test_a_record_that_is_missing_is_made_by_its_external_id(desk: Desk) -> None:
    command = told(target=salesforce("Product2", "eid:NS_Item_Id__c:101"))
    [outcome] = await desk.handle(command)
    [again] = await desk.handle(
        told(target=salesforce("Product2", "eid:NS_Item_Id__c:101"), version=Version(2, 0))
    )
    assert outcome.written == again.written
    assert sum(kind == "Product2" for kind, _ in desk.salesforce.records) == 1


async def test_the_same_command_again_is_told_again_and_not_written_again(desk: Desk) -> None:
    """T1.1"""
    command = told()
    first = await desk.handle(command)
    second = await desk.handle(command, command)
    assert second == [first[0], first[0]]
    assert desk.salesforce.saves == [1]


async def test_an_older_version_never_overwrites(desk: Desk) -> None:
    """T4.6, I4"""
    await desk.handle(told(version=Version(2, 0), NS_X__c="new"))
    [outcome] = await desk.handle(told(version=Version(1, 0), NS_X__c="old"))
    assert outcome.result is Result.SUPERSEDED
    assert desk.held(1, "NS_X__c") == "new"


async def test_a_refused_record_is_held_and_the_others_go_on(desk: Desk) -> None:
    """R8"""
    desk.salesforce.refused = {opportunity_id(2): [NOT_VALID]}
    outcomes = await desk.handle(told(1), told(2), told(3))
    assert [outcome.code for outcome in outcomes] == ["WRITTEN", "SALESFORCE_REFUSED", "WRITTEN"]
    refused = outcomes[1]
    assert (refused.result, refused.waits_on) == (Result.PARKED, refused.ref)
    assert isinstance(refused.params["detail"], Sealed)
    assert refused.path == ("refused: FIELD_CUSTOM_VALIDATION_EXCEPTION",)


async def test_a_record_that_does_not_exist_is_said_so(desk: Desk) -> None:
    [outcome] = await desk.handle(told(77))
    assert (outcome.result, outcome.code) == (Result.PARKED, "TARGET_GONE")


async def test_a_locked_row_is_tried_again_and_the_others_have_ended(desk: Desk) -> None:
    desk.salesforce.refused = {opportunity_id(2): [LOCKED]}
    records = desk.records([told(1), told(2), told(2, version=Version(2, 0)), told(3)])
    with pytest.raises(RetryableError, match="lock"):
        await desk.writer.handle(records)
    assert len(desk.outcomes.sent) == 2
    assert desk.salesforce.saves == [3]
    await desk.writer.handle(records)
    assert len(desk.outcomes.sent) == 4
    assert desk.salesforce.saves == [3, 1, 1]
    assert desk.held(2, "NS_SO_Number__c") == "SO-2"


@pytest.mark.parametrize("trouble", [
    Reply(status=503), Reply(status=406), RetryableError("cannot be reached"),
    Reply(status=403, body=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}]),
])  # fmt: skip
async def test_a_busy_salesforce_is_asked_again_and_nothing_ends(
    desk: Desk, trouble: Reply | Exception
) -> None:
    """R9"""
    desk.salesforce.troubles = [trouble]
    records = desk.records([told(1), told(2)])
    with pytest.raises(RetryableError):
        await desk.writer.handle(records)
    assert desk.outcomes.sent == []
    await desk.writer.handle(records)
    assert [outcome.code for outcome in desk.outcomes.sent] == ["WRITTEN", "WRITTEN"]
    assert [outcome.attempts for outcome in desk.outcomes.sent] == [2, 2]
    assert desk.salesforce.queries == 0


async def test_an_answer_lost_after_the_write_is_found_and_not_repeated() -> None:
    """R2"""
    desk = Desk(settle_s=60.0)
    desk.salesforce.troubles = ["lost"]
    outcomes = await desk.handle(told(1, reads_back=("NS_SO_Number__c",)), told(2))
    assert [outcome.code for outcome in outcomes] == ["FOUND_AFTER_UNKNOWN"] * 2
    assert desk.salesforce.saves == [2]
    assert outcomes[0].read_back == Document({"NS_SO_Number__c": "SO-1"})
    assert outcomes[0].path[-1] == "looked up: found, all fields equal"


async def test_a_write_that_was_lost_waits_out_the_window_before_it_is_repeated() -> None:
    """T9.4"""
    desk = Desk(settle_s=5.0)
    desk.salesforce.troubles = [FAILED]
    command = told(1)
    records = desk.records([command, told(2)])
    with pytest.raises(RetryableError, match="settle") as waiting:
        await desk.writer.handle(records)
    assert waiting.value.after_s == 1.0
    assert desk.outcomes.sent == []
    desk.log.inner.writes[command.id].waited_s = 4.5
    with pytest.raises(RetryableError) as last:
        await desk.writer.handle(records[:1])
    assert last.value.after_s == 0.5
    desk.log.inner.writes[command.id].waited_s = 5.1
    await desk.writer.handle(records[:1])
    assert desk.outcomes.sent[0].code == "WRITTEN"
    assert desk.salesforce.saves == [2, 1]


async def test_equal_values_prove_nothing_while_the_lost_call_may_still_come() -> None:
    desk = Desk(settle_s=5.0)
    event = "4a0d2f5e-0000-4000-8000-000000000001"
    await desk.handle(told(1, event=event))
    again = told(1, version=Version(2, 0), event=event.replace("1", "2"))
    desk.salesforce.troubles = [FAILED]
    with pytest.raises(RetryableError, match="settle"):
        await desk.handle(again)
    desk.log.inner.writes[again.id].waited_s = 5.1
    [outcome] = await desk.handle(again)
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, "ALREADY_SO")


async def test_what_fails_again_and_again_is_held_for_a_person() -> None:
    desk = Desk(settle_s=0.0, failures_max=2)
    desk.salesforce.troubles = [FAILED, FAILED]
    command = told(1)
    records = desk.records([command])
    with pytest.raises(RetryableError, match="did nothing"):
        await desk.writer.handle(records)
    await desk.writer.handle(records)
    [outcome] = desk.outcomes.sent
    assert (outcome.result, outcome.code) == (Result.PARKED, "TRIED_ENOUGH")


async def test_without_a_window_a_lost_call_is_handed_over_again_and_never_forgotten() -> None:
    desk = Desk(settle_s=0.0)
    desk.salesforce.troubles = [FAILED]
    records = desk.records([told(1)])
    with pytest.raises(RetryableError, match="did nothing"):
        await desk.writer.handle(records)
    assert desk.outcomes.sent == []
    await desk.writer.handle(records)
    assert [outcome.code for outcome in desk.outcomes.sent] == ["WRITTEN"]


async def test_a_call_refused_as_a_whole_is_narrowed_down_to_the_one_at_fault(desk: Desk) -> None:
    wrong = Reply(status=400, body=[{"errorCode": "INVALID_FIELD", "message": "No such column"}])
    desk.salesforce.troubles = [wrong, "no", wrong, wrong, "no"]
    outcomes = await desk.handle(*(told(number) for number in range(1, 5)))
    codes = {outcome.code for outcome in outcomes}
    assert codes == {"WRITTEN", "SALESFORCE_REFUSED"}
    assert sum(outcome.code == "SALESFORCE_REFUSED" for outcome in outcomes) == 1


async def test_a_command_begun_before_a_crash_is_looked_up_before_anything_else(
    desk: Desk,
) -> None:
    """R1"""
    command = told(1)
    await desk.handle(command)
    desk.log.inner.writes[command.id] = FakeWrite()
    desk.log.inner.written.clear()
    [outcome] = await desk.handle(command)
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert desk.salesforce.saves == [1]


async def test_a_closed_version_stops_the_service_and_loses_nothing(desk: Desk) -> None:
    command = told(1)
    desk.salesforce.troubles = [Reply(status=410, body=[{"errorCode": "GONE", "message": "x"}])]
    with pytest.raises(FatalError, match="SALESFORCE_API_VERSION"):
        await desk.handle(command)
    assert desk.log.inner.writes[command.id].state == "idle"


async def test_the_outcome_is_kept_before_it_is_told(desk: Desk) -> None:
    records = desk.records([told(1), told(2)])
    desk.outcomes.away = 1
    with pytest.raises(RetryableError):
        await desk.writer.handle(records)
    await desk.writer.handle(records)
    assert [outcome.code for outcome in desk.outcomes.sent] == ["WRITTEN", "WRITTEN"]
    assert desk.salesforce.saves == [2]


async def test_one_target_that_names_nothing_is_found_by_itself(desk: Desk) -> None:
    wrong = told(target=salesforce("Account", "eid:812"))
    records = desk.records([told(1), wrong])
    with pytest.raises(PermanentError, match="names no record"):
        await desk.writer.handle(records)
    assert desk.log.inner.writes == {}
    await desk.writer.broken(records[1], PermanentError("names no record"))
    [outcome] = desk.outcomes.sent
    assert (outcome.result, outcome.code) == (Result.DEAD, "UNEXPECTED")


async def test_bytes_that_say_nothing_end_at_their_coordinates(desk: Desk) -> None:
    place = Coordinates("salesforce.commands.v1", 3, 41)
    record = Record(place, "k", None, {}, datetime(2026, 11, 20, tzinfo=UTC))
    await desk.writer.broken(record, PermanentError("no value"))
    [outcome] = desk.outcomes.sent
    assert (outcome.code, outcome.origin, outcome.ref) == ("UNDECODABLE", place, None)
