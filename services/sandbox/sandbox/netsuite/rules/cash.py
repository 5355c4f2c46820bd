"""Cash sales and cash refunds: billed and paid, or credited and paid back, in one document."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import CASH_SALE
from sandbox.netsuite.ledger.facts import SALES, UNDEPOSITED
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.invoices import bill
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.money import into, money_account, out_of
from sandbox.netsuite.rules.orders import UNMODELLED, sales_postings
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document


def prepare_cash(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before)
    if entry.kind.name == CASH_SALE:
        into(work, document, CASH_SALE, "B", "C")
    else:
        out_of(work, document)
    prepare_lines(work, entry, before, money)
    prepare_tax(work, document, before, money)


def settle_cash(work: Work, entry: Entry) -> set[int]:
    """Returns the orders or returns whose billing changed."""
    orders = bill(work, entry)
    account = money_account(work, entry.document)
    write_postings(
        work, entry, sales_postings(work, entry, UNDEPOSITED, SALES, head_account=account)
    )
    return orders
