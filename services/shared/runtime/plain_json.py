"""Values as JSON can carry them, each with its type; sealed ones stay sealed."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from kernel.messages import Coordinates
from kernel.money import Money
from kernel.values import Document, Fields, Sealed, Value

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
JsonObject = dict[str, Json]


def value_to_json(value: Value) -> Json:
    """What JSON has no type for becomes an object with one name: the type."""
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return {"decimal": str(value)}
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Money():
            return {"money": {"amount": str(value.amount), "currency": value.currency}}
        case Sealed():
            return {"sealed": _sealed(value)}


def _sealed(value: Sealed) -> JsonObject:
    return {
        "subject": value.subject,
        "path": value.path,
        "key_version": value.key_version,
        "ciphertext": b64encode(value.ciphertext).decode(),
    }


def fields_to_json(fields: Fields) -> JsonObject:
    return {name: value_to_json(value) for name, value in fields.items()}


def document_to_json(document: Document | None) -> Json:
    if document is None:
        return None
    lines: Mapping[str, Iterable[Fields]] = document.lines
    return {
        "fields": fields_to_json(document.fields),
        "lines": {name: [fields_to_json(line) for line in some] for name, some in lines.items()},
    }


def coordinates_to_json(at: Coordinates) -> JsonObject:
    return {"topic": at.topic, "partition": at.partition, "offset": at.offset}


def instant_to_json(moment: datetime | None) -> Json:
    return None if moment is None else moment.isoformat(timespec="milliseconds")


def text_or_none(value: object) -> str | None:
    return None if value is None else str(value)
