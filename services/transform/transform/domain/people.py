"""An account that is a person becomes a customer that is one: by first and last name, with the
person's own e-mail address where there is none for invoices."""

from dataclasses import replace

from kernel.values import Document, Fields

MARK, EMAIL = "IsPersonAccount", "PersonEmail"
IS_PERSON, COMPANY, NAMES = "isPerson", "companyName", frozenset({"firstName", "lastName"})
BILLED_BY = "email"


def as_person_or_company(document: Document, account: Fields, prefix: str = "") -> Document:
    """`document` as the map gives it, of an account whose fields stand behind the prefix. An org
    without accounts of persons does not have their fields at all."""
    if account.get(f"{prefix}{MARK}") is not True:
        left_out = NAMES
        return replace(document, fields=_without(document.fields, left_out))
    fields = dict(_without(document.fields, frozenset({COMPANY})))
    if IS_PERSON in fields:
        fields[IS_PERSON] = True
    if BILLED_BY in fields and fields[BILLED_BY] is None:
        fields[BILLED_BY] = account.get(f"{prefix}{EMAIL}")
    return replace(document, fields=fields)


def _without(fields: Fields, names: frozenset[str]) -> Fields:
    return {name: value for name, value in fields.items() if name not in names}
