"""Metadata that changes overnight: the org is described, asked and written as it is now."""

from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import PubSub, Rest

PHONE = {"system": "salesforce", "path": "Account.Fax"}
RATING = {"system": "salesforce", "path": "Account.Rating"}


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


def described(rest: Rest, name: str) -> dict[str, Any] | None:
    fields = rest.call("GET", "/sobjects/Account/describe").json()["fields"]
    found: dict[str, Any] | None = next((it for it in fields if it["name"] == name), None)
    return found


def schema_id(sandbox: Sandbox, rest: Rest) -> str:
    pubsub = PubSub(sandbox, rest.token)
    found = str(pubsub.topic("/data/AccountChangeEvent").schema_id)
    pubsub.close()
    return found


def test_a_field_that_is_gone_is_gone_everywhere_and_comes_back(
    sandbox: Sandbox, rest: Rest
) -> None:
    account = rest.create("Account", Name="Loses its fax", Fax="+1 555 1")
    schema = schema_id(sandbox, rest)
    sandbox.faults({**PHONE, "effect": "field_gone"})
    assert described(rest, "Fax") is None
    _, error = rest.refused("GET", "/query", params={"q": "SELECT Fax FROM Account"})
    assert (error["errorCode"], "No such column 'Fax' on entity" in error["message"]) == (
        "INVALID_FIELD",
        True,
    )
    _, error = rest.refused("PATCH", f"/sobjects/Account/{account}", {"Fax": "+1 555 2"})
    assert error["message"] == "No such column 'Fax' on sobject of type Account"
    assert "Fax" not in rest.get("Account", account)
    assert schema_id(sandbox, rest) != schema
    sandbox.faults()
    assert rest.get("Account", account)["Fax"] == "+1 555 1"
    assert schema_id(sandbox, rest) == schema


def test_a_field_made_required_refuses_records_without_it(sandbox: Sandbox, rest: Rest) -> None:
    sandbox.faults({**PHONE, "effect": "field_required"})
    field = described(rest, "Fax")
    assert field is not None
    assert (field["nillable"], field["defaultedOnCreate"]) == (False, False)
    status, error = rest.refused("POST", "/sobjects/Account", {"Name": "No fax"})
    assert (status, error) == (
        400,
        {
            "message": "Required fields are missing: [Fax]",
            "errorCode": "REQUIRED_FIELD_MISSING",
            "fields": ["Fax"],
        },
    )


def test_a_retyped_field_converts_what_it_can(sandbox: Sandbox, rest: Rest) -> None:
    number = rest.create("Account", Name="Has a number", Fax="42")
    words = rest.create("Account", Name="Has words", Fax="none")
    sandbox.faults(
        {**PHONE, "effect": "field_retyped", "body": {"type": "Number", "precision": 9, "scale": 1}}
    )
    field = described(rest, "Fax")
    assert field is not None
    assert (field["type"], field["precision"], field["scale"]) == ("double", 9, 1)
    assert rest.get("Account", number)["Fax"] == 42.0
    assert rest.get("Account", words)["Fax"] is None
    found = rest.query("SELECT Name FROM Account WHERE Fax > 41.5")
    assert [record["Name"] for record in found] == ["Has a number"]
    status, error = rest.refused("PATCH", f"/sobjects/Account/{words}", {"Fax": "many"})
    assert (status, error["errorCode"]) == (400, "JSON_PARSER_ERROR")
    sandbox.faults()
    assert rest.get("Account", words)["Fax"] == "none"
    assert rest.get("Account", number)["Fax"] == "42"


def test_a_picklist_value_that_is_gone_is_refused(sandbox: Sandbox, rest: Rest) -> None:
    before = described(rest, "Rating")
    assert before is not None
    gone = before["picklistValues"][0]["value"]
    kept = before["picklistValues"][1]["value"]
    account = rest.create("Account", Name="Rated", Rating=gone)
    sandbox.faults({**RATING, "effect": "value_gone", "body": gone})
    after = described(rest, "Rating")
    assert after is not None
    assert gone not in [value["value"] for value in after["picklistValues"]]
    status, error = rest.refused("POST", "/sobjects/Account", {"Name": "Late", "Rating": gone})
    assert (status, error["errorCode"]) == (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
    assert error["message"] == f"bad value for restricted picklist field: {gone}"
    assert rest.get("Account", account)["Rating"] == gone
    rest.update("Account", account, Rating=kept)


def test_a_row_is_locked_on_demand_and_free_the_next_time(sandbox: Sandbox, rest: Rest) -> None:
    account = rest.create("Account", Name="Contended")
    sandbox.faults(
        {
            "system": "salesforce",
            "method": "RECORD",
            "path": f"/Account/{account}",
            "effect": "status",
            "body": "UNABLE_TO_LOCK_ROW",
            "times": 1,
        }
    )
    status, error = rest.refused("PATCH", f"/sobjects/Account/{account}", {"Phone": "1"})
    words = f"unable to obtain exclusive access to this record or 1 records: {account}"
    assert (status, error["errorCode"], error["message"]) == (400, "UNABLE_TO_LOCK_ROW", words)
    rest.update("Account", account, Phone="1")
