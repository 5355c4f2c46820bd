"""Accounts of persons, and accounts of an org that knows none."""

from kernel.messages import WriteCommand
from kernel.values import Document, Value
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    POLICY,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    opportunity,
)
from transform.domain.decisions import hashes
from transform.pipeline import decide

ADA: dict[str, Value] = {
    "IsPersonAccount": True,
    "Name": "Ada Lovelace",
    "FirstName": "Ada",
    "LastName": "Lovelace",
    "PersonEmail": "ada@example.com",
    "NS_VAT_Number__c": "DE136695976",
}
COMPANY: dict[str, Value] = {
    "IsPersonAccount": False, "FirstName": None, "LastName": None, "PersonEmail": None,
}  # fmt: skip


def made(**fields: Value) -> WriteCommand:
    """The customer of a won opportunity of this account."""
    document = opportunity(account=account_fields(**fields))
    decision = decide(case(change(OPPORTUNITY, document)), facts(), POLICY)
    (sent,) = [one for one in decision.commands if one.target.kind == "customer"]
    return sent


def test_a_person_becomes_a_customer_that_is_one() -> None:
    sent = made(**ADA).document.fields
    assert sent["isPerson"] is True
    assert (sent["firstName"], sent["lastName"]) == ("Ada", "Lovelace")
    assert "companyName" not in sent
    assert sent["email"] == "ada@example.com"


def test_an_address_for_invoices_goes_before_the_persons_own() -> None:
    sent = made(**ADA, NS_Billing_Email__c="bills@example.com")
    assert sent.document.fields["email"] == "bills@example.com"


def test_a_company_is_one_whether_or_not_the_org_knows_persons() -> None:
    for fields in (COMPANY, {}):
        sent = made(**fields).document.fields
        assert (sent["isPerson"], sent["companyName"]) == (False, "Acme GmbH")
        assert not {"firstName", "lastName"} & sent.keys()


def test_another_last_name_is_one_update() -> None:
    first = made(**ADA)
    applied = {(first.target, name): digest for name, digest in hashes(first.document).items()}
    known = facts(customer_link(), applied=applied)
    document = Document(account_fields(**{**ADA, "LastName": "King"}))
    (sent,) = decide(case(change(ACCOUNT, document)), known, POLICY).commands
    assert dict(sent.document.fields) == {"lastName": "King"}


def test_the_tax_number_is_written_once_and_finances_from_then_on() -> None:
    assert made(**ADA).document.fields["vatRegNumber"] == "DE136695976"
    document = Document(account_fields(NS_VAT_Number__c="DE999999999"))
    (sent,) = decide(case(change(ACCOUNT, document)), facts(customer_link()), POLICY).commands
    assert "vatRegNumber" not in sent.document.fields
