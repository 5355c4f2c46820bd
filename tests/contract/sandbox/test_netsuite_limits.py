"""Limits of the NetSuite stand-in: one pool of slots, requests that die, an account's kind."""

import time
import uuid
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

BATCH = {
    "Prefer": "respond-async",
    "Content-Type": "application/vnd.oracle.resource+json; type=collection",
}
PATIENCE_S = 40.0


@pytest.fixture(scope="module")
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Whose requests die after two seconds instead of fifteen minutes."""
    running = Sandbox(tmp_path_factory.mktemp("impatient"), "--profile", "impatient")
    running.start()
    yield running
    running.stop()
    running.http.close()


def test_a_blocked_request_is_told_so_in_the_documented_words(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults({"system": "netsuite", "effect": "limit", "slots": 0})
    answer = netsuite.call("GET", "/record/v1/term")
    assert answer.status_code == 429
    body = answer.json()
    assert body["title"] == "Bad Request"
    assert body["o:errorDetails"] == [
        {
            "detail": "Concurrent request limit exceeded. Request blocked.",
            "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED",
        }
    ]
    assert body["o:errorCode"] == "USER_ERROR"
    assert "Retry-After" not in answer.headers


def test_asynchronous_work_takes_a_slot_of_the_same_pool(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    task = {"system": "netsuite", "method": "PUT", "path": "/record/v1/customer/eid:*"}
    sandbox.faults(
        {"system": "netsuite", "effect": "limit", "slots": 1},
        {**task, "effect": "delay", "seconds": 0.4, "times": 1},
    )
    external = uuid.uuid4().hex
    item = {"externalId": external, "companyName": "A", "subsidiary": {"id": "1"}}
    accepted = netsuite.call("PUT", "/record/v1/customer", {"items": [item]}, BATCH)
    assert accepted.status_code == 202
    job = accepted.headers["Location"].split("/services/rest")[1]
    seen, deadline = set[int](), time.monotonic() + PATIENCE_S
    while True:
        answer = netsuite.call("GET", job)
        seen.add(answer.status_code)
        if answer.status_code == 200 and answer.json()["completed"]:
            break
        assert time.monotonic() < deadline
    assert seen == {200, 429}
    assert netsuite.get(f"/customer/eid:{external}")["companyName"] == "A"


def test_a_request_that_takes_too_long_dies_with_nothing_done(impatient: Sandbox) -> None:
    netsuite = NetSuiteClient(impatient)
    impatient.faults({"system": "netsuite", "method": "PUT", "effect": "delay", "seconds": 60})
    external = uuid.uuid4().hex
    with pytest.raises(httpx.HTTPError):
        netsuite.put(f"/customer/eid:{external}", {"companyName": "A", "subsidiary": {"id": "1"}})
    assert netsuite.call("GET", f"/record/v1/customer/eid:{external}").status_code == 404


def test_the_limits_are_told_to_administrators_only(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    administrator = NetSuiteClient(sandbox, "administrator")
    path = "/system/v1/governanceLimits"
    assert administrator.call("GET", path).json() == {
        "accountConcurrencyLimit": 5,
        "accountUnallocatedConcurrencyLimit": 5,
        "integrationConcurrencyLimit": 5,
        "integrationLimitType": "accountLimit",
    }
    sandbox.faults({"system": "netsuite", "effect": "limit", "slots": 2})
    assert administrator.call("GET", path).json()["accountConcurrencyLimit"] == 2
    refused = netsuite.refused("GET", path)
    assert (refused["status"], refused["o:errorCode"]) == (403, "INSUFFICIENT_PERMISSION")


def test_everybody_is_told_the_time(sandbox: Sandbox) -> None:
    sandbox.clock(now="2026-11-20T09:00:01.250Z")
    answer = NetSuiteClient(sandbox, "viewer").call("GET", "/system/v1/serverTime")
    assert answer.json()["serverTime"].startswith("2026-11-20T09:00:01.")
    assert answer.json()["serverTime"].endswith("Z")
