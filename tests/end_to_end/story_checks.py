"""What holds after any story, read from both vendors' records, ledger and journals."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kernel.messages import Outcome
from kernel.topics import OUTCOMES
from tests.end_to_end.ledger import mirrored, settled_in_salesforce
from tests.end_to_end.story import Customer, Sold, Story
from tests.invariants import i4_versions_never_go_backwards, i9_the_books_balance, is_integration
from tests.log import eventually
from tests.world import WON, World

KINDS: Mapping[str, str] = {
    "CustInvc": "invoice",
    "CustPymt": "customerPayment",
    "CustCred": "creditMemo",
    "CustRfnd": "customerRefund",
    "CustDep": "customerDeposit",
    "DepAppl": "depositApplication",
}
SETTLES = frozenset({"customerPayment", "creditMemo", "depositApplication"})
ZERO = Decimal(0)
AGREE_WITHIN_S = 30.0
SAID_MAX = 16
SYSTEMS = ("salesforce", "netsuite")
DEAL = (
    "Id, Name, StageName, Amount, NS_PO_Number__c, NS_SO_Id__c, NS_SO_Number__c, NS_SO_Status__c,"
    " NS_Sync_Status__c, NS_Sync_Message__c"
)
CANCELLED = "Cancelled"
HELD = frozenset({"Held", "Error", "Waiting"})


@dataclass(frozen=True, slots=True)
class Document:
    """A document of NetSuite's, in its own currency."""

    kind: str
    currency: str
    total: Decimal
    remaining: Decimal
    unapplied: Decimal
    settles: Mapping[str, Decimal]
    """By the document that this one settles or uses up: how much of it."""


def check(story: Story) -> None:
    """Everything that differs is listed, with what became of the record's changes."""
    i9_the_books_balance(story.world.quiet())
    found: list[str] = []
    eventually(
        lambda: not _noted(found, story), within_s=AGREE_WITHIN_S, told=lambda: "\n".join(found)
    )
    i4_versions_never_go_backwards(story.world)


def _noted(found: list[str], story: Story) -> list[str]:
    found[:] = _differences(story)
    return found


def _differences(story: Story) -> Iterator[str]:
    for customer in story.customers:
        books = books_of(story, customer)
        yield from the_sums_hold(books)
        yield from the_mirror_shows_the_same(story, customer, books)
        yield from the_account_is_its_owners(story, customer)
    for sold in story.deals:
        yield from the_deal_is_its_owners(story, sold)
    yield from one_record_an_identity(story)
    yield from each_refund_is_given_once(story)
    yield from debits_are_credits(story.world)


def books_of(story: Story, customer: Customer) -> dict[str, Document]:
    """Every document of the customer in NetSuite, by id."""
    number = story.customer_number(customer)
    if not number:
        return {}
    rows = story.world.accountant.query(
        f"SELECT id, type FROM transaction WHERE entity = {number} ORDER BY id"
    )
    kinds = {str(row["id"]): KINDS.get(str(row["type"])) for row in rows}
    return {one: _document(story.world, kind, one) for one, kind in kinds.items() if kind}


def _document(world: World, kind: str, record_id: str) -> Document:
    record = world.accountant.record(kind, record_id)
    return Document(
        kind=kind,
        currency=str(record["currency"]["refName"]),
        total=_number(record.get("total", record.get("payment"))),
        remaining=_number(record.get("amountRemaining") if kind == "invoice" else 0),
        unapplied=_number(record.get("payment" if kind == "customerDeposit" else "unapplied")),
        settles={
            str(line["doc"]["id"]): _number(line["amount"])
            for line in record.get("apply", {}).get("items", ())
            if line.get("apply")
        },
    )


def the_sums_hold(books: Mapping[str, Document]) -> Iterator[str]:
    """T2.10 in NetSuite: a customer and a currency at a time, to the cent."""
    difference: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in books.values():
        if one.kind == "invoice":
            difference[one.currency] += one.total - one.remaining
        if one.kind in SETTLES:
            paid = (amount for doc, amount in one.settles.items() if doc in books)
            difference[one.currency] -= sum(paid, ZERO)
    yield from (
        f"{total} {name} are settled by nothing" for name, total in difference.items() if total
    )


def the_mirror_shows_the_same(
    story: Story, customer: Customer, books: Mapping[str, Document]
) -> Iterator[str]:
    """T2.10 in Salesforce: every document with the same amounts, and invoices add up there too."""
    shown = mirrored(story.world, customer.account)
    holds = {
        one: {"total": doc.total, "remaining": doc.remaining, "unapplied": doc.unapplied}
        for one, doc in books.items()
    }
    yield from _differing(story.world, shown, holds)
    by_applications = settled_in_salesforce(story.world, customer.account)
    invoices = {one: doc for one, doc in books.items() if doc.kind == "invoice" and doc.total}
    settled = {one: doc.total - doc.remaining for one, doc in invoices.items()}
    yield from _differing(
        story.world, {one: by_applications.get(one, ZERO) for one in settled}, settled
    )


def the_account_is_its_owners(story: Story, customer: Customer) -> Iterator[str]:
    world, number = story.world, story.customer_number(customer)
    if not number:
        return
    there = world.accountant.record("customer", number)
    fields = (
        "Name, Phone, NS_Customer_Number__c, NS_Payment_Terms__c, NS_Credit_Limit__c, NS_Balance__c"
    )
    here = world.rep.one(f"SELECT {fields} FROM Account WHERE Id = '{customer.account}'")
    pairs = {
        "name": (here["Name"], there["companyName"]),
        "phone": (here["Phone"], there["phone"]),
        "number": (here["NS_Customer_Number__c"], there["entityId"]),
        "terms": (here["NS_Payment_Terms__c"], there.get("terms", {}).get("refName")),
        "limit": (_number(here["NS_Credit_Limit__c"]), _number(there.get("creditLimit"))),
        "balance": (_number(here["NS_Balance__c"]), _number(there["balance"])),
    }
    yield from _unlike(world, pairs, customer.account, number)


