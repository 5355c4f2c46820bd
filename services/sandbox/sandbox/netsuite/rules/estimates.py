"""Estimates: what is offered to a customer, until a sale is made of it. They post nothing."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import ESTIMATE, STATUS_NAMES, TRANSACTION
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.orders import NON_POSTING, UNMODELLED, sales_postings
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, flag, lines, ref_id

OPEN, PROCESSED, CLOSED = "A", "B", "C"


def prepare_estimate(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before)
    prepare_lines(work, entry, before, money)
    prepare_tax(work, document, before, money)
    restate_estimate(work, entry)


def settle_estimate(work: Work, entry: Entry) -> None:
    role = NON_POSTING[ESTIMATE]
    write_postings(work, entry, sales_postings(work, entry, role, role))


def restate_estimate(work: Work, entry: Entry) -> None:
    """Processed while a sale stands that was made of it, closed when all its lines are."""
    made = work.connection.execute(
        "SELECT 1 FROM transactionline WHERE createdfrom = ? AND mainline = 'T' LIMIT 1",
        (entry.id,),
    ).fetchone()
    held = lines(entry.document, "item")
    closed = bool(held) and all(flag(line, "isClosed") for line in held)
    status = PROCESSED if made else CLOSED if closed else OPEN
    entry.document["status"] = {"id": status, "refName": STATUS_NAMES[ESTIMATE][status]}


def estimate_of(work: Work, sale: Entry) -> set[int]:
    """The estimate that a sale was made of, if one was."""
    source = ref_id(sale.document, "createdFrom")
    kind = work.store.kind(TRANSACTION, source) if source else None
    return {source} if kind is not None and kind.name == ESTIMATE else set()
