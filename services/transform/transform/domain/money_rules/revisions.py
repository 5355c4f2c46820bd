"""A rate that changes, or comes late, after documents were booked: found and told, never mended."""

from datetime import date
from decimal import Decimal

from kernel.messages import Alert
from kernel.rates import Pair, Rate
from kernel.values import Document, Value
from transform.domain.facts import Case, Facts, RateDay, RateUse, Reference, Wanted
from transform.domain.money_rules.alerting import revised
from transform.domain.money_rules.rates import newest_rate, rate_of

BASE = Decimal(1)


def rate_told(case: Case) -> Rate | None:
    """The rate that a change of NetSuite's table tells; None for one that is no rate."""
    fields = (case.change.document or Document()).fields
    currency, base = fields.get("transactionCurrency.refName"), fields.get("baseCurrency.refName")
    day, value = fields.get("effectiveDate"), _number(fields.get("exchangeRate"))
    if not isinstance(currency, str) or not isinstance(base, str) or type(day) is not date:
        return None
    return Rate(pair=Pair(currency, base), value=value, effective=day) if value else None


def wanted_by_rate(case: Case) -> Wanted:
    """The rate that held before on that day, and the documents from that day on."""
    fields = (case.change.document or Document()).fields
    currency, base = fields.get("transactionCurrency.refName"), fields.get("baseCurrency.refName")
    day = fields.get("effectiveDate")
    if not isinstance(currency, str) or not isinstance(base, str) or type(day) is not date:
        return Wanted()
    return Wanted(
        rates=frozenset({RateDay(currency, day)}),
        rate_uses=frozenset({(Pair(currency, base), day)}),
    )


def revision_of(case: Case, reference: Reference, facts: Facts) -> tuple[Alert, ...]:
    """What finance is told where documents were booked at the rate that held before."""
    now = rate_of(reference)
    before = newest_rate(now.pair, now.effective, facts)
    return revised(case, before, now, facts.rate_uses) if before else ()


def rate_use_of(case: Case) -> RateUse | None:
    """The rate at which a document of NetSuite was booked; None for what has none of its own."""
    fields = (case.change.document or Document()).fields
    currency, base = fields.get("currency.refName"), fields.get("baseCurrency")
    rate, day = fields.get("exchangeRate"), fields.get("tranDate")
    if not isinstance(currency, str) or not isinstance(base, str) or currency == base:
        return None
    number = _number(rate)
    if number is None or type(day) is not date:
        return None
    return RateUse(ref=case.change.ref, pair=Pair(currency, base), day=day, rate=number)


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)
