"""Stories as the auditor tells them, worded for the terminal."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast

from auditor.adapters.wire.story import answer_to_json
from auditor.domain.history import Answer, Entry, told
from kernel.messages import Capture, ChangeEvent, ChangeKind, Message, Result, Version
from kernel.records import RecordRef, netsuite
from kernel.values import Fields, Sealed
from ops.render.shapes import Answer as WireAnswer
from ops.render.shapes import Story
from ops.render.story import candidates_lines, story_lines
from ops.render.values import Opened
from tests.builders import OPPORTUNITY, PRODUCT, change, opportunity
from tests.unit.auditor.records import (
    START,
    change_outcome,
    command,
    command_outcome,
    entry,
    order_ref,
)

NOW = START + timedelta(minutes=4)
ORDER = netsuite("salesOrder", "812")
NAME = Sealed(str(OPPORTUNITY), "Opportunity.Name", 1, b"x")
EVENT = change(OPPORTUNITY, opportunity(Name=NAME))


def wired(ref: RecordRef, halves: list[RecordRef], entries: list[Entry]) -> Story:
    answer = Answer(asked="x", candidates=(ref,), story=told(ref, halves, entries))
    wire = cast(WireAnswer, json.loads(json.dumps(answer_to_json(answer))))
    assert wire["story"]
    return wire["story"]


def page(
    *messages: Message, opened: Opened | None = None, halves: list[RecordRef] | None = None
) -> str:
    entries = [entry(message, offset=n, after_ms=n * 10) for n, message in enumerate(messages)]
    story = wired(OPPORTUNITY, halves or [], entries)
    for width in (60, 80, 120):
        lines = story_lines(story, opened or {}, NOW, width, UTC)
        assert max(map(len, lines)) <= width
    return " ".join(" ".join(lines).split())


def captured(kind: ChangeKind, *changed: str, user: str = "005xx000001SwiUAAS") -> ChangeEvent:
    capture = Capture(
        position="1", kind=kind, committed_at=datetime(2026, 11, 20, tzinfo=UTC), user=user,
        changed=changed,
    )  # fmt: skip
    return ChangeEvent(
        id="e1",
        ref=OPPORTUNITY,
        source="00D",
        kind=kind,
        version=Version(1, 0),
        captures=(capture,),
        document=opportunity() if kind is not ChangeKind.DELETE else None,
    )


def test_a_record_is_named_as_people_know_it() -> None:
    text = page(EVENT, opened={NAME: "Renewal 2027"})
    assert text.startswith('Opportunity "Renewal 2027" Acme GmbH 10,000.00 EUR')
    assert "not linked to a record of the other system yet" in text


def test_sealed_names_stay_closed_without_the_keys() -> None:
    assert page(EVENT).startswith('Opportunity "[sealed]" Acme GmbH 10,000.00 EUR')


def test_what_changed_is_told_with_its_new_value_and_its_user() -> None:
    text = page(captured(ChangeKind.UPDATE, "LastModifiedDate", "StageName"))
    assert "captured StageName → Closed Won, LastModifiedDate, by user 005…AAS" in text


def test_many_changed_fields_are_counted() -> None:
    text = page(captured(ChangeKind.UPDATE, *"abcdefg"))
    assert "captured a, b, c, d, and 3 more, by user" in text


def test_other_kinds_of_captures_are_told_by_their_verb() -> None:
    assert "Opportunity 006…AAC created, by user 005…AAS" in page(captured(ChangeKind.CREATE))
    assert "Opportunity 006…AAC read" in page(captured(ChangeKind.SNAPSHOT, user="system"))
    deleted = page(captured(ChangeKind.DELETE))
    assert "Opportunity 006…AAC deleted, by user 005…AAS; nothing was read" in deleted


def test_a_write_is_decided_written_confirmed_and_ended() -> None:
    write = command(EVENT, order_ref(EVENT), {"memo": NAME, "entity.id": "77"})
    done = command_outcome(write, written=ORDER, read_back={"exchangeRate": Decimal("1.03")})
    text = page(EVENT, write, done, change_outcome(EVENT, path=("won", "EUR allowed")))
    assert "decided write salesOrder: 2 fields" in text
    assert "written salesOrder 812" in text
    assert "640 ms, attempt 1 +10 ms sync.outcomes.v1 [0] @ 2" in text
    assert "confirmed exchangeRate = 1.03" in text
    assert "ended applied in 30 ms" in text
    assert "because: won · EUR allowed" in text


def test_what_is_told_to_salesforce_is_told_by_its_fields() -> None:
    tell = command(EVENT, OPPORTUNITY, {"NS_SO_Number__c": "SO-1042", "NS_Sync_Message__c": None})
    text = page(EVENT, tell, command_outcome(tell, written=OPPORTUNITY))
    assert "decided update Opportunity 006…AAC: 2 fields" in text
    assert "told Opportunity 006…AAC: NS_SO_Number__c = SO-1042" in text
    assert "in flight since 4 min: no outcome yet" in text


def test_a_held_command_and_a_waiting_change_say_their_sentence() -> None:
    write = command(EVENT, order_ref(EVENT), {"memo": "x"})
    held = command_outcome(write, Result.PARKED, "CUSTOMER_INACTIVE")
    params: Fields = {"account": "Acme GmbH", "name": NAME, "product": "Gold support"}
    waits = change_outcome(EVENT, Result.PARKED, "ITEM_UNMAPPED", params=params, waits_on=PRODUCT)
    text = page(EVENT, write, held, waits, opened={NAME: "Renewal"})
    assert "held ? is held: its customer is inactive in NetSuite." in text
    assert "waits Order for Acme GmbH (Renewal) waits: product 'Gold support'" in text
    assert "parked since 4 min" in text


def test_a_filtered_change_says_why() -> None:
    ended = change_outcome(EVENT, Result.FILTERED, "NOT_WON", params={"stage": "Proposal"})
    text = page(EVENT, ended)
    assert "ended filtered in 10 ms: Not sold yet (stage Proposal)" in text
    assert "[NOT_WON]" in text


def test_an_echo_of_our_own_write_takes_one_line() -> None:
    text = page(EVENT, change_outcome(EVENT, Result.FILTERED, "OWN_ECHO"))
    assert text.endswith("echo of our own write, filtered in 10 ms salesforce.changes.v1 [0] @ 0")


def test_a_contradiction_is_told_as_a_fault() -> None:
    second = change_outcome(EVENT, Result.FILTERED, "NOT_WON")
    text = page(EVENT, change_outcome(EVENT), second)
    assert "and again: filtered at sync.outcomes.v1 [0] @ 2, a fault" in text


def test_several_changes_are_numbered() -> None:
    later = change(OPPORTUNITY, opportunity(), version=Version(2, 0))
    text = page(EVENT, later)
    assert "1. Opportunity 006…AAC 2026-11-20 change" in text
    assert "2. Opportunity 006…AAC" in text


def test_the_other_half_is_named_by_its_number() -> None:
    write = command(EVENT, order_ref(EVENT), {"memo": "x"})
    done = command_outcome(write, written=ORDER, read_back={"tranId": "SO-1042"})
    assert "linked to salesOrder SO-1042 (id 812)" in page(EVENT, write, done, halves=[ORDER])
    by_name = page(EVENT, write, halves=[order_ref(EVENT)])
    assert "linked to salesOrder by external id sf-" in by_name


def test_messages_delivered_again_are_counted() -> None:
    assert "salesforce.changes.v1 [0] @ 0 and 2 copies" in page(EVENT, EVENT, EVENT)


def test_a_bare_number_of_several_records_asks_which() -> None:
    lines = candidates_lines("12", ["netsuite:customer:12", "netsuite:salesOrder:12"])
    assert lines == [
        "12 is 2 records. Name the one you mean:",
        "  tallystick trace netsuite:customer:12",
        "  tallystick trace netsuite:salesOrder:12",
    ]
    assert "Nothing is known of 12" in candidates_lines("12", [])[0]
