"""What may be given back without an approval: small amounts, at today's rate."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from kernel.sentences import say
from kernel.values import Document
from tests.builders import case, change
from tests.unit.transform.money_builders import TODAY, rate
from tests.unit.transform.refunds.desk import (
    REQUEST,
    Books,
    applied_by,
    code_of,
    credited,
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


def test_what_is_changed_after_its_approval_waits_until_it_is_approved_again() -> None:
    """The invoice is not there yet, so nothing was entered when it is edited."""
    books = Books(None, remembers=True)
    assert code_of(books.decide(request("300.00"))) == "INVOICE_UNKNOWN"
    books.body = invoice()
    edited = books.decide(request("500.00"))
    assert (code_of(edited), edited.commands, edited.credits) == ("APPROVAL_OUTDATED", (), ())
    assert code_of(books.decide(request("500.00"))) == "APPROVAL_OUTDATED", "a second look"
    assert code_of(books.decide(request("500.00", Status__c="Submitted"))) == "AWAITS_APPROVAL"
    [sent] = books.decide(request("500.00")).commands
    assert applied_by(sent) == [("812", Decimal("500.00"))]


def test_an_approval_by_another_or_of_another_moment_is_a_new_one() -> None:
    later = datetime(2026, 11, 21, tzinfo=UTC)
    for again in ({"Approved_By__c": "005xx000001SwiXAAS"}, {"Approved_At__c": later}):
        books = Books(None, remembers=True)
        books.decide(request("300.00"))
        books.body = invoice()
        assert books.decide(request("500.00", **again)).commands


def test_what_is_put_back_as_it_was_approved_goes_on() -> None:
    books = Books(None, remembers=True)
    books.decide(request("300.00"))
    books.body = invoice()
    assert code_of(books.decide(request("500.00"))) == "APPROVAL_OUTDATED"
    assert books.decide(request("300.00")).commands


@pytest.mark.parametrize(
    "edited",
    [
        request("400.00"),
        request("300.00", credited("1", amount="300.00")),
        request("300.00", Refund_Method__c="Pay back"),
        request("300.00", Reason__c="Cancellation"),
    ],
    ids=["amount", "lines", "method", "reason"],
)
def test_nothing_follows_from_an_edit_of_what_was_credited_already(edited: Document) -> None:
    books = Books(invoice(paid="1200"), remembers=True)
    [credit] = books.decide(request("300.00")).commands
    under_way = books.decide(edited)
    assert (code_of(under_way), under_way.commands) == ("REFUND_CHANGED", ())
    books.entered(credit, "900")
    for status in ("Approved", "Submitted", "Approved"):
        again = Document({**edited.fields, "Status__c": status}, edited.lines)
        late = books.decide(again)
        assert (code_of(late), late.commands, late.credits) == ("REFUND_CHANGED", (), ())
    [done] = books.decide(request("300.00")).commands
    assert done.document.fields["Status__c"] == "Done"


def test_what_nobody_had_to_approve_is_compared_with_the_limit_after_an_edit() -> None:
    own = policy({"reason": "Price concession", "auto_limit": "324"})
    books = Books(None, policy=own, rates=AT_1_08, remembers=True)
    assert code_of(books.decide(request("100.00", **SUBMITTED))) == "INVOICE_UNKNOWN"
    books.body = invoice()
    assert code_of(books.decide(request("301.00", **SUBMITTED))) == "OVER_LIMIT"
    [sent] = books.decide(request("200.00", **SUBMITTED)).commands
    assert applied_by(sent) == [("812", Decimal("200.00"))]
    assert code_of(books.decide(request("300.00", **SUBMITTED))) == "REFUND_CHANGED"
