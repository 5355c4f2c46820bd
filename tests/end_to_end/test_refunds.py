"""Refunds and credits on all the real parts, checked on NetSuite's own ledger and journal."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kernel.topics import NETSUITE_COMMANDS, SALESFORCE_CHANGES
from tests.end_to_end.refunding import BAD_DEBT, REQUEST, TAXED, Refunding, bad_debt_item
from tests.invariants import i9_the_books_balance, is_integration
from tests.log import eventually
from tests.world import World, running_world

SETTINGS = {"INGEST_NETSUITE_REFERENCE_S": "1", "TRANSFORM_SWEEP_S": "5"}
RECEIVABLE, BANK, INCOME, TAX, GAIN, SALES = "119", "6", "55", "60", "58", "54"
DEPOSITS = "82"
REASONS = """
- {{reason: Bad debt, item: "{item}"}}
- {{reason: Billing error, auto_limit: "500"}}
"""
VOIDING = {"system": "netsuite", "method": "POST", "path": "*restlet*"}
PAY_BACK = {"Refund_Method__c": "Pay back"}
TRANSFORM = {"system": "netsuite", "method": "POST", "path": "*/!transform/creditMemo"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    base: Path = tmp_path_factory.mktemp("refunds")
    table = base / "maps" / "refunds" / "ours.yaml"
    table.parent.mkdir(parents=True)
    extra = {**SETTINGS, "MAPS_OVERLAY_DIR": str(base / "maps")}
    with running_world(base / "state", extra=extra, restart_delay_max_s=0.2) as running:
        table.write_text(REASONS.format(item=bad_debt_item(running)))
        running.stack.kill("transform", signal.SIGKILL)  # a table is read at start
        yield running


@pytest.fixture(scope="module")
def desk(world: World) -> Iterator[Refunding]:
    found = Refunding(world)
    yield found
    found.close()


@pytest.fixture(scope="module")
def customer_id(desk: Refunding) -> str:
    return desk.customer("Refund Inc")


def test_t2_1_a_refund_of_an_open_invoice_is_credited_and_applied(
    desk: Refunding, customer_id: str
) -> None:
    invoice = desk.invoice(customer_id)
    request = desk.ask(desk.shown(invoice), 300)
    done = desk.until(request, Status__c="Done")
    assert (done["Applied__c"], done["Left_Open__c"]) == (Decimal(300), 0)
    assert (done["NS_Sync_Status__c"], bool(done["NS_Last_Sync__c"])) == ("Synced", True)
    memo = desk.made(request)["cm"]
    assert desk.remaining(invoice) == Decimal(900)
    assert desk.postings(memo) == {RECEIVABLE: -300, INCOME: 250, TAX: 50}
    shown = desk.accountant.record("creditMemo", memo)
    assert (shown["tranId"], shown["custbody_sf_reason"]) == (
        done["Credit_Memo_Number__c"],
        "Price concession",
    )
    assert shown["custbody_sf_approved_by"] == desk.boss


def test_t2_2_and_t2_3_what_was_paid_goes_back_and_what_is_open_is_settled(
    desk: Refunding, customer_id: str
) -> None:
    paid, partly = desk.invoice(customer_id), desk.invoice(customer_id)
    desk.pay(paid)
    desk.pay(partly, 500)
    whole = desk.ask(desk.shown(paid), 1200, **PAY_BACK)
    part = desk.ask(desk.shown(partly), 900, **PAY_BACK)
    done = desk.until(whole, Status__c="Done", Refunded__c=Decimal(1200))
    assert (done["Applied__c"], done["Paid_Out__c"]) == (0, True)
    steps = desk.made(whole)
    assert desk.postings(steps["cm"]) == {RECEIVABLE: -1200, INCOME: 1000, TAX: 200}
    assert desk.postings(steps["rf"]) == {RECEIVABLE: 1200, BANK: -1200}
    assert desk.accountant.record("invoice", paid)["status"]["refName"] == "Paid In Full"
    split = desk.until(part, Status__c="Done", Refunded__c=Decimal(200))
    assert (split["Applied__c"], split["Left_Open__c"]) == (Decimal(700), 0)
    assert desk.remaining(partly) == 0
    assert desk.postings(desk.made(part)["rf"]) == {RECEIVABLE: 200, BANK: -200}


def test_money_that_nobody_needs_goes_back_without_touching_revenue(
    desk: Refunding, customer_id: str
) -> None:
    deposit = desk.from_customer(customer_id, "customerDeposit", payment=300)
    payment = desk.from_customer(customer_id, "customerPayment", payment=500)
    taxed = {"taxDetailsOverride": True, "taxDetails": {"items": [TAXED]}}
    item = {"item": {"id": "101"}, "quantity": 1, "rate": 1000, "amount": 1000}
    sale = desk.from_customer(customer_id, "cashSale", item={"items": [item]}, **taxed)
    overpaid = {"Reason__c": "Overpayment"}
    asked = {
        deposit: desk.ask(desk.shown(deposit), 100, **overpaid),
        payment: desk.ask(desk.shown(payment), 150, **overpaid),
        sale: desk.ask(desk.shown(sale), 600),
    }
    for request in asked.values():
        desk.until(request, Status__c="Done", Paid_Out__c=True)
    refunds = {source: desk.made(request)["rf"] for source, request in asked.items()}
    assert desk.postings(refunds[deposit]) == {DEPOSITS: 100, BANK: -100}
    assert desk.postings(refunds[payment]) == {RECEIVABLE: 150, BANK: -150}
    given_back = desk.postings(refunds[sale])
    assert given_back[INCOME] == Decimal(500)
    assert given_back[TAX] == Decimal(100)
    assert RECEIVABLE not in given_back
    more = desk.ask(desk.shown(deposit), 250, **overpaid)
    desk.until(more, NS_Sync_Status__c="Held", NS_Sync_Message__c="max 200.00 USD")


def test_an_overpayment_is_taken_off_its_invoice_and_paid_back_once_whatever_dies(
    desk: Refunding, world: World, customer_id: str
) -> None:
    invoice = desk.invoice(customer_id)
    payment = desk.pay(invoice)
    shown = desk.shown(payment)
    lost = {"system": "netsuite", "method": "PATCH", "path": "*/customerPayment/*", "times": 1}
    world.faults({**lost, "effect": "drop_after_commit"})
    request = desk.ask(shown, 500, Reason__c="Overpayment")
    eventually(lambda: desk.remaining(invoice) == Decimal(500))
    world.stack.kill("transform", signal.SIGKILL)
    desk.until(request, Status__c="Done", Refunded__c=Decimal(500), Paid_Out__c=True)
    assert desk.postings(desk.made(request)["rf"]) == {RECEIVABLE: 500, BANK: -500}
    assert desk.remaining(invoice) == Decimal(500)
    more = desk.ask(shown, 701, Reason__c="Overpayment")
    desk.until(more, NS_Sync_Status__c="Held", NS_Sync_Message__c="max 700.00 USD")


def test_t2_4_a_credit_that_finance_enters_counts_and_its_end_lets_a_refund_go_on(
    desk: Refunding, world: World, customer_id: str
) -> None:
    """Without Sync Now: the invoice's own change releases it."""
    invoice = desk.invoice(customer_id)
    theirs = desk.credit_by_hand(invoice, 1000)
    desk.shown(theirs)
    request = desk.ask(desk.shown(invoice), 300)
    desk.until(request, NS_Sync_Status__c="Held", NS_Sync_Message__c="max 0.00 USD")
    assert desk.made(request) == {}
    desk.accountant.delete("creditMemo", theirs)
    eventually(lambda: desk.is_gone(theirs))
    desk.pay(invoice, 100)
    desk.until(request, Status__c="Done", Applied__c=Decimal(300))
    assert desk.remaining(invoice) == Decimal(800)


