"""Which rules a record type follows: what is prepared, what is settled, what follows from it."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import user_error
from sandbox.netsuite.kinds import (
    CREDIT_MEMO,
    DEPOSIT_APPLICATION,
    ITEM,
    PAYMENT,
    REFUND,
    TRANSACTION,
)
from sandbox.netsuite.ledger.billing import billed_of, moved_of
from sandbox.netsuite.ledger.facts import check_period
from sandbox.netsuite.ledger.open_items import (
    applications_from,
    applications_to,
    drop,
    find,
    unapply,
    uses_of,
)
from sandbox.netsuite.rules.cash import prepare_cash, settle_cash
from sandbox.netsuite.rules.credits import post_credit, prepare_credit, settle_credit
from sandbox.netsuite.rules.customers import (
    DEPENDENT,
    customer_name,
    forbid_delete,
    prepare_contact,
    prepare_customer,
    prepare_vendor,
)
from sandbox.netsuite.rules.deposits import (
    post_application,
    prepare_application,
    prepare_deposit,
    settle_application,
    settle_deposit,
    show_deposit,
    undo_application,
)
from sandbox.netsuite.rules.estimates import estimate_of, prepare_estimate, settle_estimate
from sandbox.netsuite.rules.header import OTHER_MODULES
from sandbox.netsuite.rules.invoices import bill, prepare_invoice, settle_invoice
from sandbox.netsuite.rules.journals import REVERSES, is_applied, prepare_journal, settle_journal
from sandbox.netsuite.rules.lists import UNIQUE, list_name, prepare_list
from sandbox.netsuite.rules.moves import prepare_move, settle_move, withdraw_move
from sandbox.netsuite.rules.opportunities import prepare_opportunity, settle_opportunity
from sandbox.netsuite.rules.orders import prepare_order, settle_order
from sandbox.netsuite.rules.payments import (
    post_payment,
    prepare_payment,
    settle_payment,
    show_payment,
)
from sandbox.netsuite.rules.refunds import (
    post_refund,
    prepare_refund,
    settle_refund,
    undo_refund,
)
from sandbox.netsuite.rules.requests import prepare_request
from sandbox.netsuite.rules.settling import show_open
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, flag, ref, ref_id, text

VOIDED = "This transaction has been voided and cannot be changed."
"""Our own words: no recorded answer of the vendor is known."""
REVERSED_BY = "_reversedBy"
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
        self.estimates: set[int] = set()
        self.orders: set[int] = set()
        self.invoices: set[int] = set()
        self.sources: set[int] = set()


def conclude(work: Work, entry: Entry, before: Document | None) -> Followers:
    """Prepare and settle one record; its document is then as it will be saved."""
    if before is not None and (flag(before, "_voided") or ref(before, REVERSES)):
        raise user_error(VOIDED)
    followers = Followers()
    if entry.kind.family != TRANSACTION:
        _conclude(work, entry, before, followers)
        return followers
    taken = {one.target: one.source_base for one in uses_of(work, entry.id)}
    _conclude(work, entry, before, followers)
    followers.estimates = estimate_of(work, entry) if before is None else set()
    after = {one.target: one.source_base for one in uses_of(work, entry.id)}
    followers.sources |= {user for user, base in after.items() if taken.get(user) != base}
    return followers


def _conclude(work: Work, entry: Entry, before: Document | None, followers: Followers) -> None:
    wanted: dict[int, Decimal] = {}
    match entry.kind.name:
        case "salesOrder" | "returnAuthorization":
            prepare_order(work, entry, before)
            settle_order(work, entry)
        case "estimate":
            prepare_estimate(work, entry, before)
            settle_estimate(work, entry)
        case "opportunity":
            prepare_opportunity(work, entry, before)
            settle_opportunity(work, entry)
        case "invoice":
            prepare_invoice(work, entry, before)
            followers.orders, followers.sources = settle_invoice(work, entry)
        case "customerPayment":
            wanted = prepare_payment(work, entry, before)
            followers.invoices = settle_payment(work, entry, wanted)
        case "creditMemo":
            wanted = prepare_credit(work, entry, before)
            followers.invoices = settle_credit(work, entry, wanted)
            followers.orders = bill(work, entry)
        case "cashSale" | "cashRefund":
            prepare_cash(work, entry, before)
            followers.orders = settle_cash(work, entry)
        case "itemFulfillment" | "itemReceipt":
            prepare_move(work, entry, before)
            followers.orders = settle_move(work, entry)
        case "fulfillmentRequest":
            prepare_request(work, entry, before)
        case "customerDeposit":
            prepare_deposit(work, entry, before)
            settle_deposit(work, entry)
        case "depositApplication":
            wanted = prepare_application(work, entry, before)
            followers.invoices = settle_application(work, entry, wanted)
        case "customerRefund":
            wanted = prepare_refund(work, entry, before)
            followers.invoices = settle_refund(work, entry, wanted)
        case "journalEntry":
            prepare_journal(work, entry, before)
            settle_journal(work, entry)
        case "customer":
            prepare_customer(work, entry, before)
        case "vendor":
            prepare_vendor(work, entry, before)
        case "contact":
            prepare_contact(work, entry, before)
        case _:
            prepare_list(work, entry, before)


def name_of(entry: Entry) -> str:
    """What a reference to the record shows."""
    if entry.kind.name in ("customer", "vendor"):
        return customer_name(entry.document)
    if entry.kind.family == TRANSACTION:
        return f"{entry.kind.title} #{text(entry.document, 'tranId')}"
    return list_name(entry)


def claims_of(entry: Entry) -> list[tuple[str, str]]:
    """Values that no other record of the family may have."""
    if entry.kind.name in ("customer", "employee", "vendor"):
        return [("entityId", text(entry.document, "entityId"))]
    return [
        (name, text(entry.document, name))
        for name, family in UNIQUE.items()
        if entry.kind.family == family
    ]


def repost(work: Work, entry: Entry) -> None:
    """Write the entries of a payment, credit, application or refund as things stand now."""
    post = {
        PAYMENT: post_payment,
        CREDIT_MEMO: post_credit,
        DEPOSIT_APPLICATION: post_application,
        REFUND: post_refund,
    }.get(entry.kind.name)
    if post is not None:
        post(work, entry)


def restate_open(work: Work, entry: Entry) -> None:
    """After something was applied to the record or taken from it."""
    match entry.kind.name:
        case "invoice" | "creditMemo":
            item = find(work, entry.id)
            show_open(entry.document, entry.kind.name, item.remaining if item else ZERO)
        case "customerPayment":
            show_payment(work, entry)
        case "customerDeposit":
            show_deposit(work, entry)


def withdraw(work: Work, entry: Entry) -> Followers:
    """Undo what the record did before it is deleted, or refuse."""
    followers = Followers()
    if ref(entry.document, REVERSES) or ref(entry.document, REVERSED_BY):
        raise user_error(DEPENDENT)
    if entry.kind.posting:
        own = entry.kind.name not in OTHER_MODULES
        check_period(work, ref_id(entry.document, "postingPeriod"), receivables=own)
    followers.estimates = estimate_of(work, entry)
    match entry.kind.name:
        case "salesOrder" | "returnAuthorization":
            if billed_of(work, entry.id) or moved_of(work, entry.id) or _deposits(work, entry):
                raise user_error(DEPENDENT)
        case "estimate":
            if _deposits(work, entry):
                raise user_error(DEPENDENT)
        case "invoice":
            _forbid_when_settled(work, entry)
            followers.orders = _unbill(work, entry)
        case "cashSale" | "cashRefund":
            followers.orders = _unbill(work, entry)
        case "customerPayment" | "creditMemo":
            if uses_of(work, entry.id):
                raise user_error(DEPENDENT)
            for one in applications_from(work, entry.id):
                unapply(work, one)
                followers.invoices.add(one.target)
            followers.orders = _unbill(work, entry)
        case "itemFulfillment" | "itemReceipt":
            followers.orders = withdraw_move(work, entry)
        case "customerDeposit":
            if uses_of(work, entry.id):
                raise user_error(DEPENDENT)
        case "depositApplication":
            followers.invoices = undo_application(work, entry)
        case "customerRefund":
            followers.invoices = undo_refund(work, entry)
        case "journalEntry":
            if is_applied(work, entry):
                raise user_error(DEPENDENT)
        case "customer":
            forbid_delete(work, entry)
        case _:
            _forbid_when_used(work, entry)
    if entry.kind.posting:
        drop(work, entry.id)
    return followers


def _forbid_when_settled(work: Work, entry: Entry) -> None:
    if applications_to(work, entry.id):
        raise user_error(DEPENDENT)


def _deposits(work: Work, order: Entry) -> bool:
    row = work.connection.execute(
        "SELECT 1 FROM _link WHERE previousdoc = ? LIMIT 1", (order.id,)
    ).fetchone()
    return row is not None


def _unbill(work: Work, entry: Entry) -> set[int]:
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
