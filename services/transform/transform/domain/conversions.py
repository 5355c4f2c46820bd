"""The conversions a rule may name: each makes one target value from one source row."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Fields, Value, plain_number
from transform.domain.facts import NAMES, Facts, Reference
from transform.domain.matching.countries import country_of

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a source document: the root's fields, or one line's.

    `prefix` stands before the field names where the row is embedded (`Account.`).
    """

    fields: Fields
    prefix: str = ""

    def get(self, name: str) -> Value:
        return self.fields.get(self.prefix + name)

    def has(self, name: str) -> bool:
        return self.prefix + name in self.fields


Convert = Callable[[Value, Row, Facts], Value]


def currency_id(value: Value, row: Row, facts: Facts) -> Value:
    found = facts.references.get(("currency", str(value)))
    return found.id if found else None


NAMED: Mapping[str, str] = {
    "subsidiary-id": "subsidiary",
    "location-id": "location",
    "department-id": "department",
    "class-id": "classification",
    "term-id": "term",
}
"""Conversions that find an entry of one of NetSuite's lists, and the kind of that list."""


def named_id(kind: str, value: Value, facts: Facts) -> str | None:
    """The entry with this id, or the only one with this name, whatever its case; None where there
    is none that is active. An id counts as it is where the list cannot be read at all, such as
    the subsidiaries of an account of one company."""
    text = str(value).strip()
    own = facts.references.get((kind, text))
    if own is not None:
        return None if own.fields.get("isInactive") is True else own.id
    entries = [one for (of, _), one in facts.references.items() if of == kind]
    if not entries:
        return text if text.isdigit() else None
    active = [one for one in entries if one.fields.get("isInactive") is not True]
    for field in reversed(NAMES):
        found = [one.id for one in active if _is_called(one, field, text.casefold())]
        if len(found) == 1:
            return found[0]
    return None


def _is_called(entry: Reference, field: str, name: str) -> bool:
    called = entry.fields.get(field)
    return isinstance(called, str) and called.casefold() == name


def _named(kind: str) -> Convert:
    def convert(value: Value, row: Row, facts: Facts) -> Value:
        return named_id(kind, value, facts)

    return convert


def customer_id(value: Value, row: Row, facts: Facts) -> Value:
    link = facts.links.get(salesforce("Account", str(value)))
    return link.netsuite_id if link and link.netsuite_id else None


def is_on(value: Value, row: Row, facts: Facts) -> Value:
    return value == "ON"


def negated(value: Value, row: Row, facts: Facts) -> Value:
    return value is not True


def account_id(value: Value, row: Row, facts: Facts) -> Value:
    link = facts.links.get(netsuite("customer", str(value)))
    return link.source.id if link else None


def opportunity_id(value: Value, row: Row, facts: Facts) -> Value:
    return _source_of_order(value, "Opportunity", facts)


def order_id(value: Value, row: Row, facts: Facts) -> Value:
    return _source_of_order(value, "Order", facts)


def _source_of_order(value: Value, kind: str, facts: Facts) -> Value:
    link = facts.links.get(netsuite("salesOrder", str(value)))
    return link.source.id if link and link.source.kind == kind else None


def product_of(row: Row) -> RecordRef:
    return salesforce("Product2", str(row.get("Product2Id")))


def item_id(value: Value, row: Row, facts: Facts) -> Value:
    """Today's link of the product, else what the product said when the document was read."""
    link = facts.links.get(product_of(row))
    return link.netsuite_id if link and link.netsuite_id else value


def web_address(value: Value, row: Row, facts: Facts) -> Value:
    """NetSuite wants a scheme. A sealed address is completed by the writer that opens it."""
    if not isinstance(value, str) or "://" in value:
        return value
    return f"https://{value}"


def net_rate(value: Value, row: Row, facts: Facts) -> Value:
    """The unit price after the line's discount in percent."""
    discount = row.get("Discount")
    if not isinstance(value, int | Decimal) or not isinstance(discount, int | Decimal):
        return value
    return Decimal(value) * (HUNDRED - discount) / HUNDRED


def country_code(value: Value, row: Row, facts: Facts) -> Value:
    return country_of(value) or None if isinstance(value, str) else None


def as_it_is(value: Value, row: Row, facts: Facts) -> Value:
    return value


def as_text(value: Value, row: Row, facts: Facts) -> Value:
    return plain_number(value) if isinstance(value, Decimal) else str(value)


CONVERT: Mapping[str, Convert] = {
    "as-it-is": as_it_is,
    "as-text": as_text,
    "country-code": country_code,
    "account-id": account_id,
    "currency-id": currency_id,
    "customer-id": customer_id,
    "is-on": is_on,
    "item-id": item_id,
    "negated": negated,
    "net-rate": net_rate,
    "opportunity-id": opportunity_id,
    "order-id": order_id,
    "web-address": web_address,
    **{name: _named(kind) for name, kind in NAMED.items()},
}
