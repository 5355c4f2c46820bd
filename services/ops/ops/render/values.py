"""Values out of JSON, and as a person reads them."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kernel.money import Money
from kernel.records import RecordRef
from kernel.sentences import SEALED_TEXT
from kernel.values import Sealed, Value, plain_number
from ops.render.shapes import Json, JsonFields

TEXT_MAX = 60
SHORT_FROM = 12
"""Ids as long as this are shown by their ends."""

Opened = Mapping[Sealed, Value]
"""What the reader may see, by its sealed form."""


def value_of(item: Json) -> Value:
    """ValueError where the auditor speaks of a type that we do not know."""
    if not isinstance(item, dict):
        if isinstance(item, list | float):
            raise ValueError(f"{item!r} is not a value")
        return item
    ((name, content),) = item.items()
    inner: Any = content  # the shape hangs on the name
    match name:
        case "decimal":
            return Decimal(inner)
        case "date":
            return date.fromisoformat(inner)
        case "datetime":
            return datetime.fromisoformat(inner)
        case "money":
            return Money(Decimal(inner["amount"]), inner["currency"])
        case "sealed":
            secret = b64decode(inner["ciphertext"])
            return Sealed(inner["subject"], inner["path"], inner["key_version"], secret)
    raise ValueError(f"{name!r} is not a type of value")


def fields_of(items: JsonFields) -> dict[str, Value]:
    return {name: value_of(item) for name, item in items.items()}


def sealed_in(item: Json) -> Iterator[Sealed]:
    """Every sealed value anywhere inside an answer."""
    if isinstance(item, list):
        for part in item:
            yield from sealed_in(part)
    elif isinstance(item, dict):
        if item.keys() == {"sealed"}:
            value = value_of(item)
            assert isinstance(value, Sealed)
            yield value
        else:
            yield from sealed_in(list(item.values()))


def text_of(value: Value, opened: Opened) -> str:
    """One line, never longer than a line."""
    if isinstance(value, Sealed):
        value = opened.get(value, SEALED_TEXT)
    text = " ".join(_text(value).split())
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1] + "…"


def _text(value: Value) -> str:
    match value:
        case None | "":
            return "empty"
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return plain_number(value)
        case datetime():
            return value.astimezone().isoformat(sep=" ", timespec="seconds")
        case date():
            return value.isoformat()
        case Sealed():
            return SEALED_TEXT
        case _:
            return str(value)


def short(record_id: str) -> str:
    """`006…AAM`; short ids stay whole."""
    return record_id if len(record_id) < SHORT_FROM else f"{record_id[:3]}…{record_id[-3:]}"


def short_ref(ref: str | None) -> str:
    """`Opportunity 006…AAM`, `salesOrder 812`."""
    if not ref:
        return "a record without a name"
    try:
        parsed = RecordRef.parse(ref)
    except ValueError:
        return ref
    if parsed.external_id is not None:
        return f"{parsed.kind} by external id"
    return f"{parsed.kind} {short(parsed.id)}"
