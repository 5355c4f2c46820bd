"""What NetSuite's fields take: checked before a call, so that a person reads a plain reason."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from kernel.money import Money
from kernel.values import Document, Value
from netsuite_writer.domain.places import Place, places_of


class Takes(StrEnum):
    TEXT = "text"
    NUMBER = "a number"
    DATE = "a date"


@dataclass(frozen=True, slots=True)
class Rule:
    """`limit` counts characters; 0 knows of none."""

    takes: Takes
    limit: int = 0


def text(limit: int) -> Rule:
    return Rule(Takes.TEXT, limit)


NUMBER, DATE = Rule(Takes.NUMBER), Rule(Takes.DATE)
CUSTOM_TEXT_MAX = 300
ADDRESS = {
    "addressBookAddress.addr1": text(150),
    "addressBookAddress.addr2": text(150),
    "addressBookAddress.addr3": text(150),
    "addressBookAddress.addressee": text(83),
    "addressBookAddress.attention": text(83),
    "addressBookAddress.city": text(50),
    "addressBookAddress.zip": text(36),
}
LINE = {
    "quantity": NUMBER,
    "rate": NUMBER,
    "amount": NUMBER,
    "description": text(4000),
    "custcol_sf_line_id": text(CUSTOM_TEXT_MAX),
}
RULES = {
    "customer": {
        "companyName": text(83),
        "firstName": text(32),
        "lastName": text(32),
        "entityId": text(83),
        "email": text(254),
        "phone": text(32),
        "fax": text(32),
        "url": text(255),
        "custentity_sf_account_id": text(CUSTOM_TEXT_MAX),
    },
    "salesOrder": {
        "memo": text(999),
        "otherRefNum": text(45),
        "tranDate": DATE,
        "startDate": DATE,
        "endDate": DATE,
        "exchangeRate": NUMBER,
        "custbody_sf_opportunity_id": text(CUSTOM_TEXT_MAX),
    },
    "estimate": {
        "memo": text(999),
        "dueDate": DATE,
        "custbody_sf_opportunity_id": text(CUSTOM_TEXT_MAX),
        "custbody_sf_quote_number": text(CUSTOM_TEXT_MAX),
    },
}
LINE_RULES = {
    ("customer", "addressBook"): ADDRESS,
    ("salesOrder", "item"): LINE,
    ("estimate", "item"): LINE,
}
"""Limits as NetSuite's schema browser of the SOAP records gave them; assumed to hold for REST,
whose metadata names no lengths. A field without a rule goes unchecked; NetSuite has the last
word anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A value that its field cannot take. `length` 0 says that the type is wrong."""

    place: Place
    rule: Rule
    length: int = 0


def faults(kind: str, document: Document) -> Iterator[Fault]:
    """Every value of an opened document that its field cannot take, in the document's order."""
    for place, value in places_of(document):
        rules = LINE_RULES.get((kind, place.sublist), {}) if place.sublist else RULES.get(kind, {})
        rule = rules.get(place.name)
        if rule is None or value is None:
            continue
        if not _fits(value, rule.takes):
            yield Fault(place=place, rule=rule)
        elif isinstance(value, str) and 0 < rule.limit < len(value):
            yield Fault(place=place, rule=rule, length=len(value))


def _fits(value: Value, takes: Takes) -> bool:
    match takes:
        case Takes.TEXT:
            return isinstance(value, str)
        case Takes.NUMBER:
            return isinstance(value, int | Decimal | Money) and not isinstance(value, bool)
        case Takes.DATE:
            return isinstance(value, date)


def without(document: Document, absent: Collection[str]) -> Document:
    """Leaves out fields and lists of the root record that the account does not have."""
    if not absent:
        return document
    kept = {
        path: value
        for path, value in document.fields.items()
        if path.partition(".")[0] not in absent
    }
    lists = {name: lines for name, lines in document.lines.items() if name not in absent}
    return replace(document, fields=kept, lines=lists)
