"""Orders that change, are cancelled or come back, and accounts that end, by the journals."""

import signal
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from kernel.messages import Outcome, Subject, WriteCommand
from kernel.topics import OUTCOMES, SALESFORCE_COMMANDS
from tests.invariants import is_integration
from tests.log import eventually
from tests.world import OPEN, QUIET_WITHIN_S, Deal, World


def test_t9_5_after_the_approval_lines_are_added_and_words_change_but_nothing_else(
    world: World,
) -> None:
    deal, order_id = won(world, "Zusage GmbH")
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    world.quiet()
    world.rep.update("Opportunity", deal.opportunity_id, NS_PO_Number__c="PO-7")
    world.until_order(order_id, otherRefNum="PO-7")
    added = line(world, deal, "SUP-SILVER", quantity=2, price=10)
    world.until_order(order_id, total=Decimal("120.0"))
    assert quantities(world, order_id) == [1, 2]
    start = world.end_of_journal("netsuite")
    world.rep.update("OpportunityLineItem", added, Quantity=3, UnitPrice=10)
    held = world.told(deal, NS_Sync_Status__c="Held")
    assert "lines changed: 1" in held["NS_Sync_Message__c"]
    assert "[AMENDMENT_NEEDS_APPROVAL]" in held["NS_Sync_Message__c"]
    assert quantities(world, order_id) == [1, 2]
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "A"})
    world.quiet()
    world.rep.update("Opportunity", deal.opportunity_id, NS_Sync_Now__c=True)
    world.until_order(order_id, total=Decimal("130.0"))
    assert quantities(world, order_id) == [1, 3]
    world.told(deal, NS_Sync_Status__c="Synced", NS_Sync_Message__c=None)
    (write,) = ours(world, "netsuite", start)
    assert len(write["after"]["item"]["items"]) == 2
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    half = {"items": [{"orderLine": 2, "quantity": 1}]}
    world.accountant.transform("salesOrder", order_id, "invoice", item=half)
    world.quiet()
    world.rep.update("OpportunityLineItem", added, Quantity=1, UnitPrice=10)
    locked = world.told(deal, NS_Sync_Status__c="Held")
    assert "[ORDER_LOCKED]" in locked["NS_Sync_Message__c"]
    assert quantities(world, order_id) == [1, 3]
    world.rep.update("OpportunityLineItem", added, Quantity=3, UnitPrice=10)
    world.told(deal, NS_Sync_Status__c="Synced", NS_Sync_Message__c=None)


def test_a_lost_deal_closes_its_order_and_a_won_one_opens_it_again(world: World) -> None:
    deal, order_id = won(world, "Rueckzieher AG")
    world.rep.update("Opportunity", deal.opportunity_id, StageName=OPEN)
    eventually(lambda: closed(world, order_id) == [True], within_s=QUIET_WITHIN_S)
    world.quiet()
    world.win(deal)
    eventually(lambda: closed(world, order_id) == [False], within_s=QUIET_WITHIN_S)
    world.quiet()
    assert len(world.orders(deal)) == 1


def test_an_order_that_is_billed_by_a_cash_sale_shows_as_paid_with_its_terms(world: World) -> None:
    deal = world.open_deal(world.account("Sofort OHG"), price=100)
    world.win(deal)
    order_id = str(world.numbered(deal)["NS_SO_Id__c"])
    approved = {"orderStatus": {"id": "B"}, "terms": {"id": "1"}}
    world.accountant.update("salesOrder", order_id, **approved)
    agreed = world.accountant.record("salesOrder", order_id)["terms"]["refName"]
    world.accountant.transform("salesOrder", order_id, "cashSale")
    paid = world.told(deal, NS_Billing_Status__c="Paid", NS_Remaining__c=0)
    assert (paid["NS_Billed__c"], paid["NS_Paid__c"]) == (100, 100)
    about = f"WHERE Id = '{deal.opportunity_id}'"
    terms = f"SELECT NS_Payment_Terms__c FROM Opportunity {about}"
    assert world.rep.one(terms)["NS_Payment_Terms__c"] == agreed


def test_a_deal_that_was_held_and_is_lost_shows_that_it_is_not_sold(world: World) -> None:
    deal = world.open_deal(world.account("Doch nicht AG"), price=100)
    of_deal = f"WHERE OpportunityId = '{deal.opportunity_id}'"
    sold = world.rep.one(f"SELECT Id FROM OpportunityLineItem {of_deal}")["Id"]
    world.rep.delete("OpportunityLineItem", str(sold))
    world.win(deal)
    assert "[NO_LINES]" in world.told(deal, NS_Sync_Status__c="Held")["NS_Sync_Message__c"]
    world.rep.update("Opportunity", deal.opportunity_id, StageName=OPEN)
    shown_now = world.told(deal, NS_Sync_Status__c="Not eligible")
    assert "[NOT_WON]" in shown_now["NS_Sync_Message__c"]


