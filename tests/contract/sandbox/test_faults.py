"""Errors on request: every status comes in the vendor's own shape, and nothing is processed."""

from typing import Any

import pytest

from sandbox.faults import STATUSES
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest

ERRORS = sorted(status for status in STATUSES if status >= 400)


def rule(system: str, path: str, **more: Any) -> dict[str, Any]:
    return {"system": system, "path": path, "effect": "status", **more}


def test_every_status_of_salesforce_comes_in_its_shape(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    before = sandbox.end_of_journal("salesforce")
    for status in ERRORS:
        sandbox.faults(rule("salesforce", "/sobjects/Account", status=status))
        answer = sandbox.http.post(
            f"{rest.root}/sobjects/Account", json={"Name": "No"}, headers=rest.headers
        )
        assert answer.status_code == status
        if status in (406, 420):
            assert answer.headers["Server"] == "sfdcedge"
            assert len(answer.headers["x-sfdc-request-id"]) == 32
            assert bool(answer.text) is (status == 420)
            continue
        (entry,) = answer.json()
        assert {"message", "errorCode"} <= set(entry), entry
    assert not any(entry["mutations"] for entry in sandbox.journal("salesforce", before))


def test_every_status_of_netsuite_comes_in_its_shape(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    before = sandbox.end_of_journal("netsuite")
    for status in ERRORS:
        sandbox.faults(rule("netsuite", "/record/v1/customer", status=status))
        answer = client.call("POST", "/record/v1/customer", {"companyName": "No"})
        assert answer.status_code == status
        body = answer.json()
        assert body["status"] == status
        assert {"detail", "o:errorCode"} <= set(body["o:errorDetails"][0])
    assert not any(entry["mutations"] for entry in sandbox.journal("netsuite", before))


@pytest.mark.parametrize("seed", [3, 4])
def test_the_same_seed_lets_the_same_calls_fail(sandbox: Sandbox, seed: int) -> None:
    rest = Rest(sandbox)

    def run() -> list[int]:
        often = rule("salesforce", "/limits", status=503, probability=0.5)
        sandbox.faults(often, seed=seed)
        return [
            sandbox.http.get(f"{rest.root}/limits", headers=rest.headers).status_code
            for _ in range(12)
        ]

    first = run()
    assert {200, 503} == set(first)
    assert run() == first


def test_a_status_that_does_not_exist_is_refused_by_name(sandbox: Sandbox) -> None:
    wrong = {"rules": [rule("salesforce", "*", status=599)]}
    answer = sandbox.http.put(f"{sandbox.endpoints['sandbox_admin']}/faults", json=wrong)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("status: 599")
