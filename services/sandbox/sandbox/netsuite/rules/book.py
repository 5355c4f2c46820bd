"""Which rules a record type follows: what is prepared, what is settled, what follows from it."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import user_error
from sandbox.netsuite.kinds import CREDIT_MEMO, INVOICE, ITEM, PAYMENT, SALES_ORDER
from sandbox.netsuite.ledger.billing import billed_of
from sandbox.netsuite.ledger.facts import check_period
from sandbox.netsuite.ledger.open_items import applications_from, applications_to, drop, unapply
from sandbox.netsuite.rules.credits import post_credit, prepare_credit, settle_credit
from sandbox.netsuite.rules.customers import (
    DEPENDENT,
    customer_name,
    forbid_delete,
    prepare_contact,
    prepare_customer,
)
from sandbox.netsuite.rules.invoices import prepare_invoice, settle_invoice
from sandbox.netsuite.rules.lists import UNIQUE, list_name, prepare_list
from sandbox.netsuite.rules.orders import prepare_order, settle_order
from sandbox.netsuite.rules.payments import post_payment, prepare_payment, settle_payment
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, ref_id, text

REFERENCED = (
    ("transactionline", "item"),
    ("transactionaccountingline", "account"),
    ("transaction", "currency"),
    ("transaction", "postingperiod"),
    ("transactionline", "subsidiary"),
    ("customer", "currency"),
    ("customer", "subsidiary"),
)
OWNERS = {
    "item": ITEM,
    "account": "account",
    "currency": "currency",
    "postingperiod": "accountingperiod",
    "subsidiary": "subsidiary",
}


class Followers:
    """Records whose shown facts follow from the one that was just written."""

    def __init__(self) -> None:
        self.orders: set[int] = set()
        self.invoices: set[int] = set()
        self.sources: set[int] = set()


def conclude(work: Work, entry: Entry, before: Document | None) -> Followers:
    """Prepare and settle one record; its document is then as it will be saved."""
    followers = Followers()
    kind = entry.kind.name
    wanted: dict[int, Decimal] = {}
    match kind:
        case "salesOrder":
            prepare_order(work, entry, before)
            settle_order(work, entry)
        case "invoice":
            prepare_invoice(work, entry, before)
            followers.orders, followers.sources = settle_invoice(work, entry)
        case "customerPayment":
            wanted = prepare_payment(work, entry, before)
            followers.invoices = settle_payment(work, entry, wanted)
        case "creditMemo":
            wanted = prepare_credit(work, entry, before)
            followers.invoices = settle_credit(work, entry, wanted)
        case "customer":
            prepare_customer(work, entry, before)
        case "contact":
            prepare_contact(work, entry, before)
        case _:
            prepare_list(work, entry, before)
    return followers


def name_of(entry: Entry) -> str:
    """What a reference to the record shows."""
    if entry.kind.name == "customer":
        return customer_name(entry.document)
    if entry.kind.name in (SALES_ORDER, INVOICE, PAYMENT, CREDIT_MEMO):
        return f"{entry.kind.title} #{text(entry.document, 'tranId')}"
    return list_name(entry)


def claims_of(entry: Entry) -> list[tuple[str, str]]:
    """Values that no other record of the family may have."""
    if entry.kind.name in ("customer", "employee"):
        return [("entityId", text(entry.document, "entityId"))]
    return [
        (name, text(entry.document, name))
        for name, family in UNIQUE.items()
        if entry.kind.family == family
    ]


def repost(work: Work, entry: Entry) -> None:
    if entry.kind.name == PAYMENT:
        post_payment(work, entry)
    else:
        post_credit(work, entry)


def withdraw(work: Work, entry: Entry) -> Followers:
    """Undo what the record did before it is deleted, or refuse."""
    followers = Followers()
    if entry.kind.posting:
        check_period(work, ref_id(entry.document, "postingPeriod"))
    match entry.kind.name:
        case "salesOrder":
            if billed_of(work, entry.id):
                raise user_error(DEPENDENT)
        case "invoice":
            followers.orders = _withdraw_invoice(work, entry)
        case "customerPayment" | "creditMemo":
            for one in applications_from(work, entry.id):
                unapply(work, one)
                followers.invoices.add(one.target)
        case "customer":
            forbid_delete(work, entry)
        case _:
            _forbid_when_used(work, entry)
    if entry.kind.posting:
        drop(work, entry.id)
    return followers


def _withdraw_invoice(work: Work, entry: Entry) -> set[int]:
    if applications_to(work, entry.id):
        raise user_error(DEPENDENT)
    rows = work.connection.execute(
        "SELECT DISTINCT sales_order FROM _billing WHERE invoice = ?", (entry.id,)
    ).fetchall()
    work.connection.execute("DELETE FROM _billing WHERE invoice = ?", (entry.id,))
    return {int(row[0]) for row in rows}


def _forbid_when_used(work: Work, entry: Entry) -> None:
    for table, column in REFERENCED:
        if OWNERS[column] != entry.kind.family or table not in work.account.tables:
            continue
        if column not in work.account.tables[table]:
            continue
        row = work.connection.execute(
            f'SELECT 1 FROM "{table}" WHERE "{column}" = ? LIMIT 1', (entry.id,)
        ).fetchone()
        if row is not None:
            raise user_error(DEPENDENT)
