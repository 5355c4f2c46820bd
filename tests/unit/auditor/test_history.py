from collections.abc import Sequence
from dataclasses import replace

import pytest

from auditor.app.read import entry_of
from auditor.domain.columns import LogRecord
from auditor.domain.history import (
    Entry,
    Mention,
    long_id,
    normal,
    other_halves,
    refs_with_id,
    told,
)
from kernel.messages import ChangeEvent, Coordinates, Outcome, Result, Version
from kernel.records import netsuite, salesforce
from tests.builders import OPPORTUNITY, ORG, change, opportunity
from tests.unit.auditor.records import (
    CODEC,
    change_outcome,
    command,
    command_outcome,
    entry,
    logged,
    order_ref,
)

EVENT = change(OPPORTUNITY, opportunity())
ORDER = netsuite("salesOrder", "812")
WRITE = command(EVENT, order_ref(EVENT), {"memo": "Renewal 2027"})
WRITTEN = command_outcome(WRITE, written=ORDER, read_back={"tranId": "SO-1042"})


def kinds(entries: Sequence[Entry]) -> list[str]:
    return [type(item.message).__name__ for item in entries]


def test_the_story_of_a_change_is_told_in_the_order_in_which_it_happened() -> None:
    entries = [
        entry(change_outcome(EVENT), after_ms=830, offset=1),
        entry(WRITTEN, after_ms=801),
        entry(WRITE, after_ms=11),
        entry(EVENT),
    ]
    (chapter,) = told(OPPORTUNITY, [ORDER], entries).chapters
    assert kinds([step.entry for step in chapter.steps]) == [
        "ChangeEvent",
        "WriteCommand",
        "Outcome",
        "Outcome",
    ]
    assert chapter.standing.state == "applied"
    assert chapter.captured_at
    assert chapter.ended_at
    assert (chapter.ended_at - chapter.captured_at).total_seconds() == 0.83


def test_records_of_one_millisecond_are_told_cause_first() -> None:
    entries = [entry(change_outcome(EVENT)), entry(WRITTEN), entry(WRITE), entry(EVENT)]
    (chapter,) = told(OPPORTUNITY, [], entries).chapters
    assert isinstance(chapter.steps[0].entry.message, ChangeEvent)
    last = chapter.steps[-1].entry.message
    assert isinstance(last, Outcome)
    assert not last.command_id


def test_a_message_delivered_again_is_one_step_with_its_copies() -> None:
    entries = [entry(EVENT), entry(EVENT, offset=4, after_ms=90)]
    (chapter,) = told(OPPORTUNITY, [], entries).chapters
    (step,) = chapter.steps
    assert step.copies == (Coordinates("salesforce.changes.v1", 0, 4),)


def test_every_change_is_a_chapter_of_its_own() -> None:
    later = change(OPPORTUNITY, opportunity(Name="Renewal 2028"), version=Version(2, 0))
    entries = [entry(later, after_ms=60_000, offset=1), entry(EVENT)]
    story = told(OPPORTUNITY, [], entries)
    assert [chapter.event_id for chapter in story.chapters] == [EVENT.id, later.id]
    assert [chapter.standing.state for chapter in story.chapters] == ["in_flight", "in_flight"]
    assert story.heading["Name"] == "Renewal 2028"


def test_a_change_that_waits_has_not_ended() -> None:
    parked = entry(change_outcome(EVENT, Result.PARKED, "ITEM_UNMAPPED"), after_ms=5)
    (chapter,) = told(OPPORTUNITY, [], [entry(EVENT), parked]).chapters
    assert (chapter.standing.state, chapter.ended_at) == ("parked", None)


def test_the_other_half_is_named_by_what_was_read_back_of_it() -> None:
    story = told(OPPORTUNITY, [ORDER], [entry(EVENT), entry(WRITE), entry(WRITTEN)])
    assert story.links == {ORDER: {"tranId": "SO-1042"}}


def test_a_record_that_does_not_decode_is_told_with_its_reason() -> None:
    damaged = replace(logged(EVENT), value=b"\0\0\0\0\1?")
    (chapter,) = told(OPPORTUNITY, [], [entry_of(damaged, CODEC)]).chapters
    (step,) = chapter.steps
    assert step.entry.message is None
    assert "ChangeEvent" in step.entry.problem


def test_a_record_without_a_value_is_told_too() -> None:
    empty = LogRecord(
        at=Coordinates("netsuite.changes.v1", 0, 0),
        logged_at=logged(EVENT).logged_at,
        key=None,
        value=None,
        headers=(),
    )
    (chapter,) = told(OPPORTUNITY, [], [entry_of(empty, CODEC)]).chapters
    assert chapter.steps[0].entry.problem.startswith("no value")


MENTIONS = [
    Mention(str(OPPORTUNITY), None, None),
    Mention(str(OPPORTUNITY), str(order_ref(EVENT)), None),
    Mention(str(OPPORTUNITY), str(order_ref(EVENT)), str(ORDER)),
    Mention(str(ORDER), str(OPPORTUNITY), None),
]


def test_an_order_and_its_opportunity_are_each_others_other_half() -> None:
    assert other_halves(OPPORTUNITY, MENTIONS) == [ORDER]
    assert other_halves(ORDER, MENTIONS) == [OPPORTUNITY]


def test_before_an_order_has_its_number_its_external_id_names_it() -> None:
    assert other_halves(OPPORTUNITY, MENTIONS[:2]) == [order_ref(EVENT)]
    assert other_halves(order_ref(EVENT), []) == [OPPORTUNITY]


def test_a_bare_number_can_be_several_records() -> None:
    mentions = [
        Mention("netsuite:salesOrder:12", None, None),
        Mention("salesforce:Account:001", "netsuite:customer:eid:x", "netsuite:customer:12"),
        Mention("netsuite:invoice:112", None, None),
        Mention("no ref", None, None),
    ]
    assert refs_with_id("12", mentions) == [
        netsuite("customer", "12"),
        netsuite("salesOrder", "12"),
    ]


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("006xx000001Sv7t", "006xx000001Sv7tAAC"),
        ("001xx000003DGb1", "001xx000003DGb1AAG"),
        (ORG[:15], ORG),
        ("006xx000001Sv7tAAC", "006xx000001Sv7tAAC"),
        ("812", "812"),
        ("sf-00D-Account1", "sf-00D-Account1"),
    ],
)
def test_an_id_of_15_characters_is_the_one_of_18(given: str, found: str) -> None:
    assert long_id(given) == found


def test_only_ids_of_salesforce_have_a_long_form() -> None:
    assert normal(salesforce("Opportunity", OPPORTUNITY.id[:15])) == OPPORTUNITY
    number = netsuite("salesOrder", "123456789012345")
    assert normal(number) == number
