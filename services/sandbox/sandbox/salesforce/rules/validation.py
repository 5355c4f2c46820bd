"""The package's validation rules, asked before a record is saved."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.formula.evaluate import Value, evaluate
from sandbox.salesforce.formula.parser import FormulaError
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import EPOCH, Row, show
from sandbox.salesforce.work import Work

GLOBALS = {"$User": "User", "$Organization": "Organization"}


def check_validation(work: Work, sobject: SObject, before: Row | None, row: Row) -> None:
    for rule in work.org.validations.get(sobject.name, ()):
        facts = _Facts(work, sobject, before, row)
        try:
            broken = evaluate(rule.condition, facts) is True
        except (FormulaError, re.error):
            broken = False
        if broken:
            code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
            raise Refusal(code, rule.message, fields=[rule.field] if rule.field else ())


@dataclass(frozen=True, slots=True)
class _Facts:
    """The record that is being saved, and its parents as they are."""

    work: Work
    sobject: SObject
    before: Row | None
    row: Row

    def value(self, parts: Sequence[str]) -> Value:
        return self._value(self.sobject, self.row, parts)

    def prior(self, parts: Sequence[str]) -> Value:
        return self._value(self.sobject, self.before or self.row, parts)

    def is_new(self) -> bool:
        return self.before is None

    def today(self) -> date:
        return self.now().date()

    def now(self) -> datetime:
        return self.work.org.clock.now()

    def _value(self, sobject: SObject, row: Row | None, parts: Sequence[str]) -> Value:
        if row is None:
            return None
        if parts[0] in GLOBALS:
            found = self.work.org.schema.of(GLOBALS[parts[0]])
            key = self.work.user if found.name == "User" else None
            own = self.work.org.row(found, key) if key else None
            return self._value(found, own, parts[1:])
        if len(parts) > 1:
            return self._of_parent(sobject, row, parts)
        field = sobject.field(parts[0])
        if field is None:
            raise FormulaError(f"field {parts[0]} does not exist")
        shown = show(field, row.get(field.name))
        if field.type == "date" and shown is not None:
            return date.fromisoformat(str(shown))
        if field.type == "datetime" and shown is not None:
            return EPOCH + timedelta(seconds=int(row[field.name] or 0))
        if isinstance(shown, bool | str | Decimal) or shown is None:
            return shown
        return Decimal(str(shown))

    def _of_parent(self, sobject: SObject, row: Row, parts: Sequence[str]) -> Value:
        reference = sobject.reference(parts[0])
        target = None
        if reference is not None and reference.reference_to:
            target = self.work.org.schema.find(reference.reference_to[0])
        if reference is None or target is None:
            raise FormulaError(f"relationship {parts[0]} does not exist")
        parent = row.get(reference.name)
        return self._value(target, self.work.org.row(target, parent) if parent else None, parts[1:])
