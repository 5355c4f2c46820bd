"""What a customer owes: open items and unbilled orders, per currency and in the primary one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.ledger.facts import base_currency, currency, exchange_rate
from sandbox.netsuite.ledger.open_items import DEBIT, DEPOSIT, all_open_of
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, ref_id, rounded

ORDERS = (
    " WHERE t.entity = ? AND t.type = 'SalesOrd' AND t.status IN ('B', 'D', 'E', 'F')"
    " AND l.mainline = 'F' AND l.taxline = 'F' AND l.isclosed = 'F'"
)
ORDERED = (
    'SELECT t.currency AS currency, -l.foreignamount AS amount FROM "transaction" AS t'
    ' JOIN transactionline AS l ON l."transaction" = t.id' + ORDERS
)
BILLED = (
    'SELECT t.currency AS currency, b.amount AS amount FROM "transaction" AS t'
    ' JOIN transactionline AS l ON l."transaction" = t.id'
    " JOIN _billing AS b ON b.sales_order = t.id AND b.order_line = l.id" + ORDERS
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    balance: Decimal = ZERO
    overdue: Decimal = ZERO
    unbilled: Decimal = ZERO
    deposits: Decimal = ZERO

    def plus(self, other: "Sum", factor: Decimal, precision: int) -> "Sum":
        return Sum(
            balance=self.balance + rounded(other.balance * factor, precision),
            overdue=self.overdue + rounded(other.overdue * factor, precision),
            unbilled=self.unbilled + rounded(other.unbilled * factor, precision),
            deposits=self.deposits + rounded(other.deposits * factor, precision),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    sums: Mapping[int, Sum] = field(default_factory=dict)
    days_overdue: int = 0

    def of(self, currency_id: int) -> Sum:
        return self.sums.get(currency_id, Sum())


def balances_of(work: Work, customer: int) -> Balances:
    sums: dict[int, Sum] = {}
    today = work.today.isoformat()
    oldest = today
    for item in all_open_of(work, customer):
        late = item.side == DEBIT and item.due < today
        oldest = min(oldest, item.due) if late else oldest
        held = sums.get(item.currency, Sum())
        sums[item.currency] = replace(
            held,
            balance=held.balance + item.side * item.remaining,
            overdue=held.overdue + (item.remaining if late else ZERO),
            deposits=held.deposits + (item.remaining if item.side == DEPOSIT else ZERO),
        )
    for currency_id, amount in _unbilled(work, customer).items():
        held = sums.get(currency_id, Sum())
        sums[currency_id] = replace(held, unbilled=held.unbilled + amount)
    days = (date.fromisoformat(today) - date.fromisoformat(oldest)).days
    return Balances(sums=sums, days_overdue=days)


def in_primary(work: Work, customer: Entry, balances: Balances) -> Sum:
    """Other currencies at today's rates: how the vendor converts them is not known."""
    primary = ref_id(customer.document, "currency")
    base = base_currency(work, ref_id(customer.document, "subsidiary"))
    precision = currency(work, primary).precision
    total = Sum()
    for currency_id, amount in balances.sums.items():
        factor = Decimal(1)
        if currency_id != primary:
            today = work.today.isoformat()
            factor = exchange_rate(work, base, currency_id, today) / exchange_rate(
                work, base, primary, today
            )
        total = total.plus(amount, factor, precision)
    return total


def _unbilled(work: Work, customer: int) -> dict[int, Decimal]:
    """Of the open lines of approved orders: what they are worth less what was billed of them."""
    unbilled: dict[int, Decimal] = {}
    for statement, sign in ((ORDERED, 1), (BILLED, -1)):
        for row in work.connection.execute(statement, (customer,)).fetchall():
            amount = sign * Decimal(str(row["amount"]))
            unbilled[row["currency"]] = unbilled.get(row["currency"], ZERO) + amount
        if not unbilled:
            break
    return unbilled
