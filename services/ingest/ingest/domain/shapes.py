"""What Salesforce says about the fields a map reads: their types, and the names they change under.

The description of an object (`describe`) tells dates from texts, finds the object behind a list of
lines and the reference behind a dotted path. A mapped field that is not there is a fault.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ingest.ports import Row
from kernel.exact_json import Json
from kernel.maps import Reading

VERSION_FIELD = "SystemModstamp"
CURRENCY_FIELD = "CurrencyIsoCode"
"""Records have it only in an org with many currencies."""


class FieldType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DATE = "date"
    DATETIME = "datetime"


TYPES = {
    "boolean": FieldType.FLAG,
    "currency": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATETIME,
    "double": FieldType.NUMBER,
    "int": FieldType.NUMBER,
    "long": FieldType.NUMBER,
    "percent": FieldType.NUMBER,
}
"""Salesforce's types that are not read as text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedField:
    type: FieldType
    relationship: str
    """Name under which a query reaches the record behind a reference; empty for other fields."""
    references: tuple[str, ...]
    compound: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    kind: str
    field: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """One object as the integration user sees it."""

    fields: Mapping[str, DescribedField]
    children: Mapping[str, Child]
    """By the name under which a query reaches the list."""

    def reference(self, relationship: str) -> tuple[str, DescribedField] | None:
        found = ((n, f) for n, f in self.fields.items() if f.relationship == relationship)
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineShape:
    kind: str
    parent: str
    """The field of the line that names its root record."""
    types: Mapping[str, FieldType]
    watched: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A reading with what Salesforce says about it."""

    reading: Reading
    types: Mapping[str, FieldType]
    """By path as queried, embedded parents included."""
    watched: frozenset[str]
    """Names in change events that touch this reading."""
    guarded: frozenset[str]
    """Names that touch it unless the write was ours."""
    lines: Mapping[str, LineShape]
    constants: Mapping[str, str]
    """What is not read but known, by path: the currency of an org that has one."""


def described(answer: Row) -> Described:
    return Described(
        fields={
            _text(field, "name"): _described_field(field) for field in _rows(answer.get("fields"))
        },
        children={
            _text(child, "relationshipName"): Child(
                kind=_text(child, "childSObject"), field=_text(child, "field")
            )
            for child in _rows(answer.get("childRelationships"))
            if child.get("relationshipName")
        },
    )


def paths_of(reading: Reading) -> Iterator[str]:
    """Every root path a reading queries, those of embedded parents behind their prefix."""
    yield from reading.fields
    for prefix, inner in reading.embedded.items():
        yield from (f"{prefix}.{path}" for path in paths_of(inner))


def fitted(reading: Reading, known: Mapping[str, Described]) -> Reading:
    """Without the fields that need not be there and are not."""
    return _fitted(reading, known[reading.kind], "", known)


def _fitted(
    reading: Reading, root: Described, prefix: str, known: Mapping[str, Described]
) -> Reading:
    absent = {path for path in reading.optional if not _field(root, prefix + path, known)}
    embedded = {
        path: _fitted(inner, root, f"{prefix}{path}.", known)
        for path, inner in reading.embedded.items()
    }
    return replace(reading, fields=reading.fields - absent, embedded=embedded)


def kinds_wanted(reading: Reading, known: Mapping[str, Described]) -> frozenset[str]:
    """Objects to describe before a shape can be made; ask again after each round of answers."""
    if reading.kind not in known:
        return frozenset({reading.kind})
    root = known[reading.kind]
    wanted = set(_kinds_behind(root, paths_of(reading), known))
    for name, fields in reading.lines.items():
        child = root.children.get(name)
        if child and child.kind in known:
            wanted.update(_kinds_behind(known[child.kind], fields, known))
        elif child:
            wanted.add(child.kind)
    return frozenset(wanted)


def faults_of(
    reading: Reading, known: Mapping[str, Described], currency: str = ""
) -> Iterator[str]:
    """Every field or list of a reading that is not there, by name. `currency` is that of an org
    that has one."""
    root, reading = known[reading.kind], fitted(reading, known)
    paths = {*paths_of(reading)} - _constants(reading, known, currency).keys()
    yield from _missing(reading.kind, paths, known)
    for name, fields in reading.lines.items():
        child = root.children.get(name)
        if child is None:
            yield f"{reading.kind} has no list {name}"
        else:
            yield from _missing(child.kind, fields, known)


def shape_of(reading: Reading, known: Mapping[str, Described], currency: str = "") -> Shape:
    root, reading = known[reading.kind], fitted(reading, known)
    constants = _constants(reading, known, currency)
    paths = {*paths_of(reading), VERSION_FIELD} - constants.keys()
    watched = _watched(root, paths - {VERSION_FIELD} - reading.guarded)
    return Shape(
        reading=reading,
        types=_types(root, paths, known),
        watched=watched,
        guarded=_watched(root, reading.guarded) - watched,
        lines={name: _line_shape(root.children[name], reading, name, known)
               for name in reading.lines},
        constants=constants,
    )  # fmt: skip


def _constants(
    reading: Reading, known: Mapping[str, Described], currency: str
) -> Mapping[str, str]:
    return {
        path: currency
        for path in paths_of(reading)
        if currency
        and path.rpartition(".")[2] == CURRENCY_FIELD
        and not _field(known[reading.kind], path, known)
    }


def _line_shape(
    child: Child, reading: Reading, name: str, known: Mapping[str, Described]
) -> LineShape:
    line, fields = known[child.kind], reading.lines[name]
    return LineShape(
        kind=child.kind,
        parent=child.field,
        types=_types(line, fields, known),
        watched=_watched(line, fields),
    )


def _types(
    owner: Described, paths: Collection[str], known: Mapping[str, Described]
) -> dict[str, FieldType]:
    found = {path: _field(owner, path, known) for path in paths}
    return {path: field.type for path, field in found.items() if field}


def _watched(owner: Described, paths: Collection[str]) -> frozenset[str]:
    """A field changes under its own name, under its compound's, or with the reference before it."""
    names: set[str] = set()
    for path in paths:
        head, dot, _ = path.partition(".")
        reference = owner.reference(head) if dot else None
        if reference:
            names.add(reference[0])
        elif head in owner.fields:
            names.update({head, owner.fields[head].compound} - {""})
    return frozenset(names)


