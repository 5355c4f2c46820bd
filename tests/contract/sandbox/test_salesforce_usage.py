"""Daily limits: what is left is told everywhere alike, and one call too many is refused."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.bulk_client import Bulk
from tests.contract.sandbox.salesforce_client import Rest

REQUESTS = "DailyApiRequests"


@pytest.fixture
def rest(sandbox: Sandbox) -> Iterator[Rest]:
    yield Rest(sandbox)
    sandbox.http.put(
        f"{sandbox.endpoints['sandbox_admin']}/limits",
        json=dict.fromkeys((REQUESTS, "DailyBulkV2QueryJobs", "DailyBulkApiBatches")),
    )


def leave(rest: Rest, **left: Any) -> httpx.Response:
    return rest.sandbox.http.put(f"{rest.sandbox.endpoints['sandbox_admin']}/limits", json=left)


def limits(rest: Rest) -> dict[str, Any]:
    found: dict[str, Any] = rest.call("GET", "/limits").json()
    return found


def test_a_request_too_many_is_refused_and_all_tell_the_same(rest: Rest) -> None:
    assert leave(rest, DailyApiRequests=2).json()[REQUESTS] == {"Max": 15000, "Remaining": 2}
    answer = rest.call("GET", "/limits")
    assert answer.json()[REQUESTS] == {"Max": 15000, "Remaining": 1}
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=14999/15000"
    identifier = rest.create("Account", Name="The last one")
    for method, path in (("GET", f"/sobjects/Account/{identifier}"), ("GET", "/limits")):
        refused = rest.call(method, path)
        assert refused.status_code == 403
        assert refused.text == (
            '[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]'
        )
        assert refused.headers["Sforce-Limit-Info"] == "api-usage=15000/15000"
    assert leave(rest, DailyApiRequests=None).json()[REQUESTS]["Remaining"] == 15000
    assert rest.get("Account", identifier)["Name"] == "The last one"


def test_soap_login_is_refused_too(rest: Rest) -> None:
    org = rest.sandbox.salesforce
    leave(rest, DailyApiRequests=0)
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        f'<login xmlns="urn:partner.soap.sforce.com"><username>{org["username"]}</username>'
        f"<password>{org['password']}{org['security_token']}</password></login></e:Body>"
        "</e:Envelope>"
    )
    answer = rest.sandbox.http.post(f"{org['http']}/services/Soap/u/59.0", content=body)
    assert answer.status_code == 500
    assert "<faultcode>sf:REQUEST_LIMIT_EXCEEDED</faultcode>" in answer.text
    assert "REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded." in answer.text


def test_bulk_jobs_are_counted_and_refused_when_none_are_left(rest: Rest) -> None:
    bulk = Bulk(rest)
    before = limits(rest)
    bulk.ask("SELECT Id FROM Account")
    bulk.load("insert", "Name\nOne batch\n")
    after = limits(rest)
    spent = {name: before[name]["Remaining"] - after[name]["Remaining"] for name in after}
    assert (spent["DailyBulkV2QueryJobs"], spent["DailyBulkApiBatches"]) == (1, 1)
    leave(rest, DailyBulkV2QueryJobs=0, DailyBulkApiBatches=0)
    query = {"operation": "query", "query": "SELECT Id FROM Account"}
    status, error = rest.refused("POST", "/jobs/query", query)
    assert (status, error["errorCode"]) == (400, "LIMIT_EXCEEDED")
    assert "Max bulk v2 query jobs (10000) per 24 hrs" in error["message"]
    status, error = rest.refused(
        "POST", "/jobs/ingest", {"operation": "insert", "object": "Account"}
    )
    assert (status, error["errorCode"]) == (400, "EXCEEDEDQUOTA")


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"Nothing": 1}, "not a limit that is counted"),
        ({REQUESTS: -1}, "from 0 to 15000"),
        ({REQUESTS: "x"}, "from 0 to 15000"),
        ({}, "use an object"),
    ],
)
def test_a_wrong_wish_is_refused_by_name(rest: Rest, wish: dict[str, Any], words: str) -> None:
    answer = leave(rest, **wish)
    assert answer.status_code == 400
    assert words in answer.text
