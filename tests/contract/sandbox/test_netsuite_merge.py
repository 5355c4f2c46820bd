"""Customers merged by hand, as a reader of the account and of its journal sees it."""

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line


@pytest.fixture
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def test_t1_7_merged_customers_are_one_and_the_journal_tells(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    master, duplicate = netsuite.customer(), netsuite.customer()
    order = netsuite.order(duplicate, line(101, 1, 5))
    start = sandbox.end_of_journal("netsuite")
    wish = {"master": master, "duplicates": [duplicate]}
    answer = sandbox.http.post(f"{sandbox.endpoints['sandbox_admin']}/merge", json=wish)
    assert answer.json() == {"transactions": [order]}
    found = netsuite.query(f"SELECT entity FROM transaction WHERE id = {order}")
    assert found == [{"entity": master}]
    gone = netsuite.query(f"SELECT type FROM deletedrecord WHERE recordid = {duplicate}")
    assert gone == [{"type": "customer"}]
    entry = sandbox.journal("netsuite", start)[0]
    assert entry["method"] == "MERGE"
    told = {(one["record"], one["id"], one["operation"]) for one in entry["mutations"]}
    assert {("salesOrder", order, "update"), ("customer", duplicate, "delete")} <= told


def test_a_merge_with_somebody_unknown_is_refused(sandbox: Sandbox) -> None:
    answer = sandbox.http.post(
        f"{sandbox.endpoints['sandbox_admin']}/merge", json={"master": "1", "duplicates": ["x"]}
    )
    assert (answer.status_code, answer.json()["error"][:10]) == (400, "master: '1")