def _kinds_behind(
    owner: Described, paths: Iterable[str], known: Mapping[str, Described]
) -> Iterator[str]:
    for path in paths:
        head, dot, rest = path.partition(".")
        reference = owner.reference(head) if dot else None
        kind = reference[1].references[0] if reference and reference[1].references else None
        if kind and kind in known:
            yield from _kinds_behind(known[kind], [rest], known)
        elif kind:
            yield kind


def _missing(kind: str, paths: Iterable[str], known: Mapping[str, Described]) -> Iterator[str]:
    return (f"{kind}.{path}" for path in sorted(paths) if not _field(known[kind], path, known))


def _field(owner: Described, path: str, known: Mapping[str, Described]) -> DescribedField | None:
    head, dot, rest = path.partition(".")
    if not dot:
        return owner.fields.get(head)
    reference = owner.reference(head)
    kinds = [kind for kind in reference[1].references if kind in known] if reference else []
    return _field(known[kinds[0]], rest, known) if kinds else None


def _described_field(field: Row) -> DescribedField:
    references = field.get("referenceTo")
    return DescribedField(
        type=TYPES.get(_text(field, "type"), FieldType.TEXT),
        relationship=_text(field, "relationshipName"),
        references=tuple(map(str, references)) if isinstance(references, list) else (),
        compound=_text(field, "compoundFieldName"),
    )


def _rows(value: Json) -> Iterator[Row]:
    return (
        (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
    )


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return value if isinstance(value, str) else ""
