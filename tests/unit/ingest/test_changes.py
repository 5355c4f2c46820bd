"""Change events become notices of documents."""

from dataclasses import replace

from ingest.domain.changes import noticed
from kernel.messages import ChangeKind
from kernel.records import salesforce
from tests.unit.ingest.samples import (
    LINE,
    LINE_FIELDS,
    OPPORTUNITY,
    OPPORTUNITY_FIELDS,
    OPPORTUNITY_REF,
    OTHER_LINE,
    OTHER_OPPORTUNITY,
    changing,
    event,
    guarded_watch,
    names_of,
    watch,
)

OURS = "com/salesforce/api/rest/68.0;client=tallystick"


def test_a_change_of_a_mapped_field_is_read() -> None:
    won = event("Opportunity", OPPORTUNITY, bitmaps=changing(OPPORTUNITY_FIELDS, "StageName"))
    [notice] = noticed(won, watch()).notices
    assert (notice.ref, notice.reads) == (OPPORTUNITY_REF, True)
    assert notice.capture.changed == ("StageName",)
    assert notice.capture.position == "00000000000000070000"
    assert notice.capture.kind is ChangeKind.UPDATE


def test_a_change_of_other_fields_is_told_and_not_read() -> None:
    other = event("Opportunity", OPPORTUNITY, bitmaps=changing(OPPORTUNITY_FIELDS, "NextStep"))
    [notice] = noticed(other, watch()).notices
    assert not notice.reads


def test_the_echo_of_our_own_write_is_told_and_not_read() -> None:
    bitmaps = changing(OPPORTUNITY_FIELDS, "NS_SO_Id__c")
    [notice] = noticed(
        event("Opportunity", OPPORTUNITY, bitmaps=bitmaps, origin=OURS), watch()
    ).notices
    assert not notice.reads
    assert notice.capture.origin == OURS


def test_a_field_that_netsuite_owns_is_read_when_somebody_else_writes_it() -> None:
    """T7.6: what is not read cannot be restored."""
    bitmaps = changing(OPPORTUNITY_FIELDS, "NS_SO_Id__c")
    somebody = event("Opportunity", OPPORTUNITY, bitmaps=bitmaps)
    [notice] = noticed(somebody, guarded_watch()).notices
    assert notice.reads
    [echo] = noticed(replace(somebody, origin=OURS), guarded_watch()).notices
    assert not echo.reads


def test_automation_that_changes_a_mapped_field_under_our_origin_is_read() -> None:
    bitmaps = changing(OPPORTUNITY_FIELDS, "NS_SO_Id__c", "Amount")
    [notice] = noticed(
        event("Opportunity", OPPORTUNITY, bitmaps=bitmaps, origin=OURS), watch()
    ).notices
    assert notice.reads


def test_an_update_that_does_not_say_what_changed_is_read() -> None:
    for bitmaps in ((), ("0x" + "F" * 40,)):
        [notice] = noticed(event("Opportunity", OPPORTUNITY, bitmaps=bitmaps), watch()).notices
        assert notice.reads


def test_one_event_with_many_records_is_a_notice_for_each() -> None:
    many = event("Opportunity", OPPORTUNITY, OTHER_OPPORTUNITY, change="CREATE")
    assert [item.ref.id for item in noticed(many, watch()).notices] == [
        OPPORTUNITY,
        OTHER_OPPORTUNITY,
    ]


def test_a_new_line_is_an_update_of_its_document() -> None:
    created = event(
        "OpportunityLineItem",
        LINE,
        OTHER_LINE,
        change="CREATE",
        parents={"OpportunityId": OPPORTUNITY},
    )
    found = noticed(created, watch())
    [notice] = found.notices
    assert (notice.ref, notice.reads) == (OPPORTUNITY_REF, True)
    assert notice.capture.kind is ChangeKind.UPDATE
    assert notice.capture.changed == ("OpportunityLineItems",)
    assert {member.part.id for member in found.members} == {LINE, OTHER_LINE}
    assert {member.root for member in found.members} == {OPPORTUNITY_REF}


def test_a_changed_line_whose_document_is_not_named_is_an_orphan() -> None:
    bitmaps = changing(LINE_FIELDS, "Quantity")
    changed = event("OpportunityLineItem", LINE, bitmaps=bitmaps, schema=names_of(LINE_FIELDS))
    found = noticed(changed, watch())
    [orphan] = found.orphans
    assert found.notices == ()
    assert orphan.part == salesforce("OpportunityLineItem", LINE)
    assert orphan.root_kind == "Opportunity"
    assert orphan.notice.capture.changed == ("OpportunityLineItems.Quantity",)


def test_gap_events_are_read_by_id() -> None:
    kinds = (ChangeKind.CREATE, ChangeKind.UPDATE, ChangeKind.DELETE, ChangeKind.UNDELETE)
    for change, kind in ((f"GAP_{kind.name}", kind) for kind in kinds):
        [notice] = noticed(event("Opportunity", OPPORTUNITY, change=change), watch()).notices
        assert (notice.reads, notice.capture.kind) == (True, kind)


def test_an_overflow_and_a_wildcard_ask_for_all_that_changed() -> None:
    overflow = event("Opportunity", change="GAP_OVERFLOW")
    wildcard = event("Opportunity", "006*", change="GAP_UPDATE")
    lines = event("OpportunityLineItem", change="GAP_OVERFLOW", schema=names_of(LINE_FIELDS))
    for some in (overflow, wildcard, lines):
        found = noticed(some, watch())
        assert found.notices == ()
        [sweep] = found.sweeps
        assert sweep.shape.reading.kind == "Opportunity"
        assert sweep.capture.kind is ChangeKind.SNAPSHOT


def test_records_in_no_map_are_left_out() -> None:
    found = noticed(event("Campaign", "701xx0000000001AAA"), watch())
    assert (found.notices, found.orphans, found.sweeps) == ((), (), ())


def test_an_id_that_is_no_id_is_not_asked_for() -> None:
    assert noticed(event("Opportunity", "006' OR Id != '"), watch()).notices == ()
