"""Which rows of a poll are news. NetSuite's dates count minutes, so a row seen within its minute
may have changed again under the same date: it is read now and then until its minute is well
over."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.domain.events import GONE
from ingest.ports import LastReading
from kernel.messages import Version
from kernel.values import Document, content_hash

MINUTE = timedelta(minutes=1)
CUSTOMER, ITEM = "customer", "item"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A row that says when something was last changed or deleted, and by whom."""

    kind: str
    """Type of transaction as searches name it, `customer`, or a deleted record's type."""
    id: str
    at: datetime
    user: str
    deleted: bool = False
    entity: str = ""
    """Id of a transaction's customer; empty where the row does not say."""


@dataclass(frozen=True, slots=True)
class Seen:
    at: datetime
    read_at: datetime
    """The server's time before the record was read."""


class Sightings:
    """What was seen in the window, so that the overlap of two polls is not read twice."""

    def __init__(self, margin: timedelta, again: timedelta) -> None:
        self._margin, self._again = margin, again
        self._seen: dict[tuple[str, str, bool], Seen] = {}

    def news(self, rows: Iterable[Sighting], now: datetime) -> list[Sighting]:
        """Rows with a date that was not seen, and after a while those whose date may hide more."""
        return [row for row in rows if not self._is_settled(row) and not self._rests(row, now)]

    def note(self, rows: Iterable[Sighting], read_at: datetime) -> None:
        self._seen.update({_key(row): Seen(row.at, read_at) for row in rows})

    def forget(self, before: datetime) -> None:
        """Rows older than the window are not asked for again."""
        self._seen = {key: seen for key, seen in self._seen.items() if seen.at >= before}

    def _is_settled(self, row: Sighting) -> bool:
        seen = self._seen.get(_key(row))
        return seen is not None and seen.at == row.at and is_over(row.at, seen, self._margin)

    def _rests(self, row: Sighting, now: datetime) -> bool:
        seen = self._seen.get(_key(row))
        if seen is None or seen.at != row.at:
            return False
        return timedelta(0) <= now - seen.read_at < self._again


def is_over(at: datetime, seen: Seen, margin: timedelta) -> bool:
    """Whether the minute of `at` had ended, and some time more, when the record was read."""
    return minute_of(at) + MINUTE + margin <= seen.read_at


def minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def window_start(
    last: datetime | None, now: datetime, lookback: timedelta, overlap: timedelta
) -> datetime:
    """Where a poll begins; a server clock that was set back moves it back too."""
    if last is None:
        return now - lookback - overlap
    return min(last, now) - overlap


@dataclass(frozen=True, slots=True)
class Poll:
    """`acknowledged`: the last poll all of whose events are in the log."""

    sequence: int
    acknowledged: int

    def decide(
        self,
        last: LastReading | None,
        document: Document | None,
        modified_at: datetime,
        *,
        again: bool = False,
    ) -> LastReading | None:
        """What to send about a document that reads like this now; None where it is no news.

        `again`: what reads as before is told once more, as of now.
        What an unacknowledged poll decided goes out again as it was, so that its id is the same.
        """
        content = content_hash(document) if document else GONE
        if last is None and document is None:
            return None
        if last is None or last.content != content:
            version = next_version(last, modified_at, self.sequence)
            return LastReading(content=content, version=version, sequence=self.sequence)
        if again and last.sequence < self.sequence:
            version = next_version(last, modified_at, self.sequence)
            return LastReading(content=content, version=version, sequence=self.sequence)
        return last if last.sequence > self.acknowledged else None


def next_version(last: LastReading | None, modified_at: datetime, sequence: int) -> Version:
    """By last-modified minute and poll, and never behind what was decided before: a reading may
    be newer though the record's own date is not."""
    version = Version(int(minute_of(modified_at).timestamp()), sequence)
    if last is None or version > last.version:
        return version
    return Version(last.version.major, max(last.version.minor + 1, sequence))


def _key(row: Sighting) -> tuple[str, str, bool]:
    return row.kind, row.id, row.deleted
