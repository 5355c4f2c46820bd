"""A line's gross amount that was sent: the amount follows from it, since release 2026.1.

Releases before ignore it, and so does a line that says its amount as well.
"""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.records.merge import key_of
from sandbox.netsuite.values import ZERO, Document, flag, lines, number, text

GROSS = "_gross"
SINCE = "2026.1"
NEW_LINE = "NEW_ITEM_"
"""How tax details name a line that is new in the same request, by its place."""
HUNDRED = Decimal(100)


def keep_gross(work: Work, line: Document) -> None:
    """Of a line as it was sent, before what the account reckons itself is taken out."""
    profile = work.account.profile
    known = profile.suite_tax and profile.netsuite_release >= SINCE
    if known and line.get("amount") is None and line.get("grossAmt") is not None:
        line[GROSS] = line["grossAmt"]


def amount_from_gross(document: Document, line: Document, earlier: Document | None) -> None:
    """What is left of the gross amount without the tax that the details tell of the line."""
    if GROSS not in line:
        return
    gross = number(line, GROSS)
    del line[GROSS]
    if earlier is not None and gross == number(earlier, "grossAmt"):
        return
    fixed, rate = _tax(document, line)
    amount = (gross - fixed) * HUNDRED / (HUNDRED + rate)
    if amount != number(line, "amount"):
        line["amount"] = amount
        line.pop("rate", None)


def _tax(document: Document, line: Document) -> tuple[Decimal, Decimal]:
    """An amount, and a percentage where only that is known."""
    fixed, rate = ZERO, ZERO
    if not flag(document, "taxDetailsOverride"):
        return fixed, rate
    place = next(at for at, one in enumerate(lines(document, "item")) if one is line)
    names = (f"{NEW_LINE}{place}", text(line, "taxDetailsReference"))
    for detail in lines(document, "taxDetails"):
        if key_of(detail, "taxDetailsReference") not in names:
            continue
        if detail.get("taxAmount") is None:
            rate += number(detail, "taxRate")
        else:
            fixed += number(detail, "taxAmount")
    return fixed, rate
