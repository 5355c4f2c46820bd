"""The lists finance keeps: items, currencies, rates, periods, accounts, and the rest."""

from collections.abc import Mapping
from types import MappingProxyType

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing
from sandbox.netsuite.kinds import ITEM
from sandbox.netsuite.ledger.facts import SALES, special_account
from sandbox.netsuite.rules.discounts import DISCOUNT_ITEM, PERCENT, read_rate
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, flag, number, ref, ref_id, text, to

REQUIRED: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "serviceSaleItem": (("itemId", "Item Name/Number"),),
        "nonInventorySaleItem": (("itemId", "Item Name/Number"),),
        "inventoryItem": (("itemId", "Item Name/Number"),),
        "discountItem": (("itemId", "Item Name/Number"),),
        "kitItem": (("itemId", "Item Name/Number"),),
        "message": (("subject", "Subject"),),
        "employee": (("lastName", "Last Name"),),
        "currency": (("name", "Name"), ("symbol", "ISO Code")),
        "currencyRate": (
            ("baseCurrency", "Base Currency"),
            ("transactionCurrency", "Source Currency"),
            ("exchangeRate", "Exchange Rate"),
            ("effectiveDate", "Effective Date"),
        ),
        "subsidiary": (("name", "Name"), ("currency", "Currency")),
        "term": (("name", "Name"),),
        "salesTaxItem": (("description", "Tax Code"),),
        "nexus": (("country", "Country"),),
        "account": (("acctName", "Name"), ("acctType", "Type")),
        "accountingPeriod": (
            ("periodName", "Period Name"),
            ("startDate", "Start Date"),
            ("endDate", "End Date"),
        ),
    }
)
NAME = (("name", "Name"),)
PRECISIONS = (0, 2)
FULL_NAMED = frozenset({"subsidiary", "location", "department", "classification"})
UNIQUE = {"itemId": ITEM, "symbol": "currency"}


def prepare_list(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    absent = [
        label
        for name, label in REQUIRED.get(entry.kind.name, NAME)
        if document.get(name) in (None, "")
    ]
    if absent:
        raise missing(*absent)
    if entry.kind.name == "message":
        _message(work, document)
        return
    document.setdefault("isInactive", False)
    if entry.kind.family == ITEM:
        _item(work, entry.kind.name, document, before)
    elif entry.kind.name == "employee":
        called = f"{text(document, 'firstName')} {text(document, 'lastName')}".strip()
        document.setdefault("entityId", called)
    elif entry.kind.name == "currency":
        _currency(document)
    elif entry.kind.name == "currencyRate":
        _rate(document)
    elif entry.kind.name == "accountingPeriod":
        _period(work, document, before)
    elif entry.kind.name == "account":
        document.setdefault("fullName", document["acctName"])
    elif entry.kind.name == "subsidiary":
        _books_stay_in_their_currency(work, entry, before)
    if entry.kind.name in FULL_NAMED:
        document.setdefault("fullName", document["name"])


def _message(work: Work, document: Document) -> None:
    document.setdefault("messageDate", work.today.isoformat())
    for name in ("emailed", "incoming", "hasAttachment", "htmlMessage"):
        document.setdefault(name, False)


def _item(work: Work, kind: str, document: Document, before: Document | None) -> None:
    document.setdefault("displayName", document["itemId"])
    document.setdefault("isFulfillable", False)
    document.setdefault("includeChildren", True)
    document.setdefault("isOnline", False)
    if kind == DISCOUNT_ITEM:
        read_rate(document, "rate", before, PERCENT)
    elif not ref(document, "incomeAccount"):
        document["incomeAccount"] = to(special_account(work, SALES))


def _currency(document: Document) -> None:
    if document.get("currencyPrecision") is None:
        document["currencyPrecision"] = 2
    if document["currencyPrecision"] not in PRECISIONS:
        raise invalid_field(document["currencyPrecision"], "currencyPrecision", "currencyPrecision")
    document.setdefault("isBaseCurrency", False)


def _rate(document: Document) -> None:
    if number(document, "exchangeRate") <= 0:
        raise invalid_field(number(document, "exchangeRate"), "exchangeRate", "exchangeRate")


def _period(work: Work, document: Document, before: Document | None) -> None:
    for name in ("isQuarter", "isYear", "isAdjust", "closed", "arLocked", "apLocked", "allLocked"):
        document.setdefault(name, False)
    document.setdefault("isPosting", not (flag(document, "isQuarter") or flag(document, "isYear")))
    was_closed = before is not None and flag(before, "closed")
    if flag(document, "closed") and not was_closed:
        document["closedOnDate"] = work.today.isoformat()
    elif not flag(document, "closed"):
        document.pop("closedOnDate", None)


def _books_stay_in_their_currency(work: Work, entry: Entry, before: Document | None) -> None:
    if before is None or ref(before, "currency") == ref(entry.document, "currency"):
        return
    row = work.connection.execute(
        "SELECT 1 FROM transactionline WHERE subsidiary = ? LIMIT 1", (entry.id,)
    ).fetchone()
    if row is not None:
        raise invalid_field(ref(entry.document, "currency"), "currency", "currency")


def after_list(work: Work, entry: Entry) -> None:
    """The current rate stands on the currency too."""
    if entry.kind.name == "currencyRate" and not work.quiet:
        refresh_current_rate(work, ref_id(entry.document, "transactionCurrency"))


def refresh_current_rate(work: Work, currency: int) -> None:
    row = work.connection.execute(
        "SELECT r.exchangerate FROM currencyrate AS r JOIN currency AS b ON b.id = r.basecurrency"
        " WHERE b.isbasecurrency = 'T' AND r.transactioncurrency = ? AND r.effectivedate <= ?"
        " ORDER BY r.effectivedate DESC, r.id DESC LIMIT 1",
        (currency, f"{work.today.isoformat()} 00:00:00"),
    ).fetchone()
    if row is not None:
        work.connection.execute(
            "UPDATE currency SET exchangerate = ? WHERE id = ?", (row[0], currency)
        )


def list_name(entry: Entry) -> str:
    document = entry.document
    match entry.kind.name:
        case "account":
            return f"{text(document, 'acctNumber')} {text(document, 'acctName')}".strip()
        case "accountingPeriod":
            return text(document, "periodName")
        case "contact" | "employee":
            return text(document, "entityId")
        case "currencyRate":
            return str(entry.id)
        case "salesTaxItem":
            return text(document, "description")
        case "message":
            return text(document, "subject")
        case "nexus":
            return text(document, "description") or ref(document, "country")
        case _:
            return text(document, "itemId") or text(document, "name")
