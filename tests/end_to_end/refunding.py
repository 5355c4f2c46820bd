"""People who give money back: sales asks in Salesforce, finance bills and reads the books."""

import ssl
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from kernel.messages import ChangeEvent
from kernel.records import netsuite
from kernel.topics import NETSUITE_CHANGES
from ops.demo.people import Accountant
from ops.local.errors import PartFailedError
from tests.invariants import is_integration
from tests.log import eventually
from tests.world import QUIET_WITHIN_S, World

OURS = frozenset({"creditmemo", "customerrefund", "cashrefund", "returnauthorization"})
BAD_DEBT = "83"
REQUEST = "NS_Refund_Request__c"
SHOWN = (
    "Id, Name, Status__c, Credit_Memo_Number__c, Customer_Refund_Number__c, Applied__c,"
    " Refunded__c, Left_Open__c, Paid_Out__c, NS_Sync_Status__c, NS_Sync_Message__c,"
    " NS_Last_Sync__c"
)
TAXED = {"taxDetailsReference": {"id": "NEW_ITEM_0"}, "taxRate": 20, "taxCode": {"id": "7"}}


class Refunding:
    """Bills customers straight in NetSuite; the product shows their documents in Salesforce, or a
    hand does where one is to come too early."""

    def __init__(self, world: World) -> None:
        self.world, self.accountant = world, world.accountant
        told = world.stack.endpoints
        tls = ssl.create_default_context(cafile=told["tls"]["ca_file"])
        keeper = {**told["netsuite"], "finance": told["netsuite"]["administrator"]}
        self.keeper = Accountant(keeper, tls)
        people = world.catalogue_owner.query("SELECT Id FROM User WHERE IsActive = true LIMIT 2")
        self.asker, self.boss = (str(one["Id"]) for one in people)

    def close(self) -> None:
        self.keeper.close()

    # finance in NetSuite

    def customer(self, name: str, currency: str = "USD") -> str:
        """NetSuite's id of a customer who has bought before."""
        deal = self.world.open_deal(
            self.world.account(name, CurrencyIsoCode=currency), currency=currency
        )
        self.world.win(deal)
        shown = self.world.numbered(deal)
        return str(shown["Account"]["NS_Customer_Id__c"])

    def invoice(self, customer_id: str, *, net: int = 1000, tax: bool = True, **body: Any) -> str:
        """1,000.00 and 20 % tax where not said otherwise."""
        item = {"item": {"id": "101"}, "quantity": 1, "rate": net, "amount": net}
        details = {"taxDetailsOverride": True, "taxDetails": {"items": [TAXED]}} if tax else {}
        given = {"item": {"items": [item]}, **details, **body}
        return self.from_customer(customer_id, "invoice", **given)

    def from_customer(self, customer_id: str, kind: str, **body: Any) -> str:
        return self.accountant.transform("customer", customer_id, kind, **body)

    def sold_goods(self, customer_id: str) -> str:
        """An invoice of five pumps at 100.00 and 20 % tax."""
        pump = "refund-test-pump"
        body = {"itemId": "PUMP", "cost": 40.0, "rate": 100.0, "isFulfillable": True}
        self.keeper.put("inventoryItem", pump, **body)
        line = {"item": {"externalId": pump}, "quantity": 5, "rate": 100, "amount": 500}
        return self.invoice(customer_id, item={"items": [line]})

    def receive(self, return_id: str, quantity: int) -> None:
        """So many of the return's only line come back into stock."""
        part = {"items": [{"orderLine": 1, "quantity": quantity}]}
        place = {"inventoryLocation": {"id": "1"}}
        kinds = ("returnAuthorization", "itemReceipt")
        self.accountant.transform(kinds[0], return_id, kinds[1], item=part, **place)

    def pay(self, invoice_id: str, amount: float | None = None) -> str:
        """All that is open, or part of it."""
        line = {"doc": {"id": invoice_id}, "apply": True, "amount": amount}
        part: dict[str, Any] = {"payment": amount, "apply": {"items": [line]}} if amount else {}
        return self.accountant.transform("invoice", invoice_id, "customerPayment", **part)

    def remaining(self, invoice_id: str) -> Decimal:
        return Decimal(str(self.accountant.record("invoice", invoice_id)["amountRemaining"]))

    def made(self, request_id: str) -> Mapping[str, str]:
        """By the step's name the NetSuite ids of the documents of a request."""
        rows = self.accountant.query(
            "SELECT id, externalid FROM transaction WHERE externalid LIKE"
            f" '%-Refund-{request_id}-%' ORDER BY id"
        )
        names = [str(row["externalid"]).partition(f"{request_id}-")[2] for row in rows]
        assert len(set(names)) == len(names)
        return {name: str(row["id"]) for name, row in zip(names, rows, strict=True)}

    def postings(self, transaction: str) -> dict[str, Decimal]:
        """Amounts by account, in base currency; debits above zero."""
        rows = self.accountant.query(
            "SELECT account, SUM(amount) AS amount FROM transactionaccountingline"
            f" WHERE transaction = {transaction} AND posting = 'T' GROUP BY account"
        )
        return {str(row["account"]): Decimal(str(row["amount"])) for row in rows}

    def credit_by_hand(self, invoice_id: str, net: int) -> str:
        """Of the invoice's first item with 20 % tax, made from the invoice and settling nothing."""
        item = {"item": {"id": "101"}, "quantity": 1, "rate": net, "amount": net}
        details = {"taxDetailsOverride": True, "taxDetails": {"items": [TAXED]}}
        off = {"items": [{"doc": {"id": invoice_id}, "apply": False}]}
        body = {"item": {"items": [item]}, **details, "apply": off, "autoApply": False}
        return self.accountant.transform("invoice", invoice_id, "creditMemo", **body)

    def times_made(self) -> Counter[str]:
        """How often NetSuite made a document of each external id, by its own journal."""
        return Counter(
            str(mutation["after"]["externalId"])
            for mutation in self.world.mutations("netsuite")
            if mutation["operation"] == "create"
            and mutation["record"].lower() in OURS
            and is_integration(mutation["actor"])
        )

    @contextmanager
    def closed_month(self, first: str) -> Iterator[None]:
        """The accounting period that begins on this day, once the product has read that it is."""
        found = self.keeper.query(
            f"SELECT id FROM accountingperiod WHERE startdate = TO_DATE('{first}', 'YYYY-MM-DD')"
            " AND isyear = 'F' AND isquarter = 'F'"
        )
        period = str(found[0]["id"])
        self.keeper.update("accountingPeriod", period, closed=True)
        try:
            eventually(lambda: self._is_closed(period))
            yield
        finally:
            self.keeper.update("accountingPeriod", period, closed=False)

    def _is_closed(self, period: str) -> bool:
        told = self.world.log.messages(NETSUITE_CHANGES)
        changes = (one for one in told if isinstance(one, ChangeEvent))
        found = [one.document for one in changes if one.ref == netsuite("accountingPeriod", period)]
        return any(document and document.fields.get("closed") is True for document in found)

    def unapplied(self, netsuite_id: str) -> object:
        """What is left of a credit, as Salesforce shows it."""
        asked = "SELECT Unapplied__c FROM NS_Transaction__c WHERE NS_Internal_Id__c"
        return self.world.rep.one(f"{asked} = '{netsuite_id}'")["Unapplied__c"]

    def is_gone(self, netsuite_id: str) -> bool:
        """Whether its row was removed in Salesforce."""
        asked = f"SELECT Id FROM NS_Transaction__c WHERE NS_Internal_Id__c = '{netsuite_id}'"
        return not self.world.rep.query(asked)

    def credits_of(self, invoice_id: str) -> Sequence[Mapping[str, Any]]:
        return self.accountant.query(
            "SELECT t.id FROM transaction t JOIN transactionline l ON l.transaction = t.id"
            f" WHERE t.type = 'CustCred' AND l.mainline = 'T' AND l.createdfrom = {invoice_id}"
        )

    # sales in Salesforce

    def shown(self, netsuite_id: str) -> str:
        """The Salesforce record of a NetSuite document, once it is there."""
        asked = f"SELECT Id FROM NS_Transaction__c WHERE NS_Internal_Id__c = '{netsuite_id}'"
        rows = eventually(lambda: self.world.rep.query(asked), within_s=QUIET_WITHIN_S)
        return str(rows[0]["Id"])

    def show_by_hand(self, netsuite_id: str, total: int = 1200, currency: str = "USD") -> str:
        try:
            return self.world.catalogue_owner.create(
                "NS_Transaction__c",
                Name=f"by hand {netsuite_id}",
                NS_Internal_Id__c=netsuite_id,
                Type__c="Invoice",
                Total__c=total,
                **({"CurrencyIsoCode": currency} if self.world.has_currencies else {}),
            )
        except PartFailedError:  # the product was quicker
            return self.shown(netsuite_id)

    def ask(self, shown_id: str, amount: object, **fields: object) -> str:
        """A request that another has approved."""
        return self.world.catalogue_owner.create(
            REQUEST,
            **{
                **({"CurrencyIsoCode": "USD"} if self.world.has_currencies else {}),
                "Invoice__c": shown_id,
                "Amount__c": amount,
                "Reason__c": "Price concession",
                "Status__c": "Approved",
                "Requested_By__c": self.asker,
                "Approved_By__c": self.boss,
                **fields,
            },
        )

    def add_line(self, request_id: str, netsuite_id: str, quantity: int) -> None:
        """So many of the document's first line."""
        self.world.catalogue_owner.create(
            "NS_Refund_Request_Line__c",
            Refund_Request__c=request_id,
            Transaction_Line__c=self._line(netsuite_id),
            Quantity__c=quantity,
        )

    def _line(self, netsuite_id: str) -> str:
        """The document's first line in Salesforce, once it is there."""
        asked = f"SELECT Id FROM NS_Transaction_Line__c WHERE NS_Line_Key__c = '{netsuite_id}-1'"
        rows = eventually(lambda: self.world.rep.query(asked), within_s=QUIET_WITHIN_S)
        return str(rows[0]["Id"])

    def change(self, request_id: str, **fields: object) -> None:
        self.world.catalogue_owner.update(REQUEST, request_id, **fields)

    def request(self, request_id: str) -> Mapping[str, Any]:
        return self.world.catalogue_owner.one(
            f"SELECT {SHOWN} FROM {REQUEST} WHERE Id = '{request_id}'"
        )

    def until(self, request_id: str, **shown: object) -> Mapping[str, Any]:
        """The request once it shows these values; a message need only contain its text."""

        def look() -> Mapping[str, Any] | None:
            now = self.request(request_id)
            return now if all(_agrees(now[name], value) for name, value in shown.items()) else None

        try:
            return eventually(look, within_s=QUIET_WITHIN_S)
        except AssertionError as error:
            raise AssertionError(f"it shows {self.request(request_id)}") from error


def _agrees(found: object, wanted: object) -> bool:
    if isinstance(wanted, str) and isinstance(found, str):
        return wanted in found
    return found == wanted


def bad_debt_item(world: World) -> str:
    """NetSuite's id of an item whose account is that of bad debt."""
    keeper, external_id = world.item_keeper(), "refund-test-bad-debt"
    body = {"itemId": "LOST", "incomeAccount": {"id": BAD_DEBT}, "isFulfillable": False}
    keeper.put("serviceSaleItem", external_id, **body)
    found = keeper.query(f"SELECT id FROM item WHERE externalid = '{external_id}'")
    keeper.close()
    return str(found[0]["id"])
