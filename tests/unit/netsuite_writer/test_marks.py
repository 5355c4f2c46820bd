"""Records that a field finds: looked for before they are made, and never made twice."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import pytest

from kernel.errors import UnknownOutcomeError
from kernel.exact_json import Json
from kernel.messages import Result, Version, WriteCommand
from kernel.records import borne_by, external_id_of, netsuite, salesforce
from kernel.values import Document
from netsuite_writer.ports import Reply
from tests.fakes import FakeNetSuite
from tests.unit.netsuite_writer.commands import ORG, account_id, customer, identified
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


def contact(**fields: str) -> WriteCommand:
    """Ada of customer 77, under an external id of ours."""
    document = Document({"lastName": "Lovelace", "email": "ada@acme.example", "company.id": "77"})
    source = salesforce("Contact", "003xx000004TmiQAAS")
    plain = replace(customer(), source=source, document=replace(document))
    document = Document({**document.fields, **fields})
    target = netsuite("contact", f"eid:{external_id_of(ORG, source)}")
    return identified(replace(plain, target=target, document=document, reads_back=("id",)))


def known(desk: Desk, number: str, **fields: Json) -> None:
    record: dict[str, Json] = {
        "id": number,
        "email": "Ada@Acme.example",
        "company": {"id": "77"},
        **fields,
    }
    desk.netsuite.records["contact", number] = record


async def test_a_contact_of_the_same_company_with_the_same_email_is_taken_over() -> None:
    desk = Desk()
    known(desk, "31", title="Countess")
    outcome = await desk.handle(contact())
    assert (outcome.result, outcome.written) == (Result.APPLIED, netsuite("contact", "31"))
    (record,) = desk.netsuite.records.values()
    assert record["externalId"] == contact().target.external_id
    assert (record["lastName"], record["title"]) == ("Lovelace", "Countess")


async def test_the_same_email_in_another_company_is_another_contact() -> None:
    desk = Desk()
    known(desk, "31", company={"id": "78"})
    assert (await desk.handle(contact())).result is Result.APPLIED
    assert len(desk.netsuite.records) == 2


async def test_a_take_over_whose_answer_is_lost_makes_no_second_contact() -> None:
    desk = Desk()
    known(desk, "31")
    desk.netsuite.troubles = [UnknownOutcomeError("no answer to PATCH")]
    outcome = await desk.handle(contact())
    assert outcome.result is Result.APPLIED
    assert [record["id"] for record in desk.netsuite.records.values()] == ["31"]


async def test_two_contacts_alike_are_a_question_for_a_person() -> None:
    desk = Desk()
    known(desk, "31")
    known(desk, "32")
    outcome = await desk.handle(contact())
    assert (outcome.result, outcome.code) == (Result.REVIEW, "CONTACT_TWICE")
    assert desk.netsuite.saves == 0


@pytest.mark.parametrize(
    ("given", "holder"),
    [
        (f"sf-{ORG[:15]}-Contact-003xx000004TmiRAAS", "Contact 003xx000004TmiRAAS"),
        ("CRM-5", "external id CRM-5"),
    ],
)
async def test_a_contact_of_somebody_else_is_not_taken_from_them(given: str, holder: str) -> None:
    desk = Desk()
    known(desk, "31", externalId=given)
    outcome = await desk.handle(contact())
    assert (outcome.result, outcome.code) == (Result.REVIEW, "CONTACT_TAKEN")
    assert outcome.params["field"] == holder
    assert desk.netsuite.saves == 0


class Unhurried(FakeNetSuite):
    """Takes so long to search that others come between."""

    async def find(self, kind: str, values: Mapping[str, str | int]) -> Reply:
        found = await super().find(kind, values)
        await asyncio.sleep(0)
        return found


async def test_of_two_new_contacts_with_one_email_at_once_one_is_made_and_one_is_a_question() -> (
    None
):
    desk = Desk()
    desk.writer = replace(desk.writer, attempts=replace(desk.writer.attempts, netsuite=Unhurried()))
    other = salesforce("Contact", "003xx000004TmiRAAS")
    theirs = replace(
        contact(email="Ada@acme.example"),
        source=other,
        target=netsuite("contact", f"eid:{external_id_of(ORG, other)}"),
    )
    await asyncio.gather(desk.handle(contact()), desk.handle(identified(theirs)))
    ends = {outcome.ref: outcome.code for outcome in desk.outcomes.sent}
    assert ends == {contact().source: "WRITTEN", other: "CONTACT_TAKEN"}
    again = replace(theirs, document=contact(email="countess@acme.example").document)
    outcome = await desk.handle(identified(replace(again, version=Version(2, 0))))
    assert outcome.code == "WRITTEN"


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
