"""Custom fields and objects from a source-format metadata project, as a deploy would make them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from xml.etree import ElementTree

from sandbox.salesforce.grants import PermissionSet
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.package_file import NAMESPACE, PackageError, Part, read_part
from sandbox.salesforce.package_rules import (
    ValidationRule,
    formula_of,
    permission_sets,
    record_types,
    summary_of,
    validation_rules,
)
from sandbox.salesforce.schema import Child, Field, RecordType, SObject, sobject

FIELD_KINDS = {
    "Text": ("string", "string", "Data:Text"),
    "LongTextArea": ("textarea", "string", "Data:StringPlusClob"),
    "Html": ("textarea", "string", "Data:HtmlStringPlusClob"),
    "TextArea": ("textarea", "string", "Data:Text"),
    "Email": ("email", "string", "Data:Email"),
    "Phone": ("phone", "string", "Data:Phone"),
    "Url": ("url", "string", "Data:Url"),
    "Number": ("double", "double", "Data:Double"),
    "Currency": ("currency", "double", "Data:Currency"),
    "Percent": ("percent", "double", "Data:Percent"),
    "Checkbox": ("boolean", "boolean", "Data:Boolean"),
    "Date": ("date", "long", "Data:DateOnly"),
    "DateTime": ("datetime", "long", "Data:DateTime"),
    "Picklist": ("picklist", "string", "Data:DynamicEnum"),
    "MultiselectPicklist": ("multipicklist", "string", "Data:MultiEnum"),
    "AutoNumber": ("string", "string", "Data:Text"),
    "Lookup": ("reference", "string", "ForeignKey:EntityId"),
    "MasterDetail": ("reference", "string", "ForeignKey:EntityId"),
    "Summary": ("double", "double", "Data:Double"),
}
LENGTHS = {
    "Email": 80, "Phone": 40, "Url": 255, "Picklist": 255, "TextArea": 255, "Lookup": 18,
    "MasterDetail": 18, "AutoNumber": 30, "MultiselectPicklist": 4099,
}  # fmt: skip
TEXT_FORMULA_LENGTH = 1300
DELETE_CONSTRAINTS = {"Cascade": "cascade", "Restrict": "restrict", "SetNull": "clear"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    fields: Mapping[str, tuple[Field, ...]]
    """By standard object."""
    objects: tuple[SObject, ...] = ()
    children: Mapping[str, tuple[Child, ...]]
    record_types: Mapping[str, tuple[RecordType, ...]] = field(default_factory=dict)
    validations: Mapping[str, tuple[ValidationRule, ...]] = field(default_factory=dict)
    permission_sets: tuple[PermissionSet, ...] = ()


def read_package(root: Path) -> Package:
    """Reads `force-app/main/default/objects` below the project's directory."""
    objects = root / "force-app" / "main" / "default" / "objects"
    fields: dict[str, tuple[Field, ...]] = {}
    children: dict[str, list[Child]] = defaultdict(list)
    custom: list[SObject] = []
    types: dict[str, tuple[RecordType, ...]] = {}
    rules: dict[str, tuple[ValidationRule, ...]] = {}
    serial = 0
    for directory in sorted(objects.iterdir()) if objects.exists() else []:
        made = []
        for path in sorted((directory / "fields").glob("*.field-meta.xml")):
            serial += 1
            part = read_part(path)
            made.append(_field(part, make_id("00N", serial)[:15]))
            _note_children(part, directory.name, children)
        if directory.name.endswith("__c"):
            custom.append(_custom_object(directory, tuple(made), len(custom)))
        else:
            fields[directory.name] = tuple(made)
        found_types = tuple(record_types(directory, sum(map(len, types.values())) + 1))
        types |= {directory.name: found_types} if found_types else {}
        rules[directory.name] = tuple(validation_rules(directory))
    kept = {parent: tuple(found) for parent, found in children.items()}
    return Package(
        fields=fields,
        objects=tuple(replace(made, children=kept.get(made.name, ())) for made in custom),
        children=kept,
        record_types=types,
        validations={name: found for name, found in rules.items() if found},
        permission_sets=tuple(permission_sets(objects.parent)),
    )


def _field(part: Part, identifier: str) -> Field:
    kind = part.needed("type")
    if kind not in FIELD_KINDS:
        raise PackageError(f"{part.path}: type {kind} is not known; use {', '.join(FIELD_KINDS)}")
    sobject_type, event_type, doc = FIELD_KINDS[kind]
    formula = formula_of(part)
    calculated = bool(formula) or kind == "Summary"
    name = part.needed("fullName")
    parent = part.text("referenceTo")
    required = part.flag("required") or kind == "MasterDetail"
    made = Field(
        name=name,
        label=part.needed("label"),
        type=sobject_type,
        length=part.number("length", TEXT_FORMULA_LENGTH if formula else LENGTHS.get(kind, 0)),
        precision=part.number("precision"),
        scale=part.number("scale"),
        nillable=not required and kind != "Checkbox",
        createable=not calculated and kind != "AutoNumber",
        updateable=not calculated and kind not in ("AutoNumber", "MasterDetail"),
        filterable=kind not in ("LongTextArea", "Html"),
        defaulted=kind in ("Checkbox", "AutoNumber"),
        unique=part.flag("unique"),
        case_sensitive=part.flag("caseSensitive"),
        external_id=part.flag("externalId"),
        id_lookup=part.flag("externalId"),
        auto_number=kind == "AutoNumber",
        number_format=part.text("displayFormat"),
        calculated=calculated,
        formula=formula,
        summary=summary_of(part),
        master_detail=kind == "MasterDetail",
        custom=True,
        restricted=_restricted(part),
        reference_to=(parent,) if parent else (),
        relationship=name.removesuffix("__c") + "__r" if parent else "",
        values=tuple(_picklist(part)),
        default=part.flag("defaultValue") if kind == "Checkbox" else _default_value(part),
        help_text=part.text("inlineHelpText"),
        long_text=kind in ("LongTextArea", "Html"),
        event_type="" if formula else event_type,
        event_doc=doc if sobject_type == "reference" else f"{doc}:{identifier}",
    )
    return _with_nature(made, part)


