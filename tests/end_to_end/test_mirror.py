"""NetSuite's transactions stand in Salesforce, to the cent, whoever made them."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest

from ops.local.environment import SERVICES
from tests.end_to_end.refunding import Refunding
from tests.end_to_end.story import Story
from tests.end_to_end.story_checks import check, nothing_is_written_again
from tests.end_to_end.storytelling import ACTIONS, drawn
from tests.invariants import is_integration
from tests.log import eventually
from tests.world import QUIET_WITHIN_S, Deal, World

SETTINGS = {"INGEST_NETSUITE_REFERENCE_S": "1", "TRANSFORM_SWEEP_S": "5"}
ROW = (
    "SELECT Id, Name, Type__c, Status__c, CurrencyIsoCode, Total__c, Paid__c, Remaining__c,"
    " Unapplied__c, Account__c, Opportunity__c, Received__c, Given__c, Line_Count__c,"
    " Source_Transaction__r.NS_Internal_Id__c"
    " FROM NS_Transaction__c WHERE NS_Internal_Id__c = '{0}'"
)
TRANSFORM = {"system": "netsuite", "method": "POST", "path": "*/!transform/creditMemo"}


@pytest.fixture
def desk(world: World) -> Iterator[Refunding]:
    with closing(Refunding(world)) as found:
        yield found


def row(world: World, transaction: str) -> Mapping[str, Any] | None:
    found = world.rep.query(ROW.format(transaction))
    return found[0] if found else None


def shown(world: World, transaction: str, **values: object) -> Mapping[str, Any]:
    """The row of a transaction once it shows these values."""

    def look() -> Mapping[str, Any] | None:
        now = row(world, transaction)
        return now if now and values.items() <= dict(now).items() else None

    return eventually(look, within_s=QUIET_WITHIN_S)


def won(world: World, name: str, **terms: Any) -> tuple[Deal, str, str]:
    """A deal with its order, approved, and its customer."""
    deal = world.open_deal(world.account(name), **terms)
    world.win(deal)
    now = world.numbered(deal)
    order = str(now["NS_SO_Id__c"])
    world.accountant.update("salesOrder", order, orderStatus={"id": "B"})
    return deal, order, str(now["Account"]["NS_Customer_Id__c"])


def test_t2_3_what_stays_open_settles_the_next_invoice_and_is_not_paid_back_as_well(
    desk: Refunding,
) -> None:
    customer = desk.customer("Left Open Inc")
    invoice, following = desk.invoice(customer), desk.invoice(customer)
    desk.pay(invoice, 500)
    request = desk.ask(desk.shown(invoice), 900)
    done = desk.until(request, Status__c="Done", Applied__c=Decimal(700))
    assert (done["Left_Open__c"], done["Paid_Out__c"]) == (Decimal(200), False)
    memo = desk.made(request)["cm"]
    part = {"doc": {"id": following}, "apply": True, "amount": 200}
    desk.accountant.update("creditMemo", memo, apply={"items": [part]})
    assert (desk.remaining(invoice), desk.remaining(following)) == (Decimal(0), Decimal(1000))
    shown = desk.shown(memo)
    eventually(lambda: desk.unapplied(memo) == 0)
    more = desk.ask(shown, 200, Reason__c="Cancellation")
    desk.until(more, NS_Sync_Status__c="Held", NS_Sync_Message__c="max 0.00 USD")
    assert desk.made(more) == {}


def test_t2_5_what_finance_credits_of_a_return_by_hand_is_not_credited_again(
    desk: Refunding, world: World
) -> None:
    invoice = desk.sold_goods(desk.customer("Returning Inc"))
    request = desk.ask(desk.shown(invoice), None, Status__c="Draft", Reason__c="Goods returned")
    desk.add_line(request, invoice, 2)
    desk.change(request, Status__c="Approved")
    desk.until(request, NS_Sync_Status__c="Waiting", NS_Sync_Message__c="0 of 2 have come back")
    rma = desk.made(request)["rma"]
    world.faults({**TRANSFORM, "effect": "status", "status": 403, "times": 1})
    desk.receive(rma, 2)
    desk.until(request, NS_Sync_Status__c="Held", NS_Sync_Message__c="PERMISSION_MISSING")
    desk.accountant.transform("returnAuthorization", rma, "creditMemo")
    desk.until(request, Status__c="Done")
    world.quiet()
    assert set(desk.made(request)) == {"rma"}


def test_t7_5_an_invoice_paid_in_netsuite_shows_paid_in_salesforce(world: World) -> None:
    """T7.5, also for an invoice that was not born in Salesforce."""
    deal, order, customer = won(world, "Spiegel GmbH", quantity=2, price=600)
    born = world.accountant.transform("salesOrder", order, "invoice")
    line = {"item": {"id": "102"}, "quantity": 1, "rate": 250.0}
    foreign = world.accountant.create("invoice", entity={"id": customer}, item={"items": [line]})
    for invoice, total in ((born, 1200), (foreign, 250)):
        now = shown(world, invoice, Remaining__c=Decimal(total), Line_Count__c=Decimal(1))
        assert now["Type__c"] == "Invoice"
        assert now["Account__c"] == deal.account_id
    assert shown(world, born)["Opportunity__c"] == deal.opportunity_id
    shown(world, order, Opportunity__c=deal.opportunity_id, Type__c="Sales Order")
    assert shown(world, foreign)["Opportunity__c"] is None
    for invoice, total in ((born, 1200), (foreign, 250)):
        payment = world.accountant.transform("invoice", invoice, "customerPayment")
        paid = shown(world, invoice, Remaining__c=Decimal(0), Received__c=Decimal(total))
        assert paid["Status__c"] == "Paid In Full"
        assert shown(world, payment, Given__c=Decimal(total))["Unapplied__c"] == 0
    world.told(deal, NS_Billing_Status__c="Paid", NS_Remaining__c=Decimal(0))
    assert world.quiet()["holds"]


def test_what_was_shipped_and_billed_stands_on_the_line_that_was_sold(world: World) -> None:
    with closing(world.item_keeper()) as keeper:
        keeper.update("nonInventorySaleItem", "104", isFulfillable=True)
    deal, order, _ = won(world, "Versand GmbH", product="HW-GATE", quantity=3, price=100)
    world.quiet()
    start = world.end_of_journal("salesforce")
    part = {"items": [{"orderLine": 1, "quantity": 2}]}
    world.accountant.transform("salesOrder", order, "itemFulfillment", item=part)
    told = line_told(world, deal, NS_Qty_Shipped__c=Decimal(2), NS_Qty_Billed__c=Decimal(0))
    assert told["NS_Line_Key__c"]
    half = {"items": [{"orderLine": 1, "quantity": 1}]}
    world.accountant.transform("salesOrder", order, "invoice", item=half)
    line_told(world, deal, NS_Qty_Shipped__c=Decimal(2), NS_Qty_Billed__c=Decimal(1))
    assert world.quiet()["holds"]
    ours = [m for m in world.mutations("salesforce", start) if is_integration(m["actor"])]
    assert sum(m["record"] == "OpportunityLineItem" for m in ours) == 2


def line_told(world: World, deal: Deal, **values: object) -> Mapping[str, Any]:
    """The one line of a deal once it shows these values."""

    def look() -> Mapping[str, Any] | None:
        now = world.rep.one(
            "SELECT NS_Line_Key__c, NS_Qty_Shipped__c, NS_Qty_Billed__c FROM OpportunityLineItem"
            f" WHERE OpportunityId = '{deal.opportunity_id}'"
        )
        return now if values.items() <= dict(now).items() else None

    return eventually(look, within_s=QUIET_WITHIN_S)


def test_a_credited_invoice_is_not_paid(world: World) -> None:
    """Open or paid: what was credited is no more billed, and no payment."""
    deal, order, _ = won(world, "Gutschrift GmbH", quantity=1, price=1200)
    invoice = world.accountant.transform("salesOrder", order, "invoice")
    credit = world.accountant.transform("invoice", invoice, "creditMemo")
    told = world.told(deal, NS_Billing_Status__c="Credited", NS_Remaining__c=Decimal(0))
    assert told["NS_Paid__c"] == 0
    assert shown(world, credit, Given__c=Decimal(1200))["Unapplied__c"] == 0
    paid_deal, order, _ = won(world, "Geld zurueck GmbH", quantity=1, price=1200)
    invoice = world.accountant.transform("salesOrder", order, "invoice")
    world.accountant.transform("invoice", invoice, "customerPayment")
    world.told(paid_deal, NS_Billing_Status__c="Paid")
    nothing = {"items": [{"doc": {"id": invoice}, "apply": False}]}
    credit = world.accountant.transform("invoice", invoice, "creditMemo", apply=nothing)
    world.told(paid_deal, NS_Billing_Status__c="Credited", NS_Paid__c=Decimal(1200))
    refund = world.accountant.transform("creditMemo", credit, "customerRefund")
    shown(world, refund, Given__c=Decimal(1200))
    shown(world, credit, Unapplied__c=Decimal(0), Received__c=Decimal(1200))
    assert world.quiet()["holds"]


def test_a_deleted_payment_takes_its_row_along_and_opens_the_invoice(world: World) -> None:
    _, _, customer = won(world, "Storno GmbH")
    line = {"item": {"id": "102"}, "quantity": 1, "rate": 250.0}
    invoice = world.accountant.create("invoice", entity={"id": customer}, item={"items": [line]})
    payment = world.accountant.transform("invoice", invoice, "customerPayment")
    shown(world, invoice, Received__c=Decimal(250))
    shown(world, payment)
    world.accountant.delete("customerPayment", payment)
    shown(world, invoice, Received__c=Decimal(0), Remaining__c=Decimal(250))
    eventually(lambda: row(world, payment) is None, within_s=QUIET_WITHIN_S)
    assert world.quiet()["holds"]


def test_a_voided_invoice_owes_nothing_and_is_not_billed(world: World) -> None:
    deal, order, _ = won(world, "Irrtum GmbH", quantity=1, price=400)
    invoice = world.accountant.transform("salesOrder", order, "invoice")
    shown(world, invoice, Remaining__c=Decimal(400))
    world.told(deal, NS_Billing_Status__c="Billed")
    world.accountant.void("invoice", invoice)
    voided = shown(world, invoice, Status__c="Voided")
    assert not voided["Remaining__c"]
    assert not voided["Total__c"]
    world.told(deal, NS_Billing_Status__c="Not billed", NS_Remaining__c=Decimal(0))
    assert world.quiet()["holds"]


def test_an_application_that_is_taken_back_and_made_again_stands_again(world: World) -> None:
    _, _, customer = won(world, "Hin und Her AG")
    line = {"item": {"id": "102"}, "quantity": 1, "rate": 250.0}
    invoice = world.accountant.create("invoice", entity={"id": customer}, item={"items": [line]})
    payment = world.accountant.transform("invoice", invoice, "customerPayment")
    shown(world, invoice, Received__c=Decimal(250))
    for applied, received in ((False, 0), (True, 250)):
        apply = {"items": [{"doc": {"id": invoice}, "apply": applied}]}
        world.accountant.update("customerPayment", payment, apply=apply)
        shown(world, invoice, Received__c=Decimal(received), Remaining__c=Decimal(250 - received))
    assert world.quiet()["holds"]


def test_t2_10_whatever_happens_on_both_sides_they_agree_and_a_replay_writes_nothing(
    world: World, request: pytest.FixtureRequest
) -> None:
    """T1.2 as well; `--story-steps 400 --story-seed 7` tells another, longer story."""
    steps, number = (request.config.getoption(f"--story-{name}") for name in ("steps", "seed"))
    desk = Refunding(world)
    story = Story(world=world, desk=desk)
    try:
        story.tell(drawn(steps, number), ACTIONS)
        world.faults()
        for service in SERVICES:
            asyncio.run(world.stack.until_ready(service))
        check(story)
        nothing_is_written_again(world)
    finally:
        desk.close()
        print(dict(story.done), *story.refused, sep="\n")
