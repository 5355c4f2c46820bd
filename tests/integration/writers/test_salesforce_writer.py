"""The salesforce-writer as a process on real parts: many commands, few calls, one outcome each."""

import signal
from collections.abc import Sequence
from decimal import Decimal

import pytest

from kernel.messages import Outcome, Result, Version, WriteCommand
from kernel.records import RecordRef, salesforce
from kernel.sentences import say
from kernel.topics import OUTCOMES, SALESFORCE_COMMANDS
from kernel.values import Fields, Value
from tests.integration.writers.desk import Desk
from tests.integration.writers.vendors import Entry, mutations
from tests.log import eventually, never_more
from tests.unit.salesforce_writer.commands import command

pytestmark = pytest.mark.real
WRITER = "salesforce-writer"
COLLECTIONS = "/composite/sobjects*"


def accounts(desk: Desk, number: int, count: int = 1) -> list[RecordRef]:
    """New accounts, made by their external id."""
    made = [
        command(
            salesforce("Account", f"eid:NS_Customer_Id__c:{number + at}"),
            {"Name": f"Acme {number + at}"},
            part="made",
        )
        for at in range(count)
    ]
    found = [outcome.written for outcome in desk.write(*made)]
    assert None not in found
    return [record for record in found if record is not None]


def numbered(record: RecordRef, text: str, version: int = 1, **fields: Value) -> WriteCommand:
    wanted: Fields = {"NS_Customer_Number__c": text, **fields}
    return command(record, wanted, version=Version(version, 0))


def written(desk: Desk, record: RecordRef) -> list[Entry]:
    """Every change of this record but its making."""
    return [one for one in mutations(desk.history("salesforce"), record.kind, "update")
            if one["id"] == record.id]  # fmt: skip


def last_number(desk: Desk, record: RecordRef) -> str:
    return str(written(desk, record)[-1]["after"]["NS_Customer_Number__c"])


def calls(desk: Desk, after: int) -> Sequence[Entry]:
    return [entry for entry in desk.history("salesforce", after) if entry["method"] == "PATCH"]


def test_values_are_written_and_read_back_exactly(desk: Desk, number: int) -> None:
    [record] = accounts(desk, number)
    wanted: Fields = {
        "NS_Balance__c": Decimal("1234567.89"),
        "NS_Payment_Terms__c": "Net 30 – Ärger",
        "NS_Days_Overdue__c": Decimal(3),
        "NS_Sync_Message__c": None,
    }
    [outcome] = desk.write(command(record, wanted, reads_back=tuple(wanted)))
    assert (outcome.result, outcome.code) == (Result.APPLIED, "WRITTEN")
    assert outcome.written == record
    assert outcome.read_back is not None
    assert outcome.read_back.fields == wanted


def test_many_commands_go_in_few_calls(desk: Desk, number: int) -> None:
    records = accounts(desk, number, 100)
    after = desk.vendors.last_seq("salesforce")
    outcomes = desk.write(*(numbered(record, f"C-{record.id}") for record in records))
    assert {outcome.code for outcome in outcomes} == {"WRITTEN"}
    assert len(calls(desk, after)) < 50


def test_commands_of_one_record_are_written_in_order(desk: Desk, number: int) -> None:
    [record] = accounts(desk, number)
    desk.write(*(numbered(record, f"C-{at}", version=at) for at in range(1, 11)))
    told = [one["after"]["NS_Customer_Number__c"] for one in written(desk, record)]
    assert told == [f"C-{at}" for at in range(1, 11)]


def test_the_same_command_three_times_is_one_write(desk: Desk, number: int) -> None:
    """T1.1"""
    [record] = accounts(desk, number)
    again = numbered(record, "C-1")
    desk.log.send(again, again, again)
    outcomes = eventually(lambda: found if len(found := desk.outcomes(again)) == 3 else None)
    assert len({outcome.id for outcome in outcomes}) == 1
    assert len(written(desk, record)) == 1


def test_an_answer_lost_after_the_commit_is_found(desk: Desk, number: int) -> None:
    """R2"""
    [record] = accounts(desk, number)
    desk.vendors.faults({"system": "salesforce", "method": "PATCH", "path": COLLECTIONS,
                         "effect": "drop_after_commit", "times": 1})  # fmt: skip
    [outcome] = desk.write(numbered(record, "C-lost"))
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert len(written(desk, record)) == 1


def test_a_commit_that_comes_late_is_waited_for(desk: Desk, number: int) -> None:
    """R2"""
    [record] = accounts(desk, number)
    desk.vendors.faults({"system": "salesforce", "method": "PATCH", "path": COLLECTIONS,
                         "effect": "commit_late", "seconds": 2.0, "times": 1})  # fmt: skip
    [outcome] = desk.write(numbered(record, "C-late"))
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert len(written(desk, record)) == 1


