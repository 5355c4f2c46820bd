"""Orders, rates and periods for the tests of money."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from kernel.messages import Result
from kernel.rates import Pair
from kernel.values import Document, Fields
from tests.builders import (
    AT,
    OPPORTUNITY,
    POLICY,
    case,
    change,
    customer_link,
    facts,
)
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Policy, Reference
from transform.domain.money_rules.rules import (
    MoneyRules,
)
from transform.pipeline import decide

TODAY = AT.date()
EUR_USD = Pair("EUR", "USD")
ONE = {("subsidiary", "1"): Reference(
    kind="subsidiary", id="1", key="1", fields={"currency.refName": "USD"}
)}  # fmt: skip


def rate_fields(value: str, day: date, base: str = "USD") -> Fields:
    return {
        "id": "4217",
        "transactionCurrency.refName": "EUR",
        "baseCurrency.refName": base,
        "exchangeRate": Decimal(value),
        "effectiveDate": day,
    }


def rate(value: str, day: date) -> dict[tuple[str, str], Reference]:
    key = f"EUR/USD@{day.isoformat()}"
    fields: Fields = {**rate_fields(value, day), "exchangeRate": value, "effectiveDate": str(day)}
    return {("currencyRate", key): Reference(kind="currencyRate", id="1", key=key, fields=fields)}


def period(first: date, last: date, **flags: bool) -> dict[tuple[str, str], Reference]:
    name = f"{first:%b %Y}"
    fields: Fields = {"periodName": name, "startDate": str(first), "endDate": str(last), **flags}
    found = Reference(kind="accountingPeriod", id=name, key=name, fields=fields)
    return {("accountingPeriod", name): found}


OPEN_MONTH = period(date(2026, 11, 1), date(2026, 11, 30))


def known(*more: dict[tuple[str, str], Reference], **other: object) -> Facts:
    """A linked customer of the subsidiary that keeps its books in dollars."""
    plain = facts(customer_link(), **other)
    references = {**plain.references, **ONE, **OPEN_MONTH}
    for some in more:
        references |= some
    return replace(plain, references=references)


def with_rules(**rules: object) -> Policy:
    return replace(POLICY, money=MoneyRules(**rules))  # type: ignore[arg-type]  # real fields


def decided(document: Document, there: Facts, policy: Policy = POLICY) -> Decision:
    return decide(case(change(OPPORTUNITY, document)), there, policy)


def held(document: Document, there: Facts, policy: Policy = POLICY) -> tuple[str, Fields]:
    outcome = decided(document, there, policy).outcome
    assert outcome is not None
    assert outcome.result is Result.PARKED
    return outcome.code, outcome.params


def order(document: Document, there: Facts, policy: Policy = POLICY) -> Document:
    (command,) = decided(document, there, policy).commands
    assert command.target.kind == "salesOrder"
    return command.document


def currency(symbol: str, digits: int) -> dict[tuple[str, str], Reference]:
    fields: Fields = {"symbol": symbol, "currencyPrecision": str(digits), "isInactive": False}
    return {("currency", symbol): Reference(kind="currency", id="9", key=symbol, fields=fields)}