def test_t2_4_the_third_refund_is_held_with_what_is_left(desk: Refunding, customer_id: str) -> None:
    invoice = desk.invoice(customer_id)
    shown = desk.shown(invoice)
    requests = [desk.ask(shown, amount) for amount in (400, 400)]
    for request in requests:
        desk.until(request, Status__c="Done")
    third = desk.ask(shown, 500)
    desk.until(third, NS_Sync_Status__c="Held", NS_Sync_Message__c="max 400.00 USD")
    assert (desk.made(third), desk.remaining(invoice)) == ({}, Decimal(400))
    smaller = desk.ask(shown, 400)
    desk.until(smaller, Status__c="Done")
    assert desk.remaining(invoice) == 0


def test_two_requests_at_once_never_credit_more_than_is_left(
    desk: Refunding, world: World, customer_id: str
) -> None:
    invoice = desk.invoice(customer_id)
    shown = desk.shown(invoice)
    drafts = [desk.ask(shown, 700, Status__c="Submitted") for _ in range(3)]
    approved = dict.fromkeys(drafts, "Approved")
    world.catalogue_owner.update_many(REQUEST, "Status__c", approved)
    world.quiet()
    made = [request for request in drafts if desk.made(request)]
    assert len(made) == 1
    assert desk.remaining(invoice) == Decimal(500)
    for request in set(drafts) - set(made):
        desk.until(request, NS_Sync_Message__c="max 500.00 USD")