def test_a_commit_that_never_came_is_made_up_for_after_the_window(desk: Desk, number: int) -> None:
    first, second = accounts(desk, number, 2)
    desk.vendors.faults({"system": "salesforce", "method": "PATCH", "path": COLLECTIONS,
                         "effect": "drop_before_commit", "times": 1})  # fmt: skip
    outcomes = desk.write(numbered(first, "C-1"), numbered(second, "C-2"))
    assert {outcome.code for outcome in outcomes} == {"WRITTEN"}
    assert (last_number(desk, first), last_number(desk, second)) == ("C-1", "C-2")


def test_a_writer_killed_before_it_heard_the_answer_writes_once(desk: Desk, number: int) -> None:
    """R1: the read-back is held back, and the process dies before it comes."""
    [record] = accounts(desk, number)
    desk.vendors.faults({"system": "salesforce", "method": "GET", "path": "/query*",
                         "effect": "delay", "seconds": 0.9, "times": 1})  # fmt: skip
    asked = command(record, {"NS_Customer_Number__c": "C-kill"},
                    reads_back=("NS_Customer_Number__c",))  # fmt: skip
    desk.log.send(asked)
    eventually(lambda: written(desk, record))
    desk.stack.kill(WRITER, signal.SIGKILL)
    [outcome] = desk.ended(asked)
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    never_more(lambda: written(desk, record), 1)


def test_an_older_version_is_superseded(desk: Desk, number: int) -> None:
    """T4.6, I4"""
    [record] = accounts(desk, number)
    outcomes = desk.write(numbered(record, "C-new", version=2), numbered(record, "C-old"))
    assert outcomes[1].code == "SUPERSEDED"
    assert last_number(desk, record) == "C-new"


def test_locked_rows_and_closed_doors_end_nothing(desk: Desk, number: int) -> None:
    """R9"""
    records = accounts(desk, number, 10)
    desk.vendors.faults(
        {"system": "salesforce", "method": "PATCH", "effect": "status", "status": 503,
         "probability": 0.5, "times": 5},
        {"system": "salesforce", "method": "PATCH", "effect": "status", "status": 400,
         "body": [{"errorCode": "UNABLE_TO_LOCK_ROW", "message": "locked"}],
         "probability": 0.5, "times": 5},
    )  # fmt: skip
    outcomes = desk.write(*(numbered(record, "C-1") for record in records))
    assert {outcome.code for outcome in outcomes} == {"WRITTEN"}


def test_a_refused_record_is_held_and_the_next_key_goes_on(desk: Desk, number: int) -> None:
    """R8"""
    first, second = accounts(desk, number, 2)
    gone = salesforce("Account", "001xx0000009999AAA")
    outcomes = desk.write(
        command(first, {"NS_Sync_Status__c": "Somehow"}),
        numbered(gone, "C-1"),
        numbered(second, "C-2"),
        command(first, {"NS_Nobody__c": "x"}, part="other"),
    )
    assert [outcome.code for outcome in outcomes] == [
        "SALESFORCE_REFUSED", "TARGET_GONE", "WRITTEN", "SALESFORCE_REFUSED",
    ]  # fmt: skip
    assert outcomes[0].result is Result.PARKED
    assert say(outcomes[0].code, outcomes[0].params).startswith(
        "salesOrder 1 (Account) is held: Salesforce refused the update: [sealed]."
    )


def test_a_replay_of_the_whole_topic_writes_nothing(desk: Desk, number: int) -> None:
    """T1.2, R13"""
    records = accounts(desk, number, 3)
    desk.write(*(numbered(record, "C-1") for record in records))
    commands = desk.log.messages(SALESFORCE_COMMANDS)
    told, after = len(desk.log.messages(OUTCOMES)), desk.vendors.last_seq("salesforce")
    desk.log.send(*commands)
    eventually(lambda: len(desk.log.messages(OUTCOMES)) >= told + len(commands))
    assert mutations(desk.history("salesforce", after), "Account") == []


def test_bytes_that_say_nothing_end_as_dead_and_the_partition_goes_on(
    desk: Desk, number: int
) -> None:
    [record] = accounts(desk, number)
    after = numbered(record, "C-1")
    desk.log.send_bytes(SALESFORCE_COMMANDS, b"\x00\x00\x00\x00\x63", key=str(record))
    desk.write(after)

    def look() -> list[Outcome]:
        told = [one for one in desk.log.messages(OUTCOMES) if isinstance(one, Outcome)]
        return [one for one in told if one.origin.topic == SALESFORCE_COMMANDS]

    [outcome] = eventually(look)
    assert (outcome.result, outcome.code) == (Result.DEAD, "UNDECODABLE")


def test_salesforce_away_is_waited_for_and_said(desk: Desk, number: int) -> None:
    [record] = accounts(desk, number)
    waiting = numbered(record, "C-1")
    desk.vendors.faults({"system": "salesforce", "effect": "status", "status": 503})
    desk.log.send(waiting)
    eventually(lambda: not desk.ready(WRITER)[0])
    assert "503" in desk.ready(WRITER)[1]["salesforce"]
    assert desk.outcomes(waiting) == []
    desk.vendors.faults()
    assert desk.ended(waiting)[0].code == "WRITTEN"
    eventually(lambda: desk.ready(WRITER)[0])
