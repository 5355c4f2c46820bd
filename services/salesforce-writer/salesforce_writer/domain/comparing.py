"""Whether a record as Salesforce tells it holds what a command asks for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from kernel.exact_json import Json, at_path
from salesforce_writer.domain.requests import BY_ID, JsonObject, Row

MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})$")
ID_LENGTH_SHORT = 15


def differences(wanted: Mapping[str, Json], record: Mapping[str, Json]) -> tuple[str, ...]:
    """Fields in which the record differs from what is wanted; others of it do not count."""
    return tuple(name for name, value in wanted.items() if not same(value, at_path(record, name)))


def same(wanted: Json, found: Json) -> bool:
    """Numbers by value, moments by the instant, texts without the spaces at their end."""
    if wanted is None or wanted == "":
        return found is None or found == ""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(wanted, int | Decimal) or isinstance(found, int | Decimal):
        return _number(wanted) == _number(found) is not None
    if isinstance(wanted, str) and isinstance(found, str):
        if MOMENT.match(wanted) and MOMENT.match(found):
            return _moment(wanted) == _moment(found)
        return _text(wanted) == _text(found)
    return wanted == found


def records_of(rows: Sequence[Row], told: Iterable[Json]) -> list[JsonObject | None]:
    """For each row its record among those a query told; None where there is none."""
    found: dict[str, JsonObject] = {}
    for record in told:
        if isinstance(record, dict):
            found[_key(rows[0].key[0], str(record.get(rows[0].key[0], "")))] = record
    return [found.get(_key(*row.key)) for row in rows]


def _key(field: str, value: str) -> str:
    """Ids are told with 18 characters and may be asked for with the first 15; external ids do
    not tell upper from lower case."""
    return value[:ID_LENGTH_SHORT] if field == BY_ID else value.lower()


def _number(value: Json) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()
