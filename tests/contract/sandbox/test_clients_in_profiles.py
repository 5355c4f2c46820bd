"""Public clients, unmodified, against every kind of org and account.

Over TLS through the relay and straight; over plain HTTP too where the client can: simple-salesforce
speaks nothing but TLS.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from simple_salesforce import Salesforce

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.clients import netsuite_run
from tests.kinds import KINDS, ONE_COMPANY, ONE_CURRENCY, Kind


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: kind.profile)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture(scope="module")
def org(kind: Kind, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("kind"), "--profile", kind.profile)
    running.start()
    yield running
    running.stop()
    running.http.close()


@pytest.fixture(scope="module")
def python() -> Path:
    return netsuite_run.interpreter()


def test_simple_salesforce_signs_in_and_works(
    kind: Kind, org: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", org.proxy)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", org.ca_file)
    told = org.salesforce
    person = {"username": told["username"], "password": told["password"]}
    app = {"consumer_key": told["consumer_key"], "consumer_secret": told["consumer_secret"]}
    straight = {"session_id": session(person, told), "instance_url": told["https"]}
    ways: list[dict[str, Any]] = [
        {**person, "security_token": told["security_token"], "version": "64.0"},
        {
            "username": told["username"],
            "consumer_key": told["consumer_key"],
            "privatekey_file": told["private_key_file"],
            "version": told["api_version"],
        },
        {**app, "domain": "tallystick.my", "version": told["api_version"]},
        {**straight, "version": told["api_version"]},
    ]
    for way in ways:
        client = Salesforce(**way)
        walk(client, has_currencies=ONE_CURRENCY not in kind.values)
        client.session.close()


def session(person: dict[str, str], told: dict[str, Any]) -> str:
    """What somebody else's sign-in would have left."""
    client = Salesforce(**person, security_token=told["security_token"], version="64.0")
    client.session.close()
    return str(client.session_id)


def walk(client: Salesforce, *, has_currencies: bool) -> None:
    number = uuid.uuid4().hex
    created = client.Account.create({"Name": f"Client {number}", "NS_Customer_Id__c": number})["id"]
    assert client.Account.upsert(f"NS_Customer_Id__c/{number}", {"Phone": "2"}) in (200, 204)
    asked = f"SELECT Id, Phone FROM Account WHERE NS_Customer_Id__c = '{number}'"
    assert [row["Phone"] for row in client.query_all(asked)["records"]] == ["2"]
    names = {field["name"] for field in client.Account.describe()["fields"]}
    assert ("CurrencyIsoCode" in names) is has_currencies
    rows = [{"Name": f"Bulk {number}"}, {"Name": f"Bulk {number}"}]
    bulk: Any = client.bulk2  # the client's own types know only its other attributes
    (loaded,) = bulk.Account.insert(records=rows, wait=0)
    assert loaded["numberRecordsProcessed"] == 2
    asked = f"SELECT Id FROM Account WHERE Name = 'Bulk {number}'"
    (sheet,) = bulk.Account.query(asked, wait=0)
    assert len(sheet.strip().splitlines()) == 3
    assert client.Account.delete(created) == 204


def test_the_netsuite_client_works_through_the_relay(
    kind: Kind, org: Sandbox, python: Path
) -> None:
    netsuite_run.through_relay(python, org, required(kind))


def test_the_netsuite_client_works_over_plain_http(kind: Kind, org: Sandbox, python: Path) -> None:
    netsuite_run.over_http(python, org, required(kind))


def required(kind: Kind) -> dict[str, Any]:
    return {} if ONE_COMPANY in kind.values else netsuite_run.ONE_WORLD
