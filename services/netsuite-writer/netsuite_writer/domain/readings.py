"""What NetSuite tells about a record, as the fields of a document."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from kernel.exact_json import Json, at_path
from kernel.values import Document, Value, plain_number

DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$")


def heads_of(paths: tuple[str, ...]) -> tuple[str, ...]:
    """The fields to ask for: `status` for `status.refName`."""
    return tuple(dict.fromkeys(path.partition(".")[0] for path in paths))


def document_of(paths: tuple[str, ...], record: Mapping[str, Json], record_id: str) -> Document:
    """These paths of a record. What NetSuite leaves out is empty."""
    fields = {path: value_of(path, at_path(record, path)) for path in paths}
    if "id" in fields:
        fields["id"] = record_id or fields["id"]
    return Document(fields)


def value_of(path: str, found: Json) -> Value:
    """A text is a date only in a field whose name says so: a number of a document may look like
    one."""
    match found:
        case dict() | list():
            return None
        case Decimal():
            return Decimal(plain_number(found))
        case str() if path.endswith("Date") and DATE.match(found):
            return date.fromisoformat(found)
        case str() if path.endswith("Date") and INSTANT.match(found):
            return datetime.fromisoformat(found)
        case _:
            return found
