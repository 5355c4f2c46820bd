"""Customers of NetSuite are remembered, forgotten when they are gone, and counted at the start."""

from dataclasses import replace

from kernel.messages import ChangeKind, Result
from kernel.records import netsuite
from kernel.values import Document
from tests.builders import ACCOUNT, POLICY, case, change, customer_link, facts
from transform.domain.likeness import WHOLE, Entry, Likeness, Question, party_of
from transform.pipeline import decide, questions

CUSTOMER = netsuite("customer", "77")
READ = {"id": "77", "entityId": "CUST-1", "companyName": "Acme GmbH", "billing.zip": "10117"}
KEYS = frozenset({b"key"})


def test_a_customer_is_found_from_now_on_by_its_keys() -> None:
    likeness = Likeness(party=party_of(CUSTOMER, READ), keys=KEYS)
    known = replace(facts(), likenesses={CUSTOMER: likeness})
    decision = decide(case(change(CUSTOMER, Document(READ))), known, POLICY)
    assert decision.entries == (Entry(ref=CUSTOMER, fields=None, keys=KEYS),)
    assert decision.nudges == ()


def test_the_account_that_stood_for_it_is_forgotten() -> None:
    decision = decide(case(change(CUSTOMER, Document(READ))), facts(customer_link()), POLICY)
    assert [entry.ref for entry in decision.entries if entry.is_gone] == [ACCOUNT]


def test_a_customer_that_is_gone_is_forgotten() -> None:
    gone = change(CUSTOMER, None, kind=ChangeKind.DELETE)
    decision = decide(case(gone), facts(), POLICY)
    assert [(entry.ref, entry.is_gone) for entry in decision.entries] == [(CUSTOMER, True)]


def test_whoever_waits_for_all_customers_is_looked_at_again_with_each() -> None:
    known = facts(knows_all_customers=False)
    decision = decide(case(change(CUSTOMER, Document(READ))), known, POLICY)
    assert decision.nudges == (WHOLE,)


def test_how_many_customers_there_are_is_kept() -> None:
    said = Document({"name": "customer", "count": 2, "last": "77"})
    decision = decide(case(change(WHOLE, said)), facts(), POLICY)
    assert decision.outcome is not None
    assert decision.outcome.result is Result.APPLIED
    [reference] = decision.references
    assert (reference.key, reference.fields["last"]) == ("customer", "77")


def test_a_customer_is_recognised_by_its_own_sealed_fields() -> None:
    asked = list(questions(case(change(CUSTOMER, Document(READ))), facts()))
    assert asked == [Question(ref=CUSTOMER, fields=READ, compares=False)]


def test_a_party_is_read_from_either_side() -> None:
    theirs = party_of(
        CUSTOMER, {**READ, "billing.addr1": "A 1", "billing.addr2": "2", "parent.id": "5"}
    )
    assert (theirs.name, theirs.postcode, theirs.street) == ("Acme GmbH", "10117", "A 1\n2")
    assert theirs.parent == netsuite("customer", "5")
    person = party_of(CUSTOMER, {"firstName": "Maria", "lastName": "Rossi", "isPerson": True})
    assert (person.name, person.is_person) == ("Maria Rossi", True)
    ours = party_of(ACCOUNT, {"Name": "Acme", "NS_VAT_Number__c": "DE1", "BillingCountry": "DE"})
    assert (ours.name, ours.tax_ids, ours.country) == ("Acme", ("DE1",), "DE")
