"""What transformations copy, and what a body says of single lines of the source."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import NetSuiteError, user_error
from sandbox.netsuite.records.clean import Cleaner
from sandbox.netsuite.records.service import Write
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, whole

HEAD = (
    "entity currency subsidiary terms location department class memo otherRefNum salesRep"
    " taxItem billingAddress shippingAddress startDate endDate email discountItem"
    " discountRate _discountPercent custbody_sf_opportunity_id"
).split()
LINE = (
    "item description price rate _percent taxCode isTaxable custcol_sf_line_id department class"
    " location"
).split()


def copied(source: Document, names: list[str]) -> Document:
    return {name: source[name] for name in names if source.get(name) is not None}


def invalid_reference(source: Entry, target: str) -> NetSuiteError:
    return user_error(f"You can not initialize {target}: invalid reference {source.id}.")


def line_wishes(work: Work, target: str, body: Document) -> tuple[dict[int, Document], Document]:
    """What the body says of order lines, cleaned; and the body without it."""
    sent = body.get("item")
    items = sent.get("items") if isinstance(sent, dict) else None
    if not isinstance(items, list):
        return {}, body
    inner = work.account.catalog[target.lower()].properties["item"].inner
    wishes: dict[int, Document] = {}
    others: list[Document] = []
    for at, line in enumerate(items):
        if isinstance(line, dict) and line.get("orderLine") is not None:
            clean = Cleaner(work, Write().checks).record(inner, line, f"item.items[{at}]")
            wishes[whole(clean, "orderLine")] = clean
        elif isinstance(line, dict):
            others.append(line)
    left: Document = {name: value for name, value in body.items() if name != "item"}
    if others:
        left["item"] = {"items": [*others]}
    return wishes, left
