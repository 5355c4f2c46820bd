"""One customer for one company, whoever had it first: seen in NetSuite's own journal."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from kernel.messages import Alert, Outcome, Result, Subject
from kernel.records import netsuite
from kernel.topics import (
    ALERTS,
    NETSUITE_CHANGES,
    NETSUITE_COMMANDS,
    OPERATIONS,
    OUTCOMES,
    SALESFORCE_CHANGES,
)
from tests.invariants import check_all, is_integration
from tests.log import eventually
from tests.world import Deal, World

SETTINGS = {"DUPLICATE_CHECK": "on"}
IDENTITY = {"custentity_sf_account_id", "externalId"}
HELD = {"NS_Sync_Status__c": "Held"}


def standing_customer(world: World, name: str, **fields: object) -> str:
    """A customer that finance has in NetSuite, known to transform."""
    made = world.accountant.create(
        "customer",
        companyName=name,
        subsidiary={"id": "1"},
        currency={"id": "4"},
        **fields,
    )
    ref = netsuite("customer", made)

    def look() -> bool:
        return any(outcome.ref == ref for outcome in ends(world))

    eventually(look, within_s=60.0)
    return made


def address(country: str, city: str = "Springfield", street: str = "1 Main Street") -> object:
    place = {"addr1": street, "city": city, "zip": "62701", "country": {"id": country}}
    return {"items": [{"defaultBilling": True, "addressBookAddress": place}]}


def won_deal(world: World, name: str, **fields: object) -> Deal:
    deal = world.open_deal(world.account(name, **fields))
    world.win(deal)
    return deal


def ends(world: World) -> list[Outcome]:
    found = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    return [outcome for outcome in found if outcome.subject is Subject.CHANGE]


def made_by_us(world: World, kind: str, after: int) -> list[dict[str, Any]]:
    return [
        mutation
        for mutation in world.mutations("netsuite", after)
        if is_integration(mutation["actor"])
        and (mutation["record"], mutation["operation"]) == (kind, "create")
    ]


def written_fields(world: World, customer: str, after: int) -> set[str]:
    """What our own writes changed in a customer."""
    return {
        name
        for mutation in world.mutations("netsuite", after)
        if is_integration(mutation["actor"])
        and (mutation["record"], str(mutation["id"])) == ("customer", customer)
        for name in changed(mutation["before"] or {}, mutation["after"] or {})
    }


def changed(before: Mapping[str, object], after: Mapping[str, object]) -> set[str]:
    names = {*before, *after} - {"lastModifiedDate", "links"}
    return {name for name in names if before.get(name) != after.get(name)}


def tallystick(world: World, *words: str, code: int = 0) -> str:
    """What `tallystick reviews` says of this stack."""
    state = ["--state", str(world.stack.state.directory)]
    command = [sys.executable, "-m", "ops", "reviews", *words, *state]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def open_review(world: World, deal: Deal) -> dict[str, Any]:
    """The review that the deal's account waits for."""

    def look() -> dict[str, Any] | None:
        listed = json.loads(tallystick(world, "list", "--json"))["reviews"]
        mine = [item for item in listed if item["account"].endswith(deal.account_id)]
        return mine[0] if mine else None

    return eventually(look, within_s=60.0)


def customer_of(world: World, deal: Deal) -> str:
    return str(world.numbered(deal)["Account"]["NS_Customer_Id__c"])


def orders_of(world: World, deal: Deal) -> Sequence[Mapping[str, Any]]:
    return world.orders(deal)


def customers_standing(world: World) -> list[Mapping[str, Any]]:
    """Every customer with all its fields, in the order of ids."""
    rows = world.accountant.query("SELECT id FROM customer ORDER BY id")
    return [world.accountant.record("customer", str(row["id"])) for row in rows]


def test_t1_4_the_same_name_and_domain_are_linked_and_nothing_is_created(world: World) -> None:
    made = standing_customer(
        world, "ABC Corporation", url="https://abc.example", addressBook=address("US")
    )
    start = world.end_of_journal("netsuite")
    deal = won_deal(world, "ABC Corp", Website="www.abc.example", BillingCountry="US")
    shown = world.numbered(deal)
    world.quiet()
    assert made_by_us(world, "customer", start) == []
    assert written_fields(world, made, start) <= IDENTITY
    customer = world.accountant.record("customer", made)
    assert customer["externalId"].endswith(f"-Account-{deal.account_id}")
    assert customer["companyName"] == "ABC Corporation"
    order = world.accountant.record("salesOrder", str(shown["NS_SO_Id__c"]))
    assert order["entity"]["id"] == made
    assert customer_of(world, deal) == made
    check_all(world, [])


