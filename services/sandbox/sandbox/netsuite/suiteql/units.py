"""TRUNC and ROUND of dates: where the unit of a date begins, and which unit is nearer."""

from datetime import datetime, timedelta

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql.formats import FormatError

WORDS = {
    "DD": "DDD DD J",
    "MM": "MONTH MON MM RM",
    "YEAR": "SYYYY YYYY YEAR SYEAR YYY YY Y",
    "Q": "Q",
    "IW": "IW",
    "W": "W",
    "WW": "WW",
    "DAY": "DAY DY D",
    "HH": "HH HH12 HH24",
    "MI": "MI",
    "CC": "CC SCC",
    "IYYY": "IYYY IYY IY I",
}
UNITS = {word: unit for unit, words in WORDS.items() for word in words.split()}
HALF_YEAR, HALF_MONTH = 7, 16
"""The month, and the day, from which ROUND goes up."""


def truncate_date(value: Cell, unit: Cell = "DD") -> Cell:
    if value is None or unit is None:
        return None
    return _held(_begin(_moment(value), _unit(unit)))


def round_date(value: Cell, unit: Cell = "DD") -> Cell:
    if value is None or unit is None:
        return None
    moment = _moment(value)
    match _unit(unit):
        case "YEAR":
            return _held(datetime(moment.year + (moment.month >= HALF_YEAR), 1, 1))
        case "MM":
            return _held(_month(moment, int(moment.day >= HALF_MONTH)))
        case "Q":
            middle = moment.month % 3 == 0 or (moment.month % 3 == 2 and moment.day >= HALF_MONTH)
            first = moment.replace(month=(moment.month - 1) // 3 * 3 + 1, day=1)
            return _held(_month(first, 3 if middle else 0))
        case "DD" | "HH" | "MI" | "DAY" | "IW" | "W" | "WW" as word:
            return _held(_nearest(moment, word))
        case _:
            raise FormatError(f"bad precision specifier: {unit}")


def _unit(unit: Cell) -> str:
    word = UNITS.get(str(unit).upper())
    if word is None:
        raise FormatError(f"bad precision specifier: {unit}")
    return word


def _begin(moment: datetime, unit: str) -> datetime:
    day = moment.replace(hour=0, minute=0, second=0)
    match unit:
        case "DD":
            return day
        case "MM":
            return day.replace(day=1)
        case "YEAR":
            return day.replace(month=1, day=1)
        case "CC":
            return day.replace(year=(moment.year - 1) // 100 * 100 + 1, month=1, day=1)
        case "Q":
            return day.replace(month=(moment.month - 1) // 3 * 3 + 1, day=1)
        case "IW":
            return day - timedelta(days=moment.weekday())
        case "DAY":
            return day - timedelta(days=(moment.weekday() + 1) % 7)
        case "IYYY":
            return datetime.fromisocalendar(moment.isocalendar().year, 1, 1)
        case "HH":
            return moment.replace(minute=0, second=0)
        case "MI":
            return moment.replace(second=0)
        case _:
            return _week(moment, unit)


def _week(moment: datetime, unit: str) -> datetime:
    """Weeks that begin on the weekday of the year's, or of the month's, first day."""
    day = moment.replace(hour=0, minute=0, second=0)
    first = day.replace(month=1, day=1) if unit == "WW" else day.replace(day=1)
    return day - timedelta(days=(day - first).days % 7)


def _nearest(moment: datetime, unit: str) -> datetime:
    length = {"HH": timedelta(hours=1), "MI": timedelta(minutes=1), "DD": timedelta(days=1)}.get(
        unit, timedelta(days=7)
    )
    begin = _begin(moment, unit)
    return begin + length if moment - begin >= length / 2 else begin


def _month(moment: datetime, later: int) -> datetime:
    years, month = divmod(moment.month - 1 + later, 12)
    return datetime(moment.year + years, month + 1, 1)


def _moment(value: Cell) -> datetime:
    return datetime.fromisoformat(str(value))


def _held(moment: datetime) -> str:
    return moment.isoformat(sep=" ")[:19]
