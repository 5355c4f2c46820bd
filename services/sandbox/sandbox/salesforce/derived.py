"""Custom fields that are calculated: formulas of a record, roll-ups of its children."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.formula.evaluate import Value, evaluate
from sandbox.salesforce.formula.parser import FormulaError, parse_formula
from sandbox.salesforce.formula.tree import Node
from sandbox.salesforce.org import Org
from sandbox.salesforce.rollups import asks_for_the_day
from sandbox.salesforce.schema import SCALED_TYPES, Field, SObject, Summary
from sandbox.salesforce.values import EPOCH, Row, Stored, seconds_of, show, store

GLOBALS = {"$User": "User", "$Organization": "Organization"}
COMPARISONS = {
    "equals": "=", "notEqual": "<>", "lessThan": "<", "greaterThan": ">", "lessOrEqual": "<=",
    "greaterOrEqual": ">=",
}  # fmt: skip
DEPTH_MAX = 10
NOBODY = ""
"""The platform itself, for formulas that ask who looks."""


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """A record that is being saved, and its parents as they are."""

    org: Org
    user: str
    sobject: SObject
    before: Row | None
    row: Row
    depth: int = 0

    def value(self, parts: Sequence[str]) -> Value:
        return self._value(self.sobject, self.row, parts)

    def prior(self, parts: Sequence[str]) -> Value:
        return self._value(self.sobject, self.before or self.row, parts)

    def is_new(self) -> bool:
        return self.before is None

    def today(self) -> date:
        return self.now().date()

    def now(self) -> datetime:
        return self.org.clock.now()

    def _value(self, sobject: SObject, row: Row | None, parts: Sequence[str]) -> Value:
        if row is None:
            return None
        if parts[0] in GLOBALS:
            found = self.org.schema.of(GLOBALS[parts[0]])
            key = self.user if found.name == "User" else None
            own = self.org.row(found, key) if key else None
            return self._value(found, own, parts[1:])
        if len(parts) > 1:
            return self._of_parent(sobject, row, parts)
        field = sobject.field(parts[0])
        if field is None:
            raise FormulaError(f"field {parts[0]} does not exist")
        if field.formula:
            return self._formula(sobject, row, field)
        return _plain(field, row.get(field.name))

    def _formula(self, sobject: SObject, row: Row, field: Field) -> Value:
        if self.depth >= DEPTH_MAX:
            raise FormulaError(f"{field.name} refers to itself")
        facts = RecordFacts(self.org, self.user, sobject, None, row, self.depth + 1)
        return evaluate(parsed(field.formula), facts)

    def _of_parent(self, sobject: SObject, row: Row, parts: Sequence[str]) -> Value:
        reference = sobject.reference(parts[0])
        target = None
        if reference is not None and reference.reference_to:
            target = self.org.schema.find(reference.reference_to[0])
        if reference is None or target is None:
            raise FormulaError(f"relationship {parts[0]} does not exist")
        parent = row.get(reference.name)
        return self._value(target, self.org.row(target, parent) if parent else None, parts[1:])


@cache
def parsed(formula: str) -> Node:
    return parse_formula(formula)


def formula_values(org: Org, user: str, sobject: SObject, row: Row) -> dict[str, Stored]:
    """What the record's formulas say now, as it is stored; one that cannot be told is blank."""
    facts = RecordFacts(org, user, sobject, None, row)
    found: dict[str, Stored] = {}
    for field in sobject.formulas:
        try:
            found[field.name] = _stored(field, evaluate(parsed(field.formula), facts))
        except (FormulaError, Refusal, InvalidOperation, re.error):
            found[field.name] = 0 if field.type == "boolean" else None
    return found


def summary_value(org: Org, summary: Summary, parent: Stored) -> Stored:
    """The roll-up over the living children of this parent, as it is stored."""
    child = org.schema.find(summary.child)
    if child is None or not child.has(summary.key):
        return None
    what = f'{summary.operation}("{summary.field}")' if summary.field else "count(*)"
    clauses, values = [f'"{summary.key}" = ?'], [parent]
    if child.has("IsDeleted"):
        clauses.append('"IsDeleted" = 0')
    for name, operation, value in summary.only:
        field = child.field(name)
        if field is not None and operation in COMPARISONS:
            clauses.append(f'"{field.name}" {COMPARISONS[operation]} ?')
            values.append(store(field, value))
    sql = f'SELECT {what} FROM "{child.name}" WHERE {" AND ".join(clauses)}'
    found = org.value(sql, *values)
    return 0 if found is None and summary.operation == "sum" else found


def refresh_daily(org: Org) -> None:
    """Formulas that ask for today's date, at the first request of a day."""
    for sobject in org.schema.objects.values():
        if any(asks_for_the_day(parsed(field.formula)) for field in sobject.formulas):
            rows = org.connection.execute(f'SELECT * FROM "{sobject.name}"').fetchall()
            for row in rows:
                write_formulas(org, NOBODY, sobject, dict(row))


def write_formulas(org: Org, user: str, sobject: SObject, row: Mapping[str, Stored]) -> None:
    """Without a stamp: a formula's value is not a change of its record."""
    fresh = formula_values(org, user, sobject, row)
    changed = {name: value for name, value in fresh.items() if row.get(name) != value}
    if changed:
        settings = ", ".join(f'"{name}" = ?' for name in changed)
        org.connection.execute(
            f'UPDATE "{sobject.name}" SET {settings} WHERE "Id" = ?',
            [*changed.values(), row["Id"]],
        )


def _plain(field: Field, stored: Stored) -> Value:
    shown = show(field, stored)
    if field.type == "date" and shown is not None:
        return date.fromisoformat(str(shown))
    if field.type == "datetime" and shown is not None:
        return EPOCH + timedelta(seconds=int(stored or 0))
    if isinstance(shown, bool | str | Decimal) or shown is None:
        return shown
    return Decimal(str(shown))


def _stored(field: Field, value: Value) -> Stored:
    if field.type == "boolean":
        return int(value is True)
    if value is None:
        return None
    if isinstance(value, datetime):
        return seconds_of(value) if field.type == "datetime" else value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if field.type == "percent" and isinstance(value, Decimal):
        return store(field, value * 100)
    if field.type in SCALED_TYPES:
        return store(field, value)
    return str(value)[: field.length] or None