def test_t1_4_a_name_alone_waits_for_a_person_and_follows_the_link(world: World) -> None:
    made = standing_customer(world, "Kestrel Instruments Inc")
    start = world.end_of_journal("netsuite")
    deal = won_deal(world, "Kestrel Instruments")
    held = world.told(deal, **HELD)
    assert "tallystick reviews show" in held["NS_Sync_Message__c"]
    review = open_review(world, deal)
    assert made_by_us(world, "customer", start) == []
    assert written_fields(world, made, start) == set()
    page = tallystick(world, "show", review["id"][:8])
    assert "Kestrel Instruments Inc" in page
    assert "1 change waiting" in page
    said = tallystick(world, "link", review["id"], "--reason", "seen the contract")
    assert "has this customer now" in said
    assert customer_of(world, deal) == made
    world.quiet()
    assert made_by_us(world, "customer", start) == []
    assert len(orders_of(world, deal)) == 1
    late = tallystick(world, "create", review["id"], code=1)
    assert "settled review" in late
    world.quiet()
    assert made_by_us(world, "customer", start) == []


def test_t1_4_two_tax_numbers_are_never_linked_by_themselves(world: World) -> None:
    standing_customer(
        world, "Quarz Corporation", vatRegNumber="FR40303265045", addressBook=address("FR")
    )
    start = world.end_of_journal("netsuite")
    deal = won_deal(world, "Quarz Corp", NS_VAT_Number__c="DE136695976", BillingCountry="DE")
    world.told(deal, **HELD)
    review = open_review(world, deal)
    assert "contradicts" in {item["finding"] for item in review["evidence"]}
    assert made_by_us(world, "customer", start) == []
    tallystick(world, "create", review["id"], "--reason", "two companies")
    world.numbered(deal)
    world.quiet()
    assert len(made_by_us(world, "customer", start)) == 1


def test_t1_5_two_accounts_alike_at_once_give_one_customer_and_one_review(world: World) -> None:
    start = world.end_of_journal("netsuite")
    web = "zwillingswerk.example"
    deals = [
        world.open_deal(world.account("Zwillingswerk AG", Website=web, BillingCountry="DE"))
        for _ in range(2)
    ]
    world.win(deals[0])
    world.win(deals[1])

    def look() -> tuple[Deal, Deal] | None:
        held = [deal for deal in deals if world.opportunity(deal)["NS_Sync_Status__c"] == "Held"]
        done = [deal for deal in deals if world.opportunity(deal)["NS_SO_Number__c"]]
        return (done[0], held[0]) if done and held else None

    done, held = eventually(look, within_s=60.0)
    world.quiet()
    assert done is not held
    assert len(made_by_us(world, "customer", start)) == 1
    assert orders_of(world, held) == []
    assert "DUPLICATE_ACCOUNT" in world.opportunity(held)["NS_Sync_Message__c"]
    review = open_review(world, held)
    tallystick(world, "ask-merge", review["id"], "--reason", "entered twice", "--as", "Ada")
    eventually(lambda: "Ada" in world.opportunity(held)["NS_Sync_Message__c"], within_s=60.0)
    tallystick(world, "reject", review["id"], "--reason", "merged by hand")
    world.quiet()
    rejected = [o for o in ends(world) if o.result is Result.REJECTED]
    assert [o.code for o in rejected] == ["ACCOUNT_REJECTED"]
    assert len(made_by_us(world, "customer", start)) == 1