def test_t2_5_goods_are_credited_as_they_come_back(
    desk: Refunding, world: World, customer_id: str
) -> None:
    """The second credit is refused at first: the request says so, and Sync Now tries again."""
    invoice = desk.sold_goods(customer_id)
    shown = desk.shown(invoice)
    request = desk.ask(shown, None, Status__c="Draft", Reason__c="Goods returned")
    desk.add_line(request, invoice, 2)
    desk.change(request, Status__c="Approved")
    desk.until(request, NS_Sync_Status__c="Waiting", NS_Sync_Message__c="0 of 2 have come back")
    rma = desk.made(request)["rma"]
    assert (desk.remaining(invoice), desk.postings(rma)) == (Decimal(600), {})
    desk.receive(rma, 1)
    desk.until(
        request, Applied__c=Decimal(120), NS_Sync_Message__c="1 of 2 have come back"
    )  # fmt: skip
    assert desk.remaining(invoice) == Decimal(480)
    world.faults({**TRANSFORM, "effect": "status", "status": 403})
    desk.receive(rma, 1)
    desk.until(request, NS_Sync_Status__c="Held", NS_Sync_Message__c="PERMISSION_MISSING")
    world.faults()
    desk.change(request, NS_Sync_Now__c=True)
    done = desk.until(request, Applied__c=Decimal(240), Status__c="Done")
    steps = desk.made(request)
    assert set(steps) == {"rma", "cm1", "cm2"}
    for name in ("cm1", "cm2"):
        assert desk.postings(steps[name]) == {RECEIVABLE: -120, SALES: 100, TAX: 20}
    assert desk.remaining(invoice) == Decimal(360)
    assert done["NS_Sync_Status__c"] == "Synced"
    again = desk.ask(shown, None, Status__c="Draft", Reason__c="Goods returned")
    desk.add_line(again, invoice, 4)
    desk.change(again, Status__c="Approved")
    desk.until(again, NS_Sync_Status__c="Held", NS_Sync_Message__c="max 3")
    assert desk.made(again) == {}


def test_t2_6_a_correction_leaves_no_gain_and_a_new_event_posts_what_differs(
    desk: Refunding,
) -> None:
    customer = desk.customer("Kurs GmbH", "EUR")
    euro: dict[str, Any] = {"currency": {"id": "4"}, "exchangeRate": 1.1}
    corrected, conceded = (desk.invoice(customer, tax=False, **euro) for _ in range(2))
    desk.keeper.put(
        "currencyRate",
        "refund-test-rate",
        baseCurrency={"id": "1"},
        transactionCurrency={"id": "4"},
        exchangeRate=1.08,
        effectiveDate=datetime.now(UTC).date().isoformat(),
    )
    same = desk.ask(
        desk.shown(corrected), 1000, CurrencyIsoCode="EUR", Reason__c="Cancellation"
    )  # fmt: skip
    new = desk.ask(desk.shown(conceded), 1000, CurrencyIsoCode="EUR")
    desk.until(same, Status__c="Done")
    desk.until(new, Status__c="Done")
    assert desk.postings(desk.made(same)["cm"]) == {RECEIVABLE: -1100, INCOME: 1100}
    assert desk.postings(desk.made(new)["cm"]) == {RECEIVABLE: -1100, INCOME: 1080, GAIN: 20}
    assert desk.remaining(corrected) == desk.remaining(conceded) == 0


