"""What the map keeps in Salesforce costs NetSuite no call: filters, unmapped fields, the many; and
what it names in NetSuite's lists is found there by name."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from kernel.messages import Outcome, Result, Subject
from kernel.topics import OUTCOMES
from tests.log import eventually
from tests.world import OPEN, WON, World, running_world

OVERLAY = """
- map: account-to-customer
  needed:
    - {read: AccountSource, purpose: tells where we met the account}
  filters:
    - name: met-at-the-fair
      purpose: visitors of the fair are no customers yet
      when: {all: [{field: AccountSource, in: [Trade fair]}, {not: {field: Type, is: filled}}]}
- map: opportunity-to-sales-order
  rules:
    - write: location.id
      convert: location-id
      default: Main Warehouse
      by_subsidiary: {Tallystick Demo GmbH: Speicher Hamburg}
      owner: salesforce-until-created
      personal: no
      purpose: ships from the company's own place
"""
MANY, QUALIFYING, IN_ONE_CALL = 1_000, 50, 200


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    overlay = tmp_path_factory.mktemp("overlay")
    (overlay / "ours.yaml").write_text(OVERLAY)
    state = tmp_path_factory.mktemp("filtered") / "state"
    extra = {"MAPS_OVERLAY_DIR": str(overlay), "INGEST_NETSUITE_REFERENCE_S": "1"}
    with running_world(state, extra=extra) as running:
        yield running


def outcomes_of(world: World, record_id: str) -> list[Outcome]:
    return [
        message
        for message in world.log.messages(OUTCOMES)
        if isinstance(message, Outcome)
        and message.subject is Subject.CHANGE
        and message.ref is not None
        and message.ref.id == record_id
    ]


def more_than(world: World, record_id: str, count: int) -> list[Outcome]:
    """The outcomes after the first ones, once there are any."""
    return eventually(lambda: outcomes_of(world, record_id)[count:])


def record_calls(world: World, after: int) -> list[tuple[str, str]]:
    """Calls of NetSuite that read or write a record; a poll is a query."""
    return [
        (row["method"], row["path"])
        for row in world.journal("netsuite", after)
        if "/record/v1/" in row["path"]
    ]


def naming(world: World, record_ids: Sequence[str]) -> list[str]:
    """Every call and every change in NetSuite's journal that names one of the records."""
    wanted = set(record_ids)
    return [
        row["path"]
        for row in world.journal("netsuite")
        if any(record_id in str(row) for record_id in wanted)
    ]


def test_t1_8_what_a_rule_keeps_in_salesforce_costs_no_call_and_its_outcome_names_the_rule(
    world: World,
) -> None:
    start = world.end_of_journal("netsuite")
    of_test = world.open_deal(world.account("Probe GmbH", Type="Test"))
    of_fair = world.open_deal(world.account("Besucher KG", AccountSource="Trade fair"))
    of_open = world.open_deal(world.account("Unentschieden AG"))
    lonely, gone = world.account("Allein OHG"), world.account("Weg GmbH")
    world.win(of_test)
    world.win(of_fair)
    world.rep.delete("Account", gone)
    rules = {of_test: "test-account", of_fair: "met-at-the-fair"}
    for deal in rules:
        more_than(world, deal.opportunity_id, 1)
    eventually(lambda: [o for o in outcomes_of(world, gone) if o.code == "DELETED_AT_SOURCE"])
    world.quiet()
    for deal, rule in rules.items():
        for record_id in (deal.account_id, deal.opportunity_id):
            found = outcomes_of(world, record_id)
            said = {(o.result, o.code) for o in found if o.code != "OWN_ECHO"}
            assert said == {(Result.FILTERED, "FILTERED_BY_RULE")}
            assert {o.params["rule"] for o in found if "rule" in o.params} == {rule}
        shown = world.told(deal, NS_Sync_Status__c="Not eligible")
        assert f"is filtered by rule {rule}: " in shown["NS_Sync_Message__c"]
    for record_id in (of_open.account_id, lonely):
        assert {o.code for o in outcomes_of(world, record_id)} == {"NO_WON_OPPORTUNITY"}
    assert {o.code for o in outcomes_of(world, of_open.opportunity_id)} == {"NOT_WON"}
    assert record_calls(world, start) == []
    kept = [of_test, of_fair, of_open]
    ids = [lonely, gone, *(i for deal in kept for i in (deal.account_id, deal.opportunity_id))]
    assert naming(world, ids) == []


