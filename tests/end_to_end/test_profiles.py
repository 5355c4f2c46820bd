"""The one change, both ways, against every kind of org and account that there is."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from kernel.messages import WriteCommand
from kernel.topics import NETSUITE_COMMANDS
from kernel.values import Document
from tests.end_to_end.refunding import Refunding
from tests.golden.files import golden_files
from tests.kinds import AXES, KINDS, ONE_CURRENCY, Kind
from tests.world import World, running_world

GOLDEN_FILES = {
    "customer": "account-to-customer/new-single-subsidiary.json",
    "salesOrder": "opportunity-to-sales-order/new.json",
}
"""Kind → the file whose commands hold in every profile."""

Names = tuple[frozenset[str], dict[str, frozenset[str]]]


def settings_of(kind: Kind) -> dict[str, str]:
    """What an administrator sets for this kind of org and account."""
    slots = "15" if "enterprise" in kind.values else "4"
    own = {"SALESFORCE_CURRENCY": "USD"} if ONE_CURRENCY in kind.values else {}
    books = {"NETSUITE_CURRENCY": "USD"} if kind.has_one_book else {}
    return {"NETSUITE_WRITER_SLOTS": slots, **own, **books}


def commands(world: World, kind: str) -> list[WriteCommand]:
    sent = world.log.messages(NETSUITE_COMMANDS)
    return [m for m in sent if isinstance(m, WriteCommand) and m.target.kind == kind]


def names_of(document: Document) -> Names:
    """Of the root's fields, and of those of each list's first line."""
    lists = {name: frozenset(lines[0]) for name, lines in document.lines.items()}
    return frozenset(document.fields), lists


def golden_names(name: str) -> Names:
    """The same of the command that a golden file holds."""
    (golden,) = [item for item in golden_files() if item.name == name]
    told: Any = golden.then
    (command, *_) = told["commands"]
    lists = {name: frozenset(lines[0]) for name, lines in command["lines"].items()}
    return frozenset(command["fields"]), lists


def _give_back(world: World, invoice: str) -> None:
    """Of a paid invoice over 100.00: the credit, and the money for it."""
    desk = Refunding(world)
    currency = {"CurrencyIsoCode": "EUR"} if world.has_currencies else {}
    request = desk.ask(
        desk.show_by_hand(invoice, currency="EUR"), 60, Refund_Method__c="Pay back", **currency
    )
    desk.until(request, Status__c="Done", Refunded__c=Decimal(60))
    steps = desk.made(request)
    desk.close()
    assert set(steps) == {"cm", "rf"}
    assert world.accountant.record("creditMemo", steps["cm"])["total"] == Decimal(60)


def currency_of(order: Mapping[str, Any]) -> str | None:
    """None in an account that has one currency and does not say it."""
    named = order.get("currency")
    return str(named["refName"]) if named else None


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
    assert currency_of(order) in ({"Euro"} if world.has_currencies else {"US Dollar", None})
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    invoice = world.accountant.transform("salesOrder", order_id, "invoice")
    world.told(deal, NS_Billing_Status__c="Billed", NS_Remaining__c=Decimal(100))
    world.accountant.transform("invoice", invoice, "customerPayment")
    paid = world.told(deal, NS_Billing_Status__c="Paid")
    assert (paid["NS_Paid__c"], paid["NS_Remaining__c"]) == (Decimal(100), 0)
    _give_back(world, invoice)
    for kind, name in GOLDEN_FILES.items():
        assert names_of(commands(world, kind)[0].document) == golden_names(name)
    found = world.quiet()
    assert found["holds"], found
    assert len(world.orders(deal)) == len(world.customers(deal.account_id)) == 1
