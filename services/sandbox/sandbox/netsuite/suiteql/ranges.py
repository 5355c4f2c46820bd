"""BUILTIN.RELATIVE_RANGES: first and last day of a stretch of days around today."""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType

Days = tuple[date, date]
NEAR = re.compile(r"(?P<way>DAGO|DFN)(?P<count>\d{1,3})")
"""Days ago, and days from now."""


def day_range(code: str, today: date) -> Days | None:
    """None for a code that is not known here. The fiscal year is the calendar year."""
    near = NEAR.fullmatch(code)
    if near is not None:
        count = int(near["count"])
        day = today + timedelta(days=-count if near["way"] == "DAGO" else count)
        return day, day
    if code in RANGES:
        return RANGES[code](today)
    if code.endswith("TD") and code.removesuffix("TD") in RANGES:
        return _to_date(RANGES[code.removesuffix("TD")], today)
    return None


def _to_date(whole: Callable[[date], Days], today: date) -> Days:
    """As far into the stretch as today is into the one of its kind."""
    first, last = whole(today)
    if first <= today <= last:
        return first, today
    length = last - first
    for known in THIS:
        start, end = known(today)
        if abs((end - start) - length) <= timedelta(days=3):
            return first, min(first + (today - start), last)
    return first, last


def _months(count: int, shift: int) -> Callable[[date], Days]:
    """Of 1, 3, 6 or 12 months, counted from the one that holds today."""

    def found(today: date) -> Days:
        index = (today.year * 12 + today.month - 1) // count + shift
        return _first_of(index * count), _first_of((index + 1) * count) - timedelta(days=1)

    return found


def _first_of(month: int) -> date:
    """Of the month with this number since the year 0."""
    return date(month // 12, month % 12 + 1, 1)


def _week(shift: int) -> Callable[[date], Days]:
    """From Sunday to Saturday."""

    def found(today: date) -> Days:
        sunday = today - timedelta(days=(today.weekday() + 1) % 7 - 7 * shift)
        return sunday, sunday + timedelta(days=6)

    return found


def _business_week(shift: int) -> Callable[[date], Days]:
    """From Monday to Friday."""

    def found(today: date) -> Days:
        sunday, saturday = _week(shift)(today)
        return sunday + timedelta(days=1), saturday - timedelta(days=1)

    return found


def _day(shift: int) -> Callable[[date], Days]:
    def found(today: date) -> Days:
        day = today + timedelta(days=shift)
        return day, day

    return found


THIS = (_week(0), _months(1, 0), _months(3, 0), _months(6, 0), _months(12, 0))
RANGES: Mapping[str, Callable[[date], Days]] = MappingProxyType(
    {
        "TODAY": _day(0),
        "YESTERDAY": _day(-1),
        "TOMORROW": _day(1),
        "SDLW": _day(-7),
        "TW": _week(0),
        "LW": _week(-1),
        "NW": _week(1),
        "WBL": _week(-2),
        "WAN": _week(2),
        "TBW": _business_week(0),
        "LBW": _business_week(-1),
        "NBW": _business_week(1),
        "TM": _months(1, 0),
        "LM": _months(1, -1),
        "NM": _months(1, 1),
        "MBL": _months(1, -2),
        "MAN": _months(1, 2),
        "TFQ": _months(3, 0),
        "LFQ": _months(3, -1),
        "NFQ": _months(3, 1),
        "FQBL": _months(3, -2),
        "TFH": _months(6, 0),
        "LFH": _months(6, -1),
        "NFH": _months(6, 1),
        "FHBL": _months(6, -2),
        "TFY": _months(12, 0),
        "LFY": _months(12, -1),
        "NFY": _months(12, 1),
        "FYBL": _months(12, -2),
        "TY": _months(12, 0),
        "LY": _months(12, -1),
        "NY": _months(12, 1),
    }
)
