"""One change, both ways, exactly once, on all the real parts."""

from decimal import Decimal

import pytest

from kernel.messages import Outcome, Result, Subject
from kernel.topics import NETSUITE_COMMANDS, OUTCOMES, SALESFORCE_CHANGES
from tests.invariants import check_all, is_integration
from tests.world import World

QUIET = ("salesforce", "netsuite")
SETTINGS = {"DUPLICATE_CHECK": "on"}
BUYERS = iter(
    "Ahornwerk Birkenhof Cassiopeia Dünenblick Eisvogel Falkenberg Goldregen Hufeisen".split()
)


def integration_writes(world: World, after: dict[str, int]) -> list[object]:
    """What our own users changed in either system since then."""
    return [
        (mutation["record"], mutation["id"], mutation["seq"])
        for system in QUIET
        for mutation in world.mutations(system, after[system])
        if is_integration(mutation["actor"])
    ]


def now(world: World) -> dict[str, int]:
    return {system: world.end_of_journal(system) for system in QUIET}


def test_a_won_deal_becomes_an_order_is_billed_paid_and_told_back(world: World) -> None:
    deal = world.open_deal(world.account("Acme GmbH"), quantity=3, price=33.33)
    world.win(deal)
    shown = world.numbered(deal)
    order_id = shown["NS_SO_Id__c"]
    order = world.accountant.record("salesOrder", order_id)
    assert order["total"] == Decimal("99.99")
    assert shown["NS_Sync_Status__c"] == "Synced"
    world.accountant.update("salesOrder", order_id, orderStatus={"id": "B"})
    half = {"items": [{"orderLine": 1, "quantity": 1}]}
    first = world.accountant.transform("salesOrder", order_id, "invoice", item=half)
    world.told(deal, NS_Billing_Status__c="Partly billed", NS_Billed__c=Decimal("33.33"))
    second = world.accountant.transform("salesOrder", order_id, "invoice")
    world.told(deal, NS_Billing_Status__c="Billed", NS_Remaining__c=Decimal("99.99"))
    world.accountant.transform("invoice", first, "customerPayment")
    world.told(deal, NS_Billing_Status__c="Partly paid", NS_Remaining__c=Decimal("66.66"))
    world.accountant.transform("invoice", second, "customerPayment")
    paid = world.told(deal, NS_Billing_Status__c="Paid")
    assert (paid["NS_Paid__c"], paid["NS_Remaining__c"]) == (Decimal("99.99"), 0)
    check_all(world, [deal])


def test_r5_own_echoes_lead_to_no_write(world: World) -> None:
    deal = world.open_deal(world.account("Echo AG"))
    world.win(deal)
    world.numbered(deal)
    world.quiet()
    start = now(world)
    world.quiet()
    assert integration_writes(world, start) == []
    echoes = [o for o in outcomes(world) if o.code == "OWN_ECHO"]
    assert echoes
    assert all(o.result is Result.FILTERED for o in echoes)


def test_t1_2_replaying_whole_topics_from_offset_0_writes_nothing(world: World) -> None:
    deal = world.open_deal(world.account("Replay KG"))
    world.win(deal)
    world.numbered(deal)
    found = world.quiet()
    start = now(world)
    for topic in (SALESFORCE_CHANGES, NETSUITE_COMMANDS):
        world.log.send_again(topic)
    after = world.quiet()
    assert integration_writes(world, start) == []
    assert after["holds"]
    assert after["conservation"]["captured"] == found["conservation"]["captured"]


def test_t1_1_every_event_delivered_three_times_makes_one_record(world: World) -> None:
    channel = {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_duplicate"}
    world.faults(channel, {**channel})
    deal = world.open_deal(world.account("Drilling GmbH"))
    world.win(deal)
    world.numbered(deal)
    world.quiet()
    assert len(world.orders(deal)) == 1
    assert len(world.customers(deal.account_id)) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"effect": "drop_after_commit"},
        {"effect": "drop_before_commit"},
        {"effect": "commit_late", "seconds": 4},
        {"effect": "status", "status": 500},
    ],
    ids=lambda fault: fault["effect"],
)
@pytest.mark.parametrize("kind", ["customer", "salesOrder"])
def test_r2_an_answer_that_is_lost_leaves_one_record(
    world: World, kind: str, fault: dict[str, object]
) -> None:
    rule = {"system": "netsuite", "method": "PUT", "path": f"/record/v1/{kind}/*", "times": 1}
    world.faults({**rule, **fault})
    deal = world.open_deal(world.account(next(BUYERS)))
    world.win(deal)
    world.numbered(deal)
    world.quiet()
    assert len(world.orders(deal)) == 1
    assert len(world.customers(deal.account_id)) == 1


def test_an_amended_deal_amends_its_order_without_doubling_a_line(world: World) -> None:
    deal = world.open_deal(world.account("Nachtrag GmbH"), price=100)
    world.win(deal)
    order_id = world.numbered(deal)["NS_SO_Id__c"]
    line = world.rep.one(
        f"SELECT Id FROM OpportunityLineItem WHERE OpportunityId = '{deal.opportunity_id}'"
    )
    world.rep.update("OpportunityLineItem", line["Id"], UnitPrice=250)
    world.rep.create(
        "OpportunityLineItem",
        OpportunityId=deal.opportunity_id,
        PricebookEntryId=world.price_of("SUP-SILVER", "EUR"),
        Quantity=2,
        UnitPrice=10,
    )
    world.until_order(order_id, total=Decimal("270.0"))
    lines = world.accountant.record("salesOrder", order_id)["item"]["items"]
    assert [(line["quantity"], line["amount"]) for line in lines] == [(1, 250), (2, 20)]
    check_all(world, [deal])


def outcomes(world: World) -> list[Outcome]:
    found = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    return [outcome for outcome in found if outcome.subject is Subject.CHANGE]
