"""Notices coalesce by document; one reader of a document at a time."""

import asyncio

from ingest.app.inbox import DOCUMENTS_MAX, NOTICES_MAX, Inbox, Unit, Waiting
from kernel.records import RecordRef, salesforce
from runtime.clock import Clock
from tests.unit.ingest.samples import OPPORTUNITY_REF, cursor, from_the_start, notice

ACCOUNT_REF = salesforce("Account", "001xx000003DGb1AAG")


def inbox(window_s: float = 0.0, notices_max: int = 10_000) -> Inbox:
    return Inbox(Clock(), window_s=window_s, notices_max=notices_max)


def waiting(ref: RecordRef, number: int = 1) -> Waiting:
    return Waiting(notice(ref, number), from_the_start().open(cursor(number), 1))


async def taken(box: Inbox) -> Unit:
    unit = await asyncio.wait_for(box.take(), 5)
    assert unit is not None
    return unit


async def test_notices_of_one_document_are_read_together() -> None:
    box = inbox()
    box.put(waiting(OPPORTUNITY_REF, number) for number in (1, 2, 3))
    unit = await taken(box)
    [found] = unit.documents.values()
    assert [item.notice.capture.commit_number for item in found] == [1, 2, 3]


async def test_what_comes_while_a_document_is_read_waits_for_the_next_reading() -> None:
    box = inbox()
    box.put([waiting(OPPORTUNITY_REF, 1)])
    first = await taken(box)
    box.put([waiting(OPPORTUNITY_REF, 2), waiting(OPPORTUNITY_REF, 3)])
    next_one = asyncio.create_task(taken(box))
    await asyncio.sleep(0)
    assert not next_one.done()
    box.done(first)
    assert len((await next_one).documents[OPPORTUNITY_REF]) == 2


async def test_a_unit_holds_documents_of_one_kind_the_oldest_first() -> None:
    box = inbox()
    box.put([waiting(OPPORTUNITY_REF), waiting(ACCOUNT_REF)])
    assert (await taken(box)).kind == "Opportunity"
    assert (await taken(box)).kind == "Account"


async def test_in_a_busy_moment_a_notice_waits_for_company() -> None:
    box = inbox(window_s=0.05)
    box.put([waiting(ACCOUNT_REF)])
    box.done(await taken(box))
    box.put([waiting(OPPORTUNITY_REF, 1)])
    reading = asyncio.create_task(taken(box))
    await asyncio.sleep(0.01)
    box.put([waiting(OPPORTUNITY_REF, 2)])
    assert len((await reading).documents[OPPORTUNITY_REF]) == 2


async def test_in_a_calm_moment_a_notice_waits_for_nothing() -> None:
    box = inbox(window_s=3600)
    box.put([waiting(OPPORTUNITY_REF)])
    assert (await taken(box)).documents.keys() == {OPPORTUNITY_REF}


async def test_a_unit_has_at_most_as_many_documents_and_notices_as_one_query_and_event() -> None:
    box = inbox()
    refs = [salesforce("Opportunity", f"006xx{number:010}AAC") for number in range(250)]
    box.put(waiting(ref) for ref in refs)
    assert len((await taken(box)).documents) == DOCUMENTS_MAX
    assert len((await taken(box)).documents) == 50
    box.put(waiting(ACCOUNT_REF, number) for number in range(NOTICES_MAX + 1))
    unit = await taken(box)
    assert len(unit.documents[ACCOUNT_REF]) == NOTICES_MAX
    box.done(unit)
    assert len((await taken(box)).documents[ACCOUNT_REF]) == 1


async def test_a_full_inbox_makes_whoever_fills_it_wait() -> None:
    box = inbox(notices_max=2)
    await asyncio.wait_for(box.room(), 5)
    box.put(waiting(OPPORTUNITY_REF, number) for number in (1, 2))
    room = asyncio.create_task(box.room())
    await asyncio.sleep(0)
    assert not room.done()
    await taken(box)
    await asyncio.wait_for(room, 5)


async def test_a_held_kind_waits_and_others_go_on() -> None:
    box = inbox()
    box.put([waiting(OPPORTUNITY_REF, 1)])
    box.hold(await taken(box))
    box.put([waiting(OPPORTUNITY_REF, 2), waiting(ACCOUNT_REF)])
    assert (await taken(box)).kind == "Account"
    box.release("Opportunity")
    found = (await taken(box)).documents[OPPORTUNITY_REF]
    assert [item.notice.capture.commit_number for item in found] == [1, 2]


async def test_a_closed_inbox_gives_nothing_more() -> None:
    box = inbox()
    readers = [asyncio.create_task(box.take()) for _ in range(3)]
    await asyncio.sleep(0)
    box.put([])
    box.close()
    assert await asyncio.wait_for(asyncio.gather(*readers), 5) == [None, None, None]
    box.put([waiting(OPPORTUNITY_REF)])
    assert await box.take() is None
