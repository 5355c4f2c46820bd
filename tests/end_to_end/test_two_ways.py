"""One owner a field: edits on both sides, at once and many, told by the vendors' own journals."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kernel.messages import Outcome, Result, Subject
from kernel.records import System
from kernel.topics import OUTCOMES
from tests.invariants import is_integration
from tests.log import eventually
from tests.world import QUIET_WITHIN_S, Deal, World

EDITS = 100
SYSTEMS = ("salesforce", "netsuite")


@pytest.fixture(scope="module")
def deal(world: World) -> Deal:
    """A deal whose customer and order stand in NetSuite, with nothing under way."""
    deal = world.open_deal(world.account("Beide Seiten GmbH", Phone="+49 30 1"))
    world.win(deal)
    world.numbered(deal)
    world.quiet()
    return deal


def test_t7_2_of_two_changes_of_one_field_the_owners_stands_on_both_sides(
    world: World, deal: Deal
) -> None:
    customer_id = world.opportunity(deal)["Account"]["NS_Customer_Id__c"]
    world.accountant.update("customer", customer_id, terms={"id": "1"})
    first = account(world, deal)["NS_Payment_Terms__c"]
    shown = until(world, deal, lambda now: now["NS_Payment_Terms__c"] != first)
    with ThreadPoolExecutor() as both:
        both.submit(world.accountant.update, "customer", customer_id, terms={"id": "2"})
        both.submit(edit, world, deal, NS_Payment_Terms__c="Whenever you like")
    agreed = world.accountant.record("customer", customer_id)["terms"]["refName"]
    assert agreed != shown["NS_Payment_Terms__c"]
    told = until(
        world,
        deal,
        lambda now: now["NS_Payment_Terms__c"] == agreed and now["NS_Sync_Message__c"],
    )
    assert "NetSuite owns NS Payment Terms" in told["NS_Sync_Message__c"]
    world.quiet()
    assert account(world, deal)["NS_Payment_Terms__c"] == agreed
    assert world.accountant.record("customer", customer_id)["terms"]["refName"] == agreed
    rejected = [o for o in changes_ends(world) if o.result is Result.REJECTED]
    assert {(o.code, o.ref.id if o.ref else "") for o in rejected} == {
        ("OWNER_OVERRULED", deal.account_id)
    }


def test_t7_6_a_field_that_netsuite_owns_is_restored_each_time_and_its_author_is_told(
    world: World, deal: Deal
) -> None:
    number = account(world, deal)["NS_Customer_Number__c"]
    for wrong in ("MINE-1", "MINE-1"):
        start = world.end_of_journal("salesforce")
        edit(world, deal, NS_Customer_Number__c=wrong)
        until(world, deal, lambda now: now["NS_Customer_Number__c"] == number)
        world.quiet()
        assert len(ours(world, "salesforce", start)) == 1
    assert "your change was undone" in account(world, deal)["NS_Sync_Message__c"]
    world.rep.update("Account", deal.account_id, Phone="+49 30 2")
    until(world, deal, lambda now: now["NS_Sync_Message__c"] is None)
    assert customer(world, deal)["phone"] == "+49 30 2"


def test_t7_2_of_an_edit_of_several_fields_what_is_refused_is_told_to_its_author(
    world: World, deal: Deal
) -> None:
    """Values that are converted on their way are the owner's too."""
    world.quiet()
    terms = account(world, deal)["NS_Payment_Terms__c"]
    edit(world, deal, Phone="+49 30 9", NS_Payment_Terms__c="Never", NS_Credit_Hold__c=True)
    eventually(lambda: customer(world, deal)["phone"] == "+49 30 9", within_s=QUIET_WITHIN_S)
    told = until(world, deal, lambda now: now["NS_Payment_Terms__c"] == terms)
    assert told["NS_Credit_Hold__c"] is False
    world.quiet()
    (said,) = [o for o in changes_ends(world) if o.code == "OVERRULED_IN_PART"]
    assert said.result is Result.APPLIED
    assert said.params["fields"] == "NS Credit Hold, NS Payment Terms"
    assert "your change was undone" in account(world, deal)["NS_Sync_Message__c"]
    world.rep.update("Account", deal.account_id, Phone="+49 30 2")
    until(world, deal, lambda now: now["NS_Sync_Message__c"] is None)


def test_t7_3_different_fields_changed_on_both_sides_at_once_both_survive(
    world: World, deal: Deal
) -> None:
    customer_id = customer(world, deal)["id"]
    with ThreadPoolExecutor() as both:
        both.submit(world.accountant.update, "customer", customer_id, creditLimit=7_500)
        both.submit(world.rep.update, "Account", deal.account_id, Phone="+49 30 3")
    until(world, deal, lambda now: now["NS_Credit_Limit__c"] == 7_500)
    world.quiet()
    there = customer(world, deal)
    assert (there["phone"], there["creditLimit"]) == ("+49 30 3", 7_500)
    here = account(world, deal)
    assert (here["Phone"], here["NS_Credit_Limit__c"]) == ("+49 30 3", 7_500)


