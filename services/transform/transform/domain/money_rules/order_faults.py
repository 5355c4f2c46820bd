"""What an order must satisfy as to money beyond its own arithmetic, before it is made."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from kernel.messages import Result
from kernel.money import Money, minor_units
from kernel.records import RecordRef, salesforce
from kernel.values import Document, Fields
from transform.domain.checks import LINES, Fault
from transform.domain.facts import Case, Facts, LinkStatus, Policy, RateDay, Wanted
from transform.domain.money_rules.books import digits_of, pair_of, subsidiary_of
from transform.domain.money_rules.discounts import DISCOUNT, ZERO, discount_of
from transform.domain.money_rules.periods import ACCOUNTING_PERIOD, open_day, period_on
from transform.domain.money_rules.pinned import lacks, pinned_rate
from transform.domain.money_rules.rates import Stale, stale_rate
from transform.domain.money_rules.rules import ClosedPeriod, CustomerCurrency

DIGITS_MAX = 2
"""NetSuite keeps none or two."""
DATE_FIELD = "CloseDate"


def wanted_for_money(case: Case) -> Wanted:
    document = case.change.document or Document()
    currency, day = document.fields.get("CurrencyIsoCode"), day_of(document)
    judged = min(day, case.told_on or day) if day else None
    days = {RateDay(currency, judged)} if isinstance(currency, str) and judged else set()
    account = document.fields.get("AccountId")
    buyers = {salesforce("Account", account)} if isinstance(account, str) else set()
    return Wanted(
        counterparts=frozenset(buyers),
        references=frozenset({"currency", "subsidiary", ACCOUNTING_PERIOD}),
        rates=frozenset(days),
    )


def day_of(document: Document) -> date | None:
    value = document.fields.get(DATE_FIELD)
    return value if type(value) is date else None


def money_fault(case: Case, document: Document, facts: Facts, policy: Policy) -> Fault | None:
    """The first fault; to be asked once the order's own values are in order."""
    return next(_faults(case, document, facts, policy), None)


def _faults(case: Case, document: Document, facts: Facts, policy: Policy) -> Iterator[Fault]:
    currency = str(document.fields.get("CurrencyIsoCode"))
    named: Fields = {
        "account": document.fields.get("Account.Name"),
        "name": document.fields.get("Name"),
        "currency": currency,
    }
    yield from _faults_of_digits(currency, named)
    yield from _faults_of_discount(document, currency, named, facts)
    if is_made(case.change.ref, facts):
        return
    yield from _faults_of_customer(document, currency, named, facts, policy)
    yield from _faults_of_period(document, named, facts, policy)
    rate = pinned_rate(document)
    if rate is not None:
        yield from _faults_of_pinned(document, rate, named, policy)
    else:
        yield from _faults_of_rate(case, document, named, facts, policy)


def is_made(order: RecordRef, facts: Facts) -> bool:
    """Whether the order stands in NetSuite, with its rate and its date."""
    link = facts.links.get(order)
    return link is not None and link.status is LinkStatus.LINKED


def _faults_of_digits(currency: str, named: Fields) -> Iterator[Fault]:
    digits = minor_units(currency)
    if digits > DIGITS_MAX:
        yield Fault(code="CURRENCY_DECIMALS", params={**named, "digits": digits})


def _faults_of_discount(
    document: Document, currency: str, named: Fields, facts: Facts
) -> Iterator[Fault]:
    discount = discount_of(document)
    total = sum(
        (Decimal(str(line.get("TotalPrice") or 0)) for line in document.lines.get(LINES, ())), ZERO
    )
    is_payable = discount == round(discount, digits_of(currency, facts))
    if not ZERO <= discount <= total or not is_payable:
        said: Fields = {"field": DISCOUNT, "value": Money(discount, currency), "total": total}
        yield Fault(code="DISCOUNT_WRONG", params={**named, **said})


def _faults_of_customer(
    document: Document, currency: str, named: Fields, facts: Facts, policy: Policy
) -> Iterator[Fault]:
    """A customer that stands already is asked by NetSuite itself when the order is written."""
    own = document.fields.get("Account.CurrencyIsoCode")
    holds = policy.money.customer_currency is CustomerCurrency.HOLD
    if holds and isinstance(own, str) and own != currency:
        yield Fault(code="ACCOUNT_CURRENCY", params={**named, "own": own})


def _faults_of_period(
    document: Document, named: Fields, facts: Facts, policy: Policy
) -> Iterator[Fault]:
    day = day_of(document)
    period = period_on(day, facts) if day else None
    if day is None or period is None or period.is_open:
        return
    holds = policy.money.closed_period is ClosedPeriod.HOLD
    if holds or open_day(day, facts) is None:
        said: Fields = {"value": day, "period": period.name}
        yield Fault(code="ORDER_PERIOD_CLOSED", params={**named, **said}, waits_on=period.ref)


def _faults_of_pinned(
    document: Document, rate: Decimal, named: Fields, policy: Policy
) -> Iterator[Fault]:
    if not policy.money.pinned_rates:
        yield Fault(code="PINNED_RATE_OFF", params={**named, "rate": rate})
    elif missing := lacks(document, rate):
        yield Fault(
            code="PINNED_RATE_UNAPPROVED", params={**named, "rate": rate, "missing": missing}
        )


def _faults_of_rate(
    case: Case, document: Document, named: Fields, facts: Facts, policy: Policy
) -> Iterator[Fault]:
    day = day_of(document)
    pair = pair_of(str(named["currency"]), subsidiary_of(document, facts, policy.maps), facts)
    if day is None or pair is None or pair.currency == pair.base:
        return
    stale = stale_rate(pair, day, case.told_on or day, facts, policy.money.rates)
    if stale is None:
        return
    if stale.newest is None and not any(kind == ACCOUNTING_PERIOD for kind, _ in facts.references):
        record = f"{case.change.ref.kind} {case.change.ref.id}"
        yield Fault(code="WAITS_FOR_REFERENCES", params={"record": record}, waits_on=stale.ref)
    else:
        yield Fault(
            code="RATE_STALE", params={**named, **said_of(stale)}, waits_on=stale.ref,
            result=Result.PARKED,
        )  # fmt: skip


def said_of(stale: Stale) -> Fields:
    newest = stale.newest
    return {
        "pair": str(stale.pair),
        "newest": f"of {newest.effective.isoformat()}" if newest else "older than what is read",
        "age": stale.age_days if newest else "many",
        "limit": stale.age_max_days,
        "oldest": stale.oldest,
        "day": stale.day,
    }
