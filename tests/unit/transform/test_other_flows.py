"""Accounts, products, references, and what NetSuite says back."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kernel.messages import Result, Version
from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields, value_hash
from tests.builders import (
    ACCOUNT,
    EURO,
    OPPORTUNITY,
    POLICY,
    PRODUCT,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    opportunity,
    order_link,
)
from transform.domain.billing import billing_of
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts, Link
from transform.pipeline import decide, turns, wanted, wanted_later

CUSTOMER = netsuite("customer", "77")
ORDER = netsuite("salesOrder", "812")


def decided(ref: RecordRef, document: Document, known: Facts) -> Decision:
    return decide(case(change(ref, document, version=Version(7, 0))), known, POLICY)


def result_of(decision: Decision) -> tuple[Result, str]:
    assert decision.outcome is not None
    return decision.outcome.result, decision.outcome.code


def test_an_account_without_a_won_opportunity_costs_no_call() -> None:
    decision = decided(ACCOUNT, Document(account_fields()), facts())
    assert decision.commands == ()
    assert result_of(decision) == (Result.FILTERED, "NO_WON_OPPORTUNITY")


def test_a_first_customer_is_made_of_the_account_as_it_was_read_last() -> None:
    """Its own change came before the deal's and is newer than what was read along."""
    deal = change(OPPORTUNITY, opportunity(), version=Version(5, 0))
    renamed = Document(account_fields(Name="Acme SE"))
    for latest, name in ((Version(7, 0), "Acme SE"), (Version(3, 0), "Acme GmbH")):
        known = facts(bodies={ACCOUNT: renamed}, latest={ACCOUNT: latest})
        (customer,) = decide(case(deal), known, POLICY).commands
        assert customer.document.fields["companyName"] == name
        assert customer.version == max(latest, Version(5, customer.version.minor))


def test_a_deal_is_decided_after_a_change_of_its_account_and_looks_at_it() -> None:
    deal = case(change(OPPORTUNITY, opportunity()))
    account = case(change(ACCOUNT, Document(account_fields())))
    assert [*turns([deal, account])] == [[account], [deal]]
    assert [*turns([deal])] == [[deal]]
    assert ACCOUNT in wanted_later(deal, facts()).bodies
    assert ACCOUNT not in wanted_later(deal, facts(customer_link())).bodies
    lost = case(change(OPPORTUNITY, opportunity(IsWon=False)))
    assert ACCOUNT not in wanted_later(lost, facts()).bodies


def test_who_asks_for_a_record_that_does_not_travel_reads_why() -> None:
    decision = decided(ACCOUNT, Document(account_fields(NS_Sync_Now__c=True)), facts())
    assert result_of(decision) == (Result.FILTERED, "NO_WON_OPPORTUNITY")
    (notice,) = decision.commands
    assert notice.target == ACCOUNT
    assert notice.document.fields["NS_Sync_Status__c"] == "Not eligible"
    assert "no closed-won opportunity" in str(notice.document.fields["NS_Sync_Message__c"])
    assert notice.document.fields["NS_Sync_Now__c"] is False


def test_a_linked_account_tells_its_customer_only_what_differs() -> None:
    known = facts(customer_link())
    first = decided(ACCOUNT, Document(account_fields()), known).commands[0]
    assert "currency.id" not in first.document.fields  # finance owns it once the customer stands
    applied = {(first.target, name): h for name, h in hashes(first.document).items()}
    known = facts(customer_link(), applied=applied)
    (again,) = decided(ACCOUNT, Document(account_fields(Phone="+49 30 1")), known).commands
    assert again.document.fields == {"phone": "+49 30 1"}
    same = decided(ACCOUNT, Document(account_fields()), known)
    assert result_of(same) == (Result.UNCHANGED, "UNCHANGED")


def test_an_account_whose_customer_is_on_its_way_is_sent_whole() -> None:
    known = facts(customer_link(netsuite_id=""))
    (command,) = decided(ACCOUNT, Document(account_fields()), known).commands
    assert command.document.fields["currency.id"] == "4"


