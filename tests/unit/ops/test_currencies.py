"""Currencies that NetSuite cannot keep, and those that it keeps in its own way."""

from ops.checks.currencies import currency_findings
from ops.checks.finding import Area

AREA = Area("NetSuite")


def test_a_currency_of_three_decimals_is_refused_at_set_up() -> None:
    (found,) = currency_findings(AREA, {"EUR": "2", "KWD": "2", "JPY": "0"})
    assert not found.is_well
    assert "KWD has 3 digits behind the point, NetSuite keeps 2" in found.detail
    assert found.remedy.startswith("Finance:")


def test_where_netsuite_counts_otherwise_its_count_is_named_and_used() -> None:
    (found,) = currency_findings(AREA, {"HUF": "0", "USD": "2", "GBP": ""})
    assert found.is_well
    assert "HUF is kept with 0 digits, ISO 4217 says 2" in found.detail
