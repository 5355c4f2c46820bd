"""Asynchronous requests of the NetSuite stand-in: jobs, batches, keys, their order."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

ASYNC = {"Prefer": "respond-async"}
COLLECTION = "application/vnd.oracle.resource+json; type=collection"
BATCH = {**ASYNC, "Content-Type": COLLECTION}
PATIENCE_S = 40.0


@pytest.fixture(scope="module")
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def key() -> str:
    return uuid.uuid4().hex


def company(**changed: Any) -> dict[str, Any]:
    return {"companyName": f"Batch {key()[:8]}", "subsidiary": {"id": "1"}, **changed}


def submitted(answer: httpx.Response) -> str:
    """The job's path."""
    assert answer.status_code == 202, answer.text
    assert answer.content == b""
    assert answer.headers["Preference-Applied"] == "respond-async"
    return str(answer.headers["Location"]).split("/services/rest")[1]


def done(netsuite: NetSuiteClient, job: str) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        body: dict[str, Any] = netsuite.call("GET", job).json()
        if body["completed"]:
            return body
        assert time.monotonic() < deadline, body


def result(netsuite: NetSuiteClient, job: str, number: int = 1) -> httpx.Response:
    done(netsuite, job)
    return netsuite.call("GET", f"{job}/task/{number}/result")


def test_a_request_is_taken_down_and_done_later(netsuite: NetSuiteClient) -> None:
    job = submitted(netsuite.call("POST", "/record/v1/customer", company(), ASYNC))
    whole = done(netsuite, job)
    number = job.rsplit("/", 1)[1]
    here = f"{netsuite.base}/services/rest{job}"
    assert whole == {
        "links": [{"rel": "self", "href": here}],
        "completed": True,
        "id": number,
        "progress": "succeeded",
        "task": {"links": [{"rel": "self", "href": f"{here}/task"}]},
    }
    tasks = netsuite.call("GET", f"{job}/task").json()
    assert list(tasks) == ["links", "count", "items"]
    assert tasks["items"] == [{"links": [{"rel": "self", "href": f"{here}/task/1"}]}]
    task = netsuite.call("GET", f"{job}/task/1").json()
    assert list(task) == ["links", "completed", "id", "progress", "startTime", "endTime"]
    assert task["links"][0] == {"rel": "related", "href": f"{here}/task/1/result"}
    answer = result(netsuite, job)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (
        netsuite.get(answer.headers["Location"].split("/record/v1")[1])["subsidiary"]["id"] == "1"
    )


def test_a_job_that_ran_says_nothing_of_its_tasks(netsuite: NetSuiteClient) -> None:
    body = {"items": [company(), {"companyName": "no subsidiary"}, company()]}
    job = submitted(netsuite.call("POST", "/record/v1/customer", body, BATCH))
    assert done(netsuite, job)["progress"] == "succeeded"
    assert [result(netsuite, job, at).status_code for at in (1, 2, 3)] == [204, 400, 204]
    assert netsuite.call("GET", f"{job}/task/2").json()["progress"] == "failed"
    error = result(netsuite, job, 2).json()["o:errorDetails"][0]
    assert error["detail"].endswith("Please enter value(s) for: Subsidiary.")
    assert result(netsuite, job, 4).status_code == 404


def test_a_batch_upserts_by_external_id_and_the_internal_id_wins_in_a_patch(
    netsuite: NetSuiteClient,
) -> None:
    one, two = key(), key()
    items = [company(externalId=one), company(externalId=two), company()]
    job = submitted(netsuite.call("PUT", "/record/v1/customer", {"items": items}, BATCH))
    assert [result(netsuite, job, at).status_code for at in (1, 2, 3)] == [204, 204, 400]
    first = result(netsuite, job).headers["Location"].rsplit("/", 1)[1]
    patch = {
        "items": [
            {"id": first, "externalId": key(), "phone": "1"},
            {"externalId": two, "phone": "2"},
        ]
    }
    job = submitted(netsuite.call("PATCH", "/record/v1/customer", patch, BATCH))
    assert [result(netsuite, job, at).status_code for at in (1, 2)] == [204, 204]
    assert netsuite.get(f"/customer/{first}")["phone"] == "1"
    assert netsuite.get(f"/customer/eid:{two}")["phone"] == "2"


def test_records_are_read_and_deleted_by_their_ids(netsuite: NetSuiteClient) -> None:
    external = key()
    first, second = netsuite.customer(), netsuite.customer(externalId=external)
    ids = f"{first},eid:{external},999999"
    path = f"/record/v1/customer?expandRecords=true&ids={ids}"
    job = submitted(netsuite.call("GET", path, None, ASYNC))
    assert result(netsuite, job, 2).json()["id"] == second
    assert result(netsuite, job, 3).status_code == 404
    job = submitted(netsuite.call("DELETE", f"/record/v1/customer?ids={ids}", None, ASYNC))
    assert [result(netsuite, job, at).status_code for at in (1, 2, 3)] == [204, 204, 404]
    assert netsuite.call("GET", f"/record/v1/customer/{first}").status_code == 404


