"""The netsuite-writer as a process on real parts: one record, one outcome, whatever happens."""

import signal
from collections.abc import Sequence
from decimal import Decimal

import pytest

from kernel.messages import Outcome, Result, Version, WriteCommand
from kernel.sentences import say
from kernel.topics import NETSUITE_COMMANDS, OUTCOMES
from tests.integration.writers.desk import Desk, changes
from tests.integration.writers.vendors import Entry, mutations
from tests.log import eventually, never_more
from tests.unit.netsuite_writer.commands import LINE_ONE, LINE_TWO, customer, order

pytestmark = pytest.mark.real
WRITER = "netsuite-writer"
THIRD = {**LINE_TWO, "custcol_sf_line_id": "00kxx0000000003AAA", "item.id": "103"}
SLOTS = 4


def customer_of(desk: Desk, number: int) -> str:
    [outcome] = desk.write(customer(number))
    assert outcome.written is not None, say(outcome.code, outcome.params)
    return outcome.written.id


def orders(desk: Desk, command: WriteCommand, operation: str | None = None) -> list[Entry]:
    """What happened to the order of this command."""
    source = str(command.document.fields["custbody_sf_opportunity_id"])
    history = desk.history("netsuite")
    return changes(history, "salesOrder", "custbody_sf_opportunity_id", source, operation)


def lines(mutation: Entry) -> Sequence[Entry]:
    held: Sequence[Entry] = mutation["after"]["item"]["items"]
    return held


def test_a_customer_and_its_order_are_written_and_read_back(desk: Desk, number: int) -> None:
    [written] = desk.write(customer(number))
    assert (written.result, written.code) == (Result.APPLIED, "WRITTEN")
    assert written.read_back is not None
    assert written.read_back.fields["entityId"]
    assert written.written is not None
    command = order(number, customer_id=written.written.id)
    [outcome] = desk.write(command)
    assert outcome.read_back is not None
    told = outcome.read_back.fields
    assert told["total"] == Decimal("3100.49")
    assert told["status.refName"] == "Pending Approval"
    assert told["currency.refName"]
    assert str(told["tranId"])
    [created] = orders(desk, command)
    assert len(lines(created)) == 2


def test_the_same_command_three_times_makes_one_record_and_one_write(
    desk: Desk, number: int
) -> None:
    """T1.1"""
    command = order(number, customer_id=customer_of(desk, number))
    desk.log.send(command, command, command)
    outcomes = eventually(lambda: found if len(found := desk.outcomes(command)) == 3 else None)
    assert len({outcome.id for outcome in outcomes}) == 1
    assert len(orders(desk, command)) == 1


def test_an_answer_lost_after_the_commit_makes_one_order(desk: Desk, number: int) -> None:
    """R2, T9.4"""
    command = order(number, customer_id=customer_of(desk, number))
    desk.vendors.faults(
        {"system": "netsuite", "method": "PUT", "path": "/record/v1/salesOrder/*",
         "effect": "drop_after_commit", "times": 1}
    )  # fmt: skip
    [outcome] = desk.write(command)
    assert (outcome.result, outcome.code) == (Result.APPLIED, "FOUND_AFTER_UNKNOWN")
    assert outcome.path[-1] == "all fields equal"
    assert outcome.read_back is not None
    assert outcome.read_back.fields["tranId"]
    assert len(orders(desk, command)) == 1


def test_a_commit_that_comes_late_makes_one_order(desk: Desk, number: int) -> None:
    """R2: the client gives up after 1 s, the server commits after 2 s."""
    command = order(number, customer_id=customer_of(desk, number))
    desk.vendors.faults(
        {"system": "netsuite", "method": "PUT", "path": "/record/v1/salesOrder/*",
         "effect": "commit_late", "seconds": 2.0, "times": 1}
    )  # fmt: skip
    [outcome] = desk.write(command)
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert len(orders(desk, command)) == 1


def test_a_commit_that_never_came_is_made_up_for_after_the_window(desk: Desk, number: int) -> None:
    command = order(number, customer_id=customer_of(desk, number))
    desk.vendors.faults(
        {"system": "netsuite", "method": "PUT", "path": "/record/v1/salesOrder/*",
         "effect": "drop_before_commit", "times": 1}
    )  # fmt: skip
    [outcome] = desk.write(command)
    assert (outcome.code, outcome.attempts) == ("WRITTEN", 2)
    [created] = orders(desk, command)
    assert len(lines(created)) == 2


