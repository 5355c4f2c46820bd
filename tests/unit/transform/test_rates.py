"""How old a rate may be, who is told, and what becomes of one that is revised."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from kernel.messages import AlertState
from kernel.rates import business_days, oldest_allowed
from kernel.records import netsuite
from kernel.values import Document, Fields
from tests.builders import (
    DOLLAR,
    EURO,
    OPPORTUNITY,
    POLICY,
    case,
    change,
    opportunity,
    order_link,
)
from tests.unit.transform.money_builders import (
    EUR_USD,
    TODAY,
    decided,
    known,
    order,
    rate,
    rate_fields,
    with_rules,
)
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, RateDay, RateUse, Reference
from transform.domain.money_rules.rules import RateRules
from transform.pipeline import decide, wanted


def test_t3_5_an_order_waits_for_a_fresh_rate_and_finance_is_told() -> None:
    old = TODAY - timedelta(days=9)
    decision = decided(opportunity(), known(rate("1.02", old)))
    outcome = decision.outcome
    assert outcome is not None
    assert (outcome.code, outcome.params["age"], outcome.params["limit"]) == ("RATE_STALE", 7, 1)
    span = "EUR/USD@2026-11-19..EUR/USD@2026-11-20"
    assert outcome.waits_on == netsuite("currencyRate", span)
    (alert,) = decision.raises
    assert (alert.subject, alert.code) == ("netsuite:currencyRate:EUR/USD", "RATES_STALE")
    assert alert.state is AlertState.RAISED
    assert not {"account", "name"} & alert.params.keys()
    assert [command.target for command in decision.commands] == [OPPORTUNITY]


def test_t3_5_the_rate_arrives_and_the_order_follows() -> None:
    decision = decided(opportunity(), known(rate("1.02", TODAY - timedelta(days=9)),
                                            rate("1.03", TODAY)))  # fmt: skip
    assert decision.commands[0].target.kind == "salesOrder"
    assert decision.clears == ("netsuite:currencyRate:EUR/USD",)


def test_a_rate_of_friday_is_fresh_on_monday_and_stale_on_tuesday() -> None:
    friday = date(2026, 11, 20)
    weekend = frozenset({5, 6})
    assert business_days(friday, friday + timedelta(days=3), weekend) == 1
    assert business_days(friday, friday + timedelta(days=4), weekend) == 2
    assert oldest_allowed(friday + timedelta(days=3), 1, weekend) == friday
    assert oldest_allowed(friday, 1, weekend) == friday - timedelta(days=1)
    assert oldest_allowed(friday, 0, weekend) == friday


def test_a_pair_may_have_an_age_of_its_own_or_none_at_all() -> None:
    there = known(rate("1.02", TODAY - timedelta(days=9)))
    for by_pair in ({"EUR/USD": 7}, {"EUR/USD": None}):
        policy = with_rules(rates=RateRules(by_pair=by_pair))
        assert order(opportunity(), there, policy).fields["currency.id"] == EURO.id


def test_the_books_are_those_of_the_customer_where_it_stands_already() -> None:
    """A customer of a company in Germany, whose account says nothing of a subsidiary."""
    fields: Fields = {"currency.refName": "EUR"}
    germany = Reference(kind="subsidiary", id="2", key="2", fields=fields)
    there = known({("subsidiary", "2"): germany})
    customer = Document({"subsidiary.id": "2"})
    there = replace(there, bodies={netsuite("customer", "77"): customer})
    assert decided(opportunity(), there).commands[0].target.kind == "salesOrder"


def test_an_order_in_the_currency_of_the_books_needs_no_rate() -> None:
    document = opportunity(CurrencyIsoCode="USD")
    decision = decided(document, known())
    assert decision.commands[0].document.fields["currency.id"] == DOLLAR.id
    assert decision.clears == ()


def test_before_rates_were_read_an_order_waits_quietly() -> None:
    there = known()
    references = {key: value for key, value in there.references.items()
                  if key[0] != "accountingPeriod"}  # fmt: skip
    decision = decided(opportunity(), replace(there, references=references))
    assert decision.outcome is not None
    assert decision.outcome.code == "WAITS_FOR_REFERENCES"
    assert (decision.commands, decision.raises) == ((), ())


def test_a_day_to_come_is_judged_by_the_day_of_the_change() -> None:
    document = opportunity(CloseDate=date(2026, 11, 28))
    assert order(document, known(rate("1.03", TODAY))).fields["tranDate"] == date(2026, 11, 28)
    asked = wanted(case(change(OPPORTUNITY, document)), POLICY)
    assert asked.rates == {RateDay("EUR", TODAY)}


def test_a_day_before_all_that_is_read_is_not_judged() -> None:
    document = opportunity(CloseDate=TODAY - timedelta(days=60))
    assert order(document, known(rate("1.03", TODAY)))


def test_an_order_that_stands_keeps_its_rate_whatever_becomes_of_the_rates() -> None:
    there = known(rate("1.02", TODAY - timedelta(days=9)))
    there = replace(there, links={**there.links, OPPORTUNITY: order_link()})
    assert order(opportunity(), there)


RATE = netsuite("currencyRate", "4217")
ORDER, INVOICE = netsuite("salesOrder", "812"), netsuite("invoice", "900")


def rate_decided(value: str, day: date, there: Facts) -> Decision:
    return decide(case(change(RATE, Document(rate_fields(value, day)))), there, POLICY)


def use(ref_day: date, value: str, ref: object = INVOICE) -> RateUse:
    return RateUse(ref=ref, pair=EUR_USD, day=ref_day, rate=Decimal(value))  # type: ignore[arg-type]  # a ref


def test_a_rate_is_kept_under_its_pair_and_day() -> None:
    decision = rate_decided("1.03", TODAY, known())
    assert [item.key for item in decision.references] == ["EUR/USD@2026-11-20"]
    assert decision.references[0].fields["exchangeRate"] == "1.03"
    assert decision.raises == ()


def test_a_revised_rate_lists_what_was_booked_and_rewrites_nothing() -> None:
    there = replace(known(rate("1.03", TODAY)), rate_uses=(use(TODAY, "1.03"),))
    decision = rate_decided("1.04", TODAY, there)
    (alert,) = decision.raises
    assert (alert.code, alert.params["documents"]) == ("RATE_REVISED", "invoice 900")
    assert (alert.params["old"], alert.params["new"]) == (Decimal("1.03"), Decimal("1.04"))
    assert decision.commands == ()


def test_a_rate_that_nobody_used_is_revised_in_silence() -> None:
    there = replace(known(rate("1.03", TODAY)), rate_uses=(use(TODAY, "1.05"),))
    assert rate_decided("1.04", TODAY, there).raises == ()
    assert rate_decided("1.03", TODAY, there).raises == ()


def test_a_document_of_netsuite_tells_the_rate_it_was_booked_at() -> None:
    read: Fields = {
        "exchangeRate": Decimal("1.03"),
        "tranDate": TODAY,
        "currency.refName": "EUR",
        "baseCurrency": "USD",
        "total": Decimal(10_000),
    }
    decision = decide(case(change(ORDER, Document(read))), known(rate("1.03", TODAY)), POLICY)
    assert decision.rate_use == use(TODAY, "1.03", ORDER)


@pytest.mark.parametrize(
    ("booked", "source"),
    [("1.03", "NetSuite's rate of 2026-11-19"), ("1.5", "Fixed on the document")],
)
def test_the_opportunity_shows_rate_base_total_and_where_the_rate_comes_from(
    booked: str, source: str
) -> None:
    read: Fields = {
        "id": "812",
        "externalId": order_link().external_id,
        "exchangeRate": Decimal(booked),
        "tranDate": TODAY,
        "currency.refName": "EUR",
        "baseCurrency": "USD",
        "baseTotal": Decimal("10300.00"),
        "total": Decimal("10000.00"),
    }
    there = known(rate("1.03", TODAY - timedelta(days=1)))
    (told,) = decide(case(change(ORDER, Document(read))), there, POLICY).commands
    shown = told.document.fields
    assert shown["NS_Base_Total__c"] == Decimal("10300.00")
    assert (shown["NS_Exchange_Rate__c"], shown["NS_Rate_Date__c"]) == (Decimal(booked), TODAY)
    assert shown["NS_Rate_Source__c"] == source
