"""What must hold after every run, whatever was killed: read from the vendors' own journals."""

from collections import Counter
from decimal import Decimal
from typing import Any

from kernel.messages import ChangeEvent, ChangeKind, Outcome, Result, Subject, Version
from kernel.records import netsuite
from kernel.topics import OUTCOMES, SALESFORCE_CHANGES
from tests.world import Deal, World

WATCHED = frozenset({"Account", "Opportunity", "OpportunityLineItem", "Product2"})
OURS = frozenset({"customer", "salesorder"})
INTEGRATION = "integration"
WORKED = frozenset({Result.APPLIED, Result.UNCHANGED})


def check_all(world: World, deals: list[Deal]) -> None:
    found = world.quiet()
    i9_the_books_balance(found)
    i1_every_change_is_captured_and_ends_once(world)
    i2_one_record_per_external_id(world, deals)
    i3_both_halves_agree(world, deals)
    i4_versions_never_go_backwards(world)
    i5_every_write_traces_to_a_change(world)


def i9_the_books_balance(found: dict[str, Any]) -> None:
    assert found["holds"], found
    states = found["conservation"]["states"]
    captured = found["conservation"]["captured"]
    assert captured == sum(states.values())
    assert not states.get("in_flight"), states


def i1_every_change_is_captured_and_ends_once(world: World) -> None:
    changes = [m for m in world.log.messages(SALESFORCE_CHANGES) if isinstance(m, ChangeEvent)]
    committed = [m for m in world.mutations("salesforce") if m["record"] in WATCHED]
    ids = {m["id"] for m in committed}
    made = {m["id"] for m in committed if m["operation"] == "create"}
    captured = {
        (change.ref, capture.transaction, capture.sequence)
        for change in changes
        for capture in change.captures
        if change.ref.id in ids  # others came with the seed, and so did their creation
        and (capture.kind is not ChangeKind.CREATE or change.ref.id in made)
    }
    assert len(captured) == len(committed)
    finals = Counter(
        (outcome.event_id, outcome.id) for outcome in changes_ends(world) if outcome.result.is_final
    )
    ends_of = Counter(event_id for event_id, _ in finals)
    assert {change.id: 1 for change in changes}.items() <= ends_of.items()
    assert set(ends_of.values()) == {1}


def i2_one_record_per_external_id(world: World, deals: list[Deal]) -> None:
    created = Counter(
        m["after"]["externalId"]
        for m in world.mutations("netsuite")
        if m["operation"] == "create" and m["record"].lower() in OURS and is_integration(m["actor"])
    )
    assert set(created.values()) <= {1}, created.most_common(3)
    for deal in deals:
        assert len(world.orders(deal)) == 1
        assert len(world.customers(deal.account_id)) == 1


def i3_both_halves_agree(world: World, deals: list[Deal]) -> None:
    for deal in deals:
        ours = world.opportunity(deal)
        theirs = world.accountant.record("salesOrder", ours["NS_SO_Id__c"])
        customer = world.accountant.record("customer", ours["Account"]["NS_Customer_Id__c"])
        assert theirs["memo"] == ours["Name"]
        assert theirs["total"] == Decimal(ours["Amount"])
        assert theirs["tranId"] == ours["NS_SO_Number__c"]
        assert theirs["status"]["refName"] == ours["NS_SO_Status__c"]
        assert customer["companyName"] == ours["Account"]["Name"]
        assert customer["entityId"] == ours["Account"]["NS_Customer_Number__c"]


def i4_versions_never_go_backwards(world: World) -> None:
    """Of outcomes about different documents the log tells no order."""
    latest: dict[tuple[object, object, str], Version] = {}
    for outcome in ends_of_commands(world):
        if outcome.result is Result.APPLIED and outcome.version and outcome.target:
            key = (outcome.ref, outcome.target, outcome.part)
            assert latest.get(key, outcome.version) <= outcome.version, outcome
            latest[key] = outcome.version


def i5_every_write_traces_to_a_change(world: World) -> None:
    written = Counter(
        outcome.written for outcome in ends_of_commands(world) if outcome.result in WORKED
    )
    for mutation in world.mutations("netsuite"):
        if mutation["record"].lower() in OURS and is_integration(mutation["actor"]):
            ref = netsuite(mutation["record"], str(mutation["id"]))
            assert written[ref], f"{ref} was written and no outcome says so"


def is_integration(actor: str) -> bool:
    return INTEGRATION in actor.lower()


def changes_ends(world: World) -> list[Outcome]:
    return [o for o in _outcomes(world) if o.subject is Subject.CHANGE]


def ends_of_commands(world: World) -> list[Outcome]:
    """Each once, where it came first: a crash may make a service say it again."""
    found: dict[str, Outcome] = {}
    for outcome in _outcomes(world):
        if outcome.subject is Subject.COMMAND:
            found.setdefault(outcome.id, outcome)
    return list(found.values())


def _outcomes(world: World) -> list[Outcome]:
    return [m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome)]
