"""What people do in Salesforce stands in the log as changes of whole documents."""

from decimal import Decimal

import pytest

from kernel.messages import ChangeEvent, ChangeKind
from kernel.records import salesforce
from kernel.topics import SALESFORCE_CHANGES
from tests.contract.sandbox.salesforce_client import Rest
from tests.integration.ingest.desk import (
    Desk,
    fields,
    is_sealed,
    lines,
    opportunity_ref,
    stage_is,
)
from tests.log import eventually

pytestmark = pytest.mark.real
CANARY = "Zebulon Quartermaine"
LINES = "OpportunityLineItems"


async def test_a_won_opportunity_is_one_event_with_lines_and_sealed_personal_values(
    desk: Desk,
) -> None:
    made = desk.opportunity(name=CANARY)
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    desk.people.update("Opportunity", made, StageName="Closed Won")
    won = desk.change(ref, stage_is("Closed Won"))
    assert [change.id for change in desk.changes(ref) if stage_is("Closed Won")(change)] == [won.id]
    found = fields(won)
    assert (found["IsWon"], found["Amount"]) == (True, Decimal(3000))
    [line] = lines(won, LINES)
    assert (line["Quantity"], line["Product2.NS_Item_Id__c"]) == (Decimal(2), "101")
    assert won.kind is ChangeKind.UPDATE
    assert "StageName" in won.captures[0].changed
    [seller] = desk.people.query("SELECT Id FROM User WHERE Username LIKE 'sales@%'")
    assert won.captures[0].user == seller["Id"]
    assert is_sealed(found["Name"])
    assert is_sealed(found["Account.Name"])
    opened = await desk.opened(won.document)  # type: ignore[arg-type]  # it has one, as seen above
    assert opened["Name"] == CANARY
    assert opened["Account.Name"] == f"Buyer {CANARY}"
    for record in desk.log.records(SALESFORCE_CHANGES):
        assert CANARY.encode() not in (record.value or b"")


