"""The public Python client, as it comes, over TLS and through the relay."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceResourceNotFound,
)

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import sign_in


@pytest.fixture
def through_relay(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Hosts that a client hard-codes lead to the sandbox; its certificate authority is known."""
    monkeypatch.setenv("HTTPS_PROXY", sandbox.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox.ca_file)
    return sandbox


def clients(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """Every way in that the client knows; what has no host goes to the login host."""
    salesforce = sandbox.salesforce
    port = salesforce["https"].rpartition(":")[2]
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
        "password grant": {
            "username": salesforce["username"],
            "password": salesforce["password"] + salesforce["security_token"],
            "consumer_key": salesforce["consumer_key"],
            "consumer_secret": salesforce["consumer_secret"],
        },
        "organisation and password over SOAP": {
            "username": salesforce["username"],
            "password": salesforce["password"],
            "organizationId": salesforce["org_id"],
        },
        "a session that is there": {
            "session_id": sign_in(sandbox)["access_token"],
            "instance_url": f"https://localhost:{port}",
        },
    }


@pytest.fixture(
    params=["password and security token over SOAP", "JWT bearer", "client credentials"]
)
def client(request: pytest.FixtureRequest, through_relay: Sandbox) -> Iterator[Salesforce]:
    made = Salesforce(**clients(through_relay)[request.param])
    yield made
    made.session.close()


WAYS_IN = (
    "password grant",
    "organisation and password over SOAP",
    "a session that is there",
)


@pytest.mark.parametrize("way", WAYS_IN)
def test_it_gets_in_by_every_way_it_knows(through_relay: Sandbox, way: str) -> None:
    made = Salesforce(**clients(through_relay)[way])
    assert made.query("SELECT Id FROM User LIMIT 1")["done"] is True
    made.session.close()


@pytest.mark.parametrize("version", ["31.0", "46.0", "64.0"])
def test_it_signs_in_with_the_versions_that_have_soap(through_relay: Sandbox, version: str) -> None:
    way = clients(through_relay)["password and security token over SOAP"]
    made = Salesforce(**way, version=version)
    assert made.query("SELECT COUNT() FROM User")["totalSize"] >= 1
    made.session.close()


def test_a_wrong_password_is_its_own_error(through_relay: Sandbox) -> None:
    way = clients(through_relay)["password and security token over SOAP"]
    with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
        Salesforce(**(way | {"password": "wrong"}))
    with pytest.raises(SalesforceAuthenticationFailed, match="UNSUPPORTED_API_VERSION"):
        Salesforce(**way, version="65.0")


def test_it_searches_replicates_and_asks_the_tooling_api(client: Salesforce) -> None:
    word = uuid.uuid4().hex
    kept = client.Account.create({"Name": f"Kept {word}"})["id"]
    gone = client.Account.create({"Name": f"Gone {word}"})["id"]
    client.Account.delete(gone)
    assert [row["Id"] for row in client.quick_search(word)["searchRecords"]] == [kept]
    now = datetime.now(UTC)
    start, end = now - timedelta(days=1), now + timedelta(minutes=1)
    assert gone in {row["id"] for row in client.Account.deleted(start, end)["deletedRecords"]}
    assert kept in client.Account.updated(start, end)["ids"]
    fields = client.toolingexecute("query/?q=SELECT+Id+FROM+CustomField+LIMIT+1")
    assert fields["size"] == 1
    assert client.Account.describe_layout("012000000000000AAA")["detailLayoutSections"]
    assert client.is_sandbox() is False


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
