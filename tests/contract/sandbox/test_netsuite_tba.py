"""Token-based sign-in on the wire: each failure in the header, in the trail, and the lock."""

import time
import uuid
from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

TERM = "/services/rest/record/v1/term"


@pytest.fixture(scope="module")
def administrator(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox, "administrator")


def sent(client: NetSuiteClient, authorization: str) -> Any:
    return client.http.get(f"{client.base}{TERM}", headers={"Authorization": authorization})


def code_of(answer: Any) -> str:
    """What the header says; the body never says more than that the login failed."""
    assert answer.status_code == 401
    assert answer.json()["o:errorDetails"][0]["o:errorCode"] == "INVALID_LOGIN"
    return str(answer.headers["WWW-Authenticate"].split('error="')[1].split('"')[0])


def trail(administrator: NetSuiteClient) -> dict[str, str]:
    return administrator.query("SELECT * FROM loginaudit ORDER BY id DESC")[0]


CHANGED: dict[str, tuple[dict[str, str], str]] = {
    "an integration that is not known": ({"consumer_key": "unknown"}, "consumer_key_unknown"),
    "a token that is not known": ({"token_id": "unknown"}, "token_rejected"),
    "another token's secret": ({"token_secret": "wrong"}, "InvalidSignature"),
}


@pytest.mark.parametrize(("changed", "code"), CHANGED.values(), ids=CHANGED)
def test_wrong_credentials_stand_in_the_header_and_in_the_trail(
    sandbox: Sandbox, administrator: NetSuiteClient, changed: dict[str, str], code: str
) -> None:
    assert (
        code_of(NetSuiteClient(sandbox, "finance", **changed).call("GET", "/record/v1/term"))
        == code
    )
    noted = trail(administrator)
    assert (noted["status"], noted["detail"], noted["requesturi"]) == ("Failure", code, TERM)
    NetSuiteClient(sandbox, "finance").get("/term")


SPOILED: dict[str, tuple[str, str, str]] = {
    "another version": ('oauth_version="1.0"', 'oauth_version="2.0"', "VersionRejected"),
    "an old algorithm": ("HMAC-SHA256", "HMAC-SHA1", "UnknownAlgorithm"),
    "another account": ('realm="1234567"', 'realm="7654321"', "token_rejected"),
    "no token": ("oauth_token=", "oauth_other=", "parameter_rejected"),
    "a parameter twice": (
        "oauth_nonce=",
        'oauth_nonce="again12", oauth_nonce=',
        "parameter_rejected",
    ),
    "a timestamp that is none": ('oauth_timestamp="', 'oauth_timestamp="x', "InvalidTimestamp"),
}


@pytest.mark.parametrize(("old", "new", "code"), SPOILED.values(), ids=SPOILED)
def test_a_spoiled_header_is_refused_with_its_own_code(
    administrator: NetSuiteClient, old: str, new: str, code: str
) -> None:
    good = administrator.authorization("GET", f"{administrator.base}{TERM}")
    assert old in good
    assert code_of(sent(administrator, good.replace(old, new))) == code


def test_a_timestamp_may_be_five_minutes_off_and_not_more(administrator: NetSuiteClient) -> None:
    url = f"{administrator.base}{TERM}"
    for offset, status in ((-280, 200), (280, 200), (-320, 401), (320, 401)):
        moment = str(int(time.time()) + offset)
        header = administrator.authorization("GET", url, timestamp=moment)
        answer = sent(administrator, header)
        assert answer.status_code == status
    assert code_of(answer) == "InvalidTimestamp"


def test_a_nonce_is_long_enough_and_used_once(administrator: NetSuiteClient) -> None:
    url = f"{administrator.base}{TERM}"
    short = administrator.authorization("GET", url, nonce="abcde")
    assert code_of(sent(administrator, short)) == "nonce_rejected"
    good = administrator.authorization("GET", url, nonce=uuid.uuid4().hex)
    assert sent(administrator, good).status_code == 200
    assert code_of(sent(administrator, good)) == "nonce_used"


def test_the_query_is_part_of_what_is_signed(administrator: NetSuiteClient) -> None:
    url = f"{administrator.base}{TERM}"
    header = {"Authorization": administrator.authorization("GET", url)}
    assert code_of(administrator.http.get(f"{url}?limit=1", headers=header)) == "InvalidSignature"


def test_a_role_without_the_permission_may_not_sign_in(sandbox: Sandbox) -> None:
    kiosk = NetSuiteClient(sandbox, "kiosk")
    assert code_of(kiosk.call("GET", "/record/v1/term")) == "permission_denied"


def test_a_blocked_integration_is_refused_both_ways(sandbox: Sandbox) -> None:
    retired = NetSuiteClient(sandbox, "retired")
    assert code_of(retired.call("GET", "/record/v1/term")) == "consumer_key_refused"
    answer = retired.sign_in()
    assert (answer.status_code, answer.json()) == (400, {"error": "unauthorized_client"})


def test_five_wrong_signatures_lock_a_user_out_for_half_an_hour(
    sandbox: Sandbox, administrator: NetSuiteClient
) -> None:
    wrong = NetSuiteClient(sandbox, "viewer", token_secret="wrong")
    right = NetSuiteClient(sandbox, "viewer")
    for _ in range(4):
        assert code_of(wrong.call("GET", "/record/v1/term")) == "InvalidSignature"
    right.get("/term")
    for _ in range(5):
        assert code_of(wrong.call("GET", "/record/v1/term")) == "InvalidSignature"
    assert code_of(right.call("GET", "/record/v1/term")) == "temporary_locked"
    noted = trail(administrator)
    assert (noted["detail"], noted["emailaddress"]) == (
        "temporary_locked",
        "vera.viewer@tallystick.example",
    )
    sandbox.clock(advance_s=1801)
    right.get("/term")
    sandbox.clock(now=None)


def test_only_who_may_sees_the_trail(sandbox: Sandbox) -> None:
    answer = NetSuiteClient(sandbox).search("SELECT id FROM loginaudit")
    assert answer.status_code == 400
    detail = answer.json()["o:errorDetails"][0]["detail"]
    assert "Record 'loginaudit' was not found." in detail
