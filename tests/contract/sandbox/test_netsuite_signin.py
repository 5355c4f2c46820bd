"""Signing in to the NetSuite stand-in, both ways, good and bad."""

import time

import httpx
import jwt
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import TOKEN, NetSuiteClient


def test_token_based_authentication_acts_as_the_tokens_user(sandbox: Sandbox) -> None:
    finance = NetSuiteClient(sandbox, "finance")
    customer = finance.customer()
    order = finance.order(customer, {"item": "101", "rate": 1.0})
    rows = finance.query(
        f"SELECT BUILTIN.DF(lastmodifiedby) AS who FROM transaction WHERE id = {order}"
    )
    assert rows == [{"who": "Frieda Finance"}]
    assert sandbox.journal("netsuite")[-1]["actor"] == "Frieda Finance"


def test_a_wrong_secret_is_answered_as_recorded(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox, token_secret="wrong")
    answer = client.call("GET", "/record/v1/customer")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        'OAuth realm="1234567", error="InvalidSignature", '
        'error_description="Invalid login attempt."'
    )
    assert answer.headers["Content-Type"] == (
        "application/vnd.oracle.resource+json; type=error; charset=UTF-8"
    )
    body = answer.json()
    assert body["type"] == "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.2"
    assert body["title"] == "Unauthorized"
    assert body["o:errorDetails"][0]["o:errorCode"] == "INVALID_LOGIN"
    assert body["o:errorDetails"][0]["detail"].startswith("Invalid login attempt. For more")


@pytest.mark.parametrize("who", ["", "finance", "administrator"])
def test_client_credentials_give_a_bearer_token(sandbox: Sandbox, who: str) -> None:
    """The integration signs PS256, the administrator ES256."""
    client = NetSuiteClient(sandbox, who)
    body = client.sign_in().json()
    assert (body["expires_in"], body["token_type"]) == (3600, "Bearer")
    claims = jwt.decode(body["access_token"], options={"verify_signature": False})
    assert claims["aud"][0] == client.credentials["client_id"]
    assert jwt.get_unverified_header(body["access_token"])["alg"] == "RS256"
    assert client.get("/currency/4")["symbol"] == "EUR"


@pytest.mark.parametrize("scope", ["rest_webservices", "restlets,rest_webservices"])
def test_the_scope_may_be_a_text(sandbox: Sandbox, scope: str) -> None:
    assert NetSuiteClient(sandbox).sign_in(scope=scope).status_code == 200


@pytest.mark.parametrize("host", ["suitetalk", "restlets"])
def test_the_audience_may_be_the_accounts_public_address(sandbox: Sandbox, host: str) -> None:
    audience = f"https://1234567.{host}.api.netsuite.com{TOKEN}"
    assert NetSuiteClient(sandbox).sign_in(aud=audience).status_code == 200


NOW = int(time.time())


@pytest.mark.parametrize(
    ("claims", "status", "error"),
    [
        ({"iss": "another"}, 401, "invalid_client"),
        ({"kid": "another"}, 401, "invalid_client"),
        ({"aud": "https://example.org/token"}, 400, "invalid_grant"),
        ({"exp": NOW - 1}, 400, "invalid_grant"),
        ({"iat": NOW, "exp": NOW + 3700}, 400, "invalid_grant"),
        ({"scope": ["everything"]}, 400, "invalid_scope"),
        ({"scope": []}, 400, "invalid_scope"),
    ],
)
def test_a_bad_assertion_is_refused(
    sandbox: Sandbox, claims: dict[str, object], status: int, error: str
) -> None:
    answer = NetSuiteClient(sandbox).sign_in(**claims)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"client_assertion_type": "other"}, "invalid_request"),
        ({"client_assertion": "no.jwt"}, "invalid_request"),
        ({"client_assertion": ""}, "invalid_request"),
    ],
)
def test_a_bad_form_is_refused(sandbox: Sandbox, changed: dict[str, str], error: str) -> None:
    client = NetSuiteClient(sandbox)
    answer = sandbox.http.post(f"{client.base}{TOKEN}", data={**client.form(), **changed})
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_another_grant_is_told_so_whatever_else_is_missing(sandbox: Sandbox) -> None:
    address = f"{NetSuiteClient(sandbox).base}{TOKEN}"
    answer = sandbox.http.post(address, data={"grant_type": "password"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_an_assertion_signed_by_another_key_is_refused(sandbox: Sandbox) -> None:
    other = NetSuiteClient(sandbox, "administrator")
    own = NetSuiteClient(sandbox)
    answer = other.sign_in(kid=own.credentials["certificate_id"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_a_bad_bearer_token_is_refused(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    client.bearer = "not.a.token"
    answer = client.call("GET", "/record/v1/customer")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="1234567", error="invalid_token", error_description="Invalid login attempt."'
    )


def test_a_dead_access_token_is_replaced_by_a_new_one(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    client.sign_in()
    sandbox.faults({"system": "netsuite", "effect": "token_dead", "times": 1})
    assert client.call("GET", "/record/v1/term").status_code == 401
    assert client.call("GET", "/record/v1/term").status_code == 401
    client.sign_in()
    assert client.call("GET", "/record/v1/term").status_code == 200


def test_moving_the_business_clock_logs_nobody_out(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    client.sign_in()
    sandbox.clock(advance_s=86400)
    assert client.call("GET", "/record/v1/term").status_code == 200
    client.bearer = ""
    assert client.call("GET", "/record/v1/term").status_code == 200
    sandbox.clock(now=None)


def test_a_call_without_credentials_is_refused(sandbox: Sandbox) -> None:
    url = f"{sandbox.netsuite['http']}/services/rest/record/v1/customer"
    assert httpx.get(url).status_code == 401
