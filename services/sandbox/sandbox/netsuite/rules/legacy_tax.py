"""Tax in an account without SuiteTax: a tax code's rate on each taxable line.

The record service does not support these fields in such an account; scripts set them.
"""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.ledger.facts import Currency
from sandbox.netsuite.values import (
    ZERO,
    Document,
    flag,
    lines,
    number,
    ref,
    ref_id,
    rounded,
    to,
)

HUNDRED = Decimal(100)


def legacy_taxes(work: Work, document: Document, money: Currency) -> Decimal:
    """Sets each line's tax; returns their sum."""
    rate = _document_rate(work, document)
    total = ZERO
    for line in lines(document, "item"):
        own = _rate_of(work, ref_id(line, "taxCode")) if ref(line, "taxCode") else rate
        if line.get("isTaxable") is False:
            own = ZERO
        line["taxRate1"] = own
        tax = rounded(number(line, "amount") * own / HUNDRED, money.precision)
        line["tax1Amt"] = line["taxAmount"] = tax
        line["grossAmt"] = number(line, "amount") + tax
        total += tax
    return total


def _document_rate(work: Work, document: Document) -> Decimal:
    """The document's own tax item, else the customer's when it is taxable."""
    customer = work.store.load("entity", ref_id(document, "entity"))
    facts = customer.document if customer else {}
    if not ref(document, "taxItem") and flag(facts, "taxable") and ref(facts, "taxItem"):
        document["taxItem"] = to(ref(facts, "taxItem"))
    if ref(document, "taxItem"):
        document["taxRate"] = _rate_of(work, ref_id(document, "taxItem"))
    document["isTaxable"] = bool(number(document, "taxRate"))
    return number(document, "taxRate")


def _rate_of(work: Work, tax_item: int) -> Decimal:
    entry = work.store.load("salestaxitem", tax_item)
    return number(entry.document, "rate") if entry else ZERO
