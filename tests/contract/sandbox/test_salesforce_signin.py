"""Every way to sign in that real clients use, with what they send."""

import time
import uuid
from xml.etree import ElementTree

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import JWT_BEARER, Rest, assertion, basic, sign_in


def token(sandbox: Sandbox, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
    address = f"{sandbox.salesforce['http']}/services/oauth2/token"
    return sandbox.http.post(address, data=form, headers=headers or {})


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"exp": str(int(time.time()) + 3600)},
        {"exp": int(time.time() * 1000) + 300, "iat": int(time.time())},
        {"aud": "https://test.salesforce.com"},
        {"aud": "https://tallystick.my.salesforce.com/"},
        {"aud": "http://127.0.0.1:8080/"},
    ],
    ids=["plain", "exp as text", "exp in milliseconds", "test", "my domain", "own address"],
)
def test_an_assertion_as_real_clients_write_it_is_accepted(
    sandbox: Sandbox, claims: dict[str, object]
) -> None:
    answer = sign_in(sandbox, **claims)
    assert sorted(answer) == ["access_token", "id", "instance_url", "scope", "token_type"]
    assert answer["access_token"].startswith(f"{sandbox.salesforce['org_id'][:15]}!")
    assert answer["id"].split("/")[-2:-1] == [sandbox.salesforce["org_id"]]
    assert answer["instance_url"] == sandbox.salesforce["http"]