def test_t8_3_a_change_of_unmapped_fields_alone_costs_no_call_and_says_why(world: World) -> None:
    deal = world.open_deal(world.account("Plauder GmbH"))
    world.win(deal)
    world.numbered(deal)
    world.quiet()
    start = world.end_of_journal("netsuite")
    known = {i: len(outcomes_of(world, i)) for i in (deal.account_id, deal.opportunity_id)}
    for number in range(3):
        world.rep.update("Account", deal.account_id, Description=f"talked {number}", Rating="Hot")
        world.rep.update("Opportunity", deal.opportunity_id, NextStep=f"call {number}")
    for record_id, count in known.items():
        more_than(world, record_id, count)
    world.quiet()
    assert record_calls(world, start) == []
    for record_id, count in known.items():
        new = outcomes_of(world, record_id)[count:]
        assert {(o.result, o.code) for o in new} == {(Result.FILTERED, "UNMAPPED_FIELDS_ONLY")}


def test_t8_2_of_a_thousand_accounts_the_fifty_that_qualify_are_sent_and_no_other(
    world: World,
) -> None:
    before = {row["id"] for row in world.accountant.query("SELECT id FROM customer")}
    accounts = [
        account
        for first in range(0, MANY, IN_ONE_CALL)
        for account in world.rep.create_many("Account", _accounts(first, IN_ONE_CALL))
    ]
    chosen = accounts[:: MANY // QUALIFYING]
    _win_a_deal_of_each(world, chosen)

    def customers() -> list[str] | None:
        rows = world.accountant.query("SELECT id, externalid FROM customer")
        new = [str(row["externalid"]) for row in rows if row["id"] not in before]
        return new if len(new) >= QUALIFYING else None

    eventually(customers, within_s=120.0)
    found = world.quiet()
    assert found["holds"]
    made = customers() or []
    assert sorted(name.rpartition("-")[2] for name in made) == sorted(chosen)
    rest = set(accounts) - set(chosen)
    assert naming(world, list(rest)) == []
    codes = {o.ref.id: o.code for o in _outcomes(world) if o.ref and o.ref.id in rest}
    assert len(codes) == MANY - QUALIFYING
    assert set(codes.values()) == {"NO_WON_OPPORTUNITY"}


def _accounts(first: int, count: int) -> list[dict[str, object]]:
    numbers = range(first, first + count)
    return [{"Name": f"Menge {number:04}", "CurrencyIsoCode": "EUR"} for number in numbers]


def _win_a_deal_of_each(world: World, accounts: Sequence[str]) -> None:
    deals = world.rep.create_many(
        "Opportunity",
        [
            {
                "Name": f"Menge {number}",
                "AccountId": account,
                "StageName": OPEN,
                "CloseDate": datetime.now(UTC).date().isoformat(),
                "CurrencyIsoCode": "EUR",
            }
            for number, account in enumerate(accounts)
        ],
    )
    price = world.price_of("SUB-PLAT", "EUR")
    line = {"PricebookEntryId": price, "Quantity": 1, "UnitPrice": 100}
    world.rep.create_many(
        "OpportunityLineItem", [{"OpportunityId": deal, **line} for deal in deals]
    )
    world.rep.update_many("Opportunity", "StageName", dict.fromkeys(deals, WON))


def _outcomes(world: World) -> list[Outcome]:
    return [m for m in world.log.messages(OUTCOMES) if isinstance(m, Outcome)]


def test_an_order_names_places_by_name_and_waits_for_one_that_is_not_there_yet(
    world: World,
) -> None:
    ours = world.open_deal(world.account("Daheim Inc.", CurrencyIsoCode="USD"), currency="USD")
    theirs = world.open_deal(world.account("Hafen GmbH", NS_Subsidiary__c="tallystick demo gmbh"))
    world.win(ours)
    world.win(theirs)
    at_home = world.accountant.record("salesOrder", str(world.numbered(ours)["NS_SO_Id__c"]))
    assert (at_home["subsidiary"]["id"], at_home["location"]["refName"]) == ("1", "Main Warehouse")
    told = "location 'Speicher Hamburg'"
    eventually(lambda: told in str(world.opportunity(theirs)["NS_Sync_Message__c"]))
    assert not world.orders(theirs)
    keeper = world.item_keeper()
    try:
        keeper.create("location", name="Speicher Hamburg", subsidiary={"items": [{"id": "2"}]})
    finally:
        keeper.close()
    order = world.accountant.record("salesOrder", str(world.numbered(theirs)["NS_SO_Id__c"]))
    assert (order["subsidiary"]["id"], order["location"]["refName"]) == ("2", "Speicher Hamburg")
