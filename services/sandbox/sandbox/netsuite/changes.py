"""Metadata that changed overnight: the account's catalogue and search tables under the faults."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from sandbox.faults import Faults, Standing
from sandbox.netsuite.account import Account
from sandbox.netsuite.catalog import Catalog, Property, RecordType, Shape
from sandbox.netsuite.records.render import ENUM_NAMES
from sandbox.netsuite.tables import Column, Tables, Type

SYSTEM = "netsuite"
SHAPES = {
    "string": Shape.STRING,
    "boolean": Shape.BOOLEAN,
    "integer": Shape.INTEGER,
    "number": Shape.NUMBER,
    "date": Shape.DATE,
    "date-time": Shape.DATETIME,
}
TYPES = {
    Shape.INTEGER: Type.NUMBER,
    Shape.NUMBER: Type.NUMBER,
    Shape.DATE: Type.DATE,
    Shape.DATETIME: Type.DATE,
}
GONE, REQUIRED, RETYPED, VALUE_GONE = "field_gone field_required field_retyped value_gone".split()


class Metadata:
    """What there is at this moment; reckoned anew when the rules have been replaced."""

    def __init__(self, account: Account, faults: Faults) -> None:
        self._deployed = account
        self._faults = faults
        self._generation = -1
        self._account = account
        self._tables = account.tables

    @property
    def account(self) -> Account:
        """For the record service. Its search tables are all there: they are written as before."""
        self._follow()
        return self._account

    @property
    def tables(self) -> Tables:
        """For searches."""
        self._follow()
        return self._tables

    def _follow(self) -> None:
        if self._generation == self._faults.generation:
            return
        self._generation = self._faults.generation
        standing = self._faults.standing(SYSTEM)
        catalog = self._deployed.catalog
        self._account, self._tables = self._deployed, self._deployed.tables
        if standing:
            self._account = replace(
                self._deployed,
                catalog=_changed_catalog(catalog, standing),
                script_catalog=_changed_catalog(self._deployed.script_catalog, standing),
            )
            self._tables = _changed_tables(self._deployed.tables, standing)


def _changed_catalog(catalog: Catalog, standing: list[Standing]) -> Catalog:
    return {name: _changed_record(record, standing) for name, record in catalog.items()}


def _changed_record(record: RecordType, standing: list[Standing]) -> RecordType:
    """A copy when a rule names one of its fields, in any depth: `salesorder.item.memo`."""
    prefix = record.name.lower()
    if not any(_reaches(rule, prefix, record.properties) for rule in standing):
        return record
    changed = RecordType(name=record.name, unset=record.unset)
    required, retyped = set[str](), set[str]()
    changed.properties = _copied(record.properties, prefix, standing)
    for name in record.properties:
        for rule in _naming(standing, f"{prefix}.{name}"):
            if rule.effect == REQUIRED and name in changed.properties:
                required.add(name)
            elif rule.effect == RETYPED:
                retyped.add(name)
    changed.required, changed.retyped = frozenset(required), frozenset(retyped)
    return changed


def _reaches(rule: Standing, prefix: str, properties: Mapping[str, Property]) -> bool:
    return any(fnmatchcase(path, rule.path) for path in _paths(prefix, properties))


def _paths(prefix: str, properties: Mapping[str, Property]) -> Iterator[str]:
    for name, item in properties.items():
        path = f"{prefix}.{name}".lower()
        yield path
        if item.inner:
            yield from _paths(path, item.inner)


def _copied(
    properties: Mapping[str, Property], prefix: str, standing: list[Standing]
) -> dict[str, Property]:
    kept: dict[str, Property] = {}
    for name, item in properties.items():
        path = f"{prefix}.{name}".lower()
        rules = list(_naming(standing, path))
        if any(rule.effect == GONE for rule in rules):
            continue
        changed = replace(item, inner=_copied(item.inner, path, standing))
        for rule in rules:
            _change(changed, rule)
        kept[name] = changed
    return kept


def _naming(standing: list[Standing], path: str) -> Iterator[Standing]:
    return (rule for rule in standing if fnmatchcase(path.lower(), rule.path))


def _change(item: Property, rule: Standing) -> None:
    if rule.effect == REQUIRED:
        item.nullable = False
    elif rule.effect == RETYPED:
        item.shape = SHAPES.get(str(rule.body).lower(), Shape.STRING)
        item.format = item.shape.value if item.shape in (Shape.DATE, Shape.DATETIME) else ""
    elif rule.effect == VALUE_GONE:
        known = item.values or tuple(ENUM_NAMES.get(item.name, {}))
        item.values = tuple(value for value in known if value != str(rule.body))


def _changed_tables(tables: Tables, standing: list[Standing]) -> Tables:
    return {table: _changed_columns(table, columns, standing) for table, columns in tables.items()}


def _changed_columns(
    table: str, columns: Mapping[str, Column], standing: list[Standing]
) -> Mapping[str, Column]:
    kept: dict[str, Column] = {}
    for name, column in columns.items():
        rules = list(_naming(standing, f"{table}.{name}"))
        if any(rule.effect == GONE for rule in rules):
            continue
        for rule in rules:
            if rule.effect == RETYPED:
                shape = SHAPES.get(str(rule.body).lower(), Shape.STRING)
                column = replace(column, type=TYPES.get(shape, Type.TEXT))
        kept[name] = column
    return kept
