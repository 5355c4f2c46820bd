"""RESTlets of the NetSuite stand-in: the address, the shipped script, its refusals."""

import uuid
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

PATH = "/app/site/hosting/restlet.nl"
SCRIPT = "script=customscript_tallystick_restlet&deploy=customdeploy_tallystick_restlet"


@pytest.fixture(scope="module")
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def called(
    netsuite: NetSuiteClient, method: str, body: Any = None, query: str = "", script: str = SCRIPT
) -> httpx.Response:
    url = f"{netsuite.base}{PATH}?{script}{query}"
    request = netsuite.http.build_request(method, url, json=body)
    request.headers["Authorization"] = netsuite.authorization(method, str(request.url))
    return netsuite.http.send(request)


def code_of(answer: httpx.Response) -> str:
    body = answer.json()
    assert list(body) == ["error"]
    assert set(body["error"]) == {"code", "message"}
    return str(body["error"]["code"])


def test_a_record_is_written_read_and_deleted(netsuite: NetSuiteClient) -> None:
    external = uuid.uuid4().hex
    named = {"type": "salesorder", "externalId": external}
    fields = {"entity": netsuite.customer(), "trandate": "2026-11-20"}
    lines = {"item": [{"item": 101, "quantity": 2, "rate": 3}]}
    made = called(netsuite, "POST", {**named, "values": fields, "lines": lines}).json()
    assert made == {"id": made["id"], "type": "salesorder", "created": True}
    lines = {"item": [{"item": 102, "quantity": 1, "rate": 4}]}
    again = called(netsuite, "PUT", {**named, "lines": lines}).json()
    assert again == {**made, "created": False}
    held = called(netsuite, "GET", query=f"&type=salesorder&externalId={external}").json()
    assert (held["values"]["trandate"], held["values"]["total"]) == ("2026-11-20", 4.0)
    assert [one["item"] for one in held["lines"]["item"]] == ["102"]
    gone = called(netsuite, "DELETE", query=f"&type=salesorder&id={made['id']}")
    assert gone.json() == {"id": made["id"], "type": "salesorder"}
    assert netsuite.call("GET", f"/record/v1/salesOrder/{made['id']}").status_code == 404


def test_a_file_is_attached(netsuite: NetSuiteClient) -> None:
    body = {
        "operation": "attach",
        "type": "customer",
        "id": netsuite.customer(),
        "file": {"name": f"{uuid.uuid4().hex}.pdf", "type": "PDF", "contents": "aGVsbG8="},
    }
    answer = called(netsuite, "POST", body)
    assert (answer.status_code, set(answer.json())) == (200, {"id", "type", "file"})
    assert code_of(called(netsuite, "POST", {**body, "file": {"name": "x", "contents": "?"}})) == (
        "INVALID_REQUEST"
    )


def test_a_script_is_named_by_number_too(netsuite: NetSuiteClient) -> None:
    answer = called(netsuite, "GET", query="&type=currency&id=4", script="script=1451&deploy=1")
    assert answer.json()["values"]["symbol"] == "EUR"


REFUSED: dict[str, tuple[str, Any, str, int, str]] = {
    "no such record": ("GET", None, "&type=customer&id=999999", 400, "RCRD_DSNT_EXIST"),
    "no such type": ("GET", None, "&type=unicorn&id=1", 400, "INVALID_RCRD_TYPE"),
    "no record named": ("GET", None, "&type=customer", 400, "MISSING_REQD_ARGUMENT"),
    "no such operation": ("POST", {"operation": "x"}, "", 400, "INVALID_REQUEST"),
    "a list": ("POST", [1], "", 400, "INVALID_REQUEST"),
    "a method that the script has not": ("PATCH", {}, "", 405, "METHOD_NOT_ALLOWED"),
    "no such field": (
        "POST",
        {"type": "customer", "externalId": "r", "values": {"nosuch": 1}},
        "",
        400,
        "SSS_INVALID_FIELD",
    ),
    "a business rule": (
        "POST",
        {"type": "customer", "externalId": "r", "values": {"companyname": "A"}},
        "",
        400,
        "USER_ERROR",
    ),
}


@pytest.mark.parametrize(
    ("method", "body", "query", "status", "code"), REFUSED.values(), ids=REFUSED
)
def test_what_is_wrong_is_said_as_scripts_say_it(
    netsuite: NetSuiteClient, method: str, body: Any, query: str, status: int, code: str
) -> None:
    answer = called(netsuite, method, body, query)
    assert (answer.status_code, code_of(answer)) == (status, code)


def test_a_script_must_be_named_and_exist(netsuite: NetSuiteClient) -> None:
    assert code_of(called(netsuite, "GET", script="script=1451")) == "SSS_MISSING_REQD_ARGUMENT"
    unknown = called(netsuite, "GET", script="script=77&deploy=1")
    assert code_of(unknown) == "SSS_INVALID_SCRIPTLET_ID"


def test_an_access_token_needs_the_scope_of_restlets(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    client.sign_in()
    refused = called(client, "GET", query="&type=currency&id=4")
    assert (refused.status_code, code_of(refused)) == (401, "INVALID_LOGIN_ATTEMPT")
    client.sign_in(scope=["restlets"])
    assert called(client, "GET", query="&type=currency&id=4").status_code == 200


def test_restlets_share_the_slots_and_say_so_in_their_own_words(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    sandbox.faults({"system": "netsuite", "effect": "limit", "slots": 0})
    answer = called(netsuite, "GET", query="&type=currency&id=4")
    assert (answer.status_code, code_of(answer)) == (400, "SSS_REQUEST_LIMIT_EXCEEDED")
    body = netsuite.call("GET", "/record/v1/currency/4")
    assert (body.status_code, body.json()["o:errorDetails"][0]["o:errorCode"]) == (
        429,
        "CONCURRENCY_LIMIT_EXCEEDED",
    )
    assert "Retry-After" not in body.headers
