"""Why base amounts differ: an order and its invoices, a month in one system and the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.rates import Pair, preview

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A document as one of the systems shows it. Amounts are in the pair's currency and base."""

    id: str
    """Internal id in NetSuite: the same in both systems."""
    number: str
    day: date
    pair: Pair
    rate: Decimal
    total: Decimal
    base_total: Decimal
    rate_day: date | None = None
    """From when on NetSuite's rate of that day is effective, where it is known."""

    @property
    def unexplained(self) -> Decimal:
        """What the base amount is more or less than the total at the rate."""
        return self.base_total - preview(self.total, self.rate, self.pair.base)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An invoice against the rate of its order."""

    invoice: Booked
    at_order_rate: Decimal

    @property
    def by_rate(self) -> Decimal:
        """How far the rate moved the base amount."""
        return self.invoice.base_total - self.at_order_rate - self.invoice.unexplained


def explained(order: Booked, invoices: Iterable[Booked]) -> tuple[Step, ...]:
    """By date."""
    return tuple(
        Step(invoice=invoice, at_order_rate=preview(invoice.total, order.rate, order.pair.base))
        for invoice in sorted(invoices, key=lambda invoice: (invoice.day, invoice.number))
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateShare:
    """What was booked at one rate."""

    rate: Decimal
    count: int
    total: Decimal
    base_total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyMonth:
    """One currency and one base over a month, in both systems."""

    pair: Pair
    count: int
    netsuite: Decimal
    salesforce: Decimal
    base_netsuite: Decimal
    base_salesforce: Decimal
    shares: tuple[RateShare, ...]
    """By rate; their base amounts add up to the explained part of NetSuite's."""
    unexplained: Decimal
    """NetSuite's base amount less what the rates explain."""

    @property
    def agrees(self) -> bool:
        return (self.netsuite, self.base_netsuite, self.unexplained) == (
            self.salesforce,
            self.base_salesforce,
            ZERO,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    currencies: tuple[CurrencyMonth, ...]
    missing: tuple[Booked, ...]
    """In NetSuite and not in Salesforce."""
    orphans: tuple[Booked, ...]
    """In Salesforce and not in NetSuite."""
    differing: tuple[tuple[Booked, Booked], ...]
    """NetSuite's and Salesforce's, where an amount, currency, rate or date is not the same."""

    @property
    def agrees(self) -> bool:
        names = (self.missing, self.orphans, self.differing)
        return not any(names) and all(item.agrees for item in self.currencies)


def month_of(netsuite: Sequence[Booked], salesforce: Sequence[Booked]) -> Month:
    ours = {item.id: item for item in netsuite}
    theirs = {item.id: item for item in salesforce}
    pairs = sorted({item.pair for item in (*netsuite, *salesforce)})
    return Month(
        currencies=tuple(_currency(pair, netsuite, salesforce) for pair in pairs),
        missing=tuple(item for key, item in ours.items() if key not in theirs),
        orphans=tuple(item for key, item in theirs.items() if key not in ours),
        differing=tuple(_differing(ours, theirs)),
    )


def _differing(
    ours: Mapping[str, Booked], theirs: Mapping[str, Booked]
) -> Iterable[tuple[Booked, Booked]]:
    for key in ours.keys() & theirs.keys():
        one, other = ours[key], theirs[key]
        if _facts(one) != _facts(other):
            yield one, other


def _facts(item: Booked) -> tuple[object, ...]:
    return item.day, item.pair, item.rate, item.total, item.base_total


def _currency(
    pair: Pair, netsuite: Sequence[Booked], salesforce: Sequence[Booked]
) -> CurrencyMonth:
    own = [item for item in netsuite if item.pair == pair]
    shown = [item for item in salesforce if item.pair == pair]
    return CurrencyMonth(
        pair=pair,
        count=len(own),
        netsuite=_sum(item.total for item in own),
        salesforce=_sum(item.total for item in shown),
        base_netsuite=_sum(item.base_total for item in own),
        base_salesforce=_sum(item.base_total for item in shown),
        shares=tuple(_share(rate, own) for rate in sorted({item.rate for item in own})),
        unexplained=_sum(item.unexplained for item in own),
    )


def _share(rate: Decimal, items: Sequence[Booked]) -> RateShare:
    own = [item for item in items if item.rate == rate]
    return RateShare(
        rate=rate,
        count=len(own),
        total=_sum(item.total for item in own),
        base_total=_sum(item.base_total - item.unexplained for item in own),
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)