def test_an_edited_an_added_and_a_deleted_line_are_changes_of_their_document(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    first = lines(desk.change(ref, lambda change: bool(lines(change, LINES))), LINES)[0]["Id"]
    desk.people.update("OpportunityLineItem", str(first), Quantity=5)
    edited = desk.change(ref, lambda c: any(x["Quantity"] == 5 for x in lines(c, LINES)))
    assert any(f"{LINES}.Quantity" in capture.changed for capture in edited.captures)
    desk.add_line(made, 1, 10)
    desk.change(ref, lambda change: len(lines(change, LINES)) == 2)
    desk.people.delete("OpportunityLineItem", str(first))
    last = desk.change(ref, lambda c: c.version > edited.version and len(lines(c, LINES)) == 1)
    assert lines(last, LINES)[0]["Id"] != first
    assert fields(last)["Amount"] == Decimal(10)


def test_the_echo_of_our_own_write_is_an_event_without_a_reading(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    before = desk.metric("tallystick_api_calls_total", operation="query", system="salesforce")
    ours = Rest(desk.vendors, "integration", client="tallystick")
    ours.update("Opportunity", made, NS_SO_Number__c="SO-1042", NS_Sync_Status__c="Synced")
    echo = desk.change(ref, lambda c: any("tallystick" in x.origin for x in c.captures))
    assert (echo.document, echo.content_hash, len(echo.captures)) == (None, "", 1)
    assert "NS_SO_Number__c" in echo.captures[0].changed
    after = desk.metric("tallystick_api_calls_total", operation="query", system="salesforce")
    assert after == before


def test_a_change_outside_the_map_is_told_without_a_reading(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    desk.people.update("Opportunity", made, NextStep="call them")
    told = desk.change(ref, lambda change: change.captures[-1].changed[:1] == ("NextStep",))
    assert told.document is None


def test_records_in_no_map_are_counted_and_not_told(desk: Desk) -> None:
    kind = "PricebookEntry"
    before = desk.metric("tallystick_events_outside_total", kind=kind)
    entry = desk.people.query(f"SELECT Id FROM {kind} WHERE IsActive = true LIMIT 1")[0]["Id"]
    desk.people.update(kind, entry, UnitPrice=17)
    eventually(lambda: desk.metric("tallystick_events_outside_total", kind=kind) > before)
    assert desk.changes(salesforce(kind, entry)) == []


def test_a_deleted_record_is_told_as_deleted(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    desk.people.delete("Opportunity", made)
    gone = desk.change(ref, lambda change: change.kind is ChangeKind.DELETE)
    assert gone.document is None


def test_a_burst_of_edits_is_read_together_and_ends_with_the_last_of_them(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.vendors.faults(
        {"system": "salesforce", "path": "/query*", "effect": "delay", "seconds": 0.3}
    )
    for number in range(12):
        desk.people.update("Opportunity", made, NS_PO_Number__c=f"PO-{number}")
    edits = eventually(lambda: edits_of(desk.changes(ref)) if all_told(desk.changes(ref)) else [])
    assert len(edits) < 12
    assert fields(edits[-1])["NS_PO_Number__c"] == "PO-11"
    versions = [change.version for change in edits]
    assert versions == sorted(set(versions))


def test_duplicated_late_and_swapped_events_end_as_a_faultless_run_would(desk: Desk) -> None:
    """R4, T4.3"""
    desk.vendors.faults(
        *(
            {"system": "salesforce", "method": "EVENT", "path": "*", "effect": effect,
             "probability": 0.3, "seconds": 0.2}
            for effect in ("event_duplicate", "event_delay", "event_reorder")
        )
    )  # fmt: skip
    made = [desk.opportunity() for _ in range(6)]
    for opportunity in made:
        for stage in ("Qualification", "Proposal/Price Quote", "Closed Won"):
            desk.people.update("Opportunity", opportunity, StageName=stage)
    for opportunity in made:
        ref = opportunity_ref(opportunity)
        desk.change(ref, lambda c: stage_is("Closed Won")(c) and bool(lines(c, LINES)))
        newest = max(desk.changes(ref), key=lambda change: change.version)
        assert fields(newest)["StageName"] == "Closed Won"
        same = {change.id: change for change in desk.changes(ref)}
        assert all(same[change.id].document == change.document for change in desk.changes(ref))


def test_a_gap_is_closed_by_reading_the_record(desk: Desk) -> None:
    """T4.4"""
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    desk.vendors.faults(
        {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_gap"}
    )
    desk.people.update("Opportunity", made, StageName="Closed Won")
    won = desk.change(ref, stage_is("Closed Won"))
    assert won.captures[-1].changed == ()


def test_an_overflow_reads_all_that_changed_since(desk: Desk) -> None:
    """T4.4"""
    made = [desk.opportunity() for _ in range(3)]
    for opportunity in made:
        desk.change(opportunity_ref(opportunity), lambda change: bool(lines(change, LINES)))
    desk.vendors.faults(
        {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_overflow"}
    )
    for opportunity in made:
        desk.people.update("Opportunity", opportunity, StageName="Closed Won")
    for opportunity in made:
        won = desk.change(opportunity_ref(opportunity), stage_is("Closed Won"))
        assert ChangeKind.SNAPSHOT in {capture.kind for capture in won.captures}


def test_a_line_that_is_deleted_before_anybody_read_it_still_changes_its_document(
    desk: Desk,
) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    before = desk.change(ref, lambda change: bool(lines(change, LINES)))
    desk.vendors.faults(
        {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_gap"}
    )
    added = desk.add_line(made, 7, 1)
    desk.people.delete("OpportunityLineItem", added)
    after = desk.change(ref, lambda c: c.version.major > before.version.major and bool(fields(c)))
    assert [line["Quantity"] for line in lines(after, LINES)] in ([Decimal(2)], [2, Decimal(7)])
    newest = eventually(lambda: [c for c in desk.changes(ref) if c.version >= after.version])[-1]
    assert fields(newest)["Amount"] in {Decimal(3000), Decimal(3007)}


def edits_of(changes: list[ChangeEvent]) -> list[ChangeEvent]:
    return [c for c in changes if any("NS_PO_Number__c" in x.changed for x in c.captures)]


def all_told(changes: list[ChangeEvent]) -> bool:
    captures = [capture for change in edits_of(changes) for capture in change.captures]
    return sum("NS_PO_Number__c" in capture.changed for capture in captures) == 12
