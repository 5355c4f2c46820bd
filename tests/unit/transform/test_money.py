"""Amounts, discounts, dates and pinned rates: what an order is worth when it is sent."""

import random
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kernel.money import rounded, split
from kernel.rates import preview, rate_effect
from kernel.records import netsuite
from kernel.values import Document, Fields, Value
from tests.builders import (
    EURO,
    OPPORTUNITY,
    account_fields,
    line,
    opportunity,
    order_link,
)
from tests.unit.transform.money_builders import (
    TODAY,
    currency,
    decided,
    held,
    known,
    order,
    period,
    rate,
    with_rules,
)
from transform.domain.money_rules.rules import (
    ClosedPeriod,
    CustomerCurrency,
    HeaderDiscount,
)


def test_t3_1_an_order_is_sent_in_its_own_currency_and_without_a_rate() -> None:
    sent = order(opportunity(), known(rate("1.03", TODAY)))
    assert sent.fields["currency.id"] == EURO.id
    assert sent.lines["item"][0]["amount"] == Decimal("10000.00")
    assert "exchangeRate" not in sent.fields
    assert preview(Decimal("10000.00"), Decimal("1.03"), "USD") == Decimal("10300.00")


def test_t3_2_the_difference_between_order_and_invoice_is_that_of_the_rates() -> None:
    amount, at_order, at_invoice = Decimal(10_000), Decimal("1.03"), Decimal("1.05")
    assert rate_effect(amount, at_order, at_invoice, "USD") == Decimal("200.00")


@pytest.mark.parametrize(
    ("amount", "worth", "base", "expected"),
    [
        ("9999.99", "1.08345678", "USD", "10834.56"),
        ("1234567", "0.0067", "USD", "8271.60"),
        ("0.005", "1", "USD", "0.01"),
        ("-0.005", "1", "USD", "-0.01"),
        ("100.50", "1", "JPY", "101"),
    ],
)
def test_t3_3_a_base_amount_is_rounded_half_up_to_the_minor_unit_of_the_books(
    amount: str, worth: str, base: str, expected: str
) -> None:
    assert preview(Decimal(amount), Decimal(worth), base) == Decimal(expected)


def yen(amount: str) -> Document:
    value = Decimal(amount)
    sold = line(Quantity=Decimal(1), UnitPrice=value, TotalPrice=value)
    return opportunity(sold, Amount=value, CurrencyIsoCode="JPY")


def test_t3_3_an_amount_below_the_minor_unit_is_refused() -> None:
    there = replace(known(), references={**known().references, **currency("JPY", 0)})
    code, params = held(yen("1234.50"), there)
    assert (code, params["digits"], params["currency"]) == ("MINOR_UNIT", 0, "JPY")


def test_the_digits_that_netsuite_keeps_win_over_those_of_the_standard() -> None:
    code, _ = held(opportunity(line(TotalPrice=Decimal("10000.50"), UnitPrice=Decimal("5000.25")),
                               Amount=Decimal("10000.50")),
                   known(rate("1.03", TODAY), currency("EUR", 0)))  # fmt: skip
    assert code == "MINOR_UNIT"


def test_a_currency_of_three_decimals_is_refused_and_not_rounded() -> None:
    code, params = held(opportunity(CurrencyIsoCode="KWD"), known(currency("KWD", 2)))
    assert (code, params["digits"]) == ("CURRENCY_DECIMALS", 3)


