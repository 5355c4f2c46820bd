"""What the org knows about its objects and fields; names are found in any case."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

TEXT_TYPES = frozenset(
    "string textarea picklist multipicklist phone url email combobox encryptedstring".split()
)
SCALED_TYPES = frozenset({"double", "currency", "percent"})
ID_TYPES = frozenset({"id", "reference"})
COMPOUND_TYPES = frozenset({"address", "location"})
NAME_PARTS = ("Salutation", "FirstName", "LastName")


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A roll-up: what a parent's field says about the children whose `key` names it."""

    child: str
    key: str
    field: str
    """Of the child; empty where they are counted."""
    operation: str
    """sum, min, max or count."""
    only: tuple[tuple[str, str, str], ...] = ()
    """Field, operation and value that a child must fulfil to be counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """`scale` counts the decimals; numbers are stored as whole numbers times ten to the scale."""

    name: str
    label: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    defaulted: bool = False
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    auto_number: bool = False
    number_format: str = ""
    """Such as SO-{0000}; empty counts in eight digits."""
    calculated: bool = False
    filled: bool = False
    """A rule of its object fills it in, although the describe calls it required."""
    formula: str = ""
    """Of a custom field; standard ones are calculated by the rules of their object."""
    summary: Summary | None = None
    master_detail: bool = False
    order: int | None = None
    """Of a master-detail field: 0 for the first of its object, 1 for the second."""
    parent_deletion: str = "clear"
    """What becomes of the record when its parent goes: cascade, restrict or clear."""
    master_read_is_enough: bool = False
    """Of a master-detail field: who may read the master may write here."""
    blank_is_zero: bool = False
    """Of a formula."""
    html: bool = False
    id_lookup: bool = False
    name_field: bool = False
    custom: bool = False
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str = ""
    compound: str = ""
    values: tuple[str, ...] = ()
    default: str | bool | None = None
    help_text: str = ""
    long_text: bool = False
    event_type: str = ""
    event_doc: str = ""

    @property
    def stored(self) -> bool:
        return self.type not in COMPOUND_TYPES

    @property
    def required(self) -> bool:
        return not (self.nillable or self.defaulted or self.filled) and self.createable


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A relationship seen from the parent. `on_delete` is cascade, restrict or clear."""

    child: str
    field: str
    relationship: str
    on_delete: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """`id` is fixed by the package's files; the first active one is everybody's default."""

    id: str
    name: str
    label: str
    description: str
    active: bool


MADE_FOR_EACH = frozenset({"CurrencyIsoCode", "RecordTypeId"})
"""Beside auto-numbers: what a new record has depends on who makes it, or of which type it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SObject:
    name: str
    label: str
    plural: str
    prefix: str
    fields: tuple[Field, ...]
    children: tuple[Child, ...] = ()
    capture: bool = False
    custom: bool = False
    flags: frozenset[str] = frozenset()
    record_types: tuple[RecordType, ...] = ()
    _by_name: Mapping[str, Field] = field(default_factory=dict, repr=False)
    _by_relationship: Mapping[str, Field] = field(default_factory=dict, repr=False)
    _stored: tuple[Field, ...] = ()
    _formulas: tuple[Field, ...] = ()
    blank: Mapping[str, int | str | None] = field(default_factory=dict, repr=False)
    """A new record's values, as far as they are the same for all."""
    defaulted: tuple[Field, ...] = ()
    """Fields whose first value is made for each record."""
    references: tuple[Field, ...] = ()
    obliged: tuple[Field, ...] = ()
    """Fields that a record cannot be without, or that cannot be emptied."""

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name.lower())

    def has(self, name: str) -> bool:
        return name.lower() in self._by_name

    def reference(self, relationship: str) -> Field | None:
        return self._by_relationship.get(relationship.lower())

    def child(self, relationship: str) -> Child | None:
        wanted = relationship.lower()
        return next(
            (child for child in self.children if child.relationship.lower() == wanted), None
        )

    @property
    def stored(self) -> tuple[Field, ...]:
        return self._stored

    @property
    def formulas(self) -> tuple[Field, ...]:
        return self._formulas

    @property
    def name_field(self) -> Field | None:
        return next((found for found in self.fields if found.name_field), None)

    @property
    def event(self) -> str:
        """The name of its change event."""
        stem = self.name.removesuffix("__c")
        return f"{stem}__ChangeEvent" if self.custom else f"{stem}ChangeEvent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """Calculated fields of other objects that follow from the records of this one."""

    summaries: tuple[tuple[str, str], ...] = ()
    """Parent object and its roll-up field."""
    formulas: tuple[tuple[str, str, str], ...] = ()
    """Child object, its reference to this one, and the field of this one that it shows."""


NO_FEEDS = Feeds()


@dataclass(frozen=True, kw_only=True)
class Schema:
    objects: Mapping[str, SObject]
    """By lower-case name, in the order of the global describe."""
    feeds: Mapping[str, Feeds] = field(default_factory=dict)
    """By object name."""

    @cached_property
    def prefixes(self) -> Mapping[str, str]:
        """Of ids, by object name."""
        return {found.name: found.prefix for found in self.objects.values()}

    def find(self, name: str) -> SObject | None:
        return self.objects.get(name.lower())

    def of(self, name: str) -> SObject:
        """The object of a name that is known to exist."""
        return self.objects[name.lower()]

    def by_prefix(self, identifier: str) -> SObject | None:
        prefix = identifier[:3]
        return next((found for found in self.objects.values() if found.prefix == prefix), None)

    def by_event(self, event: str) -> SObject | None:
        return next((found for found in self.objects.values() if found.event == event), None)


def sobject(
    *,
    name: str,
    label: str,
    plural: str,
    prefix: str,
    fields: tuple[Field, ...],
    children: tuple[Child, ...] = (),
    capture: bool = False,
    custom: bool = False,
    flags: frozenset[str] = frozenset(),
    record_types: tuple[RecordType, ...] = (),
) -> SObject:
    """An object with its lookup tables built once."""
    return SObject(
        name=name,
        label=label,
        plural=plural,
        prefix=prefix,
        fields=fields,
        children=children,
        capture=capture,
        custom=custom,
        flags=flags,
        record_types=record_types,
        _by_name={entry.name.lower(): entry for entry in fields},
        _by_relationship={
            entry.relationship.lower(): entry for entry in fields if entry.relationship
        },
        _stored=tuple(entry for entry in fields if entry.stored),
        _formulas=tuple(entry for entry in fields if entry.formula),
        blank={entry.name: _blank(entry) for entry in fields if entry.stored},
        obliged=tuple(
            entry for entry in fields if entry.stored and (entry.required or not entry.nillable)
        ),
        references=tuple(entry for entry in fields if entry.stored and entry.type == "reference"),
        defaulted=tuple(
            entry
            for entry in fields
            if entry.stored and (entry.auto_number or entry.name in MADE_FOR_EACH)
        ),
    )


def _blank(entry: Field) -> int | str | None:
    return int(bool(entry.default)) if entry.type == "boolean" else entry.default


def with_fields(
    made: SObject, fields: Iterable[Field], flags: frozenset[str] | None = None
) -> SObject:
    """The same object with other fields, perhaps other rights."""
    return sobject(
        name=made.name,
        label=made.label,
        plural=made.plural,
        prefix=made.prefix,
        fields=tuple(fields),
        children=made.children,
        capture=made.capture,
        custom=made.custom,
        flags=made.flags if flags is None else flags,
        record_types=made.record_types,
    )
