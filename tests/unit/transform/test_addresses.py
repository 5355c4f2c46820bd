"""An account's addresses as lines of the address book."""

from kernel.messages import Version
from kernel.records import RecordRef, netsuite
from kernel.values import Document
from tests.builders import (
    ACCOUNT,
    POLICY,
    account_fields,
    case,
    change,
    customer_link,
    facts,
)
from transform.domain.addresses import with_addresses
from transform.pipeline import decide

ADDRESS = {
    "BillingStreet": "Hauptstr. 1",
    "BillingCity": "Berlin",
    "BillingState": None,
    "BillingPostalCode": "10999",
    "BillingCountry": "Germany",
    "ShippingStreet": None,
    "ShippingCity": None,
}


def customer_ref() -> RecordRef:
    return netsuite("customer", "77")


def test_an_address_is_one_line_and_an_empty_one_is_none() -> None:
    document = Document(account_fields(**ADDRESS))
    event = change(ACCOUNT, document, version=Version(7, 0))
    (sent,) = decide(case(event), facts(customer_link()), POLICY).commands
    assert sent.document.lines["addressBook"] == (
        {
            "defaultBilling": True,
            "addressBookAddress.addr1": "Hauptstr. 1",
            "addressBookAddress.city": "Berlin",
            "addressBookAddress.zip": "10999",
            "addressBookAddress.country.id": "DE",
        },
    )
    assert not [name for name in sent.document.fields if name.startswith("billing.")]


def test_t7_1_after_the_first_invoice_the_billing_address_is_finances() -> None:
    known = facts(
        customer_link(),
        bodies={customer_ref(): Document({"id": "77", "firstSaleDate": "2026-11-01"})},
    )
    document = Document(account_fields(**{**ADDRESS, "ShippingCity": "Potsdam"}))
    event = change(ACCOUNT, document, version=Version(7, 0))
    sent = decide(case(event), known, POLICY).commands[0]
    assert sent.document.lines["addressBook"] == (
        {"defaultShipping": True, "addressBookAddress.city": "Potsdam"},
    )


def test_a_document_without_addresses_stays_as_it_is() -> None:
    document = Document({"companyName": "Acme"}, {"currencyList": ({"currency.id": "4"},)})
    assert with_addresses(document) == document