@pytest.mark.parametrize(
    ("claims", "error", "description"),
    [
        ({"exp": int(time.time()) - 5}, "invalid_grant", "expired authorization code"),
        ({"aud": "https://example.com"}, "invalid_grant", "audience is invalid"),
        ({"iss": "someone"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "nobody@x.example"}, "invalid_grant", "user hasn't approved this consumer"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
    ],
)
def test_a_wrong_assertion_is_refused_in_the_vendors_words(
    sandbox: Sandbox, claims: dict[str, object], error: str, description: str
) -> None:
    assert sign_in(sandbox, **claims) == {"error": error, "error_description": description}


def test_an_assertion_of_another_key_is_refused(sandbox: Sandbox) -> None:
    head, body, signature = assertion(sandbox).split(".")
    forged = ".".join((head, body, signature[::-1]))
    answer = token(sandbox, grant_type=JWT_BEARER, assertion=forged)
    assert answer.status_code == 400
    assert answer.json()["error_description"] == "invalid assertion"


def test_client_credentials_stand_in_the_body_or_in_a_basic_header(sandbox: Sandbox) -> None:
    key, secret = sandbox.salesforce["consumer_key"], sandbox.salesforce["consumer_secret"]
    grant = "client_credentials"
    in_body = token(sandbox, grant_type=grant, client_id=key, client_secret=secret)
    in_header = token(sandbox, basic(key, secret), grant_type=grant)
    for answer in (in_body, in_header):
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert {"signature", "issued_at"} <= set(answer.json())
    wrong = token(sandbox, basic(key, "wrong"), grant_type=grant)
    assert wrong.json() == {
        "error": "invalid_client",
        "error_description": "invalid client credentials",
    }


def test_password_and_refresh_token_work_and_fail_as_they_should(sandbox: Sandbox) -> None:
    salesforce = sandbox.salesforce
    client = {
        "client_id": salesforce["consumer_key"],
        "client_secret": salesforce["consumer_secret"],
    }
    person = {"grant_type": "password", "username": salesforce["username"]}
    secret = salesforce["password"] + salesforce["security_token"]
    assert token(sandbox, **client, **person, password=secret).status_code == 200
    refused = token(sandbox, **client, **person, password="x")
    assert refused.json()["error_description"] == "authentication failure"
    refresh = {"grant_type": "refresh_token", "refresh_token": salesforce["refresh_token"]}
    assert "access_token" in token(sandbox, **client, **refresh).json()
    stale = token(sandbox, **client, grant_type="refresh_token", refresh_token="x")
    assert stale.json()["error_description"] == "expired access/refresh token"
    assert token(sandbox, grant_type="magic").json() == {
        "error": "unsupported_grant_type",
        "error_description": "grant type not supported",
    }
    as_text = token(sandbox, **client, **person, password=secret, format="urlencoded")
    assert as_text.text.startswith("access_token=00D")
    as_xml = token(sandbox, {"Accept": "application/xml"}, **client, **person, password="x")
    assert as_xml.text.endswith(
        "<OAuth><error>invalid_grant</error>"
        "<error_description>authentication failure</error_description></OAuth>"
    )
    address = f"{salesforce['http']}/services/oauth2/token"
    assert sandbox.http.get(address).json()["error_description"] == "must use HTTP POST"


def test_a_user_who_is_not_active_does_not_get_in(sandbox: Sandbox) -> None:
    admin = Rest(sandbox, "admin")
    name = f"{uuid.uuid4().hex}@tallystick.example"
    identifier = admin.create(
        "User", Username=name, LastName="Gone", Email=name, Alias="gone", IsActive=False,
        CommunityNickname=name[:32], TimeZoneSidKey="GMT", LocaleSidKey="en_US",
        EmailEncodingKey="UTF-8", ProfileId="00edx0000000001AAA", LanguageLocaleKey="en_US",
    )  # fmt: skip
    assert sign_in(sandbox, sub=name)["error"] == "inactive_user"
    admin.update("User", identifier, IsActive=True)
    assert "access_token" in sign_in(sandbox, sub=name)


def test_the_token_tells_who_it_belongs_to(sandbox: Sandbox) -> None:
    rest = Rest(sandbox, "sales")
    info = rest.call("GET", f"{sandbox.salesforce['http']}/services/oauth2/userinfo").json()
    assert info["organization_id"] == sandbox.salesforce["org_id"]
    assert info["preferred_username"] == sandbox.salesforce["users"]["sales"]["username"]
    address = sign_in(sandbox)["id"]
    identity = sandbox.http.get(
        address, params={"format": "json", "oauth_token": rest.token}
    ).json()
    assert identity["username"] == sandbox.salesforce["username"]
    bare = sandbox.http.get(address)
    assert (bare.status_code, bare.text) == (403, "Missing_OAuth_Token")
    wrong = sandbox.http.get(address, params={"oauth_token": "x"})
    assert (wrong.status_code, wrong.text) == (403, "Bad_OAuth_Token")


def test_a_revoked_token_and_a_missing_one_are_answered_401(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    base = sandbox.salesforce["http"]
    assert rest.call("GET", "/limits").status_code == 200
    assert sandbox.http.post(
        f"{base}/services/oauth2/revoke", data={"token": rest.token}
    ).is_success
    status, error = rest.refused("GET", "/limits")
    assert status == 401
    assert error == {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    bare = sandbox.http.get(f"{rest.root}/limits")
    assert bare.status_code == 401
    assert bare.json()[0]["errorCode"] == "INVALID_SESSION_ID"
    odd = sandbox.http.get(f"{rest.root}/limits", headers={"Authorization": "Digest x"})
    assert odd.json()[0] == {
        "message": "INVALID_HEADER_TYPE",
        "errorCode": "INVALID_AUTH_HEADER",
    }


def soap(sandbox: Sandbox, version: str, password: str) -> httpx.Response:
    body = f"""<?xml version="1.0" encoding="utf-8"?>
    <env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
    <n1:login xmlns:n1="urn:partner.soap.sforce.com">
    <n1:username>{sandbox.salesforce["username"]}</n1:username>
    <n1:password>{password}</n1:password></n1:login></env:Body></env:Envelope>"""
    address = f"{sandbox.salesforce['http']}/services/Soap/u/{version}/"
    return sandbox.http.post(address, content=body, headers={"Content-Type": "text/xml"})


def test_a_soap_login_has_its_elements_where_clients_count_them(sandbox: Sandbox) -> None:
    secret = sandbox.salesforce["password"] + sandbox.salesforce["security_token"]
    answer = soap(sandbox, "59.0", secret)
    assert answer.status_code == 200
    envelope = ElementTree.fromstring(answer.content)
    assert envelope[0].tag.endswith("}Body")
    result = envelope[0][0][0]
    assert result[3].tag.endswith("}serverUrl")
    assert result[4].text is not None
    assert result[4].text.startswith("00D")
    assert result[6][8].text == sandbox.salesforce["org_id"]


@pytest.mark.parametrize(
    ("version", "code"), [("59.0", "INVALID_LOGIN"), ("65.0", "UNSUPPORTED_API_VERSION")]
)
def test_a_soap_login_that_fails_is_a_fault_with_status_500(
    sandbox: Sandbox, version: str, code: str
) -> None:
    answer = soap(sandbox, version, "wrong")
    assert answer.status_code == 500
    assert f"<sf:exceptionCode>{code}</sf:exceptionCode>" in answer.text


def test_versions_are_told_without_signing_in(sandbox: Sandbox) -> None:
    versions = sandbox.http.get(f"{sandbox.salesforce['http']}/services/data").json()
    assert versions[-1] == {
        "label": "Winter '27",
        "url": "/services/data/v68.0",
        "version": "68.0",
    }
    assert versions[-2]["label"] == "Summer '26"
