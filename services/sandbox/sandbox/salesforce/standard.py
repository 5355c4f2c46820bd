"""The standard objects, from the tables in `data/`: facts of the vendor's public describes."""

import csv
from collections import defaultdict
from dataclasses import replace
from functools import cache
from pathlib import Path

from sandbox.salesforce.package import Package
from sandbox.salesforce.rollups import feeds_of, with_rollup_types
from sandbox.salesforce.schema import Child, Field, Schema, SObject, sobject, with_fields

DATA = Path(__file__).parent / "data"
DEFAULTS = {
    "Order.Status": "Draft",
    "Contract.Status": "Draft",
    "Case.Status": "New",
    "Case.Priority": "Medium",
    "Case.Origin": None,
    "Quote.Status": None,
    "Pricebook2.IsActive": False,
    "Product2.IsActive": False,
    "User.IsActive": False,
}
FILLED = frozenset({"QuoteLineItem.Product2Id"})
ALWAYS_ON = frozenset({""})
CURRENCY = Field(
    name="CurrencyIsoCode", label="Currency ISO Code", type="picklist", length=3, defaulted=True,
    restricted=True, event_type="string", event_doc="Data:DynamicEnum",
)  # fmt: skip
RECORD_TYPE = Field(
    name="RecordTypeId", label="Record Type ID", type="reference", length=18,
    reference_to=("RecordType",), relationship="RecordType", event_type="string",
    event_doc="ForeignKey:EntityId",
)  # fmt: skip


def org_schema(package: Package, features: frozenset[str]) -> Schema:
    """Standard objects of an org with these features, plus the package's fields and objects."""
    fields = _standard_fields(package, features)
    children = _children()
    objects: dict[str, SObject] = {}
    for row in _rows("objects.csv"):
        name = row["name"]
        if name not in fields:
            continue
        objects[name.lower()] = sobject(
            name=name,
            label=row["label"],
            plural=row["plural"],
            prefix=row["prefix"],
            fields=(*fields[name], *package.fields.get(name, ())),
            children=(*children[name], *package.children.get(name, ())),
            capture=row["capture"] == "yes",
            flags=frozenset(row["flags"]),
            record_types=package.record_types.get(name, ()),
        )
    for custom in package.objects:
        objects[custom.name.lower()] = _custom(custom, package, features)
    typed = with_rollup_types(objects)
    return Schema(objects=typed, feeds=feeds_of(typed))


def _custom(made: SObject, package: Package, features: frozenset[str]) -> SObject:
    """A custom object with the fields that the org's features add, after its name."""
    added = []
    types = package.record_types.get(made.name, ())
    if "multi_currency" in features:
        added.append(CURRENCY)
    if types:
        added.append(RECORD_TYPE)
    place = next(at for at, entry in enumerate(made.fields) if entry.name == "CreatedDate")
    fields = (*made.fields[:place], *added, *made.fields[place:])
    return replace(with_fields(made, fields), record_types=types)


def _standard_fields(package: Package, features: frozenset[str]) -> dict[str, tuple[Field, ...]]:
    found: dict[str, list[Field]] = defaultdict(list)
    for row in _rows("fields.csv"):
        typed = row["feature"] == "record_types" and row["object"] in package.record_types
        if typed or row["feature"] in ALWAYS_ON | features:
            found[row["object"]].append(_field(row))
    return {name: tuple(fields) for name, fields in found.items()}


def _field(row: dict[str, str]) -> Field:
    flags = row["flags"]
    restricted = row["name"] in ("CurrencyIsoCode", "DefaultCurrencyIsoCode")
    made = Field(
        name=row["name"],
        label=row["label"] or row["name"],
        type=row["type"],
        length=int(row["length"] or 0),
        precision=int(row["precision"] or 0),
        scale=int(row["scale"] or 0),
        nillable="n" in flags,
        createable="c" in flags,
        updateable="u" in flags,
        filterable="f" in flags,
        defaulted="d" in flags,
        auto_number="a" in flags,
        calculated="k" in flags,
        id_lookup="l" in flags,
        name_field="m" in flags,
        filled=f"{row['object']}.{row['name']}" in FILLED,
        restricted=restricted,
        reference_to=_split(row["reference"]),
        relationship=row["relationship"],
        compound=row["compound"],
        values=_split(row["values"]),
        event_type=row["event_type"],
        event_doc=row["event_doc"],
        long_text=row["event_doc"] == "Data:StringPlusClob",
    )
    key = f"{row['object']}.{row['name']}"
    return replace(made, default=DEFAULTS[key]) if key in DEFAULTS else made


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


def _children() -> dict[str, list[Child]]:
    found: dict[str, list[Child]] = defaultdict(list)
    for row in _rows("children.csv"):
        found[row["parent"]].append(
            Child(
                child=row["child"],
                field=row["field"],
                relationship=row["relationship"],
                on_delete=row["on_delete"],
            )
        )
    return found


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@cache
def stages() -> dict[str, dict[str, str]]:
    """Opportunity stages by lower-case name: probability, closed, won, category."""
    return {row["stage"].lower(): row for row in _rows("stages.csv")}