def test_t2_7_a_refund_before_its_invoice_waits_and_follows_by_itself(
    desk: Refunding, world: World, customer_id: str
) -> None:
    world.faults(
        {"system": "netsuite", "method": "POST", "path": "/query/v1/suiteql", "effect": "status",
         "status": 503}
    )  # fmt: skip
    invoice = desk.invoice(customer_id)
    request = desk.ask(desk.show_by_hand(invoice), 300)
    desk.until(request, NS_Sync_Status__c="Waiting", NS_Sync_Message__c="INVOICE_UNKNOWN")
    world.faults()
    desk.until(request, Status__c="Done")
    assert desk.remaining(invoice) == Decimal(900)


def test_t2_8_a_refund_of_a_closed_january_posts_in_february(
    desk: Refunding, customer_id: str
) -> None:
    year = datetime.now(UTC).year
    invoice = desk.invoice(customer_id, tranDate=f"{year}-01-10")
    shown = desk.shown(invoice)
    early = desk.ask(shown, 100, Event_Date__c=f"{year}-01-20", Status__c="Submitted")
    desk.until(early, NS_Sync_Message__c="AWAITS_APPROVAL")
    with desk.closed_month(f"{year}-01-01"):
        desk.change(early, Status__c="Approved")
        desk.until(early, Status__c="Done")
        memo = desk.accountant.record("creditMemo", desk.made(early)["cm"])
        assert memo["tranDate"] == f"{year}-02-01"
        assert memo["custbody_sf_original_date"] == f"{year}-01-20"


def test_t2_9_a_refund_in_another_currency_is_held_and_an_edit_is_approved_anew(
    desk: Refunding, customer_id: str
) -> None:
    invoice = desk.invoice(customer_id)
    request = desk.ask(desk.shown(invoice), 300, CurrencyIsoCode="EUR")
    desk.until(request, NS_Sync_Status__c="Held", NS_Sync_Message__c="CURRENCY_MISMATCH")
    desk.change(request, CurrencyIsoCode="USD")
    desk.until(request, NS_Sync_Status__c="Held", NS_Sync_Message__c="APPROVAL_OUTDATED")
    assert desk.made(request) == {}
    desk.change(request, Status__c="Submitted")
    desk.until(request, NS_Sync_Message__c="AWAITS_APPROVAL")
    desk.change(request, Status__c="Approved")
    desk.until(request, Status__c="Done")
    assert desk.remaining(invoice) == Decimal(900)


def test_t2_11_a_cancelled_refund_is_undone_as_far_as_it_went(
    desk: Refunding, customer_id: str
) -> None:
    posted, paid = desk.invoice(customer_id), desk.invoice(customer_id)
    desk.pay(paid)
    asked = desk.ask(desk.shown(posted), 300, Status__c="Submitted")
    desk.until(asked, NS_Sync_Message__c="AWAITS_APPROVAL")
    desk.change(asked, Status__c="Cancelled")
    credited = desk.ask(desk.shown(posted), 200)
    refunded = desk.ask(desk.shown(paid), 1200, **PAY_BACK)
    desk.until(credited, Status__c="Done")
    desk.until(refunded, Status__c="Done")
    assert desk.remaining(posted) == Decimal(1000)
    desk.world.quiet()
    desk.change(credited, Status__c="Cancelled")
    desk.change(refunded, Status__c="Cancelled")
    desk.until(credited, NS_Sync_Message__c="was unapplied and voided")
    assert desk.remaining(posted) == Decimal(1200)
    assert desk.postings(desk.made(credited)["cm"]) == {}
    desk.until(refunded, NS_Sync_Status__c="Held", NS_Sync_Message__c="REFUND_PAID_OUT")
    assert set(desk.made(refunded)) == {"cm", "rf"}
    assert desk.made(asked) == {}


