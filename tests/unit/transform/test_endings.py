"""How the end of a command moves its change on."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kernel.messages import Outcome, Result, Subject, Version, WriteCommand
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Document, Fields, Sealed
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    POLICY,
    case,
    change,
    customer_link,
    facts,
    line,
    opportunity,
)
from transform.domain.endings import ChangeState, Conclusion, Ending, conclude
from transform.domain.facts import Cause, Facts
from transform.domain.lifecycle import DELETED, YES
from transform.pipeline import decide

WON = case(change(OPPORTUNITY, opportunity()))
ORDER = decide(WON, facts(customer_link()), POLICY).commands[0]
CUSTOMER = decide(WON, facts(), POLICY).commands[0]
READ_BACK = Document(
    {
        "id": "812",
        "tranId": "SO-1042",
        "status.refName": "Pending Approval",
        "exchangeRate": Decimal("1.03"),
        "lastModifiedDate": datetime(2026, 11, 20, 9, 14, tzinfo=UTC),
    }
)


def outcome(
    command: WriteCommand,
    result: Result = Result.APPLIED,
    code: str = "WRITTEN",
    written: RecordRef | None = None,
    read_back: Document | None = None,
) -> Outcome:
    return Outcome(
        id="o1",
        subject=Subject.COMMAND,
        event_id=command.event_id,
        command_id=command.id,
        origin=command.origin,
        ref=command.source,
        result=result,
        code=code,
        target=command.target,
        part=command.part,
        written=written,
        read_back=read_back,
    )


def concluded(
    said: Outcome,
    command: WriteCommand = ORDER,
    *,
    state: ChangeState = ChangeState.OPEN,
    open_siblings: int = 0,
    sibling_results: frozenset[Result] = frozenset(),
    waiting: tuple[Cause, ...] = (),
    known: Facts | None = None,
) -> Conclusion:
    ending = Ending(
        outcome=said,
        command=command,
        cause=WON.cause,
        state=state,
        open_siblings=open_siblings,
        sibling_results=sibling_results,
        waiting=waiting,
    )
    return conclude(ending, known or facts(), POLICY)


def test_a_written_order_is_linked_and_told_to_its_opportunity_before_the_change_ends() -> None:
    said = outcome(ORDER, written=netsuite("salesOrder", "812"), read_back=READ_BACK)
    conclusion = concluded(said)
    assert conclusion.link is not None
    assert (conclusion.link.source, conclusion.link.netsuite_id) == (OPPORTUNITY, "812")
    assert conclusion.follow_up is not None
    assert conclusion.follow_up.target == OPPORTUNITY
    assert conclusion.follow_up.event_id == ORDER.event_id
    assert conclusion.follow_up.document.fields["NS_SO_Number__c"] == "SO-1042"
    assert conclusion.outcome is None
    assert {"memo", "lines:item"} <= conclusion.applied.keys()


def test_the_change_ends_as_applied_with_its_last_command() -> None:
    told = concluded(outcome(ORDER, written=netsuite("salesOrder", "812"), read_back=READ_BACK))
    assert told.follow_up is not None
    last = concluded(
        outcome(told.follow_up, written=OPPORTUNITY),
        told.follow_up,
        sibling_results=frozenset({Result.APPLIED}),
    )
    assert last.outcome is not None
    assert (last.outcome.subject, last.outcome.result) == (Subject.CHANGE, Result.APPLIED)
    assert last.outcome.origin == WON.origin


def test_a_written_customer_leaves_the_waiting_order_waiting_for_its_release() -> None:
    said = outcome(
        CUSTOMER,
        written=netsuite("customer", "77"),
        read_back=Document({"id": "77", "entityId": "CUST-77"}),
    )
    conclusion = concluded(said, CUSTOMER, state=ChangeState.PARKED)
    assert conclusion.link is not None
    assert conclusion.link.source == ACCOUNT
    assert conclusion.follow_up is not None
    assert conclusion.follow_up.target == ACCOUNT
    assert conclusion.outcome is None


@pytest.mark.parametrize("result", [Result.UNCHANGED, Result.SUPERSEDED])
def test_a_change_ends_as_well_as_its_best_command(result: Result) -> None:
    conclusion = concluded(outcome(ORDER, result, "X"))
    assert conclusion.outcome is not None
    assert conclusion.outcome.result is result


def test_a_superseded_command_leaves_the_applied_values_alone() -> None:
    conclusion = concluded(outcome(ORDER, Result.SUPERSEDED, "SUPERSEDED"))
    assert conclusion.applied == {}
    assert conclusion.link is None


def test_a_refused_order_holds_its_change_with_the_refusal_s_sentence() -> None:
    said = outcome(ORDER, Result.PARKED, "CUSTOMER_INACTIVE")
    conclusion = concluded(replace(said, params={"record": "Opportunity 006"}))
    assert conclusion.outcome is not None
    assert (conclusion.outcome.result, conclusion.outcome.code) == (
        Result.PARKED,
        "CUSTOMER_INACTIVE",
    )
    assert conclusion.outcome.params == {"record": "Opportunity 006"}
    assert conclusion.outcome.waits_on == OPPORTUNITY


def test_why_an_order_was_refused_stands_on_its_opportunity() -> None:
    said = outcome(ORDER, Result.PARKED, "NETSUITE_REFUSED")
    detail = Sealed("salesforce:Account:001", "detail", 1, b"x")
    params: Fields = {"record": "Opportunity 006", "detail": detail}
    told = concluded(replace(said, params=params)).follow_up
    assert told is not None
    assert (told.target, told.part) == (OPPORTUNITY, "sync")
    assert told.document.fields["NS_Sync_Status__c"] == "Held"
    assert "tallystick trace" in str(told.document.fields["NS_Sync_Message__c"])


def test_a_refused_customer_makes_the_order_wait_on_the_account() -> None:
    said = outcome(CUSTOMER, Result.PARKED, "TEXT_TOO_LONG")
    conclusion = concluded(said, CUSTOMER, state=ChangeState.PARKED)
    assert conclusion.outcome is not None
    assert conclusion.outcome.waits_on == ACCOUNT


def test_everybody_who_waits_for_a_refused_customer_is_told_why() -> None:
    second = salesforce("Opportunity", "006xx000001Sv7uAAC")
    waiting = case(change(second, opportunity())).cause
    said = outcome(CUSTOMER, Result.PARKED, "TEXT_TOO_LONG")
    conclusion = concluded(said, CUSTOMER, state=ChangeState.ENDED, waiting=(waiting,))
    (other,) = conclusion.others
    assert (other.event_id, other.code, other.waits_on) == (
        waiting.event_id,
        "TEXT_TOO_LONG",
        ACCOUNT,
    )
    assert [command.target for command in conclusion.notices] == [second]
    assert conclusion.refusal == said


def test_a_change_waits_for_all_its_commands() -> None:
    assert concluded(outcome(ORDER, Result.UNCHANGED, "X"), open_siblings=1).outcome is None


def test_a_dead_command_ends_its_change_as_dead() -> None:
    conclusion = concluded(outcome(ORDER, Result.DEAD, "WRONG_TYPE"), open_siblings=1)
    assert conclusion.outcome is not None
    assert conclusion.outcome.result is Result.DEAD


def test_a_change_that_ended_is_not_ended_again() -> None:
    conclusion = concluded(outcome(ORDER, Result.UNCHANGED, "X"), state=ChangeState.ENDED)
    assert conclusion.outcome is None


@pytest.mark.parametrize("result", [Result.APPLIED, Result.PARKED, Result.DEAD])
def test_how_a_notice_ends_does_not_move_a_held_change(result: Result) -> None:
    held = decide(
        case(change(OPPORTUNITY, opportunity(line(Quantity=Decimal(0))))), facts(), POLICY
    )
    (told,) = held.commands
    conclusion = concluded(outcome(told, result, "X"), told, state=ChangeState.PARKED)
    assert conclusion.outcome is None


def test_a_refusal_of_what_a_newer_version_has_overtaken_waits_for_nobody() -> None:
    refused = outcome(ORDER, Result.PARKED, "NETSUITE_REFUSED")
    known = facts(latest={OPPORTUNITY: Version(WON.change.version.major + 1, 0)})
    conclusion = concluded(refused, known=known)
    assert conclusion.outcome is not None
    assert conclusion.outcome.result is Result.SUPERSEDED
    assert conclusion.follow_up is None, "the newer version says how it stands"
    waiting = concluded(refused, known=facts(latest={OPPORTUNITY: WON.change.version}))
    assert waiting.outcome is not None
    assert waiting.outcome.result is Result.PARKED


TOLD = concluded(outcome(ORDER, written=netsuite("salesOrder", "812"), read_back=READ_BACK))


def gone(command: WriteCommand, cause: Cause, known: Facts | None = None,
         siblings: frozenset[Result] = frozenset()) -> Conclusion:  # fmt: skip
    ending = Ending(
        outcome=outcome(command, Result.PARKED, "TARGET_GONE"),
        command=command,
        cause=cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=siblings,
    )
    return conclude(ending, known or facts(), POLICY)


def test_what_was_to_be_told_to_a_deleted_deal_ends_by_itself() -> None:
    told = TOLD.follow_up
    assert told is not None
    last = gone(told, WON.cause, siblings=frozenset({Result.APPLIED})).outcome
    assert last is not None
    assert last.result is Result.APPLIED, "the order that it asks for stands"
    billed = case(change(netsuite("salesOrder", "812"), READ_BACK)).cause
    alone = gone(told, billed).outcome
    assert alone is not None
    assert (alone.result, alone.code) == (Result.FILTERED, "COUNTERPART_DELETED")
    assert alone.params["counterpart"] == f"Opportunity {OPPORTUNITY.id}"


def test_a_row_that_names_a_deal_deleted_on_the_way_is_written_without_it() -> None:
    bill = case(change(netsuite("invoice", "900"), Document({"id": "900"}))).cause
    order = salesforce("Order", "801xx000003DGb1AAG")
    row = replace(
        ORDER,
        source=bill.ref,
        target=salesforce("NS_Transaction__c", "eid:NS_Internal_Id__c:900"),
        part="row",
        document=Document({"Opportunity__c": OPPORTUNITY.id, "Order__c": order.id, "Total__c": 1}),
    )
    again = gone(row, bill)
    assert again.outcome is None
    assert again.follow_up is not None
    assert (again.follow_up.target, again.follow_up.part) == (row.target, row.part)
    assert again.follow_up.document.fields == {
        "Opportunity__c": None,
        "Order__c": None,
        "Total__c": 1,
    }
    told = gone(row, bill, facts(applied={(OPPORTUNITY, DELETED): YES})).follow_up
    assert told is not None
    assert told.document.fields["Order__c"] == order.id, "this one is not deleted"
    twice = gone(again.follow_up, bill)
    assert twice.follow_up is None
    assert twice.outcome is not None
    assert twice.outcome.result is Result.PARKED, "something else that it names is gone"


def restoring(**fields: str) -> WriteCommand:
    said = "NetSuite owns NS Payment Terms; your change was undone. [OWNER_OVERRULED]"
    return replace(
        ORDER,
        source=OPPORTUNITY,
        target=OPPORTUNITY,
        document=Document({**fields, "NS_Sync_Message__c": said}),
    )


def test_t7_2_a_change_that_was_refused_in_part_says_so_at_its_end() -> None:
    command = restoring(NS_Payment_Terms__c="Net 30")
    first = concluded(outcome(command, written=OPPORTUNITY), command, open_siblings=1)
    assert first.outcome is None
    noted = facts(customer_link(), applied=first.seen)
    last = concluded(outcome(ORDER), known=noted, sibling_results=frozenset({Result.APPLIED}))
    assert last.outcome is not None
    assert (last.outcome.result, last.outcome.code) == (Result.APPLIED, "OVERRULED_IN_PART")
    assert last.outcome.params["fields"] == "NS Payment Terms"
    older = facts(customer_link(), applied={(OPPORTUNITY, "refused"): "another NS Payment Terms"})
    plain = concluded(outcome(ORDER), known=older, sibling_results=frozenset({Result.APPLIED}))
    assert plain.outcome is not None
    assert plain.outcome.code == "APPLIED"


def test_the_order_of_its_commands_does_not_matter_to_what_was_refused() -> None:
    command = restoring(NS_Payment_Terms__c="Net 30")
    last = concluded(outcome(command), command, sibling_results=frozenset({Result.APPLIED}))
    assert last.outcome is not None
    assert last.outcome.code == "OVERRULED_IN_PART"
