"""The map as data: which field is read, where it is written, who owns it and why it travels."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kernel.maps.filters import Filter
from kernel.records import EVERY_TRANSACTION, TRANSACTION_KINDS, System
from kernel.values import Value


class Owner(StrEnum):
    """Whose value stands when both sides changed a field; OWNERS says it in words."""

    SALESFORCE = "salesforce"
    NETSUITE = "netsuite"
    SALESFORCE_UNTIL_CREATED = "salesforce-until-created"
    SALESFORCE_UNTIL_APPROVED = "salesforce-until-approved"
    SALESFORCE_UNTIL_INVOICED = "salesforce-until-invoiced"
    FIRST_WRITE = "first-write"
    BOTH_MANUAL = "both-manual"

    __hash__ = str.__hash__  # an Enum's own is written in Python


OWNERS: Mapping[Owner, str] = {
    Owner.SALESFORCE: "Salesforce's value stands; a change in NetSuite is undone.",
    Owner.NETSUITE: "NetSuite's value stands; a change in Salesforce is undone.",
    Owner.SALESFORCE_UNTIL_CREATED: (
        "Salesforce's value is written when the record is created in NetSuite; from then on"
        " NetSuite's stands."
    ),
    Owner.SALESFORCE_UNTIL_APPROVED: (
        "Salesforce's value stands until the record is approved in NetSuite; from then on"
        " NetSuite's does."
    ),
    Owner.SALESFORCE_UNTIL_INVOICED: (
        "Salesforce's value stands until the first invoice; from then on NetSuite's does."
    ),
    Owner.FIRST_WRITE: "Whoever fills the empty field first; it is not changed after.",
    Owner.BOTH_MANUAL: "Nobody overwrites the other: a person settles a difference.",
}
"""What each owner means for a reader of the matrix."""


class Retention(StrEnum):
    """How long a value is kept in the log; RETENTIONS says it in words."""

    RECORD = "record"
    FINANCIAL = "financial"
    TECHNICAL = "technical"


RETENTIONS: Mapping[Retention, str] = {
    Retention.RECORD: (
        "as long as the record: a personal value is unreadable for ever once the key of the person"
        " or company it is about is destroyed"
    ),
    Retention.FINANCIAL: (
        "as long as the books must be kept, seven years at least, also where somebody asks to be"
        " forgotten before"
    ),
    Retention.TECHNICAL: "as long as the log: it tells nothing about people",
}

CONVERSIONS: Mapping[str, str] = {
    "currency-id": "ISO code → the currency's id in NetSuite (reference data)",
    "subsidiary-id": "name or id of a subsidiary → its id in NetSuite (reference data)",
    "location-id": "name or id of a location → its id in NetSuite (reference data)",
    "department-id": "name or id of a department → its id in NetSuite (reference data)",
    "class-id": "name or id of a class → its id in NetSuite (reference data)",
    "term-id": "name or id of terms of payment → their id in NetSuite (reference data)",
    "item-id": "product → the NetSuite item it is linked to",
    "customer-id": "account → the NetSuite customer it is linked to",
    "web-address": "adds https:// where the scheme is missing; leaves sealed values alone",
    "is-on": "ON → yes, anything else → no",
    "negated": "yes → no, no → yes",
    "account-id": "customer → the Salesforce account it is linked to",
    "opportunity-id": "sales order → the Salesforce opportunity it is linked to",
    "order-id": "sales order → the Salesforce order it is linked to",
    "country-code": "name of a country → its ISO code; an unknown name is left out",
    "as-it-is": "nothing; the value has another form or moment there, so the two are not compared",
    "as-text": "number → its digits",
    "net-rate": "unit price after the line's discount",
}
"""Names a rule may use under `convert`, each in words; transform holds the functions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Read one source field, write one target field."""

    read: str
    """Field of the source document; empty for a constant."""
    write: str
    owner: Owner
    personal: bool
    purpose: str
    convert: str = ""
    default: Value = None
    """Written where the source field is empty, or always where nothing is read."""
    by_subsidiary: tuple[tuple[str, str], ...] = ()
    """(name or id of a subsidiary, what is written for its orders in place of the default)"""
    optional: bool = False
    """Read where the source has the field; where it does not, the rule does nothing."""
    computed: bool = False
    """The value is made by transform from the whole document, not read as a field."""
    retention: Retention = Retention.RECORD
    place: str = field(default="", repr=False, compare=False)
    """File and line of the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """A field that is read to decide by and not written anywhere."""

    read: str
    purpose: str
    personal: bool = False
    optional: bool = False
    retention: Retention = Retention.RECORD
    place: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMap:
    """How the lines of one list become the lines of another."""

    read: str
    write: str
    """Empty where the lines are only needed to decide."""
    rules: tuple[Rule, ...] = ()
    needed: tuple[Needed, ...] = ()

    def reads(self) -> frozenset[str]:
        return _reads(self.rules, self.needed)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSubject:
    """Whom the personal fields of a document are about: the record `kind` named by field `id`."""

    kind: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMap:
    """One kind of document of one system, written to one kind of record of the other."""

    name: str
    source: System
    source_kind: str
    target: System
    target_kind: str
    part: str
    subject: DataSubject | None
    rules: tuple[Rule, ...]
    lines: tuple[LineMap, ...] = ()
    needed: tuple[Needed, ...] = ()
    filters: tuple[Filter, ...] = ()
    """Asked in this order; the first that applies keeps the document where it is."""
    embeds: Mapping[str, str] = field(default_factory=dict)
    """Parent path → name of the map whose fields are read along with this document's."""
    reads_back: tuple[str, ...] = ()
    """Fields of the target to report after a write."""
    keeps: bool = False
    """The newest document stays at hand for decisions on other records."""
    enabled: bool = True
    """A map that is not enabled ships for those who switch it on in their overlay."""

    def __hash__(self) -> int:
        return hash(self.name)

    def kinds(self) -> frozenset[str]:
        """The kinds of documents that it reads: one, or every kind of transaction."""
        one = frozenset({self.source_kind})
        return TRANSACTION_KINDS if self.source_kind == EVERY_TRANSACTION else one

    def reads(self) -> frozenset[str]:
        return _reads(self.rules, self.needed)

    def personal(self) -> frozenset[str]:
        """Paths of the personal root fields."""
        return _personal(self.rules, self.needed)

    def optional(self) -> frozenset[str]:
        """Root fields that need not be there."""
        found: list[Rule | Needed] = [*self.rules, *self.needed]
        must = {item.read for item in found if not item.optional}
        return frozenset(item.read for item in found if item.optional) - must

    def line_map(self, read: str) -> LineMap | None:
        return next((lines for lines in self.lines if lines.read == read), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Maps:
    """Every map in force, and the hash that names them in commands and outcomes."""

    maps: tuple[RecordMap, ...]
    hash: str
    _by_name: Mapping[str, RecordMap] = field(init=False, repr=False, compare=False)
    _by_kind: Mapping[tuple[System, str], tuple[RecordMap, ...]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        by_kind: dict[tuple[System, str], tuple[RecordMap, ...]] = {}
        for one in self.maps:
            for kind in one.kinds() if one.enabled else ():
                by_kind[one.source, kind] = (*by_kind.get((one.source, kind), ()), one)
        object.__setattr__(self, "_by_kind", by_kind)
        object.__setattr__(self, "_by_name", {one.name: one for one in reversed(self.maps)})

    def __hash__(self) -> int:
        return hash(self.hash)

    def of_source(self, system: System, kind: str) -> RecordMap | None:
        """The first map of a kind of document, where several are written from it."""
        return next(iter(self.of_kind(system, kind)), None)

    def of_kind(self, system: System, kind: str) -> tuple[RecordMap, ...]:
        """Those that are enabled and read this kind of document."""
        return self._by_kind.get((system, kind), ())

    def named(self, name: str) -> RecordMap:
        return self._by_name[name]

    def sources(self, system: System) -> Iterator[RecordMap]:
        """Those that are enabled."""
        return (m for m in self.maps if m.source is system and m.enabled)

    def keeps(self, system: System, kind: str) -> bool:
        """Whether the newest document of each record of this kind stays at hand."""
        return any(m.keeps for m in self.of_kind(system, kind))


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedAs:
    """A personal value that comes back from the side it was written to is sealed as at its origin,
    so that the two can be compared without being opened."""

    kind: str
    """Of the record the value is about, in the other system."""
    id_field: str
    """Field of this document that holds that record's id."""
    path: str
    """Where the value was read first, as `Account.Phone`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that is read of one kind of document: the allow-list of its system."""

    kind: str
    fields: frozenset[str]
    lines: Mapping[str, frozenset[str]]
    personal: frozenset[str]
    personal_lines: Mapping[str, frozenset[str]]
    subject: DataSubject | None
    embedded: Mapping[str, "Reading"]
    guarded: frozenset[str] = frozenset()
    """Of the fields those that are read only because the other side owns them."""
    sealed_as: Mapping[str, "SealedAs"] = field(default_factory=dict)
    """Personal fields that come back from where they were written to, by path."""
    optional: frozenset[str] = frozenset()
    """Of the fields those that need not be there."""


def reading_of(maps: Maps, record_map: RecordMap) -> Reading:
    """What ingest reads of a document, from what the map uses of it."""
    return Reading(
        kind=record_map.source_kind,
        fields=record_map.reads(),
        optional=record_map.optional(),
        lines={lines.read: lines.reads() for lines in record_map.lines},
        personal=record_map.personal(),
        personal_lines={
            lines.read: _personal(lines.rules, lines.needed) for lines in record_map.lines
        },
        subject=record_map.subject,
        embedded={
            path: reading_of(maps, maps.named(name)) for path, name in record_map.embeds.items()
        },
    )


def readings_of(maps: Maps, system: System) -> dict[str, Reading]:
    """All that is read of a system, by kind: what every map of that kind uses."""
    found: dict[str, Reading] = {}
    for record_map in maps.sources(system):
        for kind in sorted(record_map.kinds()):
            reading = replace(reading_of(maps, record_map), kind=kind)
            known = found.get(kind)
            found[kind] = _joined(known, reading) if known else reading
    return found


def _joined(one: Reading, other: Reading) -> Reading:
    return Reading(
        kind=one.kind,
        fields=one.fields | other.fields,
        optional=(one.optional | other.optional)
        - (one.fields - one.optional)
        - (other.fields - other.optional),
        lines=_united(one.lines, other.lines),
        personal=one.personal | other.personal,
        personal_lines=_united(one.personal_lines, other.personal_lines),
        subject=one.subject or other.subject,
        embedded={**other.embedded, **one.embedded},
    )


def _united(
    one: Mapping[str, frozenset[str]], other: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    empty: frozenset[str] = frozenset()
    names = dict.fromkeys([*one, *other])
    return {name: one.get(name, empty) | other.get(name, empty) for name in names}


def _reads(rules: Collection[Rule], needed: Collection[Needed]) -> frozenset[str]:
    read = {rule.read for rule in rules if rule.read and not rule.computed}
    return frozenset(read | {item.read for item in needed})


def _personal(rules: Collection[Rule], needed: Collection[Needed]) -> frozenset[str]:
    mapped = {rule.read for rule in rules if rule.personal and rule.read}
    return frozenset(mapped | {item.read for item in needed if item.personal})
