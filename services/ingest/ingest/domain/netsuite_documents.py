"""NetSuite's answers as documents: values by REST name, the account's clock as UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from ingest.domain.netsuite_columns import Column, Kind
from ingest.domain.suiteql import STAMP_PYTHON, Selection
from ingest.domain.typed import exact, iso_date
from ingest.ports import Row
from kernel.exact_json import Json
from kernel.values import Fields, Value

QUARTER = timedelta(minutes=15)
LABEL_SEPARATOR = " : "
TRUE = frozenset({"T", "true"})


@dataclass(frozen=True, slots=True)
class AccountClock:
    """The account's wall clock stands `ahead` of UTC. The offset holds until it is measured
    again; it changes only at a quarter of an hour."""

    ahead: timedelta
    measured_at: datetime

    def wall(self, moment: datetime) -> datetime:
        return moment.astimezone(UTC).replace(tzinfo=None) + self.ahead

    def moment(self, wall: str) -> datetime:
        """ValueError for a text that is not a moment as we ask for it."""
        return (datetime.strptime(wall, STAMP_PYTHON) - self.ahead).replace(tzinfo=UTC)

    def holds(self, now: datetime) -> bool:
        """Whether no change of the offset can have come between."""
        return timedelta() <= now - self.measured_at and _quarter(now) == _quarter(self.measured_at)


def measured(wall: str, now: datetime) -> AccountClock:
    """From the account's wall clock and the server's UTC, read within a few minutes."""
    naive = datetime.strptime(wall, STAMP_PYTHON)
    ahead = naive - now.astimezone(UTC).replace(tzinfo=None)
    return AccountClock(QUARTER * round(ahead / QUARTER), now)


def fields_of(row: Row, chosen: Selection) -> Fields:
    """Columns the answer leaves out are empty."""
    return {path: _value(row.get(name), column) for name, (path, column) in chosen.columns.items()}


def text_of(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


def _value(raw: Json, column: Column) -> Value:
    if raw is None or raw == "":
        return None
    text = str(raw)
    match column.kind:
        case Kind.LABEL:
            return text.rpartition(LABEL_SEPARATOR)[2]
        case Kind.FLAG:
            return text in TRUE or raw is True
        case Kind.DATE:
            return iso_date(text) or text
        case Kind.NUMBER:
            return _number(text)
        case Kind.COUNT:
            number = _number(text)
            return int(number) if isinstance(number, Decimal) else number
    return text


def _number(text: str) -> Value:
    try:
        return exact(Decimal(text))
    except InvalidOperation:
        return text


def _quarter(moment: datetime) -> int:
    return int(moment.timestamp() // QUARTER.total_seconds())
