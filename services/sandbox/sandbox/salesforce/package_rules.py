"""Record types, validation rules and permission sets from a source-format metadata project."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.salesforce.formula.parser import FormulaError, parse_formula
from sandbox.salesforce.formula.tree import Node
from sandbox.salesforce.grants import RIGHTS, PermissionSet
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.package_file import PackageError, Part, read_part
from sandbox.salesforce.schema import RecordType, Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule:
    """Refuses a record for which `condition` is true; `field` empty puts it on the page."""

    name: str
    condition: Node
    message: str
    field: str


def formula_of(part: Part) -> str:
    """Empty where the field has none."""
    formula = part.text("formula")
    if formula:
        try:
            parse_formula(formula)
        except FormulaError as error:
            raise PackageError(f"{part.path}: <formula>: {error}") from None
    return formula


def summary_of(part: Part) -> Summary | None:
    """Object and field stand in one text, as in NS_Application__c.Amount__c."""
    if part.text("type") != "Summary":
        return None
    child, _, key = part.needed("summaryForeignKey").partition(".")
    operation = part.needed("summaryOperation")
    if operation not in ("sum", "min", "max", "count"):
        words = f"{part.path}: <summaryOperation> is {operation}; use sum, min, max or count"
        raise PackageError(words)
    field = "" if operation == "count" else part.needed("summarizedField").partition(".")[2]
    only = tuple(
        (entry.needed("field").partition(".")[2], entry.needed("operation"), entry.text("value"))
        for entry in part.parts("summaryFilterItems")
    )
    return Summary(child=child, key=key, field=field, operation=operation, only=only)


def record_types(directory: Path, first_serial: int) -> Iterator[RecordType]:
    """Of the object whose directory it is; ids follow the order of the files."""
    paths = sorted((directory / "recordTypes").glob("*.recordType-meta.xml"))
    for serial, path in enumerate(paths, start=first_serial):
        part = read_part(path)
        yield RecordType(
            id=make_id("012", serial),
            name=part.needed("fullName"),
            label=part.needed("label"),
            description=part.text("description"),
            active=part.flag("active"),
        )


def validation_rules(directory: Path) -> Iterator[ValidationRule]:
    """The active ones."""
    for path in sorted((directory / "validationRules").glob("*.validationRule-meta.xml")):
        part = read_part(path)
        if not part.flag("active"):
            continue
        try:
            condition = parse_formula(part.needed("errorConditionFormula"))
        except FormulaError as error:
            raise PackageError(f"{path}: <errorConditionFormula>: {error}") from None
        yield ValidationRule(
            name=part.needed("fullName"),
            condition=condition,
            message=part.needed("errorMessage"),
            field=part.text("errorDisplayField"),
        )


def permission_sets(root: Path) -> Iterator[PermissionSet]:
    """Of the project's main directory."""
    for path in sorted((root / "permissionsets").glob("*.permissionset-meta.xml")):
        part = read_part(path)
        yield PermissionSet(
            name=path.name.removesuffix(".permissionset-meta.xml"),
            label=part.needed("label"),
            fields={
                entry.needed("field"): entry.flag("editable")
                for entry in part.parts("fieldPermissions")
                if entry.flag("readable")
            },
            objects={
                entry.needed("object"): _rights(entry)
                for entry in part.parts("objectPermissions")
                if entry.flag("allowRead")
            },
        )


def _rights(entry: Part) -> frozenset[str]:
    return frozenset("r") | {letter for name, letter in RIGHTS.items() if entry.flag(name)}
