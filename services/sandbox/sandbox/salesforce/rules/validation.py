"""What is asked before any record is saved: its owner, and the package's validation rules."""

import re

from sandbox.salesforce.derived import RecordFacts
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.formula.evaluate import evaluate
from sandbox.salesforce.formula.parser import FormulaError
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import Row
from sandbox.salesforce.work import Work

ACTIVE = 'SELECT "IsActive" FROM "User" WHERE "Id" = ?'


def check_validation(work: Work, sobject: SObject, before: Row | None, row: Row) -> None:
    _check_owner(work, sobject, before, row)
    for rule in work.org.validations.get(sobject.name, ()):
        facts = RecordFacts(work.org, work.user, sobject, before, row)
        try:
            broken = evaluate(rule.condition, facts) is True
        except (FormulaError, re.error):
            broken = False
        if broken:
            code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
            raise Refusal(code, rule.message, fields=[rule.field] if rule.field else ())


def _check_owner(work: Work, sobject: SObject, before: Row | None, row: Row) -> None:
    owner = row.get("OwnerId")
    if owner is None or (before is not None and before.get("OwnerId") == owner):
        return
    if owner != work.user and not work.org.value(ACTIVE, owner):
        words = (
            f"operation performed with inactive user [{owner}] as owner of {sobject.label.lower()}"
        )
        raise Refusal("INACTIVE_OWNER_OR_USER", words, fields=())