def test_a_deal_that_is_lost_after_billing_asks_for_a_refund_request(world: World) -> None:
    deal, order_id = won(world, "Zu spaet KG")
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    world.accountant.transform("salesOrder", order_id, "invoice")
    world.told(deal, NS_Billing_Status__c="Billed")
    world.rep.update("Opportunity", deal.opportunity_id, StageName=OPEN)
    held = world.told(deal, NS_Sync_Status__c="Held")
    assert "ask for a refund with a Refund Request" in held["NS_Sync_Message__c"]
    assert closed(world, order_id) == [False]


def test_a_deleted_deal_closes_its_order_and_its_undeletion_opens_it_again(world: World) -> None:
    deal, order_id = won(world, "Papierkorb OHG")
    world.rep.delete("Opportunity", deal.opportunity_id)
    eventually(lambda: closed(world, order_id) == [True], within_s=QUIET_WITHIN_S)
    world.quiet()
    world.rep.undelete(deal.opportunity_id)
    eventually(lambda: closed(world, order_id) == [False], within_s=QUIET_WITHIN_S)
    world.quiet()
    assert len(world.orders(deal)) == 1


def test_what_is_told_to_a_deal_that_is_deleted_on_the_way_ends_by_itself(world: World) -> None:
    deal = world.open_deal(world.account("Unterwegs weg KG"))
    world.win(deal)
    order_id = str(world.numbered(deal)["NS_SO_Id__c"])
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    world.stack.kill("salesforce-writer", signal.SIGSTOP)
    try:
        bill = str(world.accountant.transform("salesOrder", order_id, "invoice"))
        eventually(lambda: is_row_sent(world, bill), within_s=QUIET_WITHIN_S)
        world.rep.delete("Opportunity", deal.opportunity_id)
    finally:
        world.stack.kill("salesforce-writer", signal.SIGCONT)
    about = f"FROM NS_Transaction__c WHERE NS_Internal_Id__c = '{bill}'"
    rows = f"SELECT Id, Total__c, Opportunity__c {about}"
    (row,) = eventually(lambda: world.rep.query(rows), within_s=QUIET_WITHIN_S)
    assert (row["Total__c"], row["Opportunity__c"]) == (100, None)
    assert not ends(world, "TARGET_GONE")


def is_row_sent(world: World, transaction: str) -> bool:
    sent = (m for m in world.log.messages(SALESFORCE_COMMANDS) if isinstance(m, WriteCommand))
    own = [one for one in sent if one.target.id.endswith(f"NS_Internal_Id__c:{transaction}")]
    return any(one.document.fields.get("Opportunity__c") for one in own)


def test_t1_7_the_customer_of_a_merged_account_follows_to_the_one_that_stays(world: World) -> None:
    deal, order_id = won(world, "Zweimal GmbH")
    customer_id = world.opportunity(deal)["Account"]["NS_Customer_Id__c"]
    master = world.account("Zweimal GmbH Zentrale", Phone="+49 89 1")
    world.quiet()
    start = world.end_of_journal("netsuite")
    world.rep.merge("Account", master, deal.account_id)
    moved = eventually(
        lambda: shown(world, master, NS_Customer_Id__c=customer_id), within_s=QUIET_WITHIN_S
    )
    assert moved["NS_Sync_Status__c"] == "Synced"
    world.quiet()
    writes = ours(world, "netsuite", start)
    assert {write["operation"] for write in writes} == {"update"}, "no new customer"
    customer = world.accountant.record("customer", customer_id)
    assert (customer["custentity_sf_account_id"], customer["phone"]) == (master, "+49 89 1")
    assert world.accountant.record("salesOrder", order_id)["entity"]["id"] == customer_id
    world.rep.update("Account", master, Phone="+49 89 2")
    eventually(
        lambda: world.accountant.record("customer", customer_id)["phone"] == "+49 89 2",
        within_s=QUIET_WITHIN_S,
    )


def test_an_activated_order_wins_over_its_opportunity_and_there_is_one_sales_order(
    world: World,
) -> None:
    deal = world.open_deal(world.account("Auftrag GmbH"), price=100)
    entry = world.price_of("SUP-SILVER", "EUR")
    order_id = world.rep.create(
        "Order",
        AccountId=deal.account_id,
        OpportunityId=deal.opportunity_id,
        EffectiveDate=datetime.now(UTC).date().isoformat(),
        Status="Draft",
        PoNumber="PO-11",
        CurrencyIsoCode="EUR",
        NS_Discount__c=10,
        ShippingStreet="Tor 4\nRampe B",
        ShippingCity="Potsdam",
        ShippingCountry="Germany",
        Pricebook2Id=book_of(world, entry),
    )
    world.rep.create(
        "OrderItem", OrderId=order_id, PricebookEntryId=entry, Quantity=3, UnitPrice=20
    )
    world.quiet()
    world.win(deal)
    eventually(lambda: ends(world, "ORDER_WINS"), within_s=QUIET_WITHIN_S)
    world.quiet()
    assert not world.orders(deal)
    world.rep.update("Order", order_id, Status="Activated")
    names = "NS_SO_Id__c, NS_SO_Number__c, NS_Sync_Status__c"

    def look() -> Mapping[str, Any] | None:
        now = world.rep.one(f"SELECT {names} FROM Order WHERE Id = '{order_id}'")
        return now if now["NS_SO_Number__c"] else None

    told = eventually(look, within_s=QUIET_WITHIN_S)
    made = world.accountant.record("salesOrder", told["NS_SO_Id__c"])
    assert (made["total"], made["otherRefNum"]) == (50, "PO-11")
    shipped = made["shippingAddress"]
    assert [shipped[name] for name in ("addr1", "addr2", "city")] == ["Tor 4", "Rampe B", "Potsdam"]
    assert shipped["country"]["id"] == "DE"
    assert made["externalId"].endswith(f"-Order-{order_id}")
    assert made["custbody_sf_opportunity_id"] == deal.opportunity_id
    world.quiet()
    assert not world.orders(deal)


