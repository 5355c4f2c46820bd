"""Opportunities: what a customer may buy one day. They post nothing and may do without lines."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import OPPORTUNITY, STATUS_NAMES
from sandbox.netsuite.ledger.facts import ESTIMATES, Currency
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.rules.header import prepare_header
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.orders import sales_postings
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, Document, lines, number, ref, rounded, text, to

IN_DISCUSSION = "8"
IN_PROGRESS = "A"
CLOSED_BY: Mapping[str, str] = MappingProxyType({"13": "C", "14": "D"})
"""The status of the customer that closes a deal, and the letter that the deal then has."""
HUNDRED = Decimal(100)


def prepare_opportunity(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    money = prepare_header(work, entry, before)
    if not ref(document, "entityStatus"):
        document["entityStatus"] = to(IN_DISCUSSION)
    if not text(document, "expectedCloseDate"):
        document["expectedCloseDate"] = document["tranDate"]
    if lines(document, "item"):
        prepare_lines(work, entry, before, money)
        prepare_tax(work, document, before, money)
        document["projectedTotal"] = number(document, "subtotal")
    else:
        document |= {"subtotal": ZERO, "taxTotal": ZERO, "total": ZERO}
    _weight(document, money)
    _status(work, document)


def settle_opportunity(work: Work, entry: Entry) -> None:
    held = lines(entry.document, "item")
    write_postings(work, entry, sales_postings(work, entry, ESTIMATES, ESTIMATES) if held else [])


def _weight(document: Document, money: Currency) -> None:
    projected, probability = document.get("projectedTotal"), document.get("probability")
    if projected is None or probability is None:
        document.pop("weightedTotal", None)
        return
    weighted = number(document, "projectedTotal") * number(document, "probability") / HUNDRED
    document["weightedTotal"] = rounded(weighted, money.precision)


def _status(work: Work, document: Document) -> None:
    letter = CLOSED_BY.get(ref(document, "entityStatus"), IN_PROGRESS)
    if letter != IN_PROGRESS and not text(document, "closeDate"):
        document["closeDate"] = work.today.isoformat()
    document["status"] = {"id": letter, "refName": STATUS_NAMES[OPPORTUNITY][letter]}
