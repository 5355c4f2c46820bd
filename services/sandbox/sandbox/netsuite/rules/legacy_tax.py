"""Tax in an account without SuiteTax: a tax code's rate on each taxable line.

A discount item that applies before tax (`isPreTax`) takes its part off what is taxed, others do
not.

The record service does not support these fields in such an account; scripts set them.
"""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.kinds import ITEM
from sandbox.netsuite.ledger.facts import Currency
from sandbox.netsuite.values import (
    ONE,
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
    share = _share_taxed(work, document)
    total, above = ZERO, ZERO
    for line in lines(document, "item"):
        own = _rate_of(work, ref_id(line, "taxCode")) if ref(line, "taxCode") else rate
        if line.get("isTaxable") is False:
            own = ZERO
        if line.get("_sold") is False and not ref(line, "taxCode"):
            own = above if _before_tax(work, ref_id(line, "item")) else ZERO
        elif line.get("_sold") is not False:
            above = own
        line["taxRate1"] = own
        tax = rounded(number(line, "amount") * share * own / HUNDRED, money.precision)
        line["tax1Amt"] = line["taxAmount"] = tax
        line["grossAmt"] = number(line, "amount") + tax
        total += tax
    return total


def _share_taxed(work: Work, document: Document) -> Decimal:
    """What a discount at the head leaves of each line's amount to be taxed."""
    discount, subtotal = number(document, "discountTotal"), number(document, "subtotal")
    if not discount or not subtotal or not _before_tax(work, ref_id(document, "discountItem")):
        return ONE
    return ONE + discount / subtotal


def _before_tax(work: Work, item: int) -> bool:
    entry = work.store.load(ITEM, item)
    return entry is not None and flag(entry.document, "isPreTax")


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
