"""NetSuite's rates as dated rates of Salesforce: of the right base, once a currency and day."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kernel.messages import Result
from kernel.records import netsuite
from kernel.values import Document
from tests.builders import case, change, facts
from tests.unit.transform.money_builders import ONE, rate_fields, with_rules
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts
from transform.domain.money_rules.dated_rates import per_corporate
from transform.pipeline import decide

DAY = date(2026, 11, 24)
RATE = netsuite("currencyRate", "4217")


def told(
    value: str, there: Facts | None = None, *, base: str = "USD", corporate: str = "USD"
) -> Decision:
    known = there or facts()
    known = replace(known, references={**known.references, **ONE})
    document = Document(rate_fields(value, DAY, base))
    return decide(case(change(RATE, document)), known, with_rules(corporate_currency=corporate))


def test_a_rate_is_told_as_units_for_one_of_the_corporate_currency() -> None:
    decision = told("1.03")
    (sent,) = decision.commands
    assert str(sent.target) == "salesforce:DatedConversionRate:eid:IsoCode@StartDate:EUR@2026-11-24"
    assert sent.document.lines["DatedConversionRate"] == (
        {"IsoCode": "EUR", "StartDate": DAY, "ConversionRate": Decimal("0.970874")},
    )
    assert decision.references
    known = facts(applied={(sent.target, n): h for n, h in hashes(sent.document).items()})
    assert told("1.03", known).commands == ()
    (revised,) = told("1.04", known).commands
    assert revised.target == sent.target


@pytest.mark.parametrize(
    ("rate", "units"), [("1", "1.000000"), ("0.0067", "149.253731"), ("0.00000001", "100000000")]
)
def test_the_inverse_has_six_digits(rate: str, units: str) -> None:
    assert per_corporate(Decimal(rate)) == Decimal(units)


def test_nothing_is_told_where_nobody_asks_or_the_base_is_another() -> None:
    assert told("1.03", corporate="").commands == ()
    other = told("1.03", base="GBP")
    assert other.commands == ()
    assert other.outcome is not None
    assert (other.outcome.result, other.outcome.code) == (Result.APPLIED, "REFERENCE_STORED")
    assert other.raises == ()


def test_books_without_the_corporate_currency_raise_an_alert() -> None:
    (alert,) = told("1.03", corporate="CHF").raises
    assert alert.code == "RATES_WITHOUT_BASE"
    assert alert.params == {"corporate": "CHF", "bases": "USD"}