def test_a_product_with_an_item_is_linked_to_it() -> None:
    decision = decided(PRODUCT, Document({"Id": PRODUCT.id, "NS_Item_Id__c": "105"}), facts())
    assert result_of(decision) == (Result.APPLIED, "PRODUCT_LINKED")
    assert decision.links[0].netsuite_id == "105"


def test_a_product_that_lost_its_item_is_unlinked() -> None:
    link = Link(source=PRODUCT, kind="item", external_id="", netsuite_id="105")
    decision = decided(PRODUCT, Document({"Id": PRODUCT.id, "NS_Item_Id__c": None}), facts(link))
    assert result_of(decision) == (Result.FILTERED, "PRODUCT_WITHOUT_ITEM")
    assert decision.unlinks == (PRODUCT,)


def test_a_currency_is_kept_as_reference_and_known_the_second_time() -> None:
    ref = netsuite("currency", "4")
    document = Document(EURO.fields)
    assert result_of(decided(ref, document, Facts())) == (Result.APPLIED, "REFERENCE_STORED")
    assert result_of(decided(ref, document, facts())) == (Result.UNCHANGED, "UNCHANGED")


def test_reference_data_can_be_kept_as_json() -> None:
    document = Document({**EURO.fields, "currencyPrecision": Decimal(2)})
    (kept,) = decided(netsuite("currency", "4"), document, Facts()).references
    assert json.loads(json.dumps(dict(kept.fields)))["currencyPrecision"] == "2"


def test_a_customer_number_is_told_to_its_account() -> None:
    document = Document({"id": "77", "entityId": "CUST-77", "externalId": None})
    (command,) = decided(CUSTOMER, document, facts(customer_link())).commands
    assert command.target == ACCOUNT
    assert command.document.fields == {
        "NS_Customer_Id__c": "77",
        "NS_Customer_Number__c": "CUST-77",
        "NS_Sync_Status__c": "Synced",
        "NS_Sync_Message__c": None,
        "NS_Last_Sync__c": datetime(1970, 1, 1, 0, 0, 7, tzinfo=UTC),
    }


def test_what_a_record_says_of_a_change_that_is_held_stays_whatever_netsuite_tells() -> None:
    document = Document({"id": "77", "entityId": "CUST-77", "externalId": None})
    shown = {(ACCOUNT, "NS_Sync_Status__c"): value_hash("Held")}
    held = facts(
        customer_link(), applied=shown, parked={ACCOUNT: (case(change(ACCOUNT, None)).cause,)}
    )
    (told,) = decided(CUSTOMER, document, held).commands
    assert told.document.fields["NS_Customer_Number__c"] == "CUST-77"
    assert not {"NS_Sync_Status__c", "NS_Sync_Message__c"} & told.document.fields.keys()
    (free,) = decided(CUSTOMER, document, facts(customer_link(), applied=shown)).commands
    assert free.document.fields["NS_Sync_Status__c"] == "Synced"


def test_an_external_id_of_ours_finds_the_account_before_any_link_is_known() -> None:
    external_id = customer_link().external_id
    document = Document({"id": "77", "entityId": "CUST-77", "externalId": external_id})
    decision = decided(CUSTOMER, document, Facts())
    assert decision.commands[0].target == ACCOUNT
    assert decision.links == (customer_link(),)
    assert ACCOUNT in wanted(case(change(CUSTOMER, document)), POLICY).targets


@pytest.mark.parametrize(
    "external_id", [None, "CRM-5", "sf-00Dyy0000002gPL-Account-001xx000003DGb1AAG"]
)
def test_a_customer_of_nobody_here_is_left_alone(external_id: str | None) -> None:
    document = Document({"id": "90", "entityId": "CUST-90", "externalId": external_id})
    decision = decided(netsuite("customer", "90"), document, facts())
    assert result_of(decision) == (Result.FILTERED, "NOT_FROM_SALESFORCE")


def order(*invoices: Fields, **fields: object) -> Document:
    root = {
        "id": "812",
        "tranId": "SO-1042",
        "status.refName": "Billed",
        "externalId": None,
        "total": Decimal("10000.00"),
        "exchangeRate": Decimal("1.03"),
    }
    return Document(root | fields, {"invoices": invoices})  # type: ignore[arg-type]  # real values


