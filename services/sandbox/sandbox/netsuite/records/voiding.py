"""Voids a transaction in place: it stays, without amounts, entries or applications.

The record service has no call for it; scripts have (`transaction.void`). The account's preference
"void transactions using reversing journals" is off.
"""

from collections.abc import Mapping
from types import MappingProxyType

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import user_error
from sandbox.netsuite.kinds import STATUS_NAMES
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.records.notes import note_changes
from sandbox.netsuite.records.service import follow, image_of
from sandbox.netsuite.rules.book import VOIDED, withdraw
from sandbox.netsuite.search.project import project
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, copy, flag, lines, put_lines

LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "invoice": "V",
        "creditMemo": "V",
        "customerPayment": "R",
        "customerDeposit": "R",
        "customerRefund": "V",
        "cashSale": "",
        "cashRefund": "",
        "journalEntry": "",
    }
)
AMOUNTS = (
    "total subtotal taxTotal discountTotal discountRate amountRemaining amountPaid"
    " amountRemainingTotalBox applied unapplied pending payment"
).split()
LINE_AMOUNTS = "amount rate grossAmt taxAmount debit credit".split()
NOT_VOIDABLE = "Transactions of type {kind} cannot be voided."
MEMO = "VOID"
"""Our own words: no recorded answer of the vendor is known."""


def void(work: Work, entry: Entry) -> Entry:
    """Refused in a closed period, and while something else depends on the transaction."""
    letter = LETTERS.get(entry.kind.name)
    if letter is None:
        raise user_error(NOT_VOIDABLE.format(kind=entry.kind.name))
    if flag(entry.document, "_voided"):
        raise user_error(VOIDED)
    before, image = copy(entry.document), image_of(work, entry)
    followers = withdraw(work, entry)
    _empty(entry.document)
    entry.document["_voided"] = True
    entry.document["memo"] = MEMO
    if letter:
        entry.document["status"] = {"id": letter, "refName": STATUS_NAMES[entry.kind.name][letter]}
    if entry.kind.name == "journalEntry":
        entry.document["void"] = True
    entry.modified, entry.modifier = work.stamp, work.user.id
    write_postings(work, entry, [])
    work.store.save(entry)
    project(work, entry)
    note_changes(work, entry, before)
    work.changed(entry, "update", image, image_of(work, entry))
    follow(work, followers)
    return entry


def _empty(document: Document) -> None:
    for name in AMOUNTS:
        if name in document:
            document[name] = ZERO
    for sublist in ("apply", "deposit", "taxDetails"):
        if sublist in document:
            put_lines(document, sublist, [])
    document.pop("_parts", None)
    for sublist in ("item", "line"):
        for line in lines(document, sublist):
            for name in LINE_AMOUNTS:
                if line.get(name) is not None:
                    line[name] = ZERO
            for name in ("orderDoc", "orderLine"):
                line.pop(name, None)
