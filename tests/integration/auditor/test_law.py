"""The conservation law, counted by SQL over a real log and store."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from confluent_kafka import Producer

from auditor.adapters.rows import RECORD_COLUMNS, record_of
from auditor.domain.columns import columns_of
from auditor.domain.conservation import IN_FLIGHT, STATES, standing_of
from auditor.domain.faults import Seen
from kernel.headers import headers_of
from kernel.identity import outcome_id, undecodable_event_id
from kernel.messages import ChangeEvent, Coordinates, Outcome, Result, Subject, Version
from kernel.records import RecordRef, netsuite, salesforce
from kernel.topics import key_of
from ops.local.stack import Stack
from runtime.process import Context
from runtime.records import record_of as record_at_hand
from tests.builders import change, opportunity
from tests.integration.auditor.parts import WITHIN_S, bootstrap_of, produce, rows, verify
from tests.unit.auditor.records import CODEC, change_outcome

CHANGES = "salesforce.changes.v1"
DICE_SEED = 20_261_124


def event(name: str) -> ChangeEvent:
    ref = salesforce("Opportunity", f"006{name:0>12}AAA")
    return change(ref, opportunity(Id=ref.id), version=Version(1, 0))


def own_event(ref: RecordRef) -> ChangeEvent:
    return change(ref, opportunity(Id=ref.id), version=Version(1, 0))


def states(found: Any) -> dict[str, int]:
    """Only those that some change stands in."""
    return {name: count for name, count in found["conservation"]["states"].items() if count}


def faults_of(found: Any, about: ChangeEvent) -> list[Any]:
    return [fault for fault in found["conservation"]["faults"] if fault["event_id"] == about.id]


def place(at: Coordinates) -> dict[str, object]:
    return {"topic": at.topic, "partition": at.partition, "offset": at.offset}


async def test_every_change_stands_in_one_state_however_often_it_is_told(
    stack: Stack, ctx: Context
) -> None:
    waits, ends, flies = event("waits"), event("ends"), own_event(netsuite("salesOrder", "5"))
    parked = change_outcome(ends, Result.PARKED, "ITEM_UNMAPPED")
    ended = change_outcome(ends, round_=1)
    review = change_outcome(waits, Result.REVIEW, "CUSTOMER_CURRENCY")
    await produce(stack, ctx, waits, ends, flies, ends, parked, ended, parked, ended, review)
    found = verify(stack)
    assert found["holds"], found
    assert states(found) == {"applied": 1, "review": 1, "in_flight": 1}
    assert list(found["conservation"]["states"]) == list(map(str, STATES))
    by_topic = found["conservation"]["by_topic"]
    assert by_topic["netsuite.changes.v1"]["states"][IN_FLIGHT] == 1
    assert by_topic[CHANGES]["captured"] == 2


async def test_a_record_that_cannot_be_read_is_a_change_that_ends_as_dead(
    stack: Stack, ctx: Context
) -> None:
    """Whether its headers name nothing, a change of its own, or one that also came whole."""
    before = verify(stack)["conservation"]
    whole = event("whole")
    await produce(stack, ctx, whole, change_outcome(whole))
    for at in (damaged(stack, None), damaged(stack, event("torn")), damaged(stack, whole)):
        assert at.topic == CHANGES
        await produce(stack, ctx, undecodable(at))
    found = verify(stack)
    after = found["conservation"]
    assert found["holds"], found
    assert after["captured"] == before["captured"] + 4
    assert after["states"]["dead"] == before["states"]["dead"] + 3
    assert after["states"]["applied"] == before["states"]["applied"] + 1
    assert after["states"]["in_flight"] == before["states"]["in_flight"]


def damaged(stack: Stack, named: ChangeEvent | None) -> Coordinates:
    placed: list[Coordinates] = []
    producer = Producer({"bootstrap.servers": bootstrap_of(stack)})
    headers = headers_of(named, CODEC, "test") if named else {}
    producer.produce(
        CHANGES,
        b"\0\0\0\0\1 damaged",
        key_of(named) if named else None,
        headers=dict(headers),
        on_delivery=lambda _, message: placed.append(record_at_hand(message).coordinates),
    )
    assert producer.flush(WITHIN_S) == 0
    return placed[0]


def undecodable(at: Coordinates) -> Outcome:
    event_id = undecodable_event_id(at.topic, at.partition, at.offset)
    return Outcome(
        id=outcome_id(Subject.CHANGE, event_id, "", 0, Result.DEAD, "UNDECODABLE"),
        subject=Subject.CHANGE,
        event_id=event_id,
        origin=at,
        ref=None,
        result=Result.DEAD,
        code="UNDECODABLE",
        params={"coordinates": str(at), "detail": "the body does not read"},
    )


async def test_a_second_final_outcome_is_named(stack: Stack, ctx: Context) -> None:
    twice = event("twice")
    second = change_outcome(twice, Result.FILTERED, "NOT_WON")
    captured, *ends = await produce(stack, ctx, twice, change_outcome(twice), second)
    found = verify(stack)
    assert not found["holds"]
    (fault,) = faults_of(found, twice)
    assert fault["kind"] == "second_final"
    assert fault["ref"] == str(twice.ref)
    assert fault["change"] == place(captured)
    assert fault["outcomes"] == [place(at) for at in ends]
    assert fault["results"] == ["applied", "filtered"]


async def test_a_wait_after_the_end_is_named(stack: Stack, ctx: Context) -> None:
    reopened = event("reopened")
    parked = change_outcome(reopened, Result.PARKED, "ITEM_UNMAPPED", round_=1)
    await produce(stack, ctx, reopened, change_outcome(reopened), parked)
    (fault,) = faults_of(verify(stack), reopened)
    assert (fault["kind"], fault["results"]) == ("reopened", ["applied", "parked"])


async def test_an_outcome_of_no_change_is_named(stack: Stack, ctx: Context) -> None:
    nowhere = event("nowhere")
    (at,) = await produce(stack, ctx, change_outcome(nowhere))
    (fault,) = faults_of(verify(stack), nowhere)
    assert (fault["kind"], fault["change"], fault["outcomes"]) == ("no_change", None, [place(at)])


async def test_what_a_person_asked_for_is_no_fault(stack: Stack, ctx: Context) -> None:
    asked = event("asked")
    dead = change_outcome(asked, Result.DEAD, "WRONG_TYPE")
    applied = change_outcome(asked, round_=1, operation_id="operation-1")
    await produce(stack, ctx, asked, dead, applied)
    assert faults_of(verify(stack), asked) == []


async def test_sql_and_the_rules_in_words_agree_on_any_history(stack: Stack, ctx: Context) -> None:
    dice = Random(DICE_SEED)
    events = [event(f"any{number}") for number in range(120)]
    outcomes = [outcome for one in events for outcome in history(one, dice)]
    await produce(stack, ctx, *events, *outcomes)
    verify(stack)
    counted = {
        event_id: (state, contradicted, reopened)
        for event_id, state, contradicted, reopened in rows(
            stack.dsn("audit_reader"),
            "SELECT event_id, state, is_contradicted, is_reopened FROM audit.standing",
        )
    }
    for one in events:
        standing = standing_of([seen.ending for seen in endings(stack, one)])
        in_words = (standing.state, bool(standing.contradicting), bool(standing.reopening))
        assert counted[one.id] == in_words, [seen.ending for seen in endings(stack, one)]


def history(one: ChangeEvent, dice: Random) -> list[Outcome]:
    """Anything that could be told, sensible or not, some of it again."""
    told = [
        replace(
            change_outcome(
                one,
                dice.choice(list(Result)),
                dice.choice(["FIRST", "SECOND"]),
                operation_id=dice.choice(["", "", "operation-1"]),
            ),
            id=f"{one.id}-{number}",
        )
        for number in range(dice.randrange(5))
    ]
    return [*told, *dice.choices(told, k=dice.randrange(3))] if told else []


def endings(stack: Stack, one: ChangeEvent) -> list[Seen]:
    query = (
        f"SELECT {RECORD_COLUMNS.format('r')} FROM audit.records r"
        " WHERE event_id = %s AND subject = 'change' ORDER BY partition, 3"
    )
    records = map(record_of, rows(stack.dsn("audit_reader"), query, one.id))
    return [Seen(record.at, columns_of(record)) for record in records]


@pytest.mark.parametrize("topic", ["salesforce.changes.v1", "netsuite.changes.v1"])
def test_the_views_count_every_topic_of_changes(stack: Stack, topic: str) -> None:
    assert topic in verify(stack)["conservation"]["by_topic"]
