"""What records exist in the account and what properties they have: the data files, read once."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from types import MappingProxyType

from sandbox.netsuite.values import Value

DATA = Path(__file__).parent / "data"


class Shape(Enum):
    """How a property is read and written."""

    STRING = "string"
    DATE = "date"
    DATETIME = "date-time"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    REFERENCE = "reference"
    ENUMERATION = "enumeration"
    SUBRECORD = "subrecord"
    SUBLIST = "sublist"
    MULTISELECT = "multiselect"
    LINKS = "links"


PARTS = (
    "addressBook contactRoles currencyList groupPricing itemPricing taxDetails apply credit"
    " deposit expCost itemCost time price correlatedItems locations itemVendor taxRegistration"
    " billingAddress shippingAddress"
).split()
"""Parts of a record that no switched-off feature hides: each has an address, also when empty."""
BOXES = (
    "emailTransactions faxTransactions printTransactions toBeEmailed toBeFaxed toBePrinted"
    " shipComplete shipIsResidential shipOverride isBudgetApproved overrideCurrencyFormat"
).split()
"""Boxes of every form: not ticked they are false and not missing."""
EVER_SHOWN: Mapping[str, Value] = MappingProxyType(
    {**dict.fromkeys(PARTS, ""), **dict.fromkeys(BOXES, False)}
)
SCALARS = {"boolean": Shape.BOOLEAN, "integer": Shape.INTEGER, "number": Shape.NUMBER}


@dataclass(slots=True, kw_only=True)
class Property:
    """One property of a record, of a sublist's line or of a subrecord."""

    name: str
    shape: Shape
    target: str = ""
    """Of a reference: the record it leads to, `nsResource` for any."""
    values: tuple[str, ...] = ()
    """Of an enumeration, when all of them are known."""
    title: str = ""
    format: str = ""
    nullable: bool | None = None
    filterable: bool | None = None
    custom: bool = False
    inner: dict[str, "Property"] = field(default_factory=dict)
    """Of a sublist its line's properties, of a subrecord its own."""


@dataclass(slots=True, kw_only=True)
class RecordType:
    name: str
    properties: dict[str, Property] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    """Properties that this account made mandatory beyond what the record type needs."""
    unset: Mapping[str, Value] = field(default_factory=dict)
    """What is shown of properties that have no value: empty lists, boxes that are not ticked."""
    retyped: frozenset[str] = frozenset()
    """Properties whose type is not the one that values were stored with."""

    def own_name(self, name: str) -> str:
        """A property's name as the catalogue spells it, whatever case it was written in."""
        return spelled(self.properties, name)


def spelled(properties: Mapping[str, Property], name: str) -> str:
    """The same for any set of properties; a name that is not there stays as it is."""
    if name in properties:
        return name
    low = name.lower()
    return next((known for known in properties if known.lower() == low), name)


Catalog = Mapping[str, RecordType]
"""By lower-case name: record types are case-insensitive in addresses."""


def load_catalog() -> Catalog:
    types: dict[str, RecordType] = {}
    rows = sorted(_rows("records.csv"), key=lambda row: row["path"].count("."))
    for row in rows:
        record = types.setdefault(row["record"].lower(), RecordType(name=row["record"]))
        _add(record, row)
    for record in types.values():
        _settle(record.properties)
        record.unset = {
            name: value for name, value in EVER_SHOWN.items() if name in record.properties
        }
    for row in _rows("custom_fields.csv"):
        _add_custom(types, row)
    return types


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def _add(record: RecordType, row: dict[str, str]) -> None:
    *parents, name = row["path"].replace(".items[]", "").split(".")
    owner = record.properties
    for parent in parents:
        owner = owner.setdefault(parent, Property(name=parent, shape=Shape.SUBRECORD)).inner
    values = tuple(row["enum"].split(";")) if row["enum"] else ()
    owner[name] = Property(
        name=name,
        shape=_shape(row),
        target=row["reference"],
        values=values,
        title=row["title"],
        format=row["format"],
        nullable=_yes(row["nullable"]),
        filterable=_yes(row["filterable"]),
        inner=owner[name].inner if name in owner else {},
    )


def _yes(word: str) -> bool | None:
    return {"true": True, "false": False}.get(word)


def _shape(row: dict[str, str]) -> Shape:
    kind = row["type"]
    if kind == "object":
        return Shape.REFERENCE if row["reference"] else Shape.SUBRECORD
    if kind == "collection":
        return Shape.MULTISELECT if row["reference"] else Shape.SUBLIST
    if kind == "array":
        return Shape.LINKS
    if row["format"] in ("date", "date-time"):
        return Shape(row["format"])
    return SCALARS.get(kind, Shape.STRING)


def _settle(properties: dict[str, Property]) -> None:
    """An object that holds only id and refName is an enumeration."""
    for item in properties.values():
        _settle(item.inner)
        if item.shape is Shape.SUBRECORD and set(item.inner) <= {"id", "refName"}:
            choices = item.inner["id"].values if "id" in item.inner else ()
            item.shape = Shape.ENUMERATION
            item.values = () if "..." in choices else choices
            item.inner = {}


def _add_custom(types: dict[str, RecordType], row: dict[str, str]) -> None:
    name, _, sublist = row["record"].partition(".")
    properties = types[name.lower()].properties
    owner = properties[sublist].inner if sublist else properties
    owner[row["scriptid"]] = Property(
        name=row["scriptid"], shape=Shape.STRING, title=row["label"], custom=True
    )
