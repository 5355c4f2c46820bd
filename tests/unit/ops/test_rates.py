"""What explains a base amount, and how it reads."""

from datetime import date
from decimal import Decimal

import pytest
from typer.testing import CliRunner

from kernel.rate_reports import Booked, explained, month_of
from kernel.rates import Pair
from ops.commands.rates import app
from ops.render.rates import explanation, month_lines

EUR_USD = Pair("EUR", "USD")


def booked(number: str, rate: str, **other: object) -> Booked:
    total = Decimal(str(other.pop("total", "10000.00")))
    plain = {
        "id": number,
        "number": number,
        "day": date(2026, 3, 14),
        "pair": EUR_USD,
        "rate": Decimal(rate),
        "total": total,
        "base_total": total * Decimal(rate),
        **other,
    }
    return Booked(**plain)  # type: ignore[arg-type]  # the test names real fields


ORDER = booked("SO-1", "1.03", rate_day=date(2026, 3, 13))
INVOICE = booked("INV-1", "1.05", day=date(2026, 4, 2))


def test_t3_2_the_difference_is_that_of_the_two_rates() -> None:
    (step,) = explained(ORDER, [INVOICE])
    assert (ORDER.base_total, INVOICE.base_total) == (Decimal(10_300), Decimal(10_500))
    assert (step.by_rate, step.invoice.unexplained) == (Decimal(200), Decimal(0))


def test_t3_2_it_reads_as_order_invoice_and_reason() -> None:
    page = "\n".join(explanation(ORDER, explained(ORDER, [INVOICE]), 120))
    assert "SO-1 of 2026-03-14: 10,000.00 EUR at 1.03 of 2026-03-13 = 10,300.00 USD" in page
    assert "the rate moved from 1.03 to 1.05: +200.00 USD" in page
    assert page.endswith("1 invoice; unexplained: 0.00 USD")


def test_a_partial_invoice_is_compared_with_its_own_share_of_the_order() -> None:
    (step,) = explained(
        ORDER, [booked("INV-2", "1.05", total="333.33", base_total=Decimal("350.00"))]
    )
    assert step.at_order_rate == Decimal("343.33")
    assert step.by_rate == Decimal("6.67")


def test_a_base_amount_that_is_not_the_rates_is_named() -> None:
    wrong = booked("INV-3", "1.05", base_total=Decimal("10500.01"))
    (step,) = explained(ORDER, [wrong])
    assert (step.by_rate, step.invoice.unexplained) == (Decimal(200), Decimal("0.01"))
    assert "unexplained: 0.01 USD" in "\n".join(explanation(ORDER, (step,), 80))


def test_t3_7_a_month_agrees_to_the_cent_and_its_rates_explain_it() -> None:
    ours = [INVOICE, booked("INV-4", "1.04", total="33.33", base_total=Decimal("34.66"))]
    found = month_of(ours, list(ours))
    assert found.agrees
    (euro,) = found.currencies
    assert (euro.netsuite, euro.salesforce) == (Decimal("10033.33"), Decimal("10033.33"))
    assert [share.rate for share in euro.shares] == [Decimal("1.04"), Decimal("1.05")]
    assert sum(share.base_total for share in euro.shares) == euro.base_netsuite
    page = "\n".join(month_lines("2026-04", found, 100))
    assert page.endswith("Both systems agree to the cent; unexplained: 0")


@pytest.mark.parametrize(
    ("ours", "theirs", "named"),
    [
        ([INVOICE], [], "✗ not in Salesforce: INV-1"),
        ([], [INVOICE], "✗ only in Salesforce: INV-1"),
        ([INVOICE], [booked("INV-1", "1.05", total="9999.99")], "✗ not the same: INV-1"),
    ],
)
def test_t3_7_what_does_not_agree_is_named(
    ours: list[Booked], theirs: list[Booked], named: str
) -> None:
    found = month_of(ours, theirs)
    assert not found.agrees
    page = "\n".join(month_lines("2026-04", found, 100))
    assert named in page
    assert "do not agree" in page


@pytest.mark.parametrize("ref", ["1' OR '1'='1", "", "a b", "x" * 61])
def test_what_is_no_reference_is_never_asked_for(ref: str) -> None:
    answer = CliRunner().invoke(app, ["explain", ref], env={"TALLYSTICK_STATE": ""})
    assert answer.exit_code == 2


@pytest.mark.parametrize("period", ["2026-13", "2026", "november"])
def test_what_is_no_month_is_refused_with_how_to_write_one(period: str) -> None:
    answer = CliRunner().invoke(app, ["month", "--period", period])
    assert answer.exit_code == 2
    assert "write it as 2026-11" in answer.stderr