def test_a_batch_waits_and_has_a_hundred_records_at_most(netsuite: NetSuiteClient) -> None:
    error = netsuite.refused(
        "POST", "/record/v1/customer", {"items": [company()]}, **{"Content-Type": COLLECTION}
    )
    assert (error["o:errorCode"], error["o:errorHeader"]) == ("INVALID_HEADER", "Prefer")
    body = {"items": [company()] * 101}
    answer = netsuite.call("POST", "/record/v1/customer", body, BATCH)
    assert answer.status_code == 400
    empty: list[dict[str, Any]] = [{"items": []}, {}, {"items": [1]}]
    for nothing in empty:
        assert netsuite.call("POST", "/record/v1/customer", nothing, BATCH).status_code == 400


def test_a_key_is_good_for_one_asynchronous_request(netsuite: NetSuiteClient) -> None:
    own = key()
    headers = {**ASYNC, "x-netsuite-Idempotency-key": own}
    job = submitted(netsuite.call("POST", "/record/v1/customer", company(), headers))
    again = netsuite.call(
        "POST", "/record/v1/customer", company(), {**ASYNC, "X-NetSuite-idempotency-key": own}
    )
    body = again.json()
    assert (again.status_code, body["status"], body["title"]) == (409, 409, "Conflict")
    assert body["o:errorDetails"][0]["o:errorCode"] == "IDEMPOTENCY_ERROR"
    assert again.headers["Location"].endswith(job)
    done(netsuite, job)
    first = result(netsuite, job).headers["Location"]
    assert (
        result(netsuite, again.headers["Location"].split("/services/rest")[1]).headers["Location"]
        == first
    )


def test_a_key_is_not_looked_at_in_a_synchronous_request(netsuite: NetSuiteClient) -> None:
    headers = {"X-NetSuite-Idempotency-Key": key()}
    answers = [netsuite.call("POST", "/record/v1/customer", company(), headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [204, 204]
    assert answers[0].headers["Location"] != answers[1].headers["Location"]


def test_a_search_may_be_asynchronous_and_is_transient_to_the_end(netsuite: NetSuiteClient) -> None:
    headers = {"Prefer": "respond-async, transient"}
    body = {"q": "SELECT symbol FROM currency WHERE id = 4"}
    job = submitted(netsuite.call("POST", "/query/v1/suiteql", body, headers))
    assert result(netsuite, job).json()["o:errorDetails"][0]["o:errorCode"] == "INVALID_HEADER"
    answer = netsuite.call("GET", f"{job}/task/1/result", None, {"Prefer": "transient"})
    assert answer.json()["items"] == [{"links": [], "symbol": "EUR"}]


def test_a_job_is_seen_by_who_submitted_it(sandbox: Sandbox, netsuite: NetSuiteClient) -> None:
    job = submitted(netsuite.call("POST", "/record/v1/customer", company(), ASYNC))
    assert NetSuiteClient(sandbox, "finance").call("GET", job).status_code == 404
    assert netsuite.call("GET", "/async/v1/job/999999").status_code == 404


def created(netsuite: NetSuiteClient, prefer: str) -> list[int]:
    """The ids that a batch of three gave, in the order of its items."""
    body = {"items": [company() for _ in range(3)]}
    headers = {**BATCH, "Prefer": prefer}
    job = submitted(netsuite.call("POST", "/record/v1/customer", body, headers))
    places = [result(netsuite, job, at).headers["Location"] for at in (1, 2, 3)]
    return [int(place.rsplit("/", 1)[1]) for place in places]


@pytest.fixture(scope="module")
def older(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("older"), "--profile", "netsuite-2026.1")
    running.start()
    yield running
    running.stop()
    running.http.close()


def test_a_batch_is_in_sequence_unless_parallel_was_asked_for(netsuite: NetSuiteClient) -> None:
    ids = created(netsuite, "respond-async")
    assert ids == sorted(ids)
    ids = created(netsuite, 'respond-async, batch-processing="parallel"')
    assert ids != sorted(ids)


def test_a_batch_was_parallel_before_unless_told_otherwise(older: Sandbox) -> None:
    netsuite = NetSuiteClient(older)
    ids = created(netsuite, "respond-async")
    assert ids != sorted(ids)
    ids = created(netsuite, 'respond-async, batch-processing="sequential"')
    assert ids == sorted(ids)


def test_bound_parameters_came_later(older: Sandbox) -> None:
    answer = NetSuiteClient(older).search("SELECT id FROM currency WHERE id = ?", "4")
    assert answer.status_code == 400


def test_jobs_survive_a_sudden_death(older: Sandbox) -> None:
    netsuite = NetSuiteClient(older)
    older.faults(
        {"system": "netsuite", "method": "POST", "effect": "delay", "seconds": 0.3, "times": 2}
    )
    body = {"items": [company()]}
    job = submitted(netsuite.call("POST", "/record/v1/customer", body, BATCH))
    older.kill()
    older.start()
    assert result(NetSuiteClient(older), job).status_code == 204


def test_the_warning_of_a_task_comes_with_its_result(netsuite: NetSuiteClient) -> None:
    body = company(unicorn=1, horn={"length": 2})
    job = submitted(netsuite.call("POST", "/record/v1/customer", body, ASYNC))
    done(netsuite, job)
    answer = result(netsuite, job)
    assert answer.status_code == 204
    assert answer.headers["X-NetSuite-PropertyValidation"] == "unicorn,horn"