def _with_nature(made: Field, part: Part) -> Field:
    """What the describe tells of a formula, of a relationship and of rich text."""
    master = made.master_detail
    return replace(
        made,
        order=part.number("relationshipOrder") if master else None,
        parent_deletion=_parent_deletion(part),
        master_read_is_enough=master and part.flag("writeRequiresMasterRead"),
        blank_is_zero=bool(made.formula) and part.text("formulaTreatBlanksAs") != "BlankAsBlank",
        html=part.text("type") == "Html",
    )


def _parent_deletion(part: Part) -> str:
    if part.text("type") == "MasterDetail":
        return "cascade"
    return DELETE_CONSTRAINTS.get(part.text("deleteConstraint"), "clear")


def _values(part: Part) -> Iterator[ElementTree.Element]:
    yield from part.element.iter(f"{NAMESPACE}value")


def _picklist(part: Part) -> Iterator[str]:
    for value in _values(part):
        name = value.findtext(f"{NAMESPACE}fullName")
        if name:
            yield name


def _default_value(part: Part) -> str | None:
    for value in _values(part):
        if value.findtext(f"{NAMESPACE}default") == "true":
            return value.findtext(f"{NAMESPACE}fullName")
    return None


def _restricted(part: Part) -> bool:
    return part.element.findtext(f"{NAMESPACE}valueSet/{NAMESPACE}restricted") == "true"


def _note_children(part: Part, owner: str, children: dict[str, list[Child]]) -> None:
    parent = part.text("referenceTo")
    if not parent:
        return
    name = part.text("relationshipName")
    children[parent].append(
        Child(
            child=owner,
            field=part.needed("fullName"),
            relationship=f"{name}__r" if name else "",
            on_delete=_parent_deletion(part),
        )
    )


def _custom_object(directory: Path, fields: tuple[Field, ...], serial: int) -> SObject:
    path = directory / f"{directory.name}.object-meta.xml"
    if not path.exists():
        raise PackageError(f"{path}: a custom object needs this file")
    part = read_part(path)
    name_element = part.element.find(f"{NAMESPACE}nameField")
    if name_element is None:
        raise PackageError(f"{path}: <nameField> is missing; add it")
    name = Part(path, name_element)
    auto = name.text("type") == "AutoNumber"
    owned = not any(field.master_detail for field in fields)
    return sobject(
        name=directory.name,
        label=part.needed("label"),
        plural=part.needed("pluralLabel"),
        prefix=f"a{serial:02d}",
        fields=(*_system_fields(name, auto=auto, owned=owned), *fields),
        capture=True,
        custom=True,
        flags=frozenset("cudrUst"),
    )


def _system_fields(name_part: Part, *, auto: bool, owned: bool) -> tuple[Field, ...]:
    owner = Field(
        name="OwnerId", label="Owner ID", type="reference", length=18, nillable=False,
        defaulted=True, reference_to=("User",), relationship="Owner", event_type="string",
        event_doc="ForeignKey:EntityId",
    )  # fmt: skip
    name = Field(
        name="Name", label=name_part.needed("label"), type="string", length=80, nillable=True,
        defaulted=True, createable=not auto, updateable=not auto, auto_number=auto,
        number_format=name_part.text("displayFormat"), name_field=True, id_lookup=True,
        event_type="string", event_doc="Data:Text",
    )  # fmt: skip
    return (
        _read_only("Id", "Record ID", "id", length=18, id_lookup=True),
        *((owner,) if owned else ()),
        _read_only("IsDeleted", "Deleted", "boolean"),
        name,
        _read_only("CreatedDate", "Created Date", "datetime", event="long"),
        _read_only("CreatedById", "Created By ID", "reference", event="string"),
        _read_only("LastModifiedDate", "Last Modified Date", "datetime", event="long"),
        _read_only("LastModifiedById", "Last Modified By ID", "reference", event="string"),
        _read_only("SystemModstamp", "System Modstamp", "datetime"),
    )


def _read_only(
    name: str, label: str, kind: str, *, length: int = 0, id_lookup: bool = False, event: str = ""
) -> Field:
    reference = kind == "reference"
    docs = {"long": "Data:DateTime", "string": "ForeignKey:EntityId", "": ""}
    return Field(
        name=name, label=label, type=kind, length=18 if reference else length, nillable=False,
        createable=False, updateable=False, defaulted=True, id_lookup=id_lookup,
        reference_to=("User",) if reference else (),
        relationship=name.removesuffix("Id") if reference else "", event_type=event,
        event_doc="CreatedDate:DateTime" if name == "CreatedDate" else docs[event],
    )  # fmt: skip
