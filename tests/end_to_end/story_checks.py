"""What holds after any story, read from both vendors' records, ledger and journals."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kernel.messages import Outcome
from kernel.topics import (
    NETSUITE_CHANGES,
    NETSUITE_COMMANDS,
    OPERATIONS,
    OUTCOMES,
    SALESFORCE_CHANGES,
    SALESFORCE_COMMANDS,
)
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
SYSTEMS = ("salesforce", "netsuite")
TOPICS = (
    SALESFORCE_CHANGES,
    NETSUITE_CHANGES,
    NETSUITE_COMMANDS,
    SALESFORCE_COMMANDS,
    OUTCOMES,
    OPERATIONS,
)
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
    i9_the_books_balance(story.world.quiet())
    for customer in story.customers:
        books = books_of(story, customer)
        the_sums_hold(books)
        the_mirror_shows_the_same(story, customer, books)
        the_account_is_its_owners(story, customer)
    for sold in story.deals:
        the_deal_is_its_owners(story, sold)
    one_record_an_identity(story)
    each_refund_is_given_once(story)
    debits_are_credits(story.world)
    i4_versions_never_go_backwards(story.world)


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


def the_sums_hold(books: Mapping[str, Document]) -> None:
    """T2.10 in NetSuite: a customer and a currency at a time, to the cent."""
    difference: defaultdict[str, Decimal] = defaultdict(Decimal)
    for one in books.values():
        if one.kind == "invoice":
            difference[one.currency] += one.total - one.remaining
        if one.kind in SETTLES:
            paid = (amount for doc, amount in one.settles.items() if doc in books)
            difference[one.currency] -= sum(paid, ZERO)
    assert not any(difference.values()), difference


def the_mirror_shows_the_same(
    story: Story, customer: Customer, books: Mapping[str, Document]
) -> None:
    """T2.10 in Salesforce: every document with the same amounts, and invoices add up there too."""
    world, account = story.world, customer.account
    expected = {
        one: {"total": doc.total, "remaining": doc.remaining, "unapplied": doc.unapplied}
        for one, doc in books.items()
    }
    _agree(world, lambda: mirrored(world, account), expected)
    invoices = {one: doc for one, doc in books.items() if doc.kind == "invoice" and doc.total}
    settled = {one: doc.total - doc.remaining for one, doc in invoices.items()}

    def shown() -> dict[str, Decimal]:
        found = settled_in_salesforce(world, account)
        return {one: found.get(one, ZERO) for one in settled}

    _agree(world, shown, settled)


def the_account_is_its_owners(story: Story, customer: Customer) -> None:
    world, number = story.world, story.customer_number(customer)
    if not number:
        return
    there = world.accountant.record("customer", number)
    fields = (
        "Name, Phone, NS_Customer_Number__c, NS_Payment_Terms__c, NS_Credit_Limit__c, NS_Balance__c"
    )
    here = world.rep.one(f"SELECT {fields} FROM Account WHERE Id = '{customer.account}'")
    assert (there["companyName"], there["phone"]) == (here["Name"], here["Phone"])
    assert there["entityId"] == here["NS_Customer_Number__c"]
    assert there.get("terms", {}).get("refName") == here["NS_Payment_Terms__c"]
    assert _number(there.get("creditLimit")) == _number(here["NS_Credit_Limit__c"])
    assert _number(there["balance"]) == _number(here["NS_Balance__c"])


def the_deal_is_its_owners(story: Story, sold: Sold) -> None:
    """Also that there is one order for it at most, and one where it is won."""
    world = story.world
    orders = orders_of(world, sold)
    assert len(orders) <= 1, orders
    if sold.is_deleted:
        return
    deal = world.rep.one(
        "SELECT Name, StageName, Amount, NS_PO_Number__c, NS_SO_Id__c, NS_SO_Number__c,"
        " NS_SO_Status__c, NS_Sync_Status__c, NS_Sync_Message__c FROM Opportunity"
        f" WHERE Id = '{sold.deal.opportunity_id}'"
    )
    is_settled = deal["NS_Sync_Status__c"] not in HELD
    if deal["StageName"] == WON and is_settled:
        assert len(orders) == 1, deal
    if not orders or not str(orders[0]["externalid"]).endswith(sold.deal.opportunity_id):
        return
    order = world.accountant.record("salesOrder", str(orders[0]["id"]))
    assert order["id"] == deal["NS_SO_Id__c"], deal
    assert order["tranId"] == deal["NS_SO_Number__c"]
    assert order["status"]["refName"] == deal["NS_SO_Status__c"], deal
    if deal["StageName"] != WON:
        is_closed = all(line["isClosed"] for line in order["item"]["items"])
        assert is_closed or not is_settled, (deal, order["status"])
    elif is_settled:
        assert order["memo"] == deal["Name"], deal
        assert order.get("otherRefNum") == deal["NS_PO_Number__c"], deal
        assert order["total"] == Decimal(deal["Amount"]), deal


def orders_of(world: World, sold: Sold) -> list[Mapping[str, Any]]:
    rows = world.accountant.query(
        "SELECT id, externalid FROM transaction WHERE type = 'SalesOrd'"
        f" AND custbody_sf_opportunity_id = '{sold.deal.opportunity_id}'"
    )
    return list(rows)


def one_record_an_identity(story: Story) -> None:
    """By NetSuite's own journal nothing of ours was ever made twice."""
    made = Counter(
        str(mutation["after"]["externalId"])
        for mutation in story.world.mutations("netsuite")
        if mutation["operation"] == "create"
        and is_integration(mutation["actor"])
        and (mutation["after"] or {}).get("externalId")
    )
    assert set(made.values()) <= {1}, made.most_common(3)
    for customer in story.customers:
        assert len(story.world.customers(customer.account)) <= 1


