"""Values on their way between JSON and the store, with the vendor's complaints about bad ones."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from sandbox.salesforce.errors import NO_PLACE, Refusal, json_error
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.schema import ID_TYPES, SCALED_TYPES, Field

Stored = int | str | None
Row = Mapping[str, Stored]
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PRECISION_MAX = 18
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(rf"{DAY.pattern}([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?", re.I)
YEARS = range(1700, 4001)
"""What dates and times can be, as documented."""


def store(field: Field, value: object) -> Stored:
    """The stored form of a JSON value; an empty text is null."""
    if value is None or value == "":
        return None
    if field.type == "boolean":
        return _boolean(field, value)
    if field.type == "int":
        return _integer(field, value)
    if field.type in SCALED_TYPES:
        return _scaled(field, value)
    if field.type == "date":
        return _date(field, value)
    if field.type == "datetime":
        return _datetime(field, value)
    if field.type in ID_TYPES:
        return _reference(field, value)
    return _text(field, value)


def show(field: Field, stored: Stored) -> object:
    """The JSON value of a stored one: Decimal for numbers with decimals."""
    if stored is None:
        return None
    if field.type == "boolean":
        return bool(stored)
    if field.type in SCALED_TYPES:
        return Decimal(stored).scaleb(-field.scale)
    if field.type == "datetime":
        return show_datetime(int(stored))
    return stored


def show_datetime(seconds: int) -> str:
    moment = EPOCH + timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def seconds_of(moment: datetime) -> int:
    return int((moment - EPOCH).total_seconds())


def scaled(value: Decimal, scale: int) -> int:
    """A number as the whole number that is stored, ties to even."""
    return int(value.scaleb(scale).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


def unscaled(stored: Stored, scale: int) -> Decimal:
    return Decimal(stored or 0).scaleb(-scale)


def _wrong(field: Field, value: object, kind: str) -> Refusal:
    token = {bool: "VALUE_TRUE" if value else "VALUE_FALSE", int: "VALUE_NUMBER_INT"}
    name = token.get(type(value), "VALUE_STRING")
    if isinstance(value, float | Decimal):
        name = "VALUE_NUMBER_FLOAT"
    if isinstance(value, Mapping | list):
        name = "START_OBJECT" if isinstance(value, Mapping) else "START_ARRAY"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    shown = "" if isinstance(value, Mapping | list) else f" value {text}"
    return json_error(
        f"Cannot deserialize instance of {kind} from {name}{shown} or request may be missing"
        f" a required field at {NO_PLACE}",
        field.name,
    )


def _boolean(field: Field, value: object) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return int(value.lower() == "true")
    raise _wrong(field, value, "boolean")


def _number(field: Field, value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _wrong(field, value, field.type)
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _wrong(field, value, field.type) from None
    if not number.is_finite():
        raise _wrong(field, value, field.type)
    return number


def _integer(field: Field, value: object) -> int:
    number = _number(field, value)
    if number != number.to_integral_value():
        raise _wrong(field, value, "int")
    if abs(number) >= 2**31:
        raise _out_of_range(field, value)
    return int(number)


def _scaled(field: Field, value: object) -> int:
    number = _number(field, value)
    whole_digits = (field.precision or PRECISION_MAX) - field.scale
    if number.adjusted() > PRECISION_MAX or abs(number) >= Decimal(10) ** whole_digits:
        raise _out_of_range(field, value)
    return scaled(number, field.scale)


def _out_of_range(field: Field, value: object) -> Refusal:
    message = f"{field.label}: value outside of valid range on numeric field: {value}"
    return Refusal("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[field.name])


def _date(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(field, value, "date")
    try:
        day = date.fromisoformat(value) if DAY.fullmatch(value) else parse_datetime(value).date()
    except (ValueError, OverflowError):
        raise _wrong(field, value, "date") from None
    if day.year not in YEARS:
        raise _wrong(field, value, "date")
    return day.isoformat()


def parse_datetime(text: str) -> datetime:
    """An ISO time with or without an offset; +0000 and Z are both known."""
    if MOMENT.fullmatch(text.strip()) is None:
        raise ValueError("not the form of a time")
    fixed = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text.strip())
    moment = datetime.fromisoformat(fixed)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _datetime(field: Field, value: object) -> int:
    if not isinstance(value, str):
        raise _wrong(field, value, "datetime")
    try:
        moment = parse_datetime(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _wrong(field, value, "datetime") from None
    if moment.year not in YEARS:
        raise _wrong(field, value, "datetime")
    return seconds_of(moment)


def _reference(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise _wrong(field, value, "reference")
    text = value.strip()
    if not is_id(text):
        message = f"{field.label}: id value of incorrect type: {text}"
        raise Refusal("MALFORMED_ID", message, fields=[field.name])
    return normal(text)


def _text(field: Field, value: object) -> str | None:
    if not isinstance(value, str):
        raise _wrong(field, value, "string")
    text = value.strip() if field.type != "textarea" else value.rstrip()
    if not text:
        return None
    if field.length and len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise Refusal("STRING_TOO_LONG", message, fields=[field.name])
    if field.type == "email" and not EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise Refusal("INVALID_EMAIL_ADDRESS", message, fields=[field.name])
    if field.type in ("picklist", "multipicklist"):
        return _picklist(field, text)
    return text


def _picklist(field: Field, text: str) -> str:
    """Known values take their own spelling; unknown ones are kept unless the list is closed."""
    chosen = text.split(";") if field.type == "multipicklist" else [text]
    known = {value.lower(): value for value in field.values}
    for value in chosen:
        if field.restricted and field.values and value.lower() not in known:
            message = f"bad value for restricted picklist field: {value}"
            code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
            raise Refusal(code, message, fields=[field.name])
    return ";".join(known.get(value.lower(), value) for value in chosen)


def check_prefix(field: Field, identifier: str, prefixes: Mapping[str, str]) -> None:
    """A reference must be an id of one of the objects it may point at."""
    allowed = [prefixes[name] for name in field.reference_to if name in prefixes]
    if allowed and identifier[:3] not in allowed:
        raise integrity_of_type(field, identifier)


def integrity_of_type(field: Field, identifier: str) -> Refusal:
    message = f"{field.label}: id value of incorrect type: {identifier}"
    return Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields=[field.name])
