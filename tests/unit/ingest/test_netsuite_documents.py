"""NetSuite's texts become values, its wall clock UTC."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from ingest.domain.netsuite_documents import AccountClock, fields_of, measured
from ingest.domain.netsuite_fields import CURRENCY
from ingest.domain.netsuite_transaction_fields import TRANSACTION
from ingest.domain.suiteql import selection

NOW = datetime(2026, 11, 20, 17, 14, 29, tzinfo=UTC)
PACIFIC = timedelta(hours=-8)


def test_values_are_read_by_their_columns_kind() -> None:
    chosen = selection(TRANSACTION, {"total", "status.refName", "tranDate", "memo"}, one_world=True)
    names = {path: name for name, (path, _) in chosen.columns.items()}
    row = {
        names["total"]: "10300.5",
        names["status.refName"]: "Sales Order : Pending Billing/Partially Fulfilled",
        names["tranDate"]: "2026-11-20",
    }
    assert fields_of(row, chosen) == {
        "total": Decimal("10300.5"),
        "status.refName": "Pending Billing/Partially Fulfilled",
        "tranDate": date(2026, 11, 20),
        "memo": None,
    }


def test_flags_and_counts_are_no_texts() -> None:
    chosen = selection(
        CURRENCY, {"isInactive", "isBaseCurrency", "currencyPrecision"}, one_world=True
    )
    names = {path: name for name, (path, _) in chosen.columns.items()}
    row = {names["isInactive"]: "F", names["isBaseCurrency"]: "T", names["currencyPrecision"]: "0"}
    assert fields_of(row, chosen) == {
        "isInactive": False,
        "isBaseCurrency": True,
        "currencyPrecision": 0,
    }


def test_the_offset_is_the_nearest_quarter_of_an_hour() -> None:
    clock = measured("2026-11-20 09:14:31", NOW)
    assert clock.ahead == PACIFIC
    assert clock.wall(NOW) == datetime(2026, 11, 20, 9, 14, 29)
    assert clock.moment("2026-11-20 09:14:00") == datetime(2026, 11, 20, 17, 14, tzinfo=UTC)
    assert measured("2026-11-20 22:59:30", NOW).ahead == timedelta(hours=5, minutes=45)


@pytest.mark.parametrize(
    ("later", "holds"),
    [(timedelta(seconds=20), True), (timedelta(minutes=1), False), (timedelta(seconds=-1), False)],
)
def test_an_offset_holds_until_a_quarter_of_an_hour_is_full(later: timedelta, holds: bool) -> None:
    at = datetime(2026, 11, 1, 8, 59, 30, tzinfo=UTC)
    assert AccountClock(PACIFIC, at).holds(at + later) is holds


def test_the_window_reaches_back_rightly_over_the_end_of_summer_time() -> None:
    """At 09:00 UTC of that day the account's clock goes from 02:00 back to 01:00."""
    before = measured("2026-11-01 01:59:00", datetime(2026, 11, 1, 8, 59, tzinfo=UTC))
    after_at = datetime(2026, 11, 1, 9, 1, tzinfo=UTC)
    assert not before.holds(after_at)
    after = measured("2026-11-01 01:01:00", after_at)
    start = datetime(2026, 11, 1, 8, 54, tzinfo=UTC)
    assert after.wall(start) == datetime(2026, 11, 1, 0, 54)
