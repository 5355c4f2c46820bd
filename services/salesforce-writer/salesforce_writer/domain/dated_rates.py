"""Dated rates as they should stand beside those that do: one a currency and day."""

from collections.abc import Iterable, Mapping

from kernel.exact_json import Json
from salesforce_writer.domain.comparing import same
from salesforce_writer.domain.requests import JsonObject, quoted

KIND, CODE, DAY, VALUE = "DatedConversionRate", "IsoCode", "StartDate", "ConversionRate"
CORPORATE = "corporate"
Key = tuple[str, str]


def key_of_rate(row: Mapping[str, Json]) -> Key:
    return str(row[CODE]), str(row[DAY])


def query_of_rates(rows: Iterable[Mapping[str, Json]]) -> str:
    """The rates of these currencies from the first of these days to the last."""
    keys = sorted(map(key_of_rate, rows))
    codes = ", ".join(quoted(code) for code in sorted({code for code, _ in keys}))
    days = [day for _, day in keys]
    return (
        f"SELECT Id, {CODE}, {DAY}, {VALUE} FROM {KIND} WHERE {CODE} IN ({codes})"
        f" AND {DAY} >= {min(days)} AND {DAY} <= {max(days)} ORDER BY Id"
    )


def change_of(row: JsonObject, standing: Mapping[Key, Mapping[str, Json]]) -> JsonObject | None:
    """The record to make, without an id, or to change; None where it stands as it should."""
    there = standing.get(key_of_rate(row))
    if there is None:
        return row
    if same(row[VALUE], there.get(VALUE)):
        return None
    return {"id": there["Id"], VALUE: row[VALUE]}