def each_refund_is_given_once(story: Story) -> None:
    for request in story.requests:
        shown, made = story.desk.request(request), story.desk.made(request)
        if shown["Status__c"] == "Done":
            assert made, shown
            assert shown["NS_Sync_Status__c"] == "Synced", shown
        if shown["Status__c"] == "Cancelled" and shown["NS_Sync_Status__c"] == "Synced":
            assert "rf" not in made, shown


def debits_are_credits(world: World) -> None:
    rows = world.accountant.query(
        "SELECT transaction, SUM(amount) AS amount FROM transactionaccountingline"
        " WHERE posting = 'T' GROUP BY transaction"
    )
    assert {str(row["transaction"]): row["amount"] for row in rows if _number(row["amount"])} == {}


def nothing_is_written_again(world: World, topics: Iterable[str] = TOPICS) -> None:
    """All of the log is delivered once more."""
    start = {system: world.end_of_journal(system) for system in SYSTEMS}
    for topic in topics:
        world.log.send_again(topic)
    world.quiet()
    for system in SYSTEMS:
        ours = [m for m in world.mutations(system, start[system]) if is_integration(m["actor"])]
        assert ours == []


Shown = Mapping[str, object]


def _agree(world: World, look: Callable[[], Shown], expected: Shown) -> None:
    """Nothing is under way, so what is shown is looked at once more only for late searches."""
    try:
        eventually(lambda: look() == expected, within_s=AGREE_WITHIN_S)
    except AssertionError as error:
        found = look()
        names = (n for n in {*found, *expected} if found.get(n) != expected.get(n))
        raise AssertionError(
            "\n".join(
                f"{name}: shown {found.get(name)}, holds {expected.get(name)}; {_said(world, name)}"
                for name in sorted(names)
            )
        ) from error


def _said(world: World, record_id: str) -> str:
    """What became of the record's changes, for whoever reads why a story failed."""
    said = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    return " ".join(
        f"{one.subject}/{one.result}/{one.code}@{one.version}"
        for one in said
        if record_id in {one.ref.id if one.ref else "", one.target.id if one.target else ""}
    )


def _number(value: object) -> Decimal:
    return Decimal(str(value)) if value is not None else ZERO
