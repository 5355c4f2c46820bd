"""The public Python client, as it comes, over TLS and through the relay."""

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from tests.contract.conftest import Sandbox


@pytest.fixture
def through_relay(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Hosts that a client hard-codes lead to the sandbox; its certificate authority is known."""
    monkeypatch.setenv("HTTPS_PROXY", sandbox.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox.ca_file)
    return sandbox


def clients(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    salesforce = sandbox.salesforce
    return {
        "password and security token over SOAP": {
            "username": salesforce["username"],
            "password": salesforce["password"],
            "security_token": salesforce["security_token"],
        },
        "JWT bearer": {
            "username": salesforce["username"],
            "consumer_key": salesforce["consumer_key"],
            "privatekey_file": salesforce["private_key_file"],
        },
        "client credentials": {
            "consumer_key": salesforce["consumer_key"],
            "consumer_secret": salesforce["consumer_secret"],
            "domain": "tallystick.my",
        },
    }


@pytest.fixture(
    params=["password and security token over SOAP", "JWT bearer", "client credentials"]
)
def client(request: pytest.FixtureRequest, through_relay: Sandbox) -> Iterator[Salesforce]:
    made = Salesforce(**clients(through_relay)[request.param])
    yield made
    made.session.close()


def test_it_signs_in_and_walks_through_records(client: Salesforce) -> None:
    number = uuid.uuid4().hex
    created = client.Account.create({"Name": f"Client {number}", "NS_Customer_Id__c": number})
    assert created["success"] is True
    assert client.Account.get_by_custom_id("NS_Customer_Id__c", number)["Id"] == created["id"]
    assert client.Account.update(created["id"], {"Phone": "1"}) == 204
    assert client.Account.upsert(f"NS_Customer_Id__c/{number}", {"Phone": "2"}) == 200
    found = client.query_all(f"SELECT Id, Phone FROM Account WHERE NS_Customer_Id__c = '{number}'")
    assert [record["Phone"] for record in found["records"]] == ["2"]
    assert client.Account.delete(created["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        client.Account.get(created["id"])


def test_it_raises_its_own_errors(client: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest, match="REQUIRED_FIELD_MISSING"):
        client.Account.create({})
    item = uuid.uuid4().hex
    for _ in range(2):
        client.Product2.create({"Name": "Twin", "NS_Item_Id__c": item})
    with pytest.raises(SalesforceMoreThanOneRecord):
        client.Product2.upsert(f"NS_Item_Id__c/{item}", {"Name": "x"})


def test_it_describes_and_pages_and_counts(client: Salesforce) -> None:
    assert client.describe()["maxBatchSize"] == 200
    names = {field["name"] for field in client.Opportunity.describe()["fields"]}
    assert {"StageName", "NS_SO_Id__c"} <= names
    assert "DailyApiRequests" in client.limits()
    assert client.api_usage["api-usage"].total == 15000
    body = {"records": [{"attributes": {"type": "Contact"}, "LastName": "Bulk"}] * 200}
    for _ in range(2):
        client.restful("composite/sobjects", method="POST", json=body)
    small = {"Sforce-Query-Options": "batchSize=200"}
    pages = client.query_all_iter("SELECT Id FROM Contact WHERE LastName = 'Bulk'", headers=small)
    assert len(list(pages)) >= 400


def test_it_signs_in_again_when_its_session_has_died(through_relay: Sandbox) -> None:
    made = Salesforce(**clients(through_relay)["JWT bearer"])
    through_relay.faults(
        {"system": "salesforce", "path": "/query/", "effect": "token_dead", "times": 1}
    )
    assert made.query("SELECT COUNT() FROM Account")["done"] is True
    made.session.close()


def test_the_relay_refuses_hosts_that_are_not_the_vendors(sandbox: Sandbox) -> None:
    with (
        httpx.Client(proxy=sandbox.proxy) as client,
        pytest.raises(httpx.ProxyError, match="403"),
    ):
        client.get("https://example.com/")
