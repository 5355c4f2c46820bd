"""JSON as the vendor's Java writes it: doubles with a point or an E, compact or pretty."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from json.encoder import encode_basestring

INDENT = "  "


def dump(value: object, *, pretty: bool) -> str:
    return "".join(_pretty(value, "") if pretty else _compact(value))


def java_double(value: Decimal) -> str:
    """As `Double.toString`: 10000 is 10000.0, ten million and above 1.0E7."""
    sign = "-" if value < 0 else ""
    digits = abs(value).normalize()
    if digits == 0:
        return "0.0"
    exponent = digits.adjusted()
    if -3 <= exponent < 7:
        text = format(digits, "f")
        return sign + (text if "." in text else f"{text}.0")
    mantissa = format(digits.scaleb(-exponent), "f")
    return f"{sign}{mantissa if '.' in mantissa else f'{mantissa}.0'}E{exponent}"


def _scalar(value: object) -> str:
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, Decimal):
        return java_double(value)
    if isinstance(value, int):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _key(key: object) -> str:
    return encode_basestring(key) if isinstance(key, str) else json.dumps(key, ensure_ascii=False)


def _compact(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        opening = "{"
        for key, entry in value.items():
            yield f"{opening}{_key(key)}:"
            yield from _compact(entry)
            opening = ","
        yield "{}" if opening == "{" else "}"
    elif isinstance(value, list | tuple):
        opening = "["
        for entry in value:
            yield opening
            yield from _compact(entry)
            opening = ","
        yield "[]" if opening == "[" else "]"
    else:
        yield _scalar(value)


def _pretty(value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _pretty_object(value, indent)
    elif isinstance(value, list | tuple):
        yield from _pretty_array(value, indent)
    else:
        yield _scalar(value)


def _pretty_object(value: Mapping[str, object], indent: str) -> Iterator[str]:
    if not value:
        yield "{ }"
        return
    inner = indent + INDENT
    opening = "{\n"
    for key, entry in value.items():
        yield f"{opening}{inner}{_key(key)} : "
        yield from _pretty(entry, inner)
        opening = ",\n"
    yield f"\n{indent}}}"


def _pretty_array(value: Sequence[object], indent: str) -> Iterator[str]:
    if not value:
        yield "[ ]"
        return
    opening = "[ "
    for entry in value:
        yield opening
        yield from _pretty(entry, indent)
        opening = ", "
    yield " ]"