def test_t1_1_three_deliveries_and_a_writer_killed_after_the_commit_make_one(world: World) -> None:
    start = world.end_of_journal("netsuite")
    channel = {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_duplicate"}
    lost = {
        "system": "netsuite",
        "method": "PUT",
        "path": "/record/v1/customer/*",
        "effect": "drop_after_commit",
        "times": 1,
    }
    world.faults(channel, {**channel}, lost)
    deal = won_deal(world, "Ohrensessel Manufaktur")
    eventually(lambda: made_by_us(world, "customer", start), within_s=60.0)
    world.stack.kill("netsuite-writer", signal.SIGKILL)
    world.numbered(deal)
    world.quiet()
    assert len(made_by_us(world, "customer", start)) == 1
    assert len(made_by_us(world, "salesOrder", start)) == 1


def test_t1_3_another_billing_address_is_one_update_and_no_customer(world: World) -> None:
    deal = won_deal(world, "Papierlaterne GmbH", Phone="+49 30 901820")
    customer = customer_of(world, deal)
    world.quiet()
    start = world.end_of_journal("netsuite")
    world.rep.update("Account", deal.account_id, Phone="+49 30 901821")

    def look() -> bool:
        return bool(world.accountant.record("customer", customer)["phone"] == "+49 30 901821")

    eventually(look, within_s=60.0)
    world.quiet()
    assert made_by_us(world, "customer", start) == []
    ours = [m for m in world.mutations("netsuite", start) if is_integration(m["actor"])]
    assert [(m["record"], str(m["id"]), m["operation"]) for m in ours] == [
        ("customer", customer, "update")
    ]


def test_t1_2_everything_again_from_offset_0_leaves_every_customer_as_it_was(world: World) -> None:
    """Readings, decisions of people and commands: the whole of each topic is delivered again."""
    found = world.quiet()
    start, before = world.end_of_journal("netsuite"), customers_standing(world)
    for topic in (SALESFORCE_CHANGES, NETSUITE_CHANGES, OPERATIONS, NETSUITE_COMMANDS):
        world.log.send_again(topic)
    after = world.quiet()
    ours = [m for m in world.mutations("netsuite", start) if is_integration(m["actor"])]
    assert ours == []
    assert customers_standing(world) == before
    assert after["conservation"]["captured"] == found["conservation"]["captured"]
    assert after["holds"]


def test_t1_7_after_a_merge_in_netsuite_the_next_update_goes_to_the_one_that_is_left(
    world: World,
) -> None:
    deal = won_deal(world, "Murmelbahn Werke", Phone="+49 30 901822")
    duplicate = customer_of(world, deal)
    master = standing_customer(world, "Murmelbahn Holding")
    world.quiet()
    start = world.end_of_journal("netsuite")
    world.merge_customers(master, duplicate)

    def is_repointed() -> bool:
        account = world.rep.one(
            f"SELECT NS_Customer_Id__c FROM Account WHERE Id = '{deal.account_id}'"
        )
        return bool(account["NS_Customer_Id__c"] == master)

    eventually(is_repointed, within_s=60.0)
    world.rep.update("Account", deal.account_id, Phone="+49 30 901823")

    def is_updated() -> bool:
        return bool(world.accountant.record("customer", master).get("phone") == "+49 30 901823")

    eventually(is_updated, within_s=60.0)
    later = world.open_deal(deal.account_id)
    world.win(later)
    order = world.accountant.record("salesOrder", str(world.numbered(later)["NS_SO_Id__c"]))
    assert order["entity"]["id"] == master
    world.quiet()
    assert made_by_us(world, "customer", start) == []


def test_t1_7_two_customers_of_merged_accounts_are_merged_by_finance_and_by_nobody_else(
    world: World,
) -> None:
    stays = won_deal(world, "Brunnenwerk Aachen", Phone="+49 241 1")
    lost = won_deal(world, "Pumpenhaus Trier")
    kept, duplicate = customer_of(world, stays), customer_of(world, lost)
    world.quiet()
    start = world.end_of_journal("netsuite")
    world.rep.merge("Account", stays.account_id, lost.account_id)
    review = open_review(world, lost)
    assert review["about"] == "merge"
    page = tallystick(world, "show", review["id"])
    assert "Pumpenhaus Trier" in page
    assert "Brunnenwerk Aachen" in page
    assert "say keep or ask-merge" in tallystick(world, "link", review["id"], code=2)
    tallystick(world, "ask-merge", review["id"], "--reason", "one company now", "--as", "Ada")
    eventually(lambda: "MERGE_WANTED" in alert_codes(world), within_s=60.0)
    world.quiet()
    assert [m for m in world.mutations("netsuite", start) if is_integration(m["actor"])] == []
    world.merge_customers(kept, duplicate)
    eventually(lambda: "CUSTOMERS_MERGED" in {o.code for o in ends(world)}, within_s=60.0)
    found = json.loads(tallystick(world, "show", review["id"], "--json"))
    assert (found["action"], found["waiting"]) == ("merged", 0)
    world.rep.update("Account", stays.account_id, Phone="+49 241 2")

    def is_updated() -> bool:
        return bool(world.accountant.record("customer", kept).get("phone") == "+49 241 2")

    eventually(is_updated, within_s=60.0)
    (order,) = orders_of(world, lost)
    entity = world.accountant.record("salesOrder", str(order["id"]))["entity"]
    assert entity["id"] == kept
    assert world.quiet()["holds"]
    assert made_by_us(world, "customer", start) == []


def alert_codes(world: World) -> set[str]:
    return {message.code for message in world.log.messages(ALERTS) if isinstance(message, Alert)}
