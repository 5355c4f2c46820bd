"""The NetSuite pages for people: lists, records with their entries, and order to cash by hand."""

from collections.abc import Iterator

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line
from tests.contract.sandbox.pages_client import Browser, Document

PENDING = {"id": "A"}


@pytest.fixture
def browser(sandbox: Sandbox) -> Iterator[Browser]:
    with Browser(sandbox.netsuite["http"]) as opened:
        yield opened


@pytest.fixture
def order(sandbox: Sandbox) -> str:
    """The address of an order over 8,500.00 EUR that waits for approval."""
    client = NetSuiteClient(sandbox)
    lines = (line(101, 1, 6000.0), line(102, 2, 1250.0))
    return f"/ui/salesorder/{client.order(client.customer(), *lines, orderStatus=PENDING)}"


def bill(browser: Browser, order: str) -> Document:
    browser.open(order)
    browser.send("Approve")
    browser.follow("Bill")
    return browser.send("Create invoice")


def test_an_order_is_approved_billed_in_part_paid_and_credited(
    browser: Browser, order: str
) -> None:
    page = browser.open(order)
    assert "8,500.00 EUR" in page.text
    assert "Pending Approval" in page.text
    assert "It is approved." in browser.send("Approve").text
    browser.follow("Bill")
    page = browser.send("Create invoice", quantity2="1")
    assert page.title.startswith("Invoice INV-")
    assert "7,250.00 EUR" in page.text
    invoice = browser.address
    browser.follow("Accept payment")
    assert "7,250.00 EUR is open." in browser.page.text
    page = browser.send("Create payment", amount="1000")
    assert page.title.startswith("Payment PAY-")
    browser.open(invoice)
    browser.follow("Credit")
    assert browser.send("Create credit memo", amount="250").title.startswith("Credit Memo CM-")
    page = browser.open(invoice)
    assert "Amount Remaining 6,000.00" in " ".join(page.text.split())
    assert "Accept payment" in page.links


def test_a_posting_transaction_shows_its_double_entry_in_the_base_currency(
    browser: Browser, order: str
) -> None:
    text = " ".join(bill(browser, order).text.split())
    assert "Entries in USD" in text
    assert "1100 Accounts Receivable 8,755.00" in text
    assert "Total 8,755.00 8,755.00" in text


def test_what_a_document_came_from_and_led_to_is_linked_both_ways(
    browser: Browser, order: str
) -> None:
    invoice = bill(browser, order).title.removeprefix("Invoice ")
    page = browser.open(order)
    assert browser.follow(invoice).title == f"Invoice {invoice}"
    assert page.title.removeprefix("Sales Order ") in browser.page.links


def test_a_list_is_searched_by_number_and_by_customer(browser: Browser, order: str) -> None:
    number = browser.open(order).title.removeprefix("Sales Order ")
    browser.open("/ui")
    assert number in browser.send("Search", search=number.lower()).links
    assert number not in browser.send("Search", search="o'%_<b>").links
    assert "None has “o'%_<b>” in its name." in browser.page.text


def test_a_long_list_comes_in_pages(browser: Browser) -> None:
    first = set(browser.open("/ui/accountingperiod").links)
    second = set(browser.follow("Next page").links)
    assert "Jan 2025" in second
    assert "Jan 2025" not in first


def test_a_refused_step_shows_the_accounts_words_and_keeps_what_was_typed(
    browser: Browser, order: str
) -> None:
    browser.open(order)
    browser.send("Approve")
    browser.follow("Bill")
    page = browser.send("Create invoice", quantity2="7", memo="kept")
    assert browser.status == 400
    assert page.problems[0].startswith("Error while accessing a resource.")
    assert page.problems[0].endswith("[USER_ERROR]")
    assert page.forms[0].values["memo"] == "kept"


def test_an_edit_goes_through_the_rules_and_the_journal(
    browser: Browser, order: str, sandbox: Sandbox
) -> None:
    before = sandbox.end_of_journal("netsuite")
    browser.open(order)
    browser.follow("Edit")
    assert browser.send("Save", otherRefNum="PO <7> & more").title.startswith("Sales Order")
    assert "PO <7> & more" in browser.page.text
    (entry,) = [entry for entry in sandbox.journal("netsuite", before) if entry["mutations"]]
    assert entry["actor"] == "Frieda Finance"
    assert entry["mutations"][0]["after"]["otherRefNum"] == "PO <7> & more"


def test_only_the_administrator_changes_rates_and_closes_periods(
    browser: Browser, order: str
) -> None:
    browser.open("/ui/currencyrate/new")
    rate = {"transactionCurrency": "EUR", "baseCurrency": "USD", "exchangeRate": "1.25"}
    browser.send("Create rate", **rate)
    assert "Your current role does not have permission" in browser.page.problems[0]
    browser.open("/ui/currencyrate/new")
    browser.act_as("administrator")
    page = browser.send("Create rate", effectiveDate="2027-11-01", **rate)
    assert "1.25" in page.text
    browser.open("/ui/accountingperiod?search=Nov%202027")
    browser.follow("Nov 2027")
    browser.send("Close the period")
    browser.open(order)
    browser.send("Approve")
    browser.follow("Bill")
    browser.send("Create invoice", tranDate="2027-11-02")
    assert "closed accounting period" in browser.page.problems[0]
    browser.open("/ui/accountingperiod?search=Nov%202027")
    browser.follow("Nov 2027")
    assert "It is saved." in browser.send("Open the period again").text


def test_a_customer_gets_a_new_order_with_its_items(browser: Browser, order: str) -> None:
    browser.open(order)
    browser.follow(next(name for name in browser.page.links if name.startswith("CUST-")))
    browser.follow("New sales order")
    page = browser.send("Create sales order", item0="SUP-GOLD", rate0="99.50", otherRefNum="PO-8")
    assert "99.50 EUR" in page.text
    assert "PO-8" in page.text


def test_a_record_is_deleted_only_after_a_question(browser: Browser, order: str) -> None:
    browser.open(order)
    assert "Keep it" in browser.follow("Delete").links
    assert "It is deleted." in browser.send("Delete").text
    assert browser.open(order).title == "There is no such page"


def test_every_list_opens_for_everybody_who_may_see_it(browser: Browser) -> None:
    browser.open("/ui/lists")
    lists = [href for href in browser.page.links.values() if href.count("/") == 2]
    for href in lists:
        assert browser.open(href).title
        assert browser.status == 200, href


def test_a_viewer_is_told_what_the_role_lacks(browser: Browser, order: str) -> None:
    browser.open(order)
    browser.act_as("viewer")
    assert browser.page.problems
    assert browser.status in (400, 403)


def test_goods_of_the_demo_are_shipped_and_taken_back(browser: Browser) -> None:
    for address, step, made in (
        ("/ui/salesorder/434", "Fulfil", "Create item fulfillment"),
        ("/ui/returnauthorization/435", "Receive", "Create item receipt"),
    ):
        browser.open(address)
        browser.follow(step)
        page = browser.send(made)
        assert page.title.startswith(made.removeprefix("Create ").title()), page.text
        assert "Cost of Goods Sold" in page.text
