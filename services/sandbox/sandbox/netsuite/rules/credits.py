"""Credit memos: revenue taken back, applied to invoices or left open for the customer."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import user_error
from sandbox.netsuite.kinds import CREDIT_MEMO
from sandbox.netsuite.ledger.facts import RECEIVABLE, SALES
from sandbox.netsuite.ledger.open_items import find, uses_of
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.invoices import receivables
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.orders import UNMODELLED, sales_postings
from sandbox.netsuite.rules.settling import (
    apply_lines,
    settle_source,
    settled_postings,
    show_open,
    wanted_applications,
)
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, number, ref_id

PARTY = "entity"
REFUNDED = "The total cannot be less than what has been refunded."
"""Our own words: no recorded answer of the vendor is known."""


def prepare_credit(work: Work, entry: Entry, before: Document | None) -> dict[int, Decimal]:
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before, PARTY)
    receivables(work, document, "account")
    prepare_lines(work, entry, before, money)
    prepare_tax(work, document, before, money)
    total = number(document, "total")
    if total < sum((one.amount for one in uses_of(work, entry.id)), ZERO):
        raise user_error(REFUNDED, "item")
    return wanted_applications(work, entry, total, money.precision, PARTY)


def settle_credit(work: Work, entry: Entry, wanted: dict[int, Decimal]) -> set[int]:
    changed = settle_source(work, entry, number(entry.document, "total"), wanted)
    post_credit(work, entry)
    return changed


def post_credit(work: Work, entry: Entry) -> None:
    """Write the entries as the applications stand now, and show them on the record."""
    document = entry.document
    receivable = ref_id(document, "account")
    sales = sales_postings(work, entry, RECEIVABLE, SALES, head_account=receivable)
    head = [posting for posting in sales if posting.line != 0]
    write_postings(work, entry, settled_postings(work, entry, head, receivable, 0))
    apply_lines(work, entry)
    item = find(work, entry.id)
    show_open(document, CREDIT_MEMO, item.remaining if item else ZERO)