def the_deal_is_its_owners(story: Story, sold: Sold) -> Iterator[str]:
    """Also that there is one order for it at most, and one where it is won."""
    world, deal_id = story.world, sold.deal.opportunity_id
    orders = orders_of(world, sold)
    if len(orders) > 1:
        yield f"{deal_id} has orders {orders}"
    if sold.is_deleted:
        return
    deal = world.rep.one(f"SELECT {DEAL} FROM Opportunity WHERE Id = '{deal_id}'")
    is_settled = not HELD & {deal["NS_Sync_Status__c"], _status_of_order(world, sold)}
    is_won = deal["StageName"] == WON
    if is_won and is_settled and not orders:
        said = f"{_said(world, deal_id)} {sold.order}{_said(world, sold.order)}"
        yield f"{dict(deal)} has no order; {said}"
    if not orders or not str(orders[0]["externalid"]).endswith(deal_id):
        return
    order = world.accountant.record("salesOrder", str(orders[0]["id"]))
    pairs: dict[str, tuple[object, object]] = {
        "id": (deal["NS_SO_Id__c"], order["id"]),
        "number": (deal["NS_SO_Number__c"], order["tranId"]),
        "status": (deal["NS_SO_Status__c"], order["status"]["refName"]),
    }
    if is_won and is_settled:
        pairs["name"] = (deal["Name"], order["memo"])
        pairs["purchase order"] = (deal["NS_PO_Number__c"], order.get("otherRefNum"))
        pairs["amount"] = (_number(deal["Amount"]), _number(order["total"]))
    if not is_won and is_settled:
        pairs["closed"] = (True, all(line["isClosed"] for line in order["item"]["items"]))
    yield from _unlike(world, pairs, deal_id, str(order["id"]))


def _status_of_order(world: World, sold: Sold) -> str:
    """Of the order that was made from the deal and wins over it: there stands what it waits for."""
    asked = f"SELECT NS_Sync_Status__c FROM Order WHERE Id = '{sold.order}'"
    return str(world.rep.one(asked)["NS_Sync_Status__c"] or "") if sold.order else ""


def orders_of(world: World, sold: Sold) -> list[Mapping[str, Any]]:
    rows = world.accountant.query(
        "SELECT id, externalid FROM transaction WHERE type = 'SalesOrd'"
        f" AND custbody_sf_opportunity_id = '{sold.deal.opportunity_id}'"
    )
    return list(rows)


def one_record_an_identity(story: Story) -> Iterator[str]:
    """By NetSuite's own journal nothing of ours was ever made twice."""
    made = Counter(
        str(mutation["after"]["externalId"])
        for mutation in story.world.mutations("netsuite")
        if mutation["operation"] == "create"
        and is_integration(mutation["actor"])
        and (mutation["after"] or {}).get("externalId")
    )
    yield from (f"{name} was made {times} times" for name, times in made.items() if times > 1)
    for customer in story.customers:
        if len(found := story.world.customers(customer.account)) > 1:
            yield f"{customer} is {found}"


def each_refund_is_given_once(story: Story) -> Iterator[str]:
    """What says that it is done has its documents; what was cancelled does not say so."""
    for request, asked in story.requests.items():
        shown, made = story.desk.request(request), story.desk.made(request)
        is_done, is_cancelled = shown["Status__c"] == "Done", asked == CANCELLED
        if is_done and (is_cancelled or not made or shown["NS_Sync_Status__c"] != "Synced"):
            yield f"{dict(shown)} made {made}; {_said(story.world, request)}"


def debits_are_credits(world: World) -> Iterator[str]:
    rows = world.accountant.query(
        "SELECT transaction, SUM(amount) AS amount FROM transactionaccountingline"
        " WHERE posting = 'T' GROUP BY transaction"
    )
    yield from (f"{dict(row)} is out of balance" for row in rows if _number(row["amount"]))


def nothing_is_written_again(world: World) -> None:
    """The whole log is read again from offset 0: T1.2, for everything that a story leaves."""
    start = {system: world.end_of_journal(system) for system in SYSTEMS}
    world.read_again_from_the_start()
    world.quiet()
    for system in SYSTEMS:
        ours = [m for m in world.mutations(system, start[system]) if is_integration(m["actor"])]
        assert ours == []


def _unlike(
    world: World, pairs: Mapping[str, tuple[object, object]], here: str, there: str
) -> Iterator[str]:
    for name, (shown, holds) in pairs.items():
        if shown != holds:
            said = f"{_said(world, here)} | {_said(world, there)}"
            yield f"{name} of {here} is {shown!r}, of {there} {holds!r}; {said}"


def _differing(
    world: World, shown: Mapping[str, object], holds: Mapping[str, object]
) -> Iterator[str]:
    for name in sorted({*shown, *holds}):
        if shown.get(name) != holds.get(name):
            pair = f"{shown.get(name)}, holds {holds.get(name)}"
            yield f"{name} is shown as {pair}; {_said(world, name)}"


def _said(world: World, record_id: str) -> str:
    """What became of the record's changes, for whoever reads why a story failed."""
    said = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    mine = [
        f"{one.subject} {one.result} {one.code} {one.part} {one.version}"
        for one in said
        if record_id in {one.ref.id if one.ref else "", one.target.id if one.target else ""}
    ]
    return "".join(f"\n    {line}" for line in mine[-SAID_MAX:])


def _number(value: object) -> Decimal:
    return Decimal(str(value)) if value is not None else ZERO
