"""The one change, both ways, against every kind of org and account that there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from pathlib import Path

import pytest

from tests.world import World, running_world

ONE_CURRENCY = "single-currency"
AXES: dict[str, tuple[str, ...]] = {
    "salesforce": ("salesforce-v66", "salesforce-v67", "salesforce-v68"),
    "release": ("netsuite-2025.2", "netsuite-2026.1", "netsuite-2026.2"),
    "currencies": ("many-currencies", ONE_CURRENCY),
    "companies": ("one-world", "single-subsidiary"),
    "tax": ("suite-tax", "legacy-tax"),
    "dates": ("american-dates", "german-dates"),
    "slots": ("standard", "enterprise"),
}
DEFAULTS = frozenset(
    {"netsuite-2026.2", "many-currencies", "one-world", "suite-tax", "american-dates", "standard"}
)
"""What a profile is without a word about it."""


@dataclass(frozen=True)
class Kind:
    """One value of each axis."""

    values: tuple[str, ...]

    @property
    def profile(self) -> str:
        return ",".join(value for value in self.values if value not in DEFAULTS)


ROWS = (
    (0, 0, 1, 0, 0, 1, 0),
    (0, 1, 0, 1, 1, 1, 0),
    (0, 2, 0, 1, 0, 0, 1),
    (1, 0, 0, 1, 0, 0, 1),
    (1, 1, 1, 0, 0, 1, 1),
    (1, 2, 1, 1, 1, 1, 0),
    (2, 0, 0, 1, 1, 0, 1),
    (2, 1, 1, 0, 1, 0, 0),
    (2, 2, 0, 0, 0, 1, 0),
)
"""Which value of each axis; the nine hold every pair of values of any two axes."""

KINDS = [
    Kind(tuple(values[at] for values, at in zip(AXES.values(), row, strict=True))) for row in ROWS
]


def settings_of(kind: Kind) -> dict[str, str]:
    """What an administrator sets for this kind of org and account."""
    slots = "15" if "enterprise" in kind.values else "4"
    own = {"SALESFORCE_CURRENCY": "USD"} if ONE_CURRENCY in kind.values else {}
    return {"NETSUITE_WRITER_SLOTS": slots, **own}


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    kind: Kind = request.param
    with running_world(
        tmp_path / "state",
        extra=settings_of(kind),
        profile=kind.profile,
        has_currencies=ONE_CURRENCY not in kind.values,
    ) as running:
        yield running


def test_every_value_meets_every_other_in_some_profile() -> None:
    met = {pair for kind in KINDS for pair in combinations(kind.values, 2)}
    axes = combinations(AXES.values(), 2)
    assert met == {(one, other) for first, second in axes for one in first for other in second}


@pytest.mark.parametrize("world", KINDS, ids=lambda kind: kind.profile, indirect=True)
def test_a_deal_is_ordered_billed_paid_and_told_back(world: World) -> None:
    deal = world.open_deal(world.account("Acme GmbH"), quantity=2, price=50)
    world.win(deal)
    shown = world.numbered(deal)
    order_id = shown["NS_SO_Id__c"]
    assert shown["NS_Sync_Status__c"] == "Synced"
    order = world.accountant.record("salesOrder", order_id)
    assert order["total"] == Decimal(100)
    assert order["currency"]["refName"] == ("Euro" if world.has_currencies else "US Dollar")
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    invoice = world.accountant.transform("salesOrder", order_id, "invoice")
    world.told(deal, NS_Billing_Status__c="Billed", NS_Remaining__c=Decimal(100))
    world.accountant.transform("invoice", invoice, "customerPayment")
    paid = world.told(deal, NS_Billing_Status__c="Paid")
    assert (paid["NS_Paid__c"], paid["NS_Remaining__c"]) == (Decimal(100), 0)
    found = world.quiet()
    assert found["holds"], found
    assert len(world.orders(deal)) == len(world.customers(deal.account_id)) == 1
