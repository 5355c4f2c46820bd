"""What a field can hold, what a document is, and the one way to hash either."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any

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


def value_hash(value: Value) -> str:
    """SHA-256 in hex over the value as JSON that keeps its type, so that "1", 1 and 1.0 hash apart
    or alike rightly."""
    return _sha256(canonical(value))


def content_hash(document: Document) -> str:
    """SHA-256 in hex over names and values; the order of fields does not matter."""
    lines = ",".join(
        f"{_text(name)}:[{','.join(map(_canonical_fields, document.lines[name]))}]"
        for name in sorted(document.lines)
    )
    return _sha256(f'{{"fields":{_canonical_fields(document.fields)},"lines":{{{lines}}}}}')


def canonical(value: Value) -> str:
    """The value as JSON: without blanks, the names of an object in order."""
    write = CANONICAL.get(type(value)) or _inherited(type(value))
    return write(value)


def _inherited(kind: type) -> Callable[[Any], str]:
    """A member of a StrEnum, such as a system, is a text."""
    return next(CANONICAL[base] for base in kind.__mro__ if base in CANONICAL)


def _number(value: int | Decimal) -> str:
    return f'{{"n":"{plain_number(Decimal(value))}"}}'


def _money(value: Money) -> str:
    return f'{{"c":{_text(value.currency)},"m":"{plain_number(value.amount)}"}}'


def _sealed(value: Sealed) -> str:
    return f'{{"s":"{value.ciphertext.hex()}","v":{value.key_version}}}'


_text = json.encoder.encode_basestring
CANONICAL: Mapping[type, Callable[[Any], str]] = {
    NoneType: lambda value: "null",
    bool: lambda value: "true" if value else "false",
    str: _text,
    int: _number,
    Decimal: _number,
    Money: _money,
    datetime: lambda value: f'{{"t":"{value.isoformat()}"}}',
    date: lambda value: f'{{"d":"{value.isoformat()}"}}',
    Sealed: _sealed,
}


def _canonical_fields(fields: Fields) -> str:
    parts = [f"{_text(name)}:{canonical(fields[name])}" for name in sorted(fields)]
    return f"{{{','.join(parts)}}}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
