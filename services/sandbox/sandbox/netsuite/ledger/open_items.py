"""What is still open: invoices to be paid, payments and credits to be used, and who meets whom."""

import sqlite3
from dataclasses import dataclass, replace
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.ledger.facts import base_currency, currency
from sandbox.netsuite.values import ZERO, rounded

DEBIT = 1
CREDIT = -1
DEPOSIT = 0
"""Sides. A deposit is a liability of its own and no part of the receivables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """`base_remaining` is what the receivables account still carries for it.

    It is counted, not computed from a rate: settling in parts leaves no stray cent behind.
    """

    id: int
    entity: int
    subsidiary: int
    currency: int
    rate: Decimal
    account: int
    side: int
    total: Decimal
    base: Decimal
    remaining: Decimal
    base_remaining: Decimal
    day: str
    due: str

    @property
    def settled(self) -> Decimal:
        return self.total - self.remaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """`amount` of a credit item (source) settles a debit item (target).

    A use is the other way round: a refund or a deposit application (target) takes it from a
    credit or deposit, and the target is no open item on that side.
    """

    target: int
    source: int
    amount: Decimal
    target_base: Decimal
    source_base: Decimal
    day: str


ITEM_COLUMNS = (
    "id, entity, subsidiary, currency, rate, account, side, total, base, remaining, base_remaining,"
    " day, due"
)


def find(work: Work, identifier: int) -> OpenItem | None:
    row = work.connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM _open_item WHERE id = ?", (identifier,)
    ).fetchone()
    return None if row is None else _item(row)


def open_of(work: Work, entity: int, side: int) -> list[OpenItem]:
    """The customer's open items of one side, oldest first."""
    rows = work.connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM _open_item WHERE entity = ? AND is_open = 1 AND side = ?"
        " ORDER BY day, id",
        (entity, side),
    ).fetchall()
    return [_item(row) for row in rows]


def all_open_of(work: Work, entity: int) -> list[OpenItem]:
    """The same of every side."""
    rows = work.connection.execute(
        f"SELECT {ITEM_COLUMNS} FROM _open_item WHERE entity = ? AND is_open = 1", (entity,)
    ).fetchall()
    return [_item(row) for row in rows]


def keep(work: Work, item: OpenItem) -> None:
    work.connection.execute(
        f"REPLACE INTO _open_item ({ITEM_COLUMNS}, is_open) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            item.id,
            item.entity,
            item.subsidiary,
            item.currency,
            str(item.rate),
            item.account,
            item.side,
            str(item.total),
            str(item.base),
            str(item.remaining),
            str(item.base_remaining),
            item.day,
            item.due,
            int(item.remaining != ZERO),
        ),
    )


def drop(work: Work, identifier: int) -> None:
    work.connection.execute("DELETE FROM _open_item WHERE id = ?", (identifier,))


def applications_from(work: Work, source: int) -> list[Application]:
    return _applications(work, "source", source, 0)


def applications_to(work: Work, target: int) -> list[Application]:
    return _applications(work, "target", target, 0)


def uses_of(work: Work, source: int) -> list[Application]:
    """What refunds and deposit applications took from a credit or deposit."""
    return _applications(work, "source", source, 1)


def used_by(work: Work, target: int) -> list[Application]:
    """What a refund or deposit application took, and from where."""
    return _applications(work, "target", target, 1)


def apply(work: Work, *, source: int, target: int, amount: Decimal, day: str) -> Application:
    """Settle, and count what each side's carrying amount gives up for it."""
    credit, debit = _must(work, source), _must(work, target)
    precision = currency(work, base_currency(work, debit.subsidiary)).precision
    application = Application(
        target=target,
        source=source,
        amount=amount,
        target_base=_relief(debit, amount, precision),
        source_base=_relief(credit, amount, precision),
        day=day,
    )
    keep(work, _moved(debit, -amount, -application.target_base))
    keep(work, _moved(credit, -amount, -application.source_base))
    _insert(work, application, 0)
    return application


def use(work: Work, *, source: int, target: int, amount: Decimal, day: str) -> Application:
    """Take from a credit or deposit; what its account carried for it goes along."""
    credit = _must(work, source)
    precision = currency(work, base_currency(work, credit.subsidiary)).precision
    base = _relief(credit, amount, precision)
    taken = Application(
        target=target, source=source, amount=amount, target_base=base, source_base=base, day=day
    )
    keep(work, _moved(credit, -amount, -base))
    _insert(work, taken, 1)
    return taken


def release(work: Work, taken: Application) -> None:
    """Undo a use."""
    credit = _must(work, taken.source)
    keep(work, _moved(credit, taken.amount, taken.source_base))
    _delete(work, taken)


def _insert(work: Work, application: Application, is_use: int) -> None:
    work.connection.execute(
        "INSERT INTO _application (target, source, amount, target_base, source_base, day, is_use)"
        " VALUES (?,?,?,?,?,?,?)",
        (
            application.target,
            application.source,
            str(application.amount),
            str(application.target_base),
            str(application.source_base),
            application.day,
            is_use,
        ),
    )


def _delete(work: Work, application: Application) -> None:
    work.connection.execute(
        "DELETE FROM _application WHERE source = ? AND target = ?",
        (application.source, application.target),
    )


def unapply(work: Work, application: Application) -> None:
    """Both items are open again by exactly what was taken from them."""
    debit, credit = _must(work, application.target), _must(work, application.source)
    keep(work, _moved(debit, application.amount, application.target_base))
    keep(work, _moved(credit, application.amount, application.source_base))
    _delete(work, application)


def _relief(item: OpenItem, amount: Decimal, precision: int) -> Decimal:
    """The amount at the item's own rate; with the last unit, whatever is still carried."""
    if amount == item.remaining:
        return item.base_remaining
    return min(rounded(amount * item.rate, precision), item.base_remaining)


def _moved(item: OpenItem, amount: Decimal, base: Decimal) -> OpenItem:
    return replace(
        item, remaining=item.remaining + amount, base_remaining=item.base_remaining + base
    )


def _must(work: Work, identifier: int) -> OpenItem:
    item = find(work, identifier)
    if item is None:
        raise LookupError(f"no open item {identifier}")
    return item


def _applications(work: Work, column: str, identifier: int, is_use: int) -> list[Application]:
    rows = work.connection.execute(
        "SELECT target, source, amount, target_base, source_base, day FROM _application"
        f" WHERE {column} = ? AND is_use = ? ORDER BY id",
        (identifier, is_use),
    ).fetchall()
    return [
        Application(
            target=row["target"],
            source=row["source"],
            amount=Decimal(row["amount"]),
            target_base=Decimal(row["target_base"]),
            source_base=Decimal(row["source_base"]),
            day=row["day"],
        )
        for row in rows
    ]


def _item(row: sqlite3.Row) -> OpenItem:
    return OpenItem(
        id=row["id"],
        entity=row["entity"],
        subsidiary=row["subsidiary"],
        currency=row["currency"],
        rate=Decimal(row["rate"]),
        account=row["account"],
        side=row["side"],
        total=Decimal(row["total"]),
        base=Decimal(row["base"]),
        remaining=Decimal(row["remaining"]),
        base_remaining=Decimal(row["base_remaining"]),
        day=row["day"],
        due=row["due"],
    )