def test_an_order_bears_who_sold_it_and_for_when_and_its_term_is_approved_with_it(
    world: World,
) -> None:
    with closing(world.item_keeper()) as keeper:
        employee = str(keeper.query("SELECT id FROM employee")[0]["id"])
    deal = world.open_deal(world.account("Laufzeit GmbH"))
    about = f"WHERE Id = '{deal.opportunity_id}'"
    owner = world.rep.one(f"SELECT OwnerId FROM Opportunity {about}")["OwnerId"]
    world.catalogue_owner.update("User", owner, NS_Employee_Id__c=employee)
    of_deal = f"WHERE OpportunityId = '{deal.opportunity_id}'"
    sold = world.rep.one(f"SELECT Id FROM OpportunityLineItem {of_deal}")["Id"]
    world.rep.update("OpportunityLineItem", sold, ServiceDate="2027-02-01")
    term = {"NS_Start__c": "2027-01-01", "NS_End__c": "2027-12-31"}
    world.rep.update("Opportunity", deal.opportunity_id, **term)
    world.win(deal)
    order_id = str(world.numbered(deal)["NS_SO_Id__c"])
    made = world.accountant.record("salesOrder", order_id)
    assert (made["startDate"], made["endDate"]) == ("2027-01-01", "2027-12-31")
    assert made["salesRep"]["id"] == employee
    shown = world.rep.one(f"SELECT NS_Last_Sync__c FROM Opportunity {about}")["NS_Last_Sync__c"]
    apart = datetime.fromisoformat(shown) - datetime.fromisoformat(made["lastModifiedDate"])
    assert abs(apart) < timedelta(minutes=1), "NetSuite tells whole minutes to a search"
    assert made["item"]["items"][0]["custcol_sf_service_date"] == "2027-02-01"
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    world.quiet()
    world.rep.update("Opportunity", deal.opportunity_id, NS_End__c="2028-06-30")
    held = world.told(deal, NS_Sync_Status__c="Held")
    assert "this would change endDate" in held["NS_Sync_Message__c"]
    assert world.accountant.record("salesOrder", order_id)["endDate"] == "2027-12-31"


def book_of(world: World, entry: str) -> str:
    found = world.rep.one(f"SELECT Pricebook2Id FROM PricebookEntry WHERE Id = '{entry}'")
    return str(found["Pricebook2Id"])


def won(world: World, name: str) -> tuple[Deal, str]:
    deal = world.open_deal(world.account(name))
    world.win(deal)
    order_id = str(world.numbered(deal)["NS_SO_Id__c"])
    world.quiet()
    return deal, order_id


def line(world: World, deal: Deal, product: str, *, quantity: int, price: int) -> str:
    return world.rep.create(
        "OpportunityLineItem",
        OpportunityId=deal.opportunity_id,
        PricebookEntryId=world.price_of(product, "EUR"),
        Quantity=quantity,
        UnitPrice=price,
    )


def quantities(world: World, order_id: str) -> list[int]:
    lines = world.accountant.record("salesOrder", order_id)["item"]["items"]
    return [line["quantity"] for line in lines]


def closed(world: World, order_id: str) -> list[bool]:
    lines = world.accountant.record("salesOrder", order_id)["item"]["items"]
    return [line["isClosed"] for line in lines]


def shown(world: World, account_id: str, **fields: object) -> Mapping[str, Any] | None:
    names = "NS_Customer_Id__c, NS_Sync_Status__c, NS_Sync_Message__c"
    now = world.rep.one(f"SELECT {names} FROM Account WHERE Id = '{account_id}'")
    return now if fields.items() <= dict(now).items() else None


def ours(world: World, system: str, after: int) -> list[dict[str, Any]]:
    """What our own users wrote since then."""
    return [m for m in world.mutations(system, after) if is_integration(m["actor"])]


def ends(world: World, code: str) -> list[Outcome]:
    found = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    return [o for o in found if o.subject is Subject.CHANGE and o.code == code]