def test_a_writer_killed_after_netsuite_committed_leaves_one_order(desk: Desk, number: int) -> None:
    """R1: the answer is held back, and the process dies before it comes."""
    command = order(number, customer_id=customer_of(desk, number))
    desk.vendors.faults(
        {"system": "netsuite", "method": "GET", "path": "/record/v1/salesOrder/*",
         "effect": "delay", "seconds": 0.9, "times": 1}
    )  # fmt: skip
    desk.log.send(command)
    eventually(lambda: orders(desk, command))
    desk.stack.kill(WRITER, signal.SIGKILL)
    [outcome] = desk.ended(command)
    assert outcome.code == "FOUND_AFTER_UNKNOWN"
    assert outcome.path[0] == "begun before, no end on record"
    never_more(lambda: orders(desk, command), 1)
    assert len(desk.outcomes(command)) == 1


def test_an_older_version_is_superseded(desk: Desk, number: int) -> None:
    """T4.6, I4"""
    new = customer(number, version=Version(2, 0), phone="+49 30 2222222")
    old = customer(number, version=Version(1, 0), phone="+49 30 1111111")
    [_, outcome] = desk.write(new, old)
    assert outcome.code == "SUPERSEDED"
    history = desk.history("netsuite")
    name = str(new.document.fields["companyName"])
    [created] = changes(history, "customer", "companyName", name)
    assert created["after"]["phone"] == "+49 30 2222222"


def test_an_amended_order_has_its_lines_once(desk: Desk, number: int) -> None:
    """T9.5"""
    customer_id = customer_of(desk, number)
    first = order(number, customer_id=customer_id, lines=(LINE_ONE, LINE_TWO))
    more = {**LINE_TWO, "quantity": Decimal(3), "amount": Decimal("299.97")}
    amended = order(
        number, customer_id=customer_id, version=Version(2, 0), lines=(more, THIRD), memo="Amended"
    )
    [_, outcome] = desk.write(first, amended)
    assert outcome.code == "WRITTEN", say(outcome.code, outcome.params)
    last = orders(desk, first)[-1]
    assert last["after"]["memo"] == "Amended"
    held = {line["custcol_sf_line_id"]: line for line in lines(last)}
    assert held.keys() == {LINE_TWO["custcol_sf_line_id"], THIRD["custcol_sf_line_id"]}
    assert held["00kxx0000000002AAA"]["quantity"] == 3
    before = {line["custcol_sf_line_id"]: line["line"] for line in lines(orders(desk, first)[0])}
    assert held["00kxx0000000002AAA"]["line"] == before["00kxx0000000002AAA"]


def test_an_order_that_is_so_already_is_not_written_again(desk: Desk, number: int) -> None:
    customer_id = customer_of(desk, number)
    first = order(number, customer_id=customer_id)
    again = order(number, customer_id=customer_id, version=Version(2, 0))
    outcomes = desk.write(first, again)
    assert [outcome.code for outcome in outcomes] == ["WRITTEN", "ALREADY_SO"]
    assert outcomes[1].read_back == outcomes[0].read_back
    assert len(orders(desk, first)) == 1


def test_a_storm_of_429_ends_nothing_and_loses_nothing(desk: Desk, number: int) -> None:
    """R9"""
    commands = [customer(number + at) for at in range(20)]
    desk.vendors.faults(
        {"system": "netsuite", "method": "PUT", "effect": "status", "status": 429,
         "probability": 0.7, "times": 60},
        {"system": "netsuite", "method": "PUT", "effect": "status", "status": 400,
         "body": {"status": 400, "o:errorDetails": [
             {"detail": "x", "o:errorCode": "SSS_REQUEST_LIMIT_EXCEEDED"}]},
         "probability": 0.5, "times": 20},
    )  # fmt: skip
    outcomes = desk.write(*commands)
    assert {outcome.result for outcome in outcomes} == {Result.APPLIED}
    assert len(desk.outcomes(*commands)) == 20
    assert any(outcome.attempts > 1 for outcome in outcomes)


