"""Entries of NetSuite's lists are named by name or id, and waited for where they are not there."""

from dataclasses import replace
from pathlib import Path

import pytest

from kernel.maps.faults import MapsError
from kernel.messages import Outcome, Result
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Document, Value
from runtime.maps import load_maps
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    POLICY,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    opportunity,
)
from transform.domain.conversions import named_id
from transform.domain.facts import Facts, Policy, Reference
from transform.pipeline import decide, wanted

PLACES = """
map: opportunity-to-sales-order
rules:
  - write: location.id
    convert: location-id
    default: Main Warehouse
    by_subsidiary: {Acme GmbH: Berlin}
    owner: salesforce-until-created
    personal: no
    purpose: ships from the right place
"""


def entry(kind: str, number: str, name: str, **fields: Value) -> Reference:
    """As it is kept once it was read."""
    read: dict[str, Value] = {"id": number, "name": name, "fullName": f"All : {name}", **fields}
    (found,) = decide(
        case(change(netsuite(kind, number), Document(read))), Facts(), POLICY
    ).references
    return found


INC, GMBH = entry("subsidiary", "1", "Acme Inc."), entry("subsidiary", "2", "Acme GmbH")
MAIN, BERLIN = entry("location", "7", "Main Warehouse"), entry("location", "8", "Berlin")


def known(*entries: Reference, linked: bool = True) -> Facts:
    plain = facts(*([customer_link()] if linked else []))
    lists = {(one.kind, one.key): one for one in entries}
    return replace(plain, references={**plain.references, **lists})


@pytest.fixture
def places(tmp_path: Path) -> Policy:
    (tmp_path / "places.yaml").write_text(PLACES)
    return replace(POLICY, maps=load_maps(tmp_path))


def held(ref: RecordRef, document: Document, there: Facts, policy: Policy = POLICY) -> Outcome:
    outcome = decide(case(change(ref, document)), there, policy).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.PARKED, "REFERENCE_MISSING")
    return outcome


def order(document: Document, there: Facts, policy: Policy) -> Document:
    (command,) = decide(case(change(OPPORTUNITY, document)), there, policy).commands
    return command.document


def test_an_entry_is_found_by_id_or_name_whatever_its_case() -> None:
    there = known(INC, GMBH)
    for value in ("2", "acme gmbh", " Acme GmbH ", "all : acme gmbh"):
        assert named_id("subsidiary", value, there) == "2"


def test_an_inactive_entry_and_one_of_two_with_one_name_are_not_found() -> None:
    left = entry("department", "4", "Sales", isInactive=True)
    assert named_id("department", "4", known(left)) is None
    assert named_id("department", "Sales", known(left)) is None
    twins = entry("department", "5", "Sales"), entry("department", "6", "Sales", fullName="B : S")
    assert named_id("department", "sales", known(*twins)) is None
    assert named_id("department", "b : s", known(*twins)) == "6"


def test_an_id_counts_where_the_account_has_no_such_list() -> None:
    assert named_id("subsidiary", "1", facts()) == "1"
    assert named_id("subsidiary", "Acme GmbH", facts()) is None


def test_an_order_takes_what_the_map_names_for_its_subsidiary(places: Policy) -> None:
    there = known(INC, GMBH, MAIN, BERLIN)
    assert order(opportunity(), there, places).fields["location.id"] == "7"
    of_gmbh = order(opportunity(NS_Subsidiary__c="acme gmbh"), there, places).fields
    assert (of_gmbh["subsidiary.id"], of_gmbh["location.id"]) == ("2", "8")


def test_an_order_waits_for_a_place_that_is_not_there_and_says_which(places: Policy) -> None:
    outcome = held(OPPORTUNITY, opportunity(NS_Subsidiary__c="2"), known(GMBH, MAIN), places)
    assert outcome.params["value"] == "Berlin"
    assert outcome.params["field"] == "location.id"
    assert outcome.waits_on == netsuite("location", "berlin")
    assert outcome.waits_on in BERLIN.names


def test_an_order_waits_for_the_subsidiary_that_its_account_names() -> None:
    account = account_fields(NS_Subsidiary__c="Acme Ltd.")
    outcome = held(OPPORTUNITY, opportunity(account=account), known(INC, linked=False))
    assert outcome.params["field"] == "Account.NS_Subsidiary__c"
    assert outcome.params["record"] == f"Account {ACCOUNT.id}"


def test_a_contact_waits_for_the_subsidiary_that_it_names() -> None:
    contact = salesforce("Contact", "003xx000004TmiQAAS")
    fields: dict[str, Value] = {"AccountId": ACCOUNT.id, "NS_Sync__c": True}
    document = Document({**fields, "NS_Subsidiary__c": "Acme Ltd."})
    assert held(contact, document, known(INC)).waits_on == netsuite("subsidiary", "acme ltd.")


def test_a_decision_asks_for_the_lists_that_its_map_names_and_for_no_other(places: Policy) -> None:
    event = case(change(OPPORTUNITY, opportunity()))
    assert {"subsidiary", "location"} <= wanted(event, places).references
    assert "location" not in wanted(event, POLICY).references


def test_defaults_by_subsidiary_belong_to_orders_alone(tmp_path: Path) -> None:
    table = PLACES.replace("opportunity-to-sales-order", "account-to-customer")
    (tmp_path / "places.yaml").write_text(table)
    with pytest.raises(MapsError, match="by_subsidiary"):
        load_maps(tmp_path)
