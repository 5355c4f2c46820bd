"""The rates that were read of NetSuite: how they are named, found and judged by their age."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.rates import (
    Pair,
    Rate,
    business_days,
    oldest_allowed,
)
from kernel.records import RecordRef, netsuite
from kernel.values import Fields
from transform.domain.facts import Facts, Reference
from transform.domain.money_rules.rules import RateRules

CURRENCY_RATE = "currencyRate"
READ_DAYS = 35
"""Rates are read as far back as this: a document of an earlier day is not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """No rate of the pair is fresh enough; one that is dated from `oldest` to `day` would be."""

    pair: Pair
    newest: Rate | None
    age_days: int
    """Business days; 0 where no rate is known."""
    age_max_days: int
    oldest: date
    day: date

    @property
    def ref(self) -> RecordRef:
        """What to wait on: any rate of the pair in that span."""
        first, last = key_of(self.pair, self.oldest), key_of(self.pair, self.day)
        return netsuite(CURRENCY_RATE, f"{first}..{last}")


def key_of(pair: Pair, day: date) -> str:
    return f"{pair}@{day.isoformat()}"


def key_of_rate(fields: Fields) -> str:
    """`EUR/USD@2026-11-20`: keys of one pair stand in the order of their dates."""
    pair = Pair(
        str(fields.get("transactionCurrency.refName")), str(fields.get("baseCurrency.refName"))
    )
    return f"{pair}@{fields.get('effectiveDate')}"


def rate_of(reference: Reference) -> Rate:
    fields = reference.fields
    return Rate(
        pair=Pair(str(fields["transactionCurrency.refName"]), str(fields["baseCurrency.refName"])),
        value=Decimal(str(fields["exchangeRate"])),
        effective=date.fromisoformat(str(fields["effectiveDate"])),
    )


def newest_rate(pair: Pair, day: date, facts: Facts) -> Rate | None:
    """The rate that NetSuite takes on this day: the newest that is effective by then."""
    first, last = f"{pair}@", key_of(pair, day)
    keys = [key for kind, key in facts.references if kind == CURRENCY_RATE and first < key <= last]
    return rate_of(facts.references[CURRENCY_RATE, max(keys)]) if keys else None


def stale_rate(pair: Pair, day: date, today: date, facts: Facts, rules: RateRules) -> Stale | None:
    """Whether NetSuite's newest rate is too old for a document of `day` that is made `today`.

    A day that is yet to come has no rate of its own: it is judged as of today.
    """
    age_max = rules.age_max_of(pair)
    judged = min(day, today)
    if age_max is None or (today - judged).days > READ_DAYS:
        return None
    newest = newest_rate(pair, judged, facts)
    oldest = oldest_allowed(judged, age_max, rules.weekend)
    if newest is not None and newest.effective >= oldest:
        return None
    age = business_days(newest.effective, judged, rules.weekend) if newest else 0
    return Stale(
        pair=pair,
        newest=newest,
        age_days=age,
        age_max_days=age_max,
        oldest=oldest,
        day=judged,
    )
