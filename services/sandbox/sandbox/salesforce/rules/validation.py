"""The package's validation rules, asked before a record is saved."""

import re

from sandbox.salesforce.derived import RecordFacts
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.formula.evaluate import evaluate
from sandbox.salesforce.formula.parser import FormulaError
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import Row
from sandbox.salesforce.work import Work


def check_validation(work: Work, sobject: SObject, before: Row | None, row: Row) -> None:
    for rule in work.org.validations.get(sobject.name, ()):
        facts = RecordFacts(work.org, work.user, sobject, before, row)
        try:
            broken = evaluate(rule.condition, facts) is True
        except (FormulaError, re.error):
            broken = False
        if broken:
            code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
            raise Refusal(code, rule.message, fields=[rule.field] if rule.field else ())
