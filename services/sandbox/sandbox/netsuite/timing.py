"""The account's calendar: its time zone, its date format, its minute."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Los_Angeles")
"""Of the account, of its users and of the database server."""
STAMP = "%Y-%m-%dT%H:%M:%SZ"
LOCAL = "%Y-%m-%d %H:%M:%S"
FORMATS = {"M/d/yyyy": "%m/%d/%Y", "dd.MM.yyyy": "%d.%m.%Y", "yyyy-MM-dd": "%Y-%m-%d"}
CLOCKS = (" %I:%M %p", " %I:%M:%S %p")
"""A 12-hour account."""


def today(now: datetime) -> date:
    return now.astimezone(ZONE).date()


def stamp(moment: datetime) -> str:
    """How the record service writes a time: UTC, and never the seconds."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0).strftime(STAMP)


def local(moment: datetime) -> str:
    """How the search tables hold a time: the wall clock of the account, with the seconds."""
    return moment.astimezone(ZONE).strftime(LOCAL)


@lru_cache(maxsize=512)
def local_minute(stamped: str) -> str:
    """The search table's form of a record service time."""
    moment = datetime.strptime(stamped, STAMP).replace(tzinfo=UTC)
    return local(moment)


def day(iso: str) -> str:
    """A date as the search tables hold it: midnight."""
    return f"{iso} 00:00:00" if iso else ""


def shown(held: str, date_format: str) -> str:
    """A bare date or time of a search result: the account's format, without the clock."""
    year, month, day_ = held[:4], held[5:7], held[8:10]
    if date_format == "M/d/yyyy":
        return f"{int(month)}/{int(day_)}/{year}"
    written = date_format.replace("yyyy", year).replace("MM", month)
    return written.replace("dd", day_)


def parse_account(text: str, date_format: str) -> datetime | None:
    """A literal in the account's format, with or without a 12-hour clock; None when it is not."""
    base = FORMATS[date_format]
    for pattern in (base, *(base + clock for clock in CLOCKS)):
        try:
            return datetime.strptime(text.strip(), pattern)
        except ValueError:
            continue
    return None


def to_utc(wall: datetime) -> datetime:
    """The instant of a wall clock time of the account."""
    return wall.replace(tzinfo=ZONE).astimezone(UTC)


def add_days(iso: str, days: int) -> str:
    return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()
