"""Contacts of deals become contacts of customers."""

import pytest

from kernel.messages import Result, Version
from kernel.records import netsuite, salesforce
from kernel.values import Document, Fields, Value
from tests.builders import ACCOUNT, ORG, POLICY, case, change, customer_link, facts
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts, Link
from transform.pipeline import decide

CONTACT = salesforce("Contact", "003xx000004TmiQAAS")
EXTERNAL_ID = f"sf-{ORG[:15]}-Contact-{CONTACT.id}"
TARGET = netsuite("contact", f"eid:{EXTERNAL_ID}")
LINK = Link(source=CONTACT, kind="contact", external_id=EXTERNAL_ID, netsuite_id="31")
WON: Fields = {"Id": "00K1", "Opportunity.IsClosed": True, "Opportunity.IsWon": True}
LOST: Fields = {"Id": "00K2", "Opportunity.IsClosed": True, "Opportunity.IsWon": False}
OPEN: Fields = {"Id": "00K3", "Opportunity.IsClosed": False, "Opportunity.IsWon": False}


def contact(*roles: Fields, **fields: Value) -> Document:
    root = {"Id": CONTACT.id, "AccountId": ACCOUNT.id, "LastName": "Lovelace", "Title": None}
    return Document({**root, "Email": "ada@acme.example", **fields},
                    {"OpportunityContactRoles": roles})  # fmt: skip


def decided(document: Document, known: Facts) -> Decision:
    return decide(case(change(CONTACT, document, version=Version(7, 0))), known, POLICY)


def code_of(decision: Decision) -> str:
    return decision.outcome.code if decision.outcome else ""


def test_a_contact_of_a_won_deal_is_sent_with_its_customer() -> None:
    decision = decided(contact(WON), facts(customer_link()))
    (sent,) = decision.commands
    assert sent.target == TARGET
    assert sent.document.fields == {
        "lastName": "Lovelace",
        "email": "ada@acme.example",
        "company.id": "77",
    }
    assert [link.source for link in decision.reserves] == [CONTACT]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (contact(), "CONTACT_WITHOUT_ROLE"),
        (contact(LOST), "CONTACT_WITHOUT_ROLE"),
        (contact(WON, AccountId=None), "CONTACT_WITHOUT_ACCOUNT"),
    ],
)
def test_t1_8_others_cost_no_call_and_say_why(document: Document, code: str) -> None:
    decision = decided(document, facts(customer_link()))
    assert decision.commands == ()
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.FILTERED, code)


@pytest.mark.parametrize("document", [contact(OPEN), contact(NS_Sync__c=True)])
def test_a_contact_waits_for_the_customer_of_its_account(document: Document) -> None:
    decision = decided(document, facts())
    assert code_of(decision) == "CONTACT_WAITS"
    assert decision.outcome is not None
    assert decision.outcome.waits_on == ACCOUNT


def test_t1_3_another_email_is_one_update_of_the_contact_that_stands() -> None:
    (first,) = decided(contact(WON), facts(customer_link())).commands
    applied = {(TARGET, name): h for name, h in hashes(first.document).items()}
    applied |= {(TARGET, name): hashes(Document({name: None}))[name]
                for name in ("title",)}  # fmt: skip
    known = facts(customer_link(), LINK, applied=applied)
    (sent,) = decided(contact(WON, Email="ada@example.org"), known).commands
    assert (sent.target, sent.document.fields) == (TARGET, {"email": "ada@example.org"})


def test_a_contact_that_stands_follows_its_changes_without_a_role() -> None:
    assert decided(contact(Title="CFO"), facts(customer_link(), LINK)).commands
