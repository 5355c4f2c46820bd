"""Records that a field finds: looked for before they are made, and never made twice."""

from dataclasses import replace

from kernel.messages import Result, Version, WriteCommand
from kernel.records import borne_by, netsuite
from tests.unit.netsuite_writer.commands import account_id, customer, identified
from tests.unit.netsuite_writer.test_attempts import Desk

MARK = "custentity_sf_account_id"


def marked(**fields: str) -> WriteCommand:
    target = netsuite("customer", f"eid:{borne_by(MARK, account_id())}")
    return identified(replace(customer(**fields), target=target))


async def test_a_record_is_made_with_the_mark_and_without_an_external_id() -> None:
    desk = Desk()
    outcome = await desk.handle(marked())
    assert (outcome.result, outcome.code) == (Result.APPLIED, "WRITTEN")
    (record,) = desk.netsuite.records.values()
    assert record[MARK] == account_id()
    assert "externalId" not in record
    assert outcome.written == netsuite("customer", str(record["id"]))
    assert outcome.read_back is not None
    assert outcome.read_back.fields["id"] == record["id"]


async def test_one_that_stands_is_changed_by_its_id() -> None:
    desk = Desk()
    await desk.handle(marked())
    outcome = await desk.handle(replace(marked(phone="+49 30 2"), version=Version(2, 0)))
    assert outcome.result is Result.APPLIED
    (record,) = desk.netsuite.records.values()
    assert record["phone"] == "+49 30 2"


async def test_t1_1_after_a_lost_answer_it_is_found_and_not_made_again() -> None:
    desk = Desk()
    desk.netsuite.troubles = ["lost"]
    outcome = await desk.handle(marked())
    assert (outcome.result, outcome.code) == (Result.APPLIED, "FOUND_AFTER_UNKNOWN")
    assert len(desk.netsuite.records) == 1
    assert desk.netsuite.saves == 1


async def test_two_that_bear_the_mark_are_a_question_for_a_person() -> None:
    desk = Desk()
    for number in ("5", "6"):
        desk.netsuite.records["customer", number] = {"id": number, MARK: account_id()}
    outcome = await desk.handle(marked())
    assert (outcome.result, outcome.code) == (Result.REVIEW, "MARK_TWICE")
    assert outcome.params["found"] == "5, 6"
    assert outcome.waits_on == outcome.ref
    assert desk.netsuite.saves == 0


async def test_what_was_written_by_its_id_since_is_not_written_over() -> None:
    desk = Desk()
    made = await desk.handle(marked())
    assert made.written is not None
    newer = replace(marked(phone="new"), target=made.written, version=Version(9, 0))
    await desk.handle(identified(newer))
    late = identified(replace(marked(phone="old"), version=Version(2, 0)))
    outcome = await desk.handle(late)
    assert outcome.result is Result.SUPERSEDED
    (record,) = desk.netsuite.records.values()
    assert record["phone"] == "new"
