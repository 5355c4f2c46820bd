"""Values inside a record and how they are read, written and counted."""

import json
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

Value: TypeAlias = "bool | int | Decimal | str | list[Value] | dict[str, Value] | None"
Document: TypeAlias = dict[str, Value]
"""A record as it is stored: references are `{"id": …}`, a sublist is a list of its lines.

Keys that start with an underscore are bookkeeping and never leave the account.
"""
ZERO = Decimal(0)
ONE = Decimal(1)


def load(text: str | bytes) -> Value:
    """Numbers with a point become Decimal; control characters inside strings are let through."""
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")
    if text.startswith("\ufeff"):
        raise json.JSONDecodeError("a byte order mark", text, 0)
    value: Value = DECODER.decode(text)
    return value


def load_document(text: str) -> Document:
    value = load(text)
    if not isinstance(value, dict):
        raise TypeError("a stored record is an object")
    return value


def plain(value: Value) -> object:
    """Decimals as floats: only for images that are shown and never reckoned with."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def dump(value: object) -> str:
    """A Decimal is written as a JSON number with a point; 15 digits survive both ways."""
    return ENCODER.encode(value)


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


DECODER = json.JSONDecoder(parse_float=Decimal, strict=False)
ENCODER = json.JSONEncoder(default=_number, ensure_ascii=False, separators=(",", ":"))


def text(document: Document, name: str) -> str:
    """Empty when absent."""
    value = document.get(name)
    return "" if value is None else str(value)


def flag(document: Document, name: str) -> bool:
    return document.get(name) is True


def number(document: Document, name: str, default: Decimal = ZERO) -> Decimal:
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return default
    return Decimal(value)


def whole(document: Document, name: str, default: int = 0) -> int:
    value = document.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else default


def ref(document: Document, name: str) -> str:
    """The id that a reference or an enumeration holds; empty when absent."""
    value = document.get(name)
    return text(value, "id") if isinstance(value, dict) else ""


def ref_id(document: Document, name: str) -> int:
    """0 when absent or not a number."""
    value = ref(document, name)
    return int(value) if value.lstrip("-").isdigit() else 0


def to(identifier: int | str) -> Document:
    """A reference."""
    return {"id": str(identifier)}


def lines(document: Document, sublist: str) -> list[Document]:
    """The lines of a sublist, the very objects."""
    value = document.get(sublist)
    if not isinstance(value, list):
        return []
    return [line for line in value if isinstance(line, dict)]


def put_lines(document: Document, sublist: str, items: Iterable[Document]) -> None:
    kept: list[Value] = list(items)
    document[sublist] = kept


def copy(document: Document) -> Document:
    return load_document(dump(document))


def rounded(amount: Decimal, precision: int) -> Decimal:
    """Half up to the minor unit of a currency."""
    return amount.quantize(ONE.scaleb(-precision), rounding=ROUND_HALF_UP)
