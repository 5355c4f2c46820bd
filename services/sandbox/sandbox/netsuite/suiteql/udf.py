"""Functions that SQLite lacks or does otherwise: exact decimals, Oracle's dates and strings."""

import calendar
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, DivisionByZero, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql.formats import (
    FormatError,
    date_text,
    number_text,
    read_date,
    read_number,
)

DAY_S = 86400


NUMBER = re.compile(
    r"[+-]?(?:\d{1,1000}(?:\.\d{0,1000})?|\.\d{1,1000})(?:[eE][+-]?\d{1,4})?", re.ASCII
)
MAGNITUDE_MAX = 126
TEXT_MAX = 32_767
"""The longest text that a function may make."""


def exact(value: Cell) -> Decimal:
    """Within the reach of the vendor's numbers: neither endless nor past 10 to the power of 126."""
    if isinstance(value, int):
        return Decimal(value)
    written = repr(value) if isinstance(value, float) else str(value).strip()
    if NUMBER.fullmatch(written) is None:
        raise FormatError(f"invalid number: {value}")
    number = Decimal(written)
    if number and number.adjusted() > MAGNITUDE_MAX:
        raise FormatError("numeric overflow")
    return number if not number or number.adjusted() > -MAGNITUDE_MAX else Decimal(0)


def plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() and abs(value) < 2**53 else float(value)


def add(a: Cell, b: Cell) -> Cell:
    return None if a is None or b is None else plain(exact(a) + exact(b))


def subtract(a: Cell, b: Cell) -> Cell:
    return None if a is None or b is None else plain(exact(a) - exact(b))


def multiply(a: Cell, b: Cell) -> Cell:
    return None if a is None or b is None else plain(exact(a) * exact(b))


def divide(a: Cell, b: Cell) -> Cell:
    if a is None or b is None:
        return None
    try:
        return plain(exact(a) / exact(b))
    except (DivisionByZero, InvalidOperation) as error:
        raise FormatError("divisor is equal to zero") from error


def modulo(a: Cell, b: Cell) -> Cell:
    if a is None or b is None:
        return None
    return plain(exact(a) % exact(b)) if exact(b) else a


def round_number(value: Cell, places: Cell = 0) -> Cell:
    if value is None or places is None:
        return None
    step = Decimal(1).scaleb(-int(places))
    return plain(exact(value).quantize(step, rounding=ROUND_HALF_UP))


def truncate_number(value: Cell, places: Cell = 0) -> Cell:
    if value is None or places is None:
        return None
    return plain(exact(value).quantize(Decimal(1).scaleb(-int(places)), rounding=ROUND_DOWN))


def ceiling(value: Cell) -> Cell:
    return None if value is None else int(exact(value).to_integral_value("ROUND_CEILING"))


def floor(value: Cell) -> Cell:
    return None if value is None else int(exact(value).to_integral_value("ROUND_FLOOR"))


def to_number(value: Cell) -> Cell:
    return None if value is None else plain(exact(value))


