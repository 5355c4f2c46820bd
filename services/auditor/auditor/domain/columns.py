"""The columns people search by, taken from a record's headers without decoding its body."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from kernel import headers
from kernel.identity import undecodable_event_id
from kernel.messages import Coordinates
from kernel.topics import CHANGES

Headers = tuple[tuple[str, bytes | None], ...]
"""Names and values as they stand in the log, in their order; a name may come twice."""

TEXT_BYTES_MAX = 512
"""A longer value is kept with the headers and gets no column: no index could hold it."""
INTEGER_MAX = 2**31 - 1

T = TypeVar("T")


def place(at: Coordinates) -> tuple[str, int, int]:
    """To sort by."""
    return at.topic, at.partition, at.offset


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """One record of the log, byte for byte."""

    at: Coordinates
    logged_at: datetime
    key: bytes | None
    value: bytes | None
    headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """What stands beside the bytes. None where the record does not say, or not readably."""

    message_id: str | None
    type: str | None
    ref: str | None
    event_id: str | None
    causation: str | None
    target: str | None
    written: str | None
    result: str | None
    code: str | None
    subject: str | None
    round: int | None
    user_id: str | None
    waits_on: str | None
    map_hash: str | None
    operation_id: str | None
    origin: str | None
    event_time: datetime | None


def columns_of(record: LogRecord) -> Columns:
    """Never fails: a foreign or damaged record is stored like any other."""
    found = {name: value for name, value in reversed(record.headers) if value is not None}

    def text(name: str) -> str | None:
        return _read(found, name, _text)

    return Columns(
        message_id=text(headers.CE_ID),
        type=text(headers.CE_TYPE),
        ref=text(headers.CE_SUBJECT),
        event_id=text(headers.CORRELATION) or _stand_in(record.at),
        causation=text(headers.CAUSATION),
        target=text(headers.TARGET),
        written=text(headers.WRITTEN),
        result=text(headers.RESULT),
        code=text(headers.CODE),
        subject=text(headers.SUBJECT_KIND),
        round=_read(found, headers.ROUND, _integer),
        user_id=text(headers.USER),
        waits_on=text(headers.WAITS_ON),
        map_hash=text(headers.MAP),
        operation_id=text(headers.OPERATION),
        origin=text(headers.ORIGIN),
        event_time=_read(found, headers.CE_TIME, _instant),
    )


def _stand_in(at: Coordinates) -> str | None:
    """A record on a topic of changes counts as captured even where it does not say what it is;
    its dead outcome carries the same id."""
    if at.topic not in CHANGES.values():
        return None
    return undecodable_event_id(at.topic, at.partition, at.offset)


def _read(found: Mapping[str, bytes], name: str, read: Callable[[str], T | None]) -> T | None:
    value = found.get(name)
    if not value or len(value) > TEXT_BYTES_MAX:
        return None
    try:
        return read(value.decode())
    except (ValueError, OverflowError):
        return None


def _text(value: str) -> str | None:
    return None if "\0" in value else value


def _integer(value: str) -> int | None:
    number = int(value)
    return number if 0 <= number <= INTEGER_MAX else None


def _instant(value: str) -> datetime | None:
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo else None
