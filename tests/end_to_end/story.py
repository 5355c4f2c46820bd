"""A random story of sales, finance and the world around them: what happens, step by step.

People are refused now and then, as in life, or get no answer: it is counted and the story goes on.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

import httpx
from hypothesis import strategies as st

from ops.local.errors import PartFailedError
from tests.end_to_end.ledger import Ledger
from tests.end_to_end.refunding import Refunding
from tests.world import Deal, World

T = TypeVar("T")
CURRENCIES: Mapping[str, tuple[str, int]] = {
    "USD": ("1", 100), "EUR": ("4", 100), "GBP": ("2", 100), "JPY": ("5", 1),
}  # fmt: skip
"""ISO code → NetSuite's id, and how many of its minor units make one."""
PICKS = 997
"""A pick is taken modulo what there is to pick from."""


@dataclass(frozen=True, slots=True)
class Step:
    """What is done, to which of those there are, and how much or in which way."""

    action: str
    pick: int
    size: int


@dataclass(slots=True, kw_only=True)
class Customer:
    """An account, and its books once NetSuite has it as a customer."""

    account: str
    currency: str
    name: str
    ledger: Ledger | None = None


@dataclass(slots=True, kw_only=True)
class Sold:
    """A deal, with what became of it in Salesforce."""

    deal: Deal
    currency: str
    lines: list[str]
    order: str = ""
    """The Salesforce order that was made from it, if one was."""
    is_deleted: bool = False


@dataclass(slots=True, kw_only=True)
class Story:
    world: World
    desk: Refunding
    customers: list[Customer] = field(default_factory=list)
    deals: list[Sold] = field(default_factory=list)
    requests: dict[str, str] = field(default_factory=dict)
    """Refund requests, and how people left them: `Cancelled`, or nothing."""
    is_shut: bool = False
    """Whether finance has closed the month before this one."""
    done: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Step, str]] = field(default_factory=list)

    def tell(self, steps: Sequence[Step], actions: Mapping[str, "Action"]) -> None:
        for step in steps:
            try:
                happened = actions[step.action](self, step)
            except (PartFailedError, httpx.TransportError) as refusal:
                self.refused.append((step, str(refusal)))
                continue
            self.done[step.action if happened else "nothing to do it to"] += 1

    def price(self, step: Step, currency: str) -> float:
        """Whole minor units of the currency."""
        units = CURRENCIES[currency][1]
        return (100 * units + step.size * 37 % (900 * units)) / units

    def customer(self, step: Step) -> Customer | None:
        return picked(self.customers, step)

    def deal(self, step: Step) -> Sold | None:
        return picked([sold for sold in self.deals if not sold.is_deleted], step)

    def customer_number(self, customer: Customer) -> str:
        """NetSuite's id; empty while there is none."""
        shown = self.world.rep.one(
            f"SELECT NS_Customer_Id__c FROM Account WHERE Id = '{customer.account}'"
        )
        return str(shown["NS_Customer_Id__c"] or "")

    def books(self, step: Step) -> Ledger | None:
        """Of one of the customers that NetSuite has by now."""
        customer = self.customer(step)
        if customer is None or not (number := self.customer_number(customer)):
            return None
        if customer.ledger is None:
            units = CURRENCIES[customer.currency][1]
            customer.ledger = Ledger(self.world, number, Random(), units=units)
        customer.ledger.random = Random(step.size)
        return customer.ledger

    def sales_orders(self) -> list[str]:
        """NetSuite's ids of the orders of the story's deals."""
        rows = self.world.accountant.query(
            "SELECT id, externalid FROM transaction WHERE type = 'SalesOrd'"
            " AND externalid LIKE 'sf-%' ORDER BY id"
        )
        sources = {one for sold in self.deals for one in (sold.deal.opportunity_id, sold.order)}
        return [str(row["id"]) for row in rows if str(row["externalid"])[-18:] in sources]


Action = Callable[[Story, Step], bool]
"""False where there was nothing to do it to."""


def picked(found: Sequence[T], step: Step) -> T | None:
    return found[step.pick % len(found)] if found else None


def stories(actions: Mapping[str, int], steps: int) -> st.SearchStrategy[list[Step]]:
    """So many steps; `actions` says how often each is taken."""
    names = [name for name, weight in actions.items() for _ in range(weight)]
    step = st.builds(Step, st.sampled_from(names), st.integers(0, PICKS), st.integers(0, 99_999))
    return st.lists(step, min_size=steps, max_size=steps)


def today() -> str:
    return datetime.now(UTC).date().isoformat()
