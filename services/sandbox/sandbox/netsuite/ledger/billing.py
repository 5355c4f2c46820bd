"""How much of an order or return has been billed and moved, line by line."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.values import ZERO


def billed_of(work: Work, order: int) -> dict[int, tuple[Decimal, Decimal]]:
    """Quantity and amount billed, by order line."""
    billed: dict[int, tuple[Decimal, Decimal]] = {}
    for row in work.connection.execute(
        "SELECT order_line, quantity, amount FROM _billing WHERE sales_order = ?", (order,)
    ).fetchall():
        quantity, amount = billed.get(row["order_line"], (ZERO, ZERO))
        billed[row["order_line"]] = (
            quantity + Decimal(row["quantity"]),
            amount + Decimal(row["amount"]),
        )
    return billed


def moved_of(work: Work, order: int, without: int = 0) -> dict[int, Decimal]:
    """Quantity that was shipped or received, by order line; `without` leaves one document out."""
    moved: dict[int, Decimal] = {}
    for row in work.connection.execute(
        "SELECT source_line, quantity FROM _move WHERE source = ? AND document <> ?",
        (order, without),
    ).fetchall():
        held = moved.get(row["source_line"], ZERO)
        moved[row["source_line"]] = held + Decimal(row["quantity"])
    return moved
