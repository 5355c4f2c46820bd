"""What waits, by cause: one line for all the changes that the same thing holds up."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from auditor.domain.history import Entry
from kernel.messages import ChangeEvent, Outcome
from kernel.money import Money
from kernel.values import Document, Fields

AMOUNT, CURRENCY = "Amount", "CurrencyIsoCode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """`waits_on` is empty where each change waits for its own record to be corrected."""

    code: str
    waits_on: str
    changes: int
    oldest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One waiting change: its own record of the log and the outcome that says why it waits."""

    code: str
    waits_on: str
    captured_at: datetime
    change: Entry
    outcome: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingGroup:
    """A cause with an example to fill its sentence. `worth` by currency, in its order."""

    cause: Cause
    ref: str | None
    params: Fields
    worth: tuple[Money, ...]


def grouped(causes: Sequence[Cause], changes: Sequence[Waiting]) -> tuple[WaitingGroup, ...]:
    """Causes from the most changes to the fewest. `changes` may be fewer than the causes count;
    then nothing is said of what they are worth."""
    by_cause: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.captured_at):
        by_cause[change.code, change.waits_on].append(change)
    ordered = sorted(causes, key=lambda cause: (-cause.changes, cause.oldest))
    return tuple(_group(cause, by_cause[cause.code, cause.waits_on]) for cause in ordered)


def _group(cause: Cause, changes: Sequence[Waiting]) -> WaitingGroup:
    is_complete = len(changes) == cause.changes
    outcome = changes[0].outcome.message if changes else None
    return WaitingGroup(
        cause=cause,
        ref=changes[0].change.columns.ref if changes else None,
        params=outcome.params if isinstance(outcome, Outcome) else {},
        worth=added_up(_documents(changes)) if is_complete else (),
    )


def added_up(documents: Iterable[Document]) -> tuple[Money, ...]:
    """What the documents are worth, by currency; those without an amount add nothing."""
    totals: dict[str, Decimal] = {}
    for document in documents:
        if money := _worth(document.fields):
            totals[money.currency] = totals.get(money.currency, Decimal()) + money.amount
    return tuple(Money(totals[currency], currency) for currency in sorted(totals))


def _documents(changes: Iterable[Waiting]) -> list[Document]:
    """The newest reading of each record: an older one that waits too is the same money."""
    newest: dict[str, Document] = {}
    for change in changes:
        message = change.change.message
        if isinstance(message, ChangeEvent) and message.document:
            newest[str(message.ref)] = message.document
    return list(newest.values())


def _worth(fields: Mapping[str, object]) -> Money | None:
    amount, currency = fields.get(AMOUNT), fields.get(CURRENCY)
    if isinstance(amount, Money):
        return amount
    if isinstance(amount, int) and not isinstance(amount, bool):
        amount = Decimal(amount)
    if isinstance(amount, Decimal) and isinstance(currency, str):
        return Money(amount, currency)
    return None