def invoice(total: str, remaining: str, status: str = "A") -> Fields:
    return {
        "id": "9",
        "status.id": status,
        "total": Decimal(total),
        "amountRemaining": Decimal(remaining),
    }


def test_a_paid_order_turns_its_opportunity_to_paid_with_nothing_remaining() -> None:
    document = order(invoice("10000.00", "0.00", "B"))
    (command,) = decided(ORDER, document, facts(order_link())).commands
    shown = command.document.fields
    assert command.target == OPPORTUNITY
    assert shown["NS_SO_Number__c"] == "SO-1042"
    assert shown["NS_Billing_Status__c"] == "Paid"
    assert shown["NS_Billed__c"] == Decimal("10000.00")
    assert shown["NS_Paid__c"] == Decimal("10000.00")
    assert shown["NS_Remaining__c"] == Decimal("0.00")


BILLING = {
    "Not billed": (),
    "Partly billed": (invoice("4000", "4000"),),
    "Billed": (invoice("4000", "4000"), invoice("6000", "6000")),
    "Partly paid": (invoice("4000", "0", "B"), invoice("6000", "6000")),
    "Paid": (invoice("4000", "0", "B"), invoice("6000", "0", "B")),
}


@pytest.mark.parametrize(("status", "invoices"), BILLING.items(), ids=BILLING.keys())
def test_the_billing_status_follows_from_the_invoices(
    status: str, invoices: tuple[Fields, ...]
) -> None:
    billing = billing_of(order(*invoices))
    assert billing is not None
    assert billing.status == status
    assert billing.billed == billing.paid + billing.remaining


def credited(amount: str, applied: str, status: str = "A") -> Fields:
    own = {"amount": Decimal(amount), "applied": Decimal(applied)}
    return {"id": "10", "status.id": status, **own}


CREDITED = {
    "Credited": (invoice("10000", "0", "B"), credited("10000", "0")),
    "Paid": (invoice("10000", "0", "B"), credited("4000", "4000")),
    "Partly paid": (invoice("10000", "3000"), credited("4000", "4000")),
    "Billed": (invoice("10000", "6000"), credited("4000", "4000")),
}
"""What is still billed and paid once some of it was credited, applied to the invoice or not."""


@pytest.mark.parametrize(("status", "lines"), CREDITED.items(), ids=CREDITED.keys())
def test_a_credit_is_no_payment(status: str, lines: tuple[Fields, Fields]) -> None:
    bill, credit = lines
    document = Document(order().fields, {"invoices": (bill,), "credits": (credit,)})
    billing = billing_of(document)
    assert billing is not None
    assert billing.status == status
    assert billing.net == Decimal(10000) - Decimal(str(credit["amount"]))
    assert billing.paid == Decimal(10000) - billing.remaining - billing.applied


def test_an_invoice_is_overdue_the_day_after_it_was_due() -> None:
    late = order({**invoice("10000", "10000"), "dueDate": date(2026, 11, 19)})
    for today, status in ((date(2026, 11, 19), "Billed"), (date(2026, 11, 20), "Overdue")):
        billing = billing_of(late, today)
        assert billing is not None
        assert billing.status == status


def test_a_voided_invoice_does_not_count() -> None:
    billing = billing_of(order(invoice("10000", "0", "V")))
    assert billing is not None
    assert billing.status == "Not billed"


def test_a_reading_without_invoices_says_nothing_of_billing() -> None:
    document = Document({"id": "812", "tranId": "SO-1042", "externalId": None})
    (command,) = decided(ORDER, document, facts(order_link())).commands
    assert "NS_Billing_Status__c" not in command.document.fields


def test_what_salesforce_shows_already_is_not_written_again() -> None:
    first = decided(ORDER, order(), facts(order_link())).commands[0]
    applied = {(first.target, name): h for name, h in hashes(first.document).items()}
    again = decided(ORDER, order(), facts(order_link(), applied=applied))
    assert result_of(again) == (Result.UNCHANGED, "UNCHANGED")


def test_a_kind_without_a_map_is_filtered() -> None:
    decision = decided(netsuite("vendor", "5"), Document({"id": "5"}), Facts())
    assert result_of(decision) == (Result.FILTERED, "NO_MAP")
