"""Writes a record the way the record service answers it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import Property, RecordType, Shape
from sandbox.netsuite.kinds import FORMS, STATIC_NAMES, STATUS_NAMES
from sandbox.netsuite.records.merge import KEYS, key_of
from sandbox.netsuite.records.references import target_family
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value, text

ENUM_NAMES = {
    "creditHoldOverride": {"AUTO": "Auto", "ON": "On", "OFF": "Off"},
    "source": {"restWebServices": "REST Web Services", "CSV": "CSV"},
    "orderStatus": {"A": "Pending Approval", "B": "Pending Fulfillment"},
    "fulfillmentType": {"1": "Ship", "2": "Store Pickup"},
    "symbolPlacement": {"1": "Before Number", "2": "After Number"},
    "emailPreference": {"DEFAULT": "Default", "PDF": "PDF", "HTML": "HTML"},
}
LETTERS = ("status", "orderStatus", "shipStatus")
"""What each record type has its own words for."""
UNLINKED = frozenset({"customForm"})
OWN_NAMES: Mapping[str, Mapping[str, str]] = {
    "customForm": dict(FORMS.values()),
    "receivablesAccount": {"-10": "Use System Preference"},
}
"""What is no record here but has a name."""
CREATED = ("dateCreated", "createdDate")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How much is asked for. Without `base` (addresses start with it) no links are written."""

    base: str = ""
    expand: bool = False
    expanded: frozenset[str] = frozenset()
    """Sublists and subrecords to expand when not all of them are."""
    simple_enumerations: bool = False
    fields: frozenset[str] | None = None
    whole: bool = False
    """As scripts see the account, whatever the record service hides."""


PLAIN = View(expand=True, whole=True)
"""The record form of the journal."""


def render(work: Work, entry: Entry, view: View, self_link: str = "") -> Document:
    """One record. `self_link` repeats the address as the client wrote it."""
    account = work.account
    catalog = account.script_catalog if view.whole else account.catalog
    record = catalog[entry.kind.path]
    address = f"{view.base}/{entry.kind.path}/{entry.id}"
    body = links_to(view, self_link or address)
    writer = Writer(work, entry.kind.name, view)
    for name, value in in_order(_whole(record, entry, view)):
        item = record.properties.get(name)
        if item is None or value is None:
            continue
        if view.fields is not None and name not in view.fields:
            continue
        body[name] = writer.property(item, value, address)
    return body


def in_order(document: Document) -> Iterator[tuple[str, Value]]:
    """Alphabetical without regard to case, as the wire has it; bookkeeping stays inside."""
    for name in sorted(document, key=str.lower):
        if not name.startswith("_"):
            yield name, document[name]


def line_key(sublist: str, line: Document) -> str:
    """What a line's address ends with: its number where it has one, else its key."""
    return text(line, "line") or key_of(line, KEYS.get(sublist, ""))


def _whole(record: RecordType, entry: Entry, view: View) -> Document:
    """The document with what the account keeps beside it; on the wire with what is not set."""
    whole: Document = dict(record.unset) if view.base else {}
    whole.update(entry.document)
    whole["id"] = str(entry.id)
    whole["externalId"] = entry.external_id
    whole["lastModifiedDate"] = entry.modified
    for name in CREATED:
        if name in record.properties:
            whole[name] = entry.created
    return whole


def links_to(view: View, address: str) -> Document:
    return {"links": [{"rel": "self", "href": address}]} if view.base else {}


@dataclass(frozen=True, slots=True)
class Writer:
    work: Work
    kind: str
    view: View

    def property(self, item: Property, value: Value, address: str) -> Value:
        match item.shape:
            case Shape.REFERENCE:
                return self.reference(item, value)
            case Shape.ENUMERATION:
                return self.enumeration(item, value)
            case Shape.SUBLIST:
                return self.sublist(item, value, f"{address}/{item.name}")
            case Shape.SUBRECORD:
                return self.subrecord(item, value, f"{address}/{item.name}")
            case Shape.MULTISELECT:
                return self.multiselect(item, value, f"{address}/{item.name}")
            case _:
                return scalar(item, value)

    def reference(self, item: Property, value: Value) -> Value:
        identifier = text(value, "id") if isinstance(value, dict) else str(value)
        family = target_family(item)
        links: list[Value] = []
        name = STATIC_NAMES.get(item.target.lower(), {}).get(identifier, "")
        if family and identifier.lstrip("-").isdigit():
            kind, name = self.work.store.kind_and_name(family, int(identifier))
            if kind is not None:
                links = [{"rel": "self", "href": f"{self.view.base}/{kind.path}/{identifier}"}]
        name = name or OWN_NAMES.get(item.name, {}).get(identifier, "")
        linked = self.view.base and item.name not in UNLINKED
        body: Document = {"links": links} if linked else {}
        body["id"] = identifier
        if name:
            body["refName"] = name
        return body

    def enumeration(self, item: Property, value: Value) -> Value:
        identifier = text(value, "id") if isinstance(value, dict) else str(value)
        if self.view.simple_enumerations:
            return identifier
        names = STATUS_NAMES.get(self.kind, {}) if item.name in LETTERS else {}
        names = names or ENUM_NAMES.get(item.name, {})
        given = text(value, "refName") if isinstance(value, dict) else ""
        return {"id": identifier, "refName": given or names.get(identifier, identifier)}

    def sublist(self, item: Property, value: Value, address: str) -> Value:
        if not self._expands(item):
            return links_to(self.view, address)
        held = value if isinstance(value, list) else []
        items: list[Value] = [
            self.line(item, line, address, place)
            for place, line in enumerate(held, start=1)
            if isinstance(line, dict)
        ]
        return {**links_to(self.view, address), "items": items, "totalResults": len(items)}

    def _expands(self, item: Property) -> bool:
        return self.view.expand or item.name in self.view.expanded

    def line(self, item: Property, line: Document, address: str, place: int) -> Document:
        at = f"{address}/{line_key(item.name, line) or place}"
        return {**links_to(self.view, at), **self.inner(item, line, at)}

    def inner(self, item: Property, document: Document, address: str) -> Document:
        body: Document = {}
        for name, value in in_order(document):
            part = item.inner.get(name)
            if value is not None:
                body[name] = value if part is None else self.property(part, value, address)
        return body

    def subrecord(self, item: Property, value: Value, address: str) -> Value:
        if not self._expands(item):
            return links_to(self.view, address)
        document = value if isinstance(value, dict) else {}
        return {**links_to(self.view, address), **self.inner(item, document, address)}

    def multiselect(self, item: Property, value: Value, address: str) -> Value:
        """These use the shape of a whole collection even inside a record."""
        if not self._expands(item):
            return links_to(self.view, address)
        held = value.get("items") if isinstance(value, dict) else []
        items = [self.reference(item, one) for one in held] if isinstance(held, list) else []
        counted: Document = {"count": len(items), "hasMore": False, "items": items, "offset": 0}
        return {**links_to(self.view, address), **counted, "totalResults": len(items)}


def scalar(item: Property, value: Value) -> Value:
    """Numbers print with a point; whole ones only where the type is an integer."""
    if item.shape is Shape.NUMBER and isinstance(value, int | Decimal):
        return Decimal(value)
    if item.shape is Shape.INTEGER and isinstance(value, int | Decimal):
        return int(value)
    return value
