"""The metadata catalogue of the NetSuite stand-in in its three forms, as true as the role."""

from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

ROOT = "/record/v1/metadata-catalog"
JSON, SWAGGER, SCHEMA = "application/json", "application/swagger+json", "application/schema+json"


@pytest.fixture(scope="module")
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def catalogue(netsuite: NetSuiteClient, path: str = "", accept: str = JSON) -> Any:
    answer = netsuite.call("GET", f"{ROOT}{path}", None, {"Accept": accept})
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith(accept)
    return answer.json()


def test_the_list_links_each_record_in_every_form(netsuite: NetSuiteClient) -> None:
    for path in ("", "/"):
        items = {one["name"]: one["links"] for one in catalogue(netsuite, path)["items"]}
        links = items["salesOrder"]
        assert [one["rel"] for one in links] == ["canonical", "alternate", "alternate", "describes"]
        assert [one.get("mediaType") for one in links] == [JSON, SWAGGER, SCHEMA, None]
        assert links[0]["href"].endswith("/record/v1/metadata-catalog/salesOrder")
        assert links[3]["href"].endswith("/record/v1/salesOrder")


def test_a_selection_shows_only_what_was_selected(netsuite: NetSuiteClient) -> None:
    body = catalogue(netsuite, "?select=customer,salesorder")
    assert [one["name"] for one in body["items"]] == ["customer", "salesOrder"]
    assert netsuite.refused("GET", f"{ROOT}?select=customer,unicorn")["status"] == 404


def test_a_schema_tells_types_custom_fields_and_filters(netsuite: NetSuiteClient) -> None:
    body = catalogue(netsuite, "/salesOrder", SCHEMA)
    assert list(body) == ["type", "properties", "x-ns-filterable"]
    properties = body["properties"]
    assert list(properties) == sorted(properties, key=str.lower)
    assert properties["tranDate"]["format"] == "date"
    assert properties["total"] == {**properties["total"], "type": "number", "format": "double"}
    assert properties["custbody_sf_opportunity_id"]["x-ns-custom-field"] is True
    assert properties["entity"] == {"$ref": f"/services/rest{ROOT}/customer"}
    assert properties["links"]["items"] == {"$ref": f"/services/rest{ROOT}/nsLink"}
    assert set(properties["orderStatus"]["properties"]) == {"id", "refName"}
    assert "tranId" in body["x-ns-filterable"]
    assert "item" not in body["x-ns-filterable"]


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {one for part in value for one in references(part)}
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own | {one for part in value.values() for one in references(part)}


def test_every_reference_of_a_schema_can_be_followed(netsuite: NetSuiteClient) -> None:
    for place in sorted(references(catalogue(netsuite, "/currencyRate", SCHEMA))):
        found = catalogue(netsuite, place.removeprefix(f"/services/rest{ROOT}"), SCHEMA)
        assert found["type"] == "object"


def test_the_openapi_form_names_account_user_and_role(netsuite: NetSuiteClient) -> None:
    body = catalogue(netsuite, "?select=customer", SWAGGER)
    assert body["openapi"] == "3.0.1"
    described = body["info"]["description"]
    assert "for account 1234567, user integration@tallystick.example" in described
    assert described.endswith("with role Tallystick Integration.")
    assert set(body["paths"]["/customer"]) == {"get", "post"}
    assert set(body["paths"]["/customer/{id}"]) == {"get", "patch", "put", "delete"}
    schemas = body["components"]["schemas"]
    inside = {one.rsplit("/", 1)[1] for one in references(body) if one.startswith("#/")}
    assert {"customer", "customerCollection", "nsError"} <= inside
    assert inside <= schemas.keys()
    whole = catalogue(netsuite, "?select=customer", SCHEMA)["components"]["schemas"]
    assert {one.rsplit("/", 1)[1] for one in references(whole)} <= whole.keys()


def test_the_catalogue_shows_what_the_role_may_see_and_do(sandbox: Sandbox) -> None:
    viewer = NetSuiteClient(sandbox, "viewer")
    names = {one["name"] for one in catalogue(viewer)["items"]}
    assert {"customer", "salesOrder"} <= names
    assert not {"account", "employee", "invoice"} & names
    assert viewer.refused("GET", f"{ROOT}/account")["status"] == 404
    paths = catalogue(viewer, "/customer", SWAGGER)["paths"]
    assert set(paths["/customer/{id}"]) == {"get"}


def test_metadata_that_changes_overnight_shows_at_once(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    def properties() -> dict[str, Any]:
        found: dict[str, Any] = catalogue(netsuite, "/salesOrder", SCHEMA)["properties"]
        return found

    sandbox.faults(
        {"system": "netsuite", "effect": "field_gone", "path": "salesOrder.memo"},
        {
            "system": "netsuite",
            "effect": "field_retyped",
            "path": "salesOrder.otherRefNum",
            "body": "number",
        },
    )
    changed = properties()
    assert "memo" not in changed
    assert changed["otherRefNum"]["type"] == "number"
    sandbox.faults()
    assert "memo" in properties()
    assert properties()["otherRefNum"]["type"] == "string"
