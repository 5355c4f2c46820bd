"""Columns of the search tables that follow from the ledger and from the day."""

from collections.abc import Callable
from datetime import date

from sandbox.netsuite.account import Account, Work, look
from sandbox.netsuite.kinds import ENTITY
from sandbox.netsuite.ledger.balances import Sum, balances_of, in_primary
from sandbox.netsuite.ledger.open_items import DEBIT, OpenItem, applications_to, find
from sandbox.netsuite.principals import SYSTEM
from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.values import ZERO


def register_computed(account: Account) -> None:
    """They read the books themselves, so a search and the record cannot differ."""

    def of_customer(read: Callable[[Sum], float]) -> Callable[[int], Cell]:
        def call(identifier: int) -> Cell:
            work = look(account, SYSTEM)
            customer = work.store.load(ENTITY, identifier)
            if customer is None:
                return None
            return read(in_primary(work, customer, balances_of(work, identifier)))

        return call

    def days_overdue(identifier: int) -> Cell:
        return balances_of(look(account, SYSTEM), identifier).days_overdue or None

    def of_item(read: Callable[[Work, OpenItem], Cell]) -> Callable[[int], Cell]:
        def call(identifier: int) -> Cell:
            work = look(account, SYSTEM)
            item = find(work, identifier)
            return read(work, item) if item is not None and item.side == DEBIT else None

        return call

    functions: dict[str, Callable[[int], Cell]] = {
        "ns_customer_balance": of_customer(lambda owed: float(owed.balance)),
        "ns_customer_overdue": of_customer(lambda owed: float(owed.overdue)),
        "ns_customer_unbilled": of_customer(lambda owed: float(owed.unbilled)),
        "ns_customer_days_overdue": days_overdue,
        "ns_days_open": of_item(_days_open),
        "ns_days_overdue": of_item(_days_overdue),
    }
    for name, function in functions.items():
        account.connection.create_function(name, 1, function)


def _days_open(work: Work, item: OpenItem) -> Cell:
    """Until today, or until the last application settled it."""
    end = work.today
    if item.remaining == ZERO:
        end = max(
            (date.fromisoformat(one.day) for one in applications_to(work, item.id)), default=end
        )
    return (end - date.fromisoformat(item.day)).days


def _days_overdue(work: Work, item: OpenItem) -> Cell:
    late = (work.today - date.fromisoformat(item.due)).days
    return late if item.remaining and late > 0 else None
