"""Customer payments: money in, applied to invoices, the rest a credit of the customer."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing
from sandbox.netsuite.kinds import PAYMENT, STATUS_NAMES
from sandbox.netsuite.ledger.facts import (
    BANK,
    UNDEPOSITED,
    base_currency,
    currency,
    special_account,
)
from sandbox.netsuite.ledger.open_items import applications_from
from sandbox.netsuite.ledger.postings import Posting, write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.invoices import receivables
from sandbox.netsuite.rules.settling import (
    RECEIVABLE_LINE,
    apply_lines,
    settle_source,
    settled_postings,
    wanted_applications,
)
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, number, ref, ref_id, rounded

UNMODELLED = ("credit", "deposit", "customerPaymentAuthorization", "transactionToRefund")
PARTY = "customer"


def prepare_payment(work: Work, entry: Entry, before: Document | None) -> dict[int, Decimal]:
    """Returns what is to be applied: invoice id to amount."""
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before, PARTY)
    receivables(work, document, "arAcct")
    _bank(work, document)
    if document.get("payment") is None:
        wanted = wanted_applications(work, entry, None, money.precision, PARTY)
        document["payment"] = sum(wanted.values(), ZERO)
    else:
        document["payment"] = rounded(number(document, "payment"), money.precision)
        available = number(document, "payment")
        wanted = wanted_applications(work, entry, available, money.precision, PARTY)
    if number(document, "payment") <= ZERO:
        raise missing("Payment Amount")
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
        account=_money_account(work, document),
        amount=amount,
        base=rounded(amount * number(document, "exchangeRate"), precision),
    )
    receivable = ref_id(document, "arAcct")
    write_postings(work, entry, settled_postings(work, entry, [head], receivable, RECEIVABLE_LINE))
    apply_lines(work, entry)
    applied = sum((one.amount for one in applications_from(work, entry.id)), ZERO)
    document["applied"] = applied
    document["unapplied"] = amount - applied
    document["pending"] = ZERO


def _bank(work: Work, document: Document) -> None:
    """Undeposited funds unless an account is named."""
    if ref(document, "account"):
        row = work.connection.execute(
            "SELECT accttype FROM account WHERE id = ?", (ref_id(document, "account"),)
        ).fetchone()
        if row is None or row[0] != BANK:
            raise invalid_field(ref(document, "account"), "account", "account")
        document["undepFunds"] = {"id": "F", "refName": "Account"}
    else:
        document["undepFunds"] = {"id": "T", "refName": "Undep. Funds"}
    status = "C" if ref(document, "account") else "B"
    document["status"] = {"id": status, "refName": STATUS_NAMES[PAYMENT][status]}


def _money_account(work: Work, document: Document) -> int:
    return ref_id(document, "account") or special_account(work, UNDEPOSITED)
