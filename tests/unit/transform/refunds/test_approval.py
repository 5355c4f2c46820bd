"""What may be given back without an approval: small amounts, at today's rate."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from kernel.sentences import say
from tests.builders import case, change
from tests.unit.transform.money_builders import TODAY, rate
from tests.unit.transform.refunds.desk import (
    REQUEST,
    Books,
    code_of,
    invoice,
    policy,
    request,
)
from transform.domain.decisions import Decision
from transform.domain.facts import RateDay, Reference
from transform.domain.refunds.flow import wanted

SUBMITTED = {"Status__c": "Submitted", "Approved_By__c": None}
AT_1_08 = rate("1.08", TODAY)


def decided(
    amount: str, limit: str, rates: Mapping[tuple[str, str], Reference], base: str = "USD"
) -> Decision:
    """On a submitted request; its invoice was booked at 1.10."""
    own = policy({"reason": "Price concession", "auto_limit": limit})
    body = invoice(baseCurrency=base)
    return Books(body, policy=own, rates=rates).decide(request(amount, **SUBMITTED))


@pytest.mark.parametrize(
    ("limit", "amount", "is_sent"),
    [("0", "0.01", False), ("324", "300.00", True), ("323.99", "300.00", False)],
)
def test_the_limit_of_a_reason_is_in_base_currency_at_todays_rate_to_the_cent(
    limit: str, amount: str, is_sent: bool
) -> None:
    """300.00 EUR at today's 1.08 is 324.00 USD, at the invoice's 1.10 it was 330.00."""
    assert bool(decided(amount, limit, AT_1_08).commands) is is_sent


def test_a_decision_by_the_limit_says_which_rate_it_took() -> None:
    small = decided("300.00", "324", AT_1_08)
    assert small.outcome is not None
    assert small.outcome.path[0] == (
        "below the limit of 324 USD: 300.00 EUR is 324.00 USD at NetSuite's rate 1.08 of"
        f" {TODAY.isoformat()}"
    )
    large = decided("300.01", "324", AT_1_08)
    assert (code_of(large), large.commands) == ("OVER_LIMIT", ())
    assert large.outcome is not None
    sentence = say("OVER_LIMIT", large.outcome.params)
    assert "300.01 EUR is 324.01 USD at NetSuite's rate 1.08 of" in sentence
    assert "no more than 324 USD" in sentence


def test_without_a_fresh_rate_somebody_has_to_approve() -> None:
    assert code_of(decided("1.00", "324", {})) == "LIMIT_WITHOUT_RATE"
    old = rate("1.08", TODAY - timedelta(days=9))
    assert code_of(decided("1.00", "324", old)) == "LIMIT_WITHOUT_RATE"


def test_in_the_currency_of_the_books_no_rate_is_needed() -> None:
    assert decided("324.00", "324", {}, base="EUR").commands
    over = decided("324.01", "324", {}, base="EUR")
    assert over.outcome is not None
    assert "324.01 EUR is 324.01 EUR;" in say("OVER_LIMIT", over.outcome.params)


def test_the_rate_is_that_of_the_day_on_which_the_request_was_last_changed() -> None:
    event = change(REQUEST, request(**SUBMITTED))
    assert wanted(case(event), policy()).rates == {RateDay("EUR", TODAY)}
    swept = replace(event, captures=())
    assert wanted(case(swept), policy()).rates == set()
    read = change(REQUEST, request(SystemModstamp=event.captures[0].committed_at))
    assert wanted(case(replace(read, captures=())), policy()).rates == {RateDay("EUR", TODAY)}


def test_an_approval_counts_whatever_the_amount_and_says_by_whom() -> None:
    decision = Books().decide(request("1200.00"))
    assert decision.outcome is not None
    assert decision.outcome.path[0].startswith("approved by 005")
    assert decision.commands[0].document.lines["item"][0]["amount"] == Decimal(1000)