def test_never_more_calls_are_in_flight_than_there_are_slots(desk: Desk, number: int) -> None:
    """The account's limit is set to the slots: one call more would be refused with 429."""
    after = desk.vendors.last_seq("netsuite")
    desk.vendors.faults(
        {"system": "netsuite", "effect": "limit", "slots": SLOTS},
        {"system": "netsuite", "effect": "delay", "seconds": 0.05},
    )
    outcomes = desk.write(*(customer(number + at) for at in range(40)))
    assert {outcome.code for outcome in outcomes} == {"WRITTEN"}
    statuses = {entry["status"] for entry in desk.history("netsuite", after)}
    assert 429 not in statuses


def test_a_refused_record_is_held_and_the_next_key_goes_on(desk: Desk, number: int) -> None:
    """R8"""
    customer_id = customer_of(desk, number)
    wrong = order(number, customer_id="99999")
    too_long = customer(number + 1, companyName="Ö" * 84)
    right = order(number + 2, customer_id=customer_id)
    unknown = order(number + 3, customer_id=customer_id, nobodyKnowsThis="x")
    refused, long, written, odd = desk.write(wrong, too_long, right, unknown)
    assert (written.result, long.code) == (Result.APPLIED, "TEXT_TOO_LONG")
    assert say(refused.code, refused.params).startswith(
        f"Opportunity {wrong.source.id} (salesOrder) is held: NetSuite does not take 99999 for"
        " entity.id."
    )
    assert (odd.result, odd.code) == (Result.PARKED, "NETSUITE_REFUSED")
    assert "[sealed]" in say(odd.code, odd.params)
    assert refused.waits_on == wrong.source


def test_a_corrected_version_follows_a_held_one(desk: Desk, number: int) -> None:
    customer_id = customer_of(desk, number)
    wrong = order(number, customer_id="99999")
    right = order(number, customer_id=customer_id, version=Version(2, 0))
    [held, written] = desk.write(wrong, right)
    assert (held.result, written.result) == (Result.PARKED, Result.APPLIED)


def test_a_replay_of_the_whole_topic_writes_nothing(desk: Desk, number: int) -> None:
    """T1.2, R13"""
    desk.write(customer(number), customer(number + 1))
    commands = desk.log.messages(NETSUITE_COMMANDS)
    known = [command for command in commands if isinstance(command, WriteCommand)]
    before = {outcome.id for outcome in desk.outcomes(*known)}
    told, after = len(desk.log.messages(OUTCOMES)), desk.vendors.last_seq("netsuite")
    desk.log.send(*commands)
    marker = customer(number + 2)
    desk.write(marker)
    eventually(lambda: len(desk.log.messages(OUTCOMES)) >= told + len(known) + 1)
    assert {outcome.id for outcome in desk.outcomes(*known)} == before
    history = desk.history("netsuite", after)
    assert len(mutations(history, "customer")) == 1
    assert mutations(history, "salesOrder") == []


def test_bytes_that_say_nothing_end_as_dead_and_the_partition_goes_on(
    desk: Desk, number: int
) -> None:
    command = customer(number)
    desk.log.send_bytes(NETSUITE_COMMANDS, b"\x00garbage", key=str(command.target))
    desk.write(command)

    def look() -> list[Outcome]:
        return [one for one in desk.log.messages(OUTCOMES)
                if isinstance(one, Outcome) and one.code == "UNDECODABLE"]  # fmt: skip

    [outcome] = eventually(look)
    assert (outcome.result, outcome.origin.topic) == (Result.DEAD, NETSUITE_COMMANDS)


def test_netsuite_away_is_waited_for_and_said(desk: Desk, number: int) -> None:
    command = customer(number)
    desk.vendors.faults({"system": "netsuite", "method": "PUT", "effect": "status", "status": 503})
    desk.log.send(command)
    eventually(lambda: not desk.ready(WRITER)[0])
    assert "503" in desk.ready(WRITER)[1]["netsuite"]
    assert desk.outcomes(command) == []
    desk.vendors.faults()
    [outcome] = desk.ended(command)
    assert outcome.code == "WRITTEN"
    eventually(lambda: desk.ready(WRITER)[0])
