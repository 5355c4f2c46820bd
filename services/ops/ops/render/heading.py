"""A record by its name: kind, name or number, worth, id."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from kernel.money import Money
from kernel.records import RecordRef
from kernel.values import Value
from ops.render.values import Opened, short, text_of

NAMES = ("Name", "companyName")
NUMBERS = ("tranId", "entityId", "NS_SO_Number__c", "NS_Customer_Number__c")
ACCOUNT = "Account.Name"
AMOUNTS = (("Amount", "CurrencyIsoCode"), ("total", "currency.refName"))
CURRENCY = re.compile(r"[A-Z]{3}")
Known = Mapping[str, Value]


def heading(ref: RecordRef, known: Known, opened: Opened) -> str:
    """`Opportunity "Renewal 2027"  Acme GmbH  10,000.00 EUR`"""
    return "  ".join([_named(ref, known, opened), *_more(known, opened)])


def link(ref: RecordRef, known: Known, opened: Opened) -> str:
    """`salesOrder SO-1042 (id 812)`, `Opportunity "Renewal 2027" (006…AAM)`"""
    if ref.external_id is not None:
        return f"{ref.kind} by external id {ref.external_id}"
    name = _name(known, opened)
    own_number = next((known[field] for field in ("tranId", "entityId") if known.get(field)), None)
    label = str(own_number) if own_number else name
    inside = f"id {ref.id}" if ref.id.isdecimal() else short(ref.id)
    return f"{ref.kind} {label} ({inside})" if label else f"{ref.kind} {inside}"


def _named(ref: RecordRef, known: Known, opened: Opened) -> str:
    if ref.id.isdecimal() or not (name := _name(known, opened)):
        return link(ref, known, opened)
    return f"{ref.kind} {name}"


def _name(known: Known, opened: Opened) -> str:
    name = next((known[field] for field in NAMES if known.get(field)), None)
    return f'"{text_of(name, opened)}"' if name is not None else ""


def _more(known: Known, opened: Opened) -> Iterator[str]:
    if known.get(ACCOUNT):
        yield text_of(known[ACCOUNT], opened)
    for amount_name, currency_name in AMOUNTS:
        amount, currency = known.get(amount_name), known.get(currency_name)
        if isinstance(amount, Money):
            yield str(amount)
        elif isinstance(amount, Decimal | int) and CURRENCY.fullmatch(str(currency)):
            yield str(Money(Decimal(amount), str(currency)))
