"""How much of an order has been billed, line by line."""

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