def test_a_field_that_salesforce_owns_is_restored_in_netsuite(world: World, deal: Deal) -> None:
    world.quiet()
    start = world.end_of_journal("netsuite")
    phone = account(world, deal)["Phone"]
    world.accountant.update("customer", customer(world, deal)["id"], phone="12345")
    eventually(lambda: customer(world, deal)["phone"] == phone, within_s=QUIET_WITHIN_S)
    world.quiet()
    assert len(ours(world, "netsuite", start)) == 1
    (said,) = [o for o in changes_ends(world) if o.code == "OWNER_OVERRULED" and is_netsuite(o)]
    assert (said.result, said.params["fields"]) == (Result.REJECTED, "phone")


def test_t7_4_many_edits_on_both_sides_make_at_most_one_write_each_and_no_echo(
    world: World, deal: Deal
) -> None:
    world.quiet()
    start = {system: world.end_of_journal(system) for system in SYSTEMS}
    customer_id = customer(world, deal)["id"]
    with ThreadPoolExecutor() as both:
        both.submit(call_often, world, deal)
        both.submit(limit_often, world, customer_id)
    until(world, deal, lambda now: now["NS_Credit_Limit__c"] == EDITS // 2)
    world.quiet()
    for system in SYSTEMS:
        assert 1 <= len(ours(world, system, start[system])) <= EDITS // 2
    assert customer(world, deal)["phone"] == account(world, deal)["Phone"] == f"+49 40 {EDITS // 2}"
    still = {system: world.end_of_journal(system) for system in SYSTEMS}
    world.quiet()
    assert not any(ours(world, system, still[system]) for system in SYSTEMS)


def test_t1_3_a_contact_of_a_deal_is_made_once_and_its_email_updates_it(
    world: World, deal: Deal
) -> None:
    contact_id = world.rep.create(
        "Contact",
        AccountId=deal.account_id,
        FirstName="Ada",
        LastName="Lovelace",
        Email="ada@example.com",
    )
    world.quiet()
    start = world.end_of_journal("netsuite")
    world.rep.create(
        "OpportunityContactRole",
        OpportunityId=deal.opportunity_id,
        ContactId=contact_id,
        Role="Decision Maker",
    )
    made = eventually(lambda: contact_number(world, contact_id), within_s=QUIET_WITHIN_S)
    world.rep.update("Contact", contact_id, Email="ada@example.org")
    eventually(
        lambda: world.accountant.record("contact", made)["email"] == "ada@example.org",
        within_s=QUIET_WITHIN_S,
    )
    world.quiet()
    writes = [(w["record"], w["operation"]) for w in ours(world, "netsuite", start)]
    assert writes == [("contact", "create"), ("contact", "update")]
    company = world.accountant.record("contact", made)["company"]["id"]
    assert company == customer(world, deal)["id"]


def test_a_contact_that_finance_has_already_is_linked_and_not_doubled(
    world: World, deal: Deal
) -> None:
    company = customer(world, deal)["id"]
    standing = world.accountant.create(
        "contact",
        firstName="Mary",
        lastName="Somerville",
        email="Mary@Example.com",
        company={"id": company},
    )
    contact_id = world.rep.create(
        "Contact", AccountId=deal.account_id, LastName="Somerville", Email="mary@example.com"
    )
    world.rep.create(
        "OpportunityContactRole",
        OpportunityId=deal.opportunity_id,
        ContactId=contact_id,
        Role="Billing",
    )
    found = eventually(lambda: contact_number(world, contact_id), within_s=QUIET_WITHIN_S)
    assert found == standing
    record = world.accountant.record("contact", standing)
    assert record["externalId"].endswith(contact_id)
    rows = world.accountant.query("SELECT id FROM contact WHERE lastname = 'Somerville'")
    assert [str(row["id"]) for row in rows] == [standing]


def test_of_two_new_contacts_with_one_email_one_is_made_and_the_other_follows_its_new_address(
    world: World, deal: Deal
) -> None:
    twins = world.rep.create_many(
        "Contact",
        [
            {"AccountId": deal.account_id, "LastName": name, "Email": "grace@example.com"}
            | {"NS_Sync__c": True}
            for name in ("Hopper", "Murray")
        ],
    )

    def asked_about() -> str:
        rows = world.rep.query(
            f"SELECT Id, NS_Sync_Message__c FROM Contact WHERE AccountId = '{deal.account_id}'"
        )
        held = [row["Id"] for row in rows if "CONTACT_TAKEN" in str(row["NS_Sync_Message__c"])]
        return str(held[0]) if held else ""

    other = eventually(asked_about, within_s=QUIET_WITHIN_S)
    (first,) = set(twins) - {other}
    assert eventually(lambda: contact_number(world, first), within_s=QUIET_WITHIN_S)
    found = world.accountant.query("SELECT id FROM contact WHERE email = 'grace@example.com'")
    assert [str(row["id"]) for row in found] == [contact_number(world, first)]
    world.rep.update("Contact", other, Email="murray@example.com")
    assert eventually(lambda: contact_number(world, other), within_s=QUIET_WITHIN_S)


def contact_number(world: World, contact_id: str) -> str:
    found = world.rep.one(f"SELECT NS_Contact_Id__c FROM Contact WHERE Id = '{contact_id}'")
    return str(found["NS_Contact_Id__c"] or "")


def test_the_account_with_its_parent_and_addresses_becomes_the_customer(
    world: World, deal: Deal
) -> None:
    street = "Hinterhof 3\nAufgang B"
    branch = world.account(
        "Zweigstelle GmbH",
        ParentId=deal.account_id,
        BillingStreet=street,
        BillingCity="Berlin",
        BillingPostalCode="10999",
        BillingCountry="Germany",
        ShippingCity="Potsdam",
        NS_VAT_Number__c="DE136695976",
    )
    sold = world.open_deal(branch)
    world.win(sold)
    world.numbered(sold)
    world.quiet()
    made = customer(world, sold)
    assert made["parent"]["id"] == customer(world, deal)["id"]
    assert (made["vatRegNumber"], made["isPerson"]) == ("DE136695976", False)
    billing, shipping = made["addressBook"]["items"]
    address = billing["addressBookAddress"]
    assert (billing["defaultBilling"], shipping["defaultShipping"]) == (True, True)
    assert (address["addr1"], address["addr2"]) == ("Hinterhof 3", "Aufgang B")
    assert (address["city"], address["zip"]) == ("Berlin", "10999")
    assert address["country"]["id"] == "DE"
    world.accountant.update(
        "customer", made["id"], addressBook={"items": [{"label": "of finance's own"}]}
    )
    world.rep.update("Account", branch, BillingCity="Hamburg")

    def look() -> list[Any] | None:
        book = customer(world, sold)["addressBook"]["items"]
        cities = [line.get("addressBookAddress", {}).get("city") for line in book]
        return book if "Hamburg" in cities else None

    book = eventually(look, within_s=QUIET_WITHIN_S)
    assert len(book) == 3, "nobody else's address goes"


def test_a_child_is_put_below_its_parent_once_that_has_a_customer_and_moves_with_it(
    world: World, deal: Deal
) -> None:
    """A holding that buys nothing holds up nobody; with its first deal its branch follows it."""
    holding = world.account("Dachgesellschaft AG")
    branch = world.open_deal(world.account("Werk Nord GmbH", ParentId=holding))
    world.win(branch)
    world.numbered(branch)
    assert not customer(world, branch).get("parent")
    bought = world.open_deal(holding)
    world.win(bought)
    world.numbered(bought)
    until_below(world, branch, customer(world, bought)["id"])
    world.rep.update("Account", branch.account_id, ParentId=deal.account_id)
    until_below(world, branch, customer(world, deal)["id"])
    assert world.quiet()["holds"]


def until_below(world: World, deal: Deal, parent: str) -> None:
    def look() -> bool:
        above = customer(world, deal).get("parent") or {}
        return bool(above.get("id") == parent)

    eventually(look, within_s=QUIET_WITHIN_S)


def call_often(world: World, deal: Deal) -> None:
    for number in range(EDITS // 2):
        world.rep.update("Account", deal.account_id, Phone=f"+49 40 {number + 1}")


def limit_often(world: World, customer_id: str) -> None:
    for number in range(EDITS // 2):
        world.accountant.update("customer", customer_id, creditLimit=number + 1)


def ours(world: World, system: str, after: int) -> list[dict[str, Any]]:
    """What our own users wrote since then."""
    return [m for m in world.mutations(system, after) if is_integration(m["actor"])]


def is_netsuite(outcome: Outcome) -> bool:
    return outcome.ref is not None and outcome.ref.system is System.NETSUITE


def customer(world: World, deal: Deal) -> Mapping[str, Any]:
    customer_id = world.opportunity(deal)["Account"]["NS_Customer_Id__c"]
    return world.accountant.record("customer", customer_id)


def account(world: World, deal: Deal) -> Mapping[str, Any]:
    fields = (
        "Phone, NS_Customer_Number__c, NS_Payment_Terms__c, NS_Credit_Limit__c, NS_Credit_Hold__c,"
        " NS_Sync_Status__c, NS_Sync_Message__c"
    )
    return world.rep.one(f"SELECT {fields} FROM Account WHERE Id = '{deal.account_id}'")


def until(world: World, deal: Deal, shows: Any) -> Mapping[str, Any]:
    def look() -> Mapping[str, Any] | None:
        now = account(world, deal)
        return now if shows(now) else None

    return eventually(look, within_s=QUIET_WITHIN_S)


def edit(world: World, deal: Deal, **fields: object) -> None:
    """An administrator may write what field-level security keeps from others."""
    world.catalogue_owner.update("Account", deal.account_id, **fields)


def changes_ends(world: World) -> list[Outcome]:
    found = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    return [outcome for outcome in found if outcome.subject is Subject.CHANGE]
