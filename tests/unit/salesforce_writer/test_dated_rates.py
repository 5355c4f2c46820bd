"""A dated rate is made where there is none, changed where it differs, and left where it stands."""

from decimal import Decimal

from kernel.exact_json import Json
from salesforce_writer.domain.dated_rates import change_of, key_of_rate, query_of_rates


def rate(code: str, day: str, value: str) -> dict[str, Json]:
    return {"IsoCode": code, "StartDate": day, "ConversionRate": Decimal(value)}


def test_only_what_differs_is_written() -> None:
    there: dict[str, Json] = {"Id": "04w1", **rate("EUR", "2026-11-20", "0.970874")}
    standing = {key_of_rate(there): there}
    assert change_of(rate("EUR", "2026-11-20", "0.9708740"), standing) is None
    changed = change_of(rate("EUR", "2026-11-20", "0.98"), standing)
    assert changed == {"id": "04w1", "ConversionRate": Decimal("0.98")}
    new = rate("EUR", "2026-11-21", "0.98")
    assert change_of(new, standing) == new


def test_one_reading_spans_all_that_is_asked() -> None:
    rows = [rate("JPY", "2026-11-21", "1"), rate("EUR", "2026-11-20", "1")]
    query = query_of_rates(rows)
    assert "IsoCode IN ('EUR', 'JPY')" in query
    assert "StartDate >= 2026-11-20 AND StartDate <= 2026-11-21" in query
