"""Rates on a page: an order against its invoices, a month in both systems."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from kernel.money import Money
from kernel.rate_reports import Booked, CurrencyMonth, Month, Step
from kernel.values import plain_number
from ops.render.lines import counted, hanging, listed

SHOWN_MAX = 20


def explanation(order: Booked, steps: Sequence[Step], width: int) -> Iterator[str]:
    yield from hanging(" order    ", f"{_document(order)}, for information", width)
    for step in steps:
        yield from hanging(" invoice  ", _document(step.invoice), width)
        yield from hanging(" because  ", _because(order, step), width)
    left = sum((abs(step.invoice.unexplained) for step in steps), abs(order.unexplained))
    billed = "nothing is billed yet" if not steps else counted(len(steps), "invoice")
    yield from hanging("", f"{billed}; unexplained: {Money(left, order.pair.base)}", width)


def _document(item: Booked) -> str:
    since = f" of {item.rate_day.isoformat()}" if item.rate_day else ""
    return (
        f"{item.number} of {item.day.isoformat()}: {Money(item.total, item.pair.currency)}"
        f" at {plain_number(item.rate)}{since} = {Money(item.base_total, item.pair.base)}"
    )


def _because(order: Booked, step: Step) -> str:
    base = order.pair.base
    if order.rate == step.invoice.rate:
        return f"the rate is that of the order: {_signed(step.by_rate, base)}"
    return (
        f"at the order's rate it would be {Money(step.at_order_rate, base)};"
        f" the rate moved from {plain_number(order.rate)} to {plain_number(step.invoice.rate)}:"
        f" {_signed(step.by_rate, base)}"
    )


def month_lines(name: str, found: Month, width: int) -> Iterator[str]:
    yield f"Invoices of {name}"
    for item in found.currencies:
        yield from _currency(item, width)
    yield from _listed("not in Salesforce", found.missing, width)
    yield from _listed("only in Salesforce", found.orphans, width)
    yield from _listed("not the same", [ours for ours, _ in found.differing], width)
    left = sum((abs(item.unexplained) for item in found.currencies), Decimal(0))
    verdict = "Both systems agree to the cent" if found.agrees else "The systems do not agree"
    yield f"{verdict}; unexplained: {plain_number(left)}"


def _currency(item: CurrencyMonth, width: int) -> Iterator[str]:
    pair, mark = item.pair, "✓" if item.agrees else "✗"
    label = f" {mark} {pair.currency}  "
    yield from hanging(
        label,
        f"{counted(item.count, 'invoice')}: NetSuite {Money(item.netsuite, pair.currency)},"
        f" Salesforce {Money(item.salesforce, pair.currency)}",
        width,
    )
    for share in item.shares:
        yield from hanging(
            " " * len(label),
            f"{counted(share.count, 'invoice')}, {Money(share.total, pair.currency)}"
            f" at {plain_number(share.rate)} = {Money(share.base_total, pair.base)}",
            width,
        )


def _listed(what: str, items: Sequence[Booked], width: int) -> Iterator[str]:
    if items:
        numbers = ", ".join(listed([item.number for item in items], SHOWN_MAX))
        yield from hanging(f" ✗ {what}: ", numbers, width)


def _signed(amount: Decimal, currency: str) -> str:
    return f"{'+' if amount >= 0 else ''}{Money(amount, currency)}"
