"""Customer payments: money in, applied to invoices, the rest a credit of the customer."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import missing, user_error
from sandbox.netsuite.kinds import PAYMENT
from sandbox.netsuite.ledger.facts import base_currency, currency
from sandbox.netsuite.ledger.open_items import find, uses_of
from sandbox.netsuite.ledger.postings import Posting, write_postings
from sandbox.netsuite.rules.credits import REFUNDED
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.invoices import receivables
from sandbox.netsuite.rules.money import into, money_account
from sandbox.netsuite.rules.settling import (
    RECEIVABLE_LINE,
    apply_lines,
    settle_source,
    settled_postings,
    wanted_applications,
)
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, number, ref_id, rounded

UNMODELLED = ("customerPaymentAuthorization", "transactionToRefund")
PARTY = "customer"


def prepare_payment(work: Work, entry: Entry, before: Document | None) -> dict[int, Decimal]:
    """Returns what is to be applied: invoice id to amount."""
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before, PARTY)
    receivables(work, document, "arAcct")
    into(work, document, PAYMENT, "B", "C")
    if document.get("payment") is None:
        wanted = wanted_applications(work, entry, None, money.precision, PARTY)
        document["payment"] = sum(wanted.values(), ZERO)
    else:
        document["payment"] = rounded(number(document, "payment"), money.precision)
        available = number(document, "payment")
        wanted = wanted_applications(work, entry, available, money.precision, PARTY)
    if number(document, "payment") <= ZERO:
        raise missing("Payment Amount")
    if number(document, "payment") < sum((one.amount for one in uses_of(work, entry.id)), ZERO):
        raise user_error(REFUNDED, "payment")
    document["total"] = number(document, "payment")
    return wanted


def settle_payment(work: Work, entry: Entry, wanted: dict[int, Decimal]) -> set[int]:
    changed = settle_source(work, entry, number(entry.document, "total"), wanted)
    post_payment(work, entry)
    return changed


def post_payment(work: Work, entry: Entry) -> None:
    """Write the entries as the applications stand now, and show them on the record."""
    document = entry.document
    precision = currency(work, base_currency(work, ref_id(document, "subsidiary"))).precision
    amount = number(document, "total")
    head = Posting(
        line=0,
        account=money_account(work, document),
        amount=amount,
        base=rounded(amount * number(document, "exchangeRate"), precision),
    )
    receivable = ref_id(document, "arAcct")
    write_postings(work, entry, settled_postings(work, entry, [head], receivable, RECEIVABLE_LINE))
    apply_lines(work, entry)
    show_payment(work, entry)


def show_payment(work: Work, entry: Entry) -> None:
    item = find(work, entry.id)
    left = item.remaining if item else ZERO
    entry.document["applied"] = number(entry.document, "total") - left
    entry.document["unapplied"] = left
    entry.document["pending"] = ZERO
