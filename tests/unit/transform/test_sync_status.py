"""What people read on a record of Salesforce: how it stands, and when both halves last agreed."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kernel.messages import Outcome, Result, Subject, Version, WriteCommand
from kernel.records import netsuite
from kernel.values import Document, value_hash
from tests.builders import (
    OPPORTUNITY,
    POLICY,
    PRODUCT,
    case,
    change,
    customer_link,
    facts,
    line,
    opportunity,
    order_link,
)
from transform.domain.backwards import telling
from transform.domain.decisions import Decision, hashes
from transform.domain.endings import ChangeState, Conclusion, Ending, conclude
from transform.domain.facts import Cause, Facts
from transform.domain.last_sync import FIELD, remembered
from transform.domain.notices import MESSAGE, PART, PROGRESS, STATUS, notice_of_progress, shown_by
from transform.pipeline import decide

ORDER = netsuite("salesOrder", "812")
MINUTE = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
ASKED = "NS_Sync_Now__c"


def decided(document: Document, known: Facts) -> Decision:
    return decide(case(change(OPPORTUNITY, document)), known, POLICY)


def read_back(**fields: str) -> Document:
    return Document(
        {
            "id": "812",
            "tranId": "SO-1042",
            "status.refName": "Pending Approval",
            "lastModifiedDate": MINUTE,
            **fields,
        }
    )


def ended(
    command: WriteCommand, document: Document | None, known: Facts, result: Result = Result.APPLIED
) -> Conclusion:
    said = Outcome(
        id="o1",
        subject=Subject.COMMAND,
        event_id=command.event_id,
        command_id=command.id,
        origin=command.origin,
        ref=command.source,
        result=result,
        code="WRITTEN" if document else "SUPERSEDED",
        target=command.target,
        part=command.part,
        written=ORDER if document else None,
        read_back=document,
    )
    ending = Ending(
        outcome=said,
        command=command,
        cause=case(change(OPPORTUNITY, opportunity())).cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=frozenset(),
    )
    return conclude(ending, known, POLICY)


def shown(document: Document) -> Facts:
    """After the opportunity was told this."""
    applied = {(OPPORTUNITY, name): digest for name, digest in hashes(document).items()}
    known = facts(customer_link(), order_link())
    return replace(known, applied={**applied, **remembered(OPPORTUNITY, document)})


def told_first() -> WriteCommand:
    (order,) = decided(opportunity(), facts(customer_link())).commands
    told = ended(order, read_back(), facts(customer_link())).follow_up
    assert told is not None
    return told


def test_the_moment_of_the_confirmed_write_stands_beside_the_number() -> None:
    told = told_first()
    assert told.document.fields[FIELD] == MINUTE
    assert (told.document.fields[STATUS], told.document.fields["NS_SO_Number__c"]) == (
        "Synced",
        "SO-1042",
    )


def test_a_confirmed_write_with_nothing_else_to_tell_tells_its_moment_once_an_hour() -> None:
    first = told_first()
    (order,) = decided(opportunity(), facts(customer_link())).commands
    assert ended(order, read_back(), shown(first.document)).follow_up is None
    later = MINUTE.replace(minute=59)
    in_it = Document({**read_back().fields, "lastModifiedDate": later})
    assert ended(order, in_it, shown(first.document)).follow_up is None
    next_hour = Document({**read_back().fields, "lastModifiedDate": MINUTE.replace(hour=10)})
    told = ended(order, next_hour, shown(first.document)).follow_up
    assert told is not None
    assert told.document.fields == {FIELD: MINUTE.replace(hour=10)}


def test_a_change_of_netsuite_with_nothing_else_to_tell_tells_no_moment() -> None:
    known = shown(told_first().document)
    cause = case(change(ORDER, read_back())).cause
    version = Version(int(MINUTE.timestamp()) + 7_200, 0)
    assert telling(cause, ORDER, OPPORTUNITY, read_back(), version, known, POLICY) is None
    moved = read_back(**{"status.refName": "Pending Fulfillment"})
    told = telling(cause, ORDER, OPPORTUNITY, moved, version, known, POLICY)
    assert told is not None
    assert told.document.fields.keys() == {"NS_SO_Status__c", FIELD}


def test_who_asks_for_another_try_reads_in_the_same_write_that_it_is_on_its_way() -> None:
    decision = decided(opportunity(NS_Sync_Now__c=True), facts(customer_link()))
    order, told = decision.commands
    assert (order.target.kind, told.target) == ("salesOrder", OPPORTUNITY)
    assert told.document.fields == {STATUS: "In progress", MESSAGE: None, ASKED: False}
    assert decision.seen == {
        (OPPORTUNITY, STATUS): value_hash("In progress"),
        (OPPORTUNITY, MESSAGE): value_hash(None),
    }


def test_a_record_whose_customer_is_made_first_is_on_its_way_too() -> None:
    decision = decided(opportunity(NS_Sync_Now__c=True), facts())
    assert decision.outcome is not None
    assert decision.outcome.code == "WAITS_FOR_CUSTOMER"
    assert decision.commands[-1].document.fields[STATUS] == "In progress"


def test_nobody_who_did_not_ask_is_told_that_a_write_has_begun() -> None:
    (order,) = decided(opportunity(), facts(customer_link())).commands
    assert order.target.kind == "salesOrder"


def test_who_asks_where_nothing_is_to_be_written_gets_the_box_back_alone() -> None:
    (order,) = decided(opportunity(), facts(customer_link())).commands
    applied = {(order.target, name): h for name, h in hashes(order.document).items()}
    applied |= shown(told_first().document).applied
    known = replace(facts(customer_link(), order_link()), applied=applied)
    (told,) = decided(opportunity(NS_Sync_Now__c=True), known).commands
    assert (told.target, told.document.fields) == (OPPORTUNITY, {ASKED: False})


def test_what_is_taken_back_before_the_record_was_told_of_its_hold_is_told_as_synced() -> None:
    """The word of the hold is still on its way when the edit comes that needs nothing."""
    (order,) = decided(opportunity(), facts(customer_link())).commands
    applied = {(order.target, name): h for name, h in hashes(order.document).items()}
    applied |= shown(told_first().document).applied
    known = replace(facts(customer_link(), order_link()), applied=applied)
    assert not decided(opportunity(), known).commands
    on_its_way = replace(known, under_way=frozenset({(OPPORTUNITY, STATUS)}))
    (told,) = decided(opportunity(), on_its_way).commands
    assert (told.target, told.document.fields) == (OPPORTUNITY, {STATUS: "Synced", MESSAGE: None})


def test_what_is_shown_as_on_its_way_ends_as_synced_even_where_nothing_else_is_new() -> None:
    first = told_first()
    known = shown(first.document)
    said = notice_of_progress(first_cause(), POLICY)
    known = replace(known, applied={**known.applied, **shown_by(said)})
    (order,) = decided(opportunity(), facts(customer_link())).commands
    told = ended(order, read_back(), known).follow_up
    assert told is not None
    assert told.document.fields == {STATUS: "Synced"}


def test_a_write_that_takes_long_and_is_refused_says_so_over_it() -> None:
    said = notice_of_progress(first_cause(), POLICY)
    assert said.document.fields == PROGRESS
    known = replace(facts(customer_link()), applied=dict(shown_by(said)))
    held = decided(opportunity(line(Quantity=Decimal(0))), known)
    (told,) = held.commands
    assert told.document.fields[STATUS] == "Held"
    assert "QUANTITY_ZERO" in str(told.document.fields[MESSAGE])


def test_what_is_told_too_late_for_its_numbers_still_says_that_the_record_agrees() -> None:
    """The edit came back to what stands before the order's refusal was known: the record was told
    of the hold after that, and a newer reading of the order went before the numbers."""
    first = told_first()
    hold = {(OPPORTUNITY, STATUS): value_hash("Held"), (OPPORTUNITY, MESSAGE): value_hash("No")}
    held = replace(shown(first.document), applied={**shown(first.document).applied, **hold})
    told = ended(first, None, held, Result.SUPERSEDED).follow_up
    assert told is not None
    assert told.document.fields == {STATUS: "Synced", MESSAGE: None}
    assert told.part == PART
    assert ended(first, None, shown(first.document), Result.SUPERSEDED).follow_up is None
    newer = replace(held, latest={OPPORTUNITY: Version(2**62, 0)})
    assert ended(first, None, newer, Result.SUPERSEDED).follow_up is None
    assert ended(told, None, held, Result.SUPERSEDED).follow_up is None


def test_a_deal_that_was_held_and_is_lost_shows_that_it_is_not_sold() -> None:
    lost = opportunity(IsWon=False, StageName="Closed Lost")
    assert not decided(lost, facts(customer_link())).commands, "nothing is to be taken back"
    hold = {(OPPORTUNITY, STATUS): value_hash("Held"), (OPPORTUNITY, MESSAGE): value_hash("No")}
    held = facts(customer_link(), applied=hold)
    on_its_way = facts(customer_link(), under_way=frozenset({(OPPORTUNITY, STATUS)}))
    for known in (held, on_its_way):
        (told,) = decided(lost, known).commands
        assert told.document.fields[STATUS] == "Not eligible"
        assert "Not sold yet (stage Closed Lost)" in str(told.document.fields[MESSAGE])
    shows_it = {(OPPORTUNITY, name): digest for name, digest in hashes(told.document).items()}
    assert not decided(lost, facts(customer_link(), applied=shows_it)).commands


def test_a_deal_whose_order_is_closed_already_shows_no_hold_once_it_is_looked_at_again() -> None:
    hold = {(OPPORTUNITY, STATUS): value_hash("Held"), (OPPORTUNITY, MESSAGE): value_hash("No")}
    body = Document({"status.id": "H"})
    known = facts(customer_link(), order_link(), applied=hold, bodies={ORDER: body})
    (told,) = decided(opportunity(IsWon=False, StageName="Closed Lost"), known).commands
    assert told.document.fields == {STATUS: "Synced", MESSAGE: None}


def test_a_product_that_gets_its_item_is_not_shown_as_not_eligible_any_more() -> None:
    was = {(PRODUCT, STATUS): value_hash("Not eligible")}
    document = Document({"Id": PRODUCT.id, "NS_Item_Id__c": "101", ASKED: False})
    decision = decide(case(change(PRODUCT, document)), facts(applied=was), POLICY)
    (told,) = decision.commands
    assert told.document.fields == {STATUS: "Synced", MESSAGE: None}
    lost = Document({"Id": PRODUCT.id, "NS_Item_Id__c": None, ASKED: False})
    known = facts(*decision.links, applied={(PRODUCT, STATUS): value_hash("Synced")})
    (told,) = decide(case(change(PRODUCT, lost)), known, POLICY).commands
    assert told.document.fields[STATUS] == "Not eligible"


@pytest.mark.parametrize(
    ("item", "status", "word"),
    [("101", "Synced", ""), (None, "Not eligible", "PRODUCT_WITHOUT_ITEM")],
)
def test_who_asks_for_a_product_reads_how_it_stands(
    item: str | None, status: str, word: str
) -> None:
    document = Document({"Id": PRODUCT.id, "NS_Item_Id__c": item, ASKED: True})
    (told,) = decide(case(change(PRODUCT, document)), facts(), POLICY).commands
    assert (told.target, told.document.fields[STATUS]) == (PRODUCT, status)
    assert told.document.fields[ASKED] is False
    assert word in str(told.document.fields[MESSAGE])


def first_cause() -> Cause:
    return case(change(OPPORTUNITY, opportunity())).cause
