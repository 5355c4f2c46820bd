"""What a field can hold, what a document is, and the one way to hash either."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Sealed:
    """A personal value under the data key of its subject.

    Sealing is deterministic: the same value of the same field of the same subject has the same
    ciphertext, so hashes and comparisons work on sealed values. `subject` is the ref of the
    record the value is about, `path` the field it was read from (`Account.Name`); both are
    authenticated with the ciphertext and needed to open it.
    """

    subject: str
    path: str
    key_version: int
    ciphertext: bytes = field(repr=False)


Value = None | bool | int | str | Decimal | date | datetime | Money | Sealed
Fields = Mapping[str, Value]
Lines = Mapping[str, tuple[Fields, ...]]


@dataclass(frozen=True, slots=True)
class Document:
    """A root record with its lines, as read at one moment.

    `fields` by path (`Name`, `Account.Name`); `lines` by the name of the list
    (`OpportunityLineItems`, `item`), in the order of the source.
    """

    fields: Fields = field(default_factory=dict)
    lines: Lines = field(default_factory=dict)

    def every_value(self) -> Iterator[Value]:
        yield from self.fields.values()
        for lines in self.lines.values():
            for line in lines:
                yield from line.values()


def plain_number(number: Decimal) -> str:
    """A decimal without exponent and without trailing zeros: equal numbers, equal text."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def canonical(value: Value) -> object:
    """The value as JSON that keeps its type, so that "1", 1 and 1.0 hash apart or alike rightly."""
    match value:
        case None | bool() | str():
            return value
        case int() | Decimal():
            return {"n": plain_number(Decimal(value))}
        case Money():
            return {"m": plain_number(value.amount), "c": value.currency}
        case datetime():
            return {"t": value.isoformat()}
        case date():
            return {"d": value.isoformat()}
        case Sealed():
            return {"s": value.ciphertext.hex(), "v": value.key_version}


def value_hash(value: Value) -> str:
    return _sha256(canonical(value))


def content_hash(document: Document) -> str:
    """SHA-256 in hex over names and values; the order of fields does not matter."""
    return _sha256(
        {
            "fields": _canonical_fields(document.fields),
            "lines": {
                name: [_canonical_fields(line) for line in lines]
                for name, lines in document.lines.items()
            },
        }
    )


def _canonical_fields(fields: Fields) -> dict[str, object]:
    return {name: canonical(value) for name, value in fields.items()}


def _sha256(value: object) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
