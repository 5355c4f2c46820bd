"""Bad days of the NetSuite stand-in: slots, lost answers, late commits, sudden death."""

import asyncio
import threading
import time
from collections.abc import Callable

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line

CUSTOMER = {"companyName": "Acme GmbH", "subsidiary": {"id": "1"}}


@pytest.fixture
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def eventually(check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.02)
    return False


async def many(client: NetSuiteClient, count: int) -> list[httpx.Response]:
    url = f"{client.base}/services/rest/record/v1/term"
    async with httpx.AsyncClient(timeout=30) as http:
        calls = [
            http.get(url, headers={"Authorization": client.authorization("GET", url)})
            for _ in range(count)
        ]
        return await asyncio.gather(*calls)


async def test_the_sixth_request_at_once_is_turned_away(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults(
        {"system": "netsuite", "path": "/record/v1/term", "effect": "delay", "seconds": 1}
    )
    answers = await many(netsuite, 8)
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429] * 3
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "Retry-After" not in refused.headers
    body = refused.json()
    assert body["o:errorDetails"] == [
        {
            "detail": "Concurrent request limit exceeded. Request blocked.",
            "o:errorCode": "CONCURRENCY_LIMIT_EXCEEDED",
        }
    ]


async def test_the_limit_can_be_changed_in_the_middle(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    slow = {"system": "netsuite", "path": "/record/v1/term", "effect": "delay", "seconds": 1}
    sandbox.faults(slow, {"system": "netsuite", "effect": "limit", "slots": 2})
    answers = await many(netsuite, 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 429, 429]
    administrator = NetSuiteClient(sandbox, "administrator")
    limits = administrator.call("GET", "/system/v1/governanceLimits").json()
    assert limits["accountConcurrencyLimit"] == 2


def test_a_slot_stays_taken_when_the_client_has_gone(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults(
        {"system": "netsuite", "effect": "limit", "slots": 1},
        {"system": "netsuite", "path": "/record/v1/currency", "effect": "delay", "seconds": 2},
    )
    url = f"{netsuite.base}/services/rest/record/v1/currency"
    headers = {"Authorization": netsuite.authorization("GET", url)}
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, headers=headers, timeout=0.3)
    assert netsuite.call("GET", "/record/v1/term").status_code == 429
    assert eventually(lambda: netsuite.call("GET", "/record/v1/term").status_code == 200)


def test_an_answer_lost_after_the_commit_leaves_one_record(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults(
        {
            "system": "netsuite",
            "method": "PUT",
            "path": "/record/v1/customer/*",
            "effect": "drop_after_commit",
            "times": 1,
        }
    )
    after = sandbox.end_of_journal("netsuite")
    with pytest.raises(httpx.HTTPError):
        netsuite.call("PUT", "/record/v1/customer/eid:lost-1", CUSTOMER)
    (entry,) = [one for one in sandbox.journal("netsuite", after) if one["method"] == "PUT"]
    assert (entry["status"], entry["effect"]) == (0, "drop_after_commit")
    assert entry["mutations"][0]["operation"] == "create"
    key = netsuite.put("/customer/eid:lost-1", CUSTOMER)
    assert netsuite.query("SELECT id FROM customer WHERE externalid = 'lost-1'") == [{"id": key}]


def test_an_answer_lost_before_the_commit_leaves_nothing(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults(
        {"system": "netsuite", "method": "PUT", "effect": "drop_before_commit", "times": 1}
    )
    with pytest.raises(httpx.HTTPError):
        netsuite.call("PUT", "/record/v1/customer/eid:never-1", CUSTOMER)
    assert netsuite.refused("GET", "/record/v1/customer/eid:never-1")["status"] == 404


def test_a_late_commit_appears_after_the_client_gave_up(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults(
        {
            "system": "netsuite",
            "method": "PUT",
            "effect": "commit_late",
            "seconds": 1.0,
            "times": 1,
        }
    )
    url = f"{netsuite.base}/services/rest/record/v1/customer/eid:late-1"
    headers = {"Authorization": netsuite.authorization("PUT", url)}
    with pytest.raises(httpx.ReadTimeout):
        httpx.put(url, json=CUSTOMER, headers=headers, timeout=0.2)
    query = "SELECT id FROM customer WHERE externalid = 'late-1'"
    assert netsuite.query(query) == []
    assert eventually(lambda: len(netsuite.query(query)) == 1)


def test_two_upserts_at_once_make_one_record(sandbox: Sandbox) -> None:
    clients = [NetSuiteClient(sandbox) for _ in range(4)]
    threads = [
        threading.Thread(target=one.call, args=("PUT", "/record/v1/customer/eid:race-1", CUSTOMER))
        for one in clients
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = clients[0].query("SELECT COUNT(*) AS n FROM customer WHERE externalid = 'race-1'")
    assert rows == [{"n": "1"}]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_error_on_request_has_the_vendors_shape(
    sandbox: Sandbox, netsuite: NetSuiteClient, status: int
) -> None:
    sandbox.faults({"system": "netsuite", "effect": "status", "status": status, "times": 1})
    error = netsuite.refused("GET", "/record/v1/term")
    assert error["status"] == status
    assert error["o:errorCode"]


def test_state_survives_a_sudden_death(own_sandbox: Sandbox) -> None:
    client = NetSuiteClient(own_sandbox)
    customer = client.customer(externalId="kept-1")
    order = client.order(customer, line(101, 1, 10.0))
    before = own_sandbox.journal("netsuite")
    own_sandbox.kill()
    own_sandbox.start()
    again = NetSuiteClient(own_sandbox)
    assert again.credentials == client.credentials
    assert again.get("/customer/eid:kept-1")["id"] == customer
    assert again.get(f"/salesOrder/{order}")["tranId"] == "SO-1001"
    assert again.order(customer, line(101, 1, 10.0)) != order
    assert own_sandbox.journal("netsuite")[: len(before)] == before


def test_a_new_seed_empties_the_books_and_keeps_the_credentials(own_sandbox: Sandbox) -> None:
    client = NetSuiteClient(own_sandbox)
    client.customer()
    own_sandbox.seed("empty")
    assert client.query("SELECT COUNT(*) AS n FROM customer") == [{"n": "0"}]
    assert client.get("/serviceSaleItem/101")["itemId"] == "SUB-PLAT"
    assert client.get(f"/customer/{client.customer()}")["entityId"] == "CUST-77"


def test_a_seed_file_is_laid_on_top(own_sandbox: Sandbox) -> None:
    path = own_sandbox.state / "seed.json"
    path.write_text(
        '{"netsuite": {"customer": [{"id": 700, "companyName": "Hooli", "subsidiary": "1",'
        ' "currency": "4", "externalId": "h"}], "salesOrder": [{"entity": {"externalId": "h"},'
        ' "item": {"items": [{"item": "101", "quantity": 2, "rate": 7.5}]}}]}}'
    )
    own_sandbox.seed(str(path))
    client = NetSuiteClient(own_sandbox)
    assert client.get("/customer/eid:h")["id"] == "700"
    rows = client.query("SELECT entity, foreigntotal FROM transaction")
    assert rows == [{"entity": "700", "foreigntotal": "15"}]
    assert int(client.customer()) > 700
