"""Bad input is held or refused with a sentence; everything else goes on."""

from dataclasses import replace

import pytest

from kernel.identity import event_id
from kernel.messages import ChangeEvent, Outcome, Result
from kernel.topics import OUTCOMES, SALESFORCE_CHANGES
from kernel.values import Document, content_hash
from tests.log import eventually
from tests.world import Deal, World

NAMES = {
    "emoji": "Bäckerei 🥐 Müller",
    "right to left": "שלום חברה בע״מ",
    "quotes": 'O\'Reilly "& Sons" <b>',
    "combining": "Cafe\u0301 Zoe\u0308",
}


def message(world: World, deal: Deal, code: str) -> str:
    """What stands on the opportunity once it is held for this reason."""

    def look() -> str | None:
        said = str(world.opportunity(deal)["NS_Sync_Message__c"] or "")
        return said if said.endswith(f"[{code}]") else None

    return eventually(look)


def goes_on(world: World) -> None:
    """Another customer's deal is not held up."""
    other = world.open_deal(world.account("Nebenan GmbH"))
    world.win(other)
    assert world.numbered(other)["NS_Sync_Status__c"] == "Synced"


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_names_in_any_script_arrive_as_they_are(world: World, name: str) -> None:
    deal = world.open_deal(world.account(name), name=f"Deal {name}")
    world.win(deal)
    shown = world.numbered(deal)
    customer = world.accountant.record("customer", shown["Account"]["NS_Customer_Id__c"])
    assert customer["companyName"] == name
    order = world.accountant.record("salesOrder", shown["NS_SO_Id__c"])
    assert order["memo"] == f"Deal {name}"


def test_a_product_without_an_item_holds_its_deal_until_it_has_one(world: World) -> None:
    deal = world.open_deal(world.account("Gold AG"), product="SUP-GOLD")
    world.win(deal)
    said = message(world, deal, "ITEM_UNMAPPED")
    assert "product 'Gold support' has no NetSuite item" in said
    assert "Catalogue owner: set NS Item Id" in said
    goes_on(world)
    product = world.rep.one("SELECT Id FROM Product2 WHERE ProductCode = 'SUP-GOLD'")
    world.catalogue_owner.update("Product2", product["Id"], NS_Item_Id__c="105")
    assert world.numbered(deal)["NS_Sync_Status__c"] == "Synced"
    world.catalogue_owner.update("Product2", product["Id"], NS_Item_Id__c=None)


def test_a_name_that_netsuite_cannot_hold_is_held_until_it_is_shortened(world: World) -> None:
    account_id = world.account("Lang" * 60)  # Salesforce takes 255, NetSuite 83
    deal = world.open_deal(account_id)
    world.win(deal)
    held = eventually(lambda: waiting(world, deal, "TEXT_TOO_LONG"))
    assert (held.params["length"], held.params["limit"]) == (240, 83)
    goes_on(world)
    world.rep.update("Account", account_id, Name="Kurz GmbH")
    world.numbered(deal)
    assert world.customers(account_id)[0]["companyname"] == "Kurz GmbH"


def test_an_inactive_customer_takes_no_order_and_finance_is_told(world: World) -> None:
    account_id = world.account("Geschlossen KG")
    first = world.open_deal(account_id)
    world.win(first)
    customer_id = world.numbered(first)["Account"]["NS_Customer_Id__c"]
    world.accountant.update("customer", customer_id, isInactive=True)
    second = world.open_deal(account_id)
    world.win(second)
    eventually(lambda: waiting(world, second, "CUSTOMER_INACTIVE"))
    goes_on(world)
    world.accountant.update("customer", customer_id, isInactive=False)
    world.rep.update("Opportunity", second.opportunity_id, NS_Sync_Now__c=True)
    world.numbered(second)
    world.told(second, NS_Sync_Status__c="Synced")
    ticked = world.rep.one(
        f"SELECT NS_Sync_Now__c FROM Opportunity WHERE Id = '{second.opportunity_id}'"
    )
    assert ticked["NS_Sync_Now__c"] is False


def test_a_customer_who_does_not_trade_in_the_currency_is_held(world: World) -> None:
    account_id = world.account("Nur Euro GmbH")
    first = world.open_deal(account_id)
    world.win(first)
    world.numbered(first)
    dollars = world.open_deal(account_id, currency="USD")
    world.win(dollars)
    eventually(lambda: waiting(world, dollars, "CUSTOMER_CURRENCY"))
    goes_on(world)


def test_a_total_that_is_not_the_sum_of_its_lines_is_never_posted(world: World) -> None:
    deal, original = sample(world)
    assert original.document is not None
    fields = {**original.document.fields, "Amount": 5, "Name": None}
    world.log.send(altered(original, Document(fields, original.document.lines)))
    eventually(lambda: waiting(world, deal, "TOTAL_MISMATCH"))
    assert len(world.orders(deal)) == 1


def test_a_value_of_the_wrong_type_ends_as_dead_at_its_coordinates(world: World) -> None:
    deal, original = sample(world)
    assert original.document is not None
    fields = {**original.document.fields, "CloseDate": "soon"}
    wrong = altered(original, Document(fields, original.document.lines))
    world.log.send(wrong)
    dead = eventually(lambda: waiting(world, deal, "WRONG_TYPE", Result.DEAD))
    assert dead.params["field"] == "CloseDate"
    places = [place for place, m in world.log.read(SALESFORCE_CHANGES) if m.id == wrong.id]
    assert dead.origin in places
    goes_on(world)


def test_bytes_that_do_not_decode_end_as_dead_and_the_partition_goes_on(world: World) -> None:
    for value in (b"", b"rubbish", b"\x00\x00\x00\x00\x63abc", b"\x00\x00\x00\x00\x01\xff"):
        world.log.send_bytes(SALESFORCE_CHANGES, value)
    eventually(lambda: len(outcomes(world, "UNDECODABLE")) >= 4)
    goes_on(world)
    found = world.quiet()
    assert found["conservation"]["states"]["dead"] >= 4
    assert found["holds"]


def sample(world: World) -> tuple[Deal, ChangeEvent]:
    """A deal whose order stands, and its newest event."""
    deal = world.open_deal(world.account("Vorlage GmbH"))
    world.win(deal)
    world.numbered(deal)
    changes = [
        m
        for m in world.log.messages(SALESFORCE_CHANGES)
        if isinstance(m, ChangeEvent) and m.ref.id == deal.opportunity_id and m.document
    ]
    return deal, max(changes, key=lambda change: change.version)


def altered(original: ChangeEvent, document: Document) -> ChangeEvent:
    version = replace(original.version, major=original.version.major + 10**12)
    digest = content_hash(document)
    identity = event_id(original.source, original.ref, version, digest)
    return replace(original, id=identity, version=version, document=document, content_hash=digest)


def waiting(world: World, deal: Deal, code: str, result: Result = Result.PARKED) -> Outcome | None:
    mine = [
        o
        for o in outcomes(world, code)
        if o.ref and o.ref.id == deal.opportunity_id and o.result is result
    ]
    return mine[-1] if mine else None


def outcomes(world: World, code: str) -> list[Outcome]:
    found = (m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome))
    return [outcome for outcome in found if outcome.code == code]