def test_bad_debt_is_an_expense_and_what_is_below_the_limit_needs_nobody(
    desk: Refunding, customer_id: str
) -> None:
    invoice = desk.invoice(customer_id)
    shown = desk.shown(invoice)
    lost = desk.ask(shown, 600, Reason__c="Bad debt")
    desk.until(lost, Status__c="Done", Applied__c=Decimal(600))
    posted = desk.postings(desk.made(lost)["cm"])
    assert posted == {RECEIVABLE: -600, BAD_DEBT: 500, TAX: 100}
    unapproved = {"Reason__c": "Billing error", "Status__c": "Submitted", "Approved_By__c": None}
    large = desk.ask(shown, 501, **unapproved)
    small = desk.ask(shown, 500, **unapproved)
    desk.until(small, Status__c="Done", Applied__c=Decimal(500))
    desk.until(large, NS_Sync_Status__c="Held", NS_Sync_Message__c="501.00 USD is 501.00 USD;")
    assert (desk.made(large), desk.remaining(invoice)) == ({}, Decimal(100))


def test_t2_11_a_credit_that_cannot_be_voided_is_deleted_by_hand_and_ends_the_request(
    desk: Refunding, world: World, customer_id: str
) -> None:
    """As in an account that voids by reversing journals."""
    invoice = desk.invoice(customer_id)
    shown = desk.shown(invoice)
    request = desk.ask(shown, 1200)
    desk.until(request, Status__c="Done")
    world.quiet()
    world.faults({**VOIDING, "effect": "status", "status": 400})
    desk.change(request, Status__c="Cancelled")
    desk.until(request, NS_Sync_Status__c="Held", NS_Sync_Message__c="VOID_REFUSED")
    assert desk.remaining(invoice) == Decimal(1200)
    desk.accountant.delete("creditMemo", desk.made(request)["cm"])
    desk.until(request, NS_Sync_Status__c="Synced", NS_Sync_Message__c="void or deleted")
    desk.until(desk.ask(shown, 1200), Status__c="Done", Applied__c=Decimal(1200))


@pytest.mark.parametrize(
    "fault",
    [{"effect": "drop_after_commit"}, {"effect": "commit_late", "seconds": 4}],
    ids=lambda fault: str(fault["effect"]),
)
def test_nothing_is_credited_twice_when_an_answer_is_lost(
    desk: Refunding, world: World, customer_id: str, fault: dict[str, object]
) -> None:
    events = {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_duplicate"}
    invoice = desk.invoice(customer_id)
    shown = desk.shown(invoice)
    world.faults({**TRANSFORM, "times": 1, **fault}, events, {**events})
    request = desk.ask(shown, 300)
    desk.until(request, Status__c="Done")
    assert desk.remaining(invoice) == Decimal(900)
    assert set(desk.made(request)) == {"cm"}


def test_nothing_is_credited_twice_when_the_writer_dies_after_the_commit(
    desk: Refunding, world: World, customer_id: str
) -> None:
    invoice = desk.invoice(customer_id)
    shown = desk.shown(invoice)
    slow = {"system": "netsuite", "method": "GET", "path": "/record/v1/creditMemo/*"}
    world.faults({**slow, "effect": "delay", "seconds": 2, "times": 1})
    request = desk.ask(shown, 300)
    eventually(lambda: desk.made(request))
    world.stack.kill("netsuite-writer", signal.SIGKILL)
    desk.until(request, Status__c="Done")
    assert desk.remaining(invoice) == Decimal(900)


def test_every_refund_stands_once_and_a_replay_writes_nothing(
    desk: Refunding, world: World
) -> None:
    found = world.quiet()
    i9_the_books_balance(found)
    assert set(desk.times_made().values()) == {1}
    end = world.end_of_journal("netsuite")
    for topic in (SALESFORCE_CHANGES, NETSUITE_COMMANDS):
        world.log.send_again(topic)
    world.quiet()
    assert not [m for m in world.mutations("netsuite", end) if is_integration(m["actor"])]
