"""Where the rate of a NetSuite document comes from, in the words that Salesforce shows."""

from datetime import date
from decimal import Decimal

from kernel.rates import Pair
from kernel.values import Document
from transform.domain.facts import Facts, RateDay
from transform.domain.money_rules.rates import newest_rate

FIELD = "rate.source"
CURRENCY, BASE, RATE, DAY = "currency.refName", "baseCurrency", "exchangeRate", "tranDate"


def rate_days_of(document: Document) -> frozenset[RateDay]:
    """The rates to look up; none for a document that does not say its currency and its day."""
    currency, day = document.fields.get(CURRENCY), document.fields.get(DAY)
    if not isinstance(currency, str) or type(day) is not date:
        return frozenset()
    return frozenset({RateDay(currency, day)})


def with_rate_source(document: Document, facts: Facts) -> Document:
    """The document with the field `rate.source` that a map can read, where it can be said."""
    currency, base = document.fields.get(CURRENCY), document.fields.get(BASE)
    rate, day = document.fields.get(RATE), document.fields.get(DAY)
    if not isinstance(currency, str) or not isinstance(base, str) or type(day) is not date:
        return document
    if not isinstance(rate, int | Decimal):
        return document
    source = _source(Pair(currency, base), Decimal(rate), day, facts)
    return Document({**document.fields, FIELD: source}, document.lines)


def _source(pair: Pair, rate: Decimal, day: date, facts: Facts) -> str:
    if pair.currency == pair.base:
        return "No conversion"
    newest = newest_rate(pair, day, facts)
    if newest is None:
        return "NetSuite"
    if newest.value == rate:
        return f"NetSuite's rate of {newest.effective.isoformat()}"
    return "Fixed on the document"