def number_as_text(value: Cell, model: Cell = None) -> Cell:
    if value is None:
        return None
    if model is not None:
        return number_text(exact(value), str(model))
    number = exact(value)
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def text_of(value: str | int | float) -> str:
    """How a value without a format is printed: no trailing zeros, no exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    written = repr(value)
    if "e" in written or "n" in written:
        return str(number_as_text(value))
    return written.removesuffix(".0")


def number_read(text: Cell, model: Cell) -> Cell:
    return None if text is None or model is None else plain(read_number(str(text), str(model)))


def date_as_text(value: Cell, model: Cell) -> Cell:
    return None if value is None or model is None else date_text(str(value), str(model))


def text_as_date(value: Cell, model: Cell, today: Cell = "1970-01-01") -> Cell:
    if value is None or model is None:
        return None
    return read_date(str(value), str(model), str(today))


def date_plus(value: Cell, days: Cell) -> Cell:
    if value is None or days is None:
        return None
    seconds = int((exact(days) * DAY_S).to_integral_value(ROUND_HALF_UP))
    return _held(_moment(value) + timedelta(seconds=seconds))


def plus_parts(value: Cell, count: Cell, parts_of_day: Cell) -> Cell:
    """`count` parts of a day later."""
    if value is None or count is None or parts_of_day is None:
        return None
    seconds = exact(count) * DAY_S / int(parts_of_day)
    return _held(_moment(value) + timedelta(seconds=int(seconds.to_integral_value())))


def plus_months(value: Cell, months: Cell) -> Cell:
    """Later by whole months, on the same day: a month that lacks it is refused."""
    if value is None or months is None:
        return None
    moment = _moment(value)
    years, month = divmod(moment.month - 1 + int(exact(months)), 12)
    try:
        return _held(moment.replace(year=moment.year + years, month=month + 1))
    except ValueError as error:
        raise FormatError("date not valid for month specified") from error


def date_minus(a: Cell, b: Cell) -> Cell:
    if a is None or b is None:
        return None
    apart = _moment(a) - _moment(b)
    return plain(Decimal(apart.days * DAY_S + apart.seconds) / DAY_S)


def add_months(value: Cell, months: Cell) -> Cell:
    """The last day of a month stays the last day."""
    if value is None or months is None:
        return None
    moment = _moment(value)
    years, month = divmod(moment.month - 1 + int(exact(months)), 12)
    year = moment.year + years
    last = calendar.monthrange(year, month + 1)[1]
    was_last = moment.day == calendar.monthrange(moment.year, moment.month)[1]
    day = last if was_last else min(moment.day, last)
    return _held(moment.replace(year=year, month=month + 1, day=day))


def months_between(a: Cell, b: Cell) -> Cell:
    if a is None or b is None:
        return None
    late, early = _moment(a), _moment(b)
    whole = (late.year - early.year) * 12 + late.month - early.month
    ends = all(m.day == calendar.monthrange(m.year, m.month)[1] for m in (late, early))
    if late.day == early.day or ends:
        return whole
    seconds = [m.hour * 3600 + m.minute * 60 + m.second for m in (late, early)]
    days = Decimal(late.day - early.day) + Decimal(seconds[0] - seconds[1]) / DAY_S
    return plain(whole + days / 31)


def next_day(value: Cell, name: Cell) -> Cell:
    """The first such weekday after the date."""
    if value is None or name is None:
        return None
    wanted = str(name).strip().upper()
    found = [at for at, day in enumerate(calendar.day_name) if wanted in _names_of(day)]
    if not found:
        raise FormatError("not a valid day of the week")
    moment = _moment(value)
    return _held(moment + timedelta(days=(found[0] - moment.weekday() - 1) % 7 + 1))


def _names_of(day: str) -> tuple[str, str]:
    return day.upper(), day[:3].upper()


def last_day(value: Cell) -> Cell:
    if value is None:
        return None
    moment = _moment(value)
    return _held(moment.replace(day=calendar.monthrange(moment.year, moment.month)[1]))


def date_part(part: Cell, value: Cell) -> Cell:
    if value is None:
        return None
    moment = _moment(value)
    parts = {
        "YEAR": moment.year,
        "MONTH": moment.month,
        "DAY": moment.day,
        "HOUR": moment.hour,
        "MINUTE": moment.minute,
        "SECOND": moment.second,
    }
    return parts[str(part)]


def from_zone(value: Cell, zone: Cell) -> Cell:
    """Held in UTC: the only zoned value this account reckons with."""
    if value is None or zone is None:
        return None
    try:
        known = ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise FormatError(f"timezone region not found: {zone}") from error
    return _held(_moment(value).replace(tzinfo=known).astimezone(UTC))


def _moment(value: Cell) -> datetime:
    return datetime.fromisoformat(str(value))


def _held(moment: datetime) -> str:
    return moment.isoformat(sep=" ")[:19]


def substring(value: Cell, start: Cell, *length: Cell) -> Cell:
    """Counts from 1 (0 is 1), from the end when negative; an empty result is null."""
    if value is None or start is None or None in length:
        return None
    text, begin = str(value), int(start)
    at = begin - 1 if begin > 0 else len(text) + begin if begin < 0 else 0
    if at < 0:
        return None
    until = at + max(int(exact(length[0])), 0) if length else len(text)
    return text[at:until] or None


def position(text: Cell, part: Cell, start: Cell = 1, occurrence: Cell = 1) -> Cell:
    if text is None or part is None or start is None or occurrence is None:
        return None
    if int(occurrence) < 1:
        raise FormatError(f"argument '{occurrence}' is out of range")
    if int(start) < 1:
        return _position_from_end(str(text), str(part), int(start), int(occurrence))
    at = int(start) - 2
    for _ in range(int(occurrence)):
        at = str(text).find(str(part), at + 1)
        if at < 0:
            return 0
    return at + 1


def _position_from_end(text: str, part: str, start: int, occurrence: int) -> int:
    """Backwards from the sign that many places from the end; 0 finds nothing."""
    if start == 0:
        return 0
    end = len(text) + start + len(part)
    at = -1
    for _ in range(occurrence):
        at = text.rfind(part, 0, max(end, 0))
        if at < 0:
            return 0
        end = at + len(part) - 1
    return at + 1


def replaced(text: Cell, part: Cell, new: Cell = None) -> Cell:
    if text is None or part is None:
        return text
    held, other = str(text), "" if new is None else str(new)
    _keep_short(len(held) + held.count(str(part)) * len(other))
    return held.replace(str(part), other) or None


def _keep_short(length: int) -> None:
    if length > TEXT_MAX:
        raise FormatError("result of string concatenation is too long")


def padded_left(text: Cell, width: Cell, fill: Cell = " ") -> Cell:
    return _padded(text, width, fill, left=True)


def padded_right(text: Cell, width: Cell, fill: Cell = " ") -> Cell:
    return _padded(text, width, fill, left=False)


def _padded(text: Cell, width: Cell, fill: Cell, *, left: bool) -> Cell:
    if text is None or width is None or not fill:
        return None
    size, held = int(width), str(text)
    _keep_short(size)
    pad = (str(fill) * size)[: max(size - len(held), 0)]
    return (pad + held if left else held + pad)[:size] or None


def upper(text: Cell) -> Cell:
    return None if text is None else str(text).upper()


def lower(text: Cell) -> Cell:
    return None if text is None else str(text).lower()


def title(text: Cell) -> Cell:
    return None if text is None else str(text).title()


def translated(text: Cell, signs: Cell, others: Cell) -> Cell:
    """Sign by sign; a sign without a counterpart is dropped, and without any all is null."""
    if text is None or signs is None or others is None:
        return None
    table: dict[int, str | None] = {}
    for at, sign in enumerate(str(signs)):
        table.setdefault(ord(sign), str(others)[at : at + 1] or None)
    return str(text).translate(table) or None


def refuse(reason: Cell) -> Cell:
    raise FormatError(str(reason))


PLAIN_FUNCTIONS: dict[str, Callable[..., Cell]] = {
    "ns_add": add,
    "ns_subtract": subtract,
    "ns_multiply": multiply,
    "ns_divide": divide,
    "ns_mod": modulo,
    "ns_round": round_number,
    "ns_trunc": truncate_number,
    "ns_ceil": ceiling,
    "ns_floor": floor,
    "ns_to_number": to_number,
    "ns_text": number_as_text,
    "ns_read_number": number_read,
    "ns_date_text": date_as_text,
    "ns_text_date": text_as_date,
    "ns_date_plus": date_plus,
    "ns_plus_parts": plus_parts,
    "ns_plus_months": plus_months,
    "ns_date_minus": date_minus,
    "ns_add_months": add_months,
    "ns_months_between": months_between,
    "ns_last_day": last_day,
    "ns_next_day": next_day,
    "ns_date_part": date_part,
    "ns_from_zone": from_zone,
    "ns_substr": substring,
    "ns_instr": position,
    "ns_replace": replaced,
    "ns_lpad": padded_left,
    "ns_rpad": padded_right,
    "ns_upper": upper,
    "ns_lower": lower,
    "ns_initcap": title,
    "ns_translate": translated,
    "ns_refuse": refuse,
}


def bad_date(text: str, date_format: str) -> str:
    """The vendor names the format with a short year, whatever the account shows."""
    return (
        f'Parse of date/time "{text}" failed with date format "{date_format.replace("yyyy", "yy")}"'
        " in time zone America/Los_Angeles"
    )
