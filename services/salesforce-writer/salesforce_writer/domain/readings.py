"""What Salesforce tells about a record, as the fields of a document."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from kernel.exact_json import Json, at_path
from kernel.values import Document, Value, plain_number

DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
DATE_NAMES = ("Date", "Date__c")
MOMENT_NAMES = (*DATE_NAMES, "Modstamp", "Sync__c")


def document_of(fields: tuple[str, ...], record: Mapping[str, Json]) -> Document:
    """These fields of a record; what is missing in it is empty."""
    return Document({name: value_of(name, at_path(record, name)) for name in fields})


def value_of(name: str, found: Json) -> Value:
    """A text is a date or a moment only in a field whose name says so."""
    match found:
        case dict() | list():
            return None
        case Decimal():
            return Decimal(plain_number(found))
        case str() if name.endswith(DATE_NAMES) and DATE.match(found):
            return date.fromisoformat(found)
        case str() if name.endswith(MOMENT_NAMES) and "T" in found:
            return datetime.fromisoformat(found).astimezone(UTC)
        case _:
            return found