def test_t3_4_a_discount_over_the_lines_adds_up_exactly() -> None:
    parts = split(Decimal("10.00"), [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")], 2)
    assert sum(parts) == Decimal("10.00")
    assert parts == (Decimal("3.33"), Decimal("3.33"), Decimal("3.34"))


def three_lines(**root: Value) -> Document:
    prices = ("33.33", "33.33", "33.34")
    lines = [line(Id=f"00k{at}", Quantity=Decimal(1), UnitPrice=Decimal(price),
                  TotalPrice=Decimal(price)) for at, price in enumerate(prices)]  # fmt: skip
    whole = opportunity(*lines, Amount=Decimal("100.00"))
    return replace(whole, fields={**whole.fields, **root})


def test_t3_4_the_lines_of_an_order_carry_the_discount_of_the_whole() -> None:
    sent = order(three_lines(NS_Discount__c=Decimal("10.00")), known(rate("1.03", TODAY)))
    amounts = [item["amount"] for item in sent.lines["item"]]
    assert amounts == [Decimal("30.00"), Decimal("30.00"), Decimal("30.00")]
    assert [item["rate"] for item in sent.lines["item"]] == amounts


def test_a_discount_may_go_as_netsuites_own_discount_of_the_order() -> None:
    policy = with_rules(header_discount=HeaderDiscount.ITEM, discount_item="77")
    document = three_lines(NS_Discount__c=Decimal("10.00"))
    sent = order(document, known(rate("1.03", TODAY)), policy)
    assert sent.fields["discountItem.id"] == "77"
    assert sent.fields["discountRate"] == Decimal("-10.00")
    assert sent.lines["item"][0]["amount"] == Decimal("33.33")


def test_a_discount_that_is_taken_back_is_taken_off_the_order() -> None:
    target = netsuite("salesOrder", f"eid:{order_link().external_id}")
    there = known(applied={(target, "discountItem.id"): "x", (target, "discountRate"): "y"})
    there = replace(there, links={**there.links, OPPORTUNITY: order_link()})
    sent = order(three_lines(NS_Discount__c=None), there)
    assert (sent.fields["discountItem.id"], sent.fields["discountRate"]) == (None, None)


@pytest.mark.parametrize("discount", ["-1", "100.01", "3.333"])
def test_a_discount_that_cannot_be_is_held(discount: str) -> None:
    code, _ = held(three_lines(NS_Discount__c=Decimal(discount)), known(rate("1.03", TODAY)))
    assert code == "DISCOUNT_WRONG"


def test_t3_6_100_000_amounts_are_worth_what_exact_arithmetic_says() -> None:
    dice = random.Random(3_6)
    half = Decimal("0.5")
    for _ in range(100_000):
        cents, points = dice.randrange(1, 10**9), dice.randrange(1, 10**10)
        shown = preview(Decimal(cents).scaleb(-2), Decimal(points).scaleb(-8), "USD")
        exact_cents, rest = divmod(cents * points, 10**8)  # whole numbers: nothing is rounded
        expected = exact_cents + (1 if Decimal(rest) / 10**8 >= half else 0)
        assert shown == Decimal(expected).scaleb(-2)


def test_parts_always_add_up_and_none_is_off_by_a_unit() -> None:
    dice = random.Random(34)
    for _ in range(2_000):
        digits = dice.choice((0, 2))
        weights = [Decimal(dice.randrange(0, 10**6)) for _ in range(dice.randrange(1, 12))]
        total = Decimal(dice.randrange(0, 10**7)).scaleb(-digits)
        parts = split(total, weights, digits)
        assert sum(parts) == total
        whole = sum(weights)
        unit = Decimal(1).scaleb(-digits)
        if whole:
            assert all(abs(part - total * weight / whole) < unit
                       for part, weight in zip(parts, weights, strict=True))  # fmt: skip


def pinned(**fields: Value) -> Document:
    plain = opportunity(
        NS_Pinned_Rate__c=Decimal("1.0825"),
        NS_Pinned_Rate_Reason__c="Frame contract 12",
        NS_Pinned_Rate_Approved_By__c="005A",
        OwnerId="005B",
    )
    return replace(plain, fields={**plain.fields, **fields})


def test_an_approved_pinned_rate_is_sent_and_needs_no_fresh_rate() -> None:
    sent = order(pinned(), known(), with_rules(pinned_rates=True))
    assert sent.fields["exchangeRate"] == Decimal("1.0825")


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"NS_Pinned_Rate_Reason__c": None}, "a reason"),
        ({"NS_Pinned_Rate_Approved_By__c": None}, "somebody who approved it"),
        ({"OwnerId": "005A"}, "an approver who does not own the deal"),
        ({"NS_Pinned_Rate__c": Decimal(0)}, "a value above zero with at most 8 decimals"),
    ],
)
def test_a_pinned_rate_that_lacks_something_is_held(fields: Fields, missing: str) -> None:
    code, params = held(pinned(**fields), known(), with_rules(pinned_rates=True))
    assert (code, params["missing"]) == ("PINNED_RATE_UNAPPROVED", missing)


def test_a_pinned_rate_is_held_where_nobody_switched_them_on() -> None:
    assert held(pinned(), known())[0] == "PINNED_RATE_OFF"


OCTOBER = period(date(2026, 10, 1), date(2026, 10, 31), closed=True)


def test_an_order_dated_into_a_closed_period_is_dated_on_the_day_it_was_won() -> None:
    document = opportunity(CloseDate=date(2026, 10, 30))
    sent = order(document, known(rate("1.03", TODAY), rate("1.03", date(2026, 10, 30)), OCTOBER))
    assert sent.fields["tranDate"] == TODAY


def test_or_on_the_first_day_of_the_next_open_period() -> None:
    december = period(date(2026, 12, 1), date(2026, 12, 31))
    november = period(date(2026, 11, 1), date(2026, 11, 30), allLocked=True)
    sent = order(opportunity(), known(rate("1.03", TODAY), november, december))
    assert sent.fields["tranDate"] == date(2026, 12, 1)


def test_or_is_held_until_the_period_is_open_again() -> None:
    policy = with_rules(closed_period=ClosedPeriod.HOLD)
    document = opportunity(CloseDate=date(2026, 10, 30))
    decision = decided(document, known(OCTOBER), policy)
    assert decision.outcome is not None
    assert decision.outcome.code == "ORDER_PERIOD_CLOSED"
    assert decision.outcome.waits_on == netsuite("accountingPeriod", "Oct 2026")


def test_an_order_that_stands_is_not_moved_out_of_a_period_that_was_closed_since() -> None:
    there = known(OCTOBER)
    there = replace(there, links={**there.links, OPPORTUNITY: order_link()})
    sent = order(opportunity(CloseDate=date(2026, 10, 30)), there)
    assert "tranDate" not in sent.fields


def test_another_currency_than_the_accounts_is_held_where_the_company_wants_that() -> None:
    policy = with_rules(customer_currency=CustomerCurrency.HOLD)
    document = opportunity(account=account_fields(CurrencyIsoCode="USD"))
    code, params = held(document, known(rate("1.03", TODAY)), policy)
    assert (code, params["own"]) == ("ACCOUNT_CURRENCY", "USD")


def test_rounding_is_half_up_and_never_to_even() -> None:
    assert [rounded(Decimal(text), "EUR") for text in ("0.125", "0.135", "2.675")] == [
        Decimal("0.13"), Decimal("0.14"), Decimal("2.68"),
    ]  # fmt: skip
