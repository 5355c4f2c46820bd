"""The scenes of the demo, in order. Each says what happens where, and fails if it does not hold."""

import signal
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from ops.demo.deals import WON
from ops.demo.halves import Names, halves, meet
from ops.demo.journal import Written
from ops.demo.rates import in_the_books
from ops.demo.refund import money_goes_back
from ops.demo.stage import Stage, after, money
from ops.reach import NotWellError

PRACTICE = "Add-on 2027"
READ_BACK_S = 3.0
MESSAGE_WIDTH = 64
DUPLICATES = (
    "SELECT externalid, COUNT(*) AS copies FROM transaction WHERE externalid LIKE 'sf-%'"
    " GROUP BY externalid HAVING COUNT(*) > 1",
    "SELECT externalid, COUNT(*) AS copies FROM customer WHERE externalid LIKE 'sf-%'"
    " GROUP BY externalid HAVING COUNT(*) > 1",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """What is left for whoever watched: a story to trace, a deal to close."""

    told_id: str
    name: str
    account: str
    curl: str


def practice_deal(stage: Stage) -> Practice:
    """One more open deal, and the call that closes it."""
    like = stage.opportunity("Expansion 2027")
    line = stage.rep.one(
        "SELECT PricebookEntryId, Quantity, UnitPrice FROM OpportunityLineItem"
        f" WHERE OpportunityId = '{like['Id']}' LIMIT 1"
    )
    deal_id = stage.rep.create(
        "Opportunity",
        Name=PRACTICE,
        AccountId=like["AccountId"],
        StageName="Negotiation/Review",
        CloseDate=datetime.now(UTC).date().isoformat(),
        CurrencyIsoCode=like["CurrencyIsoCode"],
    )
    stage.rep.create(
        "OpportunityLineItem",
        OpportunityId=deal_id,
        PricebookEntryId=line["PricebookEntryId"],
        Quantity=float(line["Quantity"]),
        UnitPrice=float(line["UnitPrice"]),
    )
    return Practice(
        told_id=stage.opportunity("Renewal 2027")["Id"],
        name=PRACTICE,
        account=like["Account"]["Name"],
        curl=stage.rep.curl("Opportunity", deal_id, StageName=WON),
    )


def a_deal_is_won(stage: Stage) -> None:
    stage.say("")
    stage.say("2. A deal is won")
    deal = stage.opportunity("Renewal 2027")
    total = money(deal["Amount"], deal["CurrencyIsoCode"])
    stage.tell(f'Salesforce: the rep closes "Renewal 2027" of {deal["Account"]["Name"]}, {total}.')
    closed = close(stage, deal["Id"])
    before = stage.netsuite.position
    customer = order_of(stage, "customer", deal["AccountId"])
    stage.netsuite.go_back(before)
    order = order_of(stage, "salesOrder", deal["Id"])
    told = stage.salesforce.wait_for(
        "the order's number on the opportunity",
        lambda w: w.id == deal["Id"] and bool(w.after.get("NS_SO_Number__c")),
    )
    stage.tell(f"NetSuite:   its customer stands after {after(closed, customer.at)},")
    stage.tell(f"            its sales order after {after(closed, order.at)}.")
    stage.tell(f"Salesforce: shows the order's number after {after(closed, told.at)}.")
    stage.tell()
    show_halves(stage, "Renewal 2027")
    in_the_books(stage)


def netsuite_bills_it(stage: Stage) -> None:
    stage.say("")
    stage.say("3. Finance bills it and books the payment")
    deal = stage.opportunity("Renewal 2027")
    order_id, currency = deal["NS_SO_Id__c"], deal["CurrencyIsoCode"]
    stage.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    invoice_id = stage.accountant.transform("salesOrder", order_id, "invoice")
    invoice = stage.accountant.record("invoice", invoice_id)
    total = money(invoice["total"], currency)
    stage.tell(f"NetSuite:   invoice {invoice['tranId']} over {total}, then its payment.")
    billed = told_of(stage, deal["Id"], NS_Billing_Status__c="Billed")
    stage.accountant.transform("invoice", invoice_id, "customerPayment")
    paid = told_of(stage, deal["Id"], NS_Billing_Status__c="Paid")
    stage.tell(f"Salesforce: Billed, {money(billed.after['NS_Remaining__c'], currency)} remaining;")
    shown = stage.opportunity("Renewal 2027")
    remaining = money(shown["NS_Remaining__c"], currency)
    stage.tell(f"            then {shown['NS_Billing_Status__c']}, {remaining} remaining.")
    if paid.after["NS_Remaining__c"] != 0:
        raise NotWellError(f"paid, and Salesforce still shows {remaining} remaining")
    stage.tell()
    money_goes_back(stage, invoice_id, currency)


def the_writer_is_killed(stage: Stage) -> None:
    stage.say("")
    stage.say("4. An accident: the writer is killed right after NetSuite said yes")
    deal = stage.opportunity("Expansion 2027")
    stage.faults(slow_read_back())
    before = stage.stack.pid("netsuite-writer")
    close(stage, deal["Id"])
    order = order_of(stage, "salesOrder", deal["Id"])
    stage.stack.kill("netsuite-writer", signal.SIGKILL)
    stage.faults()
    stage.tell(
        f"NetSuite committed order {order.after['tranId']}; process {before} was killed before"
    )
    stage.tell("it could note that. It is started again and looks the order up.")
    told = stage.salesforce.wait_for(
        "the order's number on the opportunity",
        lambda w: w.id == deal["Id"] and bool(w.after.get("NS_SO_Number__c")),
    )
    shown = told.after["NS_SO_Number__c"]
    stage.tell(f"Salesforce: shows {shown} {after(order.at, told.at)} after the accident.")
    count = orders_with(stage, str(order.after["externalId"]))
    stage.tell(f"NetSuite:   holds {count} order for this deal.")
    if count != 1:
        raise NotWellError(f"NetSuite holds {count} orders for one deal")


def an_item_is_missing(stage: Stage) -> None:
    stage.say("")
    stage.say("5. A product without an item")
    deal = stage.opportunity("Support upgrade")
    close(stage, deal["Id"])
    waiting = told_of(stage, deal["Id"], NS_Sync_Status__c="Waiting")
    stage.tell('Salesforce: the rep closes "Support upgrade". On the opportunity stands:')
    for line in textwrap.wrap(str(waiting.after["NS_Sync_Message__c"]), MESSAGE_WIDTH):
        stage.tell(f"            {line}")
    product = stage.rep.one("SELECT Id FROM Product2 WHERE ProductCode = 'SUP-GOLD'")
    item = stage.accountant.query("SELECT id FROM item WHERE itemid = 'SUP-GOLD'")[0]["id"]
    stage.catalogue_owner.update("Product2", product["Id"], NS_Item_Id__c=item)
    named = stage.salesforce.wait_for("the item on the product", lambda w: w.id == product["Id"])
    order = order_of(stage, "salesOrder", deal["Id"])
    stage.tell("The catalogue owner sets the item on the product; the order follows by itself:")
    stage.tell(f"NetSuite:   order {order.after['tranId']} after {after(named.at, order.at)}.")
    told_of(stage, deal["Id"], NS_Sync_Status__c="Synced")


def close(stage: Stage, opportunity_id: str) -> datetime:
    """The rep closes the deal; the moment at which Salesforce committed that."""
    stage.salesforce.skip()
    stage.netsuite.skip()
    stage.rep.update("Opportunity", opportunity_id, StageName=WON)
    won = stage.salesforce.wait_for(
        "the won opportunity",
        lambda w: w.id == opportunity_id and w.after.get("StageName") == WON,
    )
    return won.at


def order_of(stage: Stage, kind: str, salesforce_id: str) -> Written:
    """The NetSuite record that was made for a Salesforce record."""
    return stage.netsuite.wait_for(
        f"the {kind} in NetSuite",
        lambda w: (
            w.record.lower() == kind.lower()
            and str(w.after.get("externalId", "")).endswith(salesforce_id)
        ),
    )


def told_of(stage: Stage, opportunity_id: str, **shown: object) -> Written:
    return stage.salesforce.wait_for(
        f"{shown} on the opportunity",
        lambda w: w.id == opportunity_id and shown.items() <= dict(w.after).items(),
    )


def show_halves(stage: Stage, name: str) -> None:
    deal = stage.opportunity(name)
    order = stage.accountant.record("salesOrder", deal["NS_SO_Id__c"])
    items = stage.accountant.query("SELECT id, itemid FROM item")
    currencies = stage.accountant.query("SELECT id, symbol FROM currency")
    names = Names(
        items={row["id"]: row["itemid"] for row in items},
        currencies={row["id"]: row["symbol"] for row in currencies},
    )
    for line in halves(deal, order, names):
        stage.tell(line)
    if not meet(deal, order):
        raise NotWellError(f"the two halves of {name} do not meet")


def orders_with(stage: Stage, external_id: str) -> int:
    rows = stage.accountant.query(
        f"SELECT id FROM transaction WHERE type = 'SalesOrd' AND externalid = '{external_id}'"
    )
    return len(rows)


def duplicates(stage: Stage) -> int:
    return sum(len(stage.accountant.query(suiteql)) for suiteql in DUPLICATES)


def slow_read_back() -> Mapping[str, object]:
    """Opens a window behind NetSuite's yes: the writer is still reading when it is killed."""
    return {
        "system": "netsuite", "method": "GET", "path": "/record/v1/salesOrder/*",
        "effect": "delay", "seconds": READ_BACK_S, "times": 1,
    }  # fmt: skip
