"""OAuth 1.0a of the NetSuite stand-in, against the vendor's published example."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from sandbox.database import open_database
from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.principals import FINANCE, Credential
from sandbox.netsuite.signin.audit import LoginError
from sandbox.netsuite.signin.nonces import SCHEMA, Nonces
from sandbox.netsuite.signin.tba import NONCE_GOOD_S, Signed, Tokens, base_string, signature

NOW_S = 1_508_242_306.0
PUBLISHED = Credential(
    user=FINANCE,
    consumer_key="ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    consumer_secret="d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5",
    token_id="2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    token_secret="c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295",
    client_id="client",
    certificate_id="certificate",
    key_file=Path("key"),
    certificate_file=Path("certificate"),
)
URL = "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40"


def tokens(connection: sqlite3.Connection | None = None, now_s: float = NOW_S) -> Tokens:
    connection = connection or open_database(":memory:", SCHEMA)
    return Tokens([PUBLISHED], Nonces(connection, good_s=NONCE_GOOD_S, now_s=now_s))


def signed(url: str = URL, method: str = "GET", **changed: str) -> Signed:
    """A request as a client signs it; `changed` takes other credentials or OAuth values."""
    names = {"timestamp": str(int(NOW_S)), "nonce": "fjaLirsIcCGVZWzBX0pg", "realm": ACCOUNT_ID}
    values = {**names, **changed}
    client = Client(
        values.pop("consumer_key", PUBLISHED.consumer_key),
        client_secret=values.pop("consumer_secret", PUBLISHED.consumer_secret),
        resource_owner_key=values.pop("token_id", PUBLISHED.token_id),
        resource_owner_secret=values.pop("token_secret", PUBLISHED.token_secret),
        signature_method=SIGNATURE_HMAC_SHA256,
        **values,
    )
    _, headers, _ = client.sign(url, method)
    address, _, query = url.partition("?")
    return Signed(method=method, url=address, query=query, authorization=headers["Authorization"])


def test_the_published_example_gives_the_published_signature() -> None:
    given = {
        "oauth_consumer_key": PUBLISHED.consumer_key,
        "oauth_token": PUBLISHED.token_id,
        "oauth_nonce": "fjaLirsIcCGVZWzBX0pg",
        "oauth_timestamp": "1508242306",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_version": "1.0",
    }
    base = base_string(signed(), "", given)
    key = f"{PUBLISHED.consumer_secret}&{PUBLISHED.token_secret}"
    assert signature(base, key) == "B5OIWznZ2YP0OB7VrJrGkYsTh+8H+5T9Hag+o92q0zY="


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"{URL}?limit=1&offset=0",
        f"{URL}?q=companyName%20CONTAIN%20%22A%22",
        f"{URL}?q=a+b&expandSubResources=True",
        "http://127.0.0.1:8080/services/rest/record/v1/customer/eid%3Asf-1",
    ],
)
def test_a_good_signature_opens(url: str) -> None:
    assert tokens().user(signed(url), NOW_S, ()) is FINANCE


def test_the_parts_of_the_header_may_stand_in_any_order() -> None:
    request = signed()
    parts = request.authorization.removeprefix("OAuth ").split(", ")
    turned = replace(request, authorization="OAuth " + ", ".join(reversed(parts)))
    assert tokens().user(turned, NOW_S, ()) is FINANCE


@pytest.mark.parametrize(
    ("request_of", "code"),
    [
        (lambda: signed(consumer_key="unknown"), "consumer_key_unknown"),
        (lambda: signed(token_id="unknown"), "token_rejected"),
        (lambda: signed(token_secret="wrong"), "InvalidSignature"),
        (lambda: signed(consumer_secret="wrong"), "InvalidSignature"),
        (lambda: signed(realm="7654321"), "token_rejected"),
        (lambda: signed(timestamp=str(int(NOW_S) - 301)), "InvalidTimestamp"),
        (lambda: signed(timestamp=str(int(NOW_S) + 301)), "InvalidTimestamp"),
        (lambda: signed(nonce="short"), "nonce_rejected"),
        (lambda: replace(signed(), query="limit=1"), "InvalidSignature"),
        (lambda: replace(signed(), method="POST"), "InvalidSignature"),
        (lambda: replace(signed(), authorization='OAuth realm="1234567"'), "parameter_rejected"),
        (lambda: replace(signed(), authorization="Basic abc"), "parameter_rejected"),
        (
            lambda: replace(
                signed(),
                authorization=signed().authorization.replace("HMAC-SHA256", "HMAC-SHA1"),
            ),
            "UnknownAlgorithm",
        ),
    ],
)
def test_a_bad_signature_is_refused_with_the_code_of_the_audit_trail(
    request_of: "object", code: str
) -> None:
    with pytest.raises(LoginError) as error:
        tokens().user(request_of(), NOW_S, ())  # type: ignore[operator]  # a lambda
    assert error.value.code == code


def test_a_nonce_is_good_once() -> None:
    opened = tokens()
    opened.user(signed(), NOW_S, ())
    with pytest.raises(LoginError, match="nonce_used"):
        opened.user(signed(), NOW_S, ())


def test_a_nonce_is_remembered_over_a_restart_as_long_as_its_timestamp_is_good() -> None:
    connection = open_database(":memory:", SCHEMA)
    tokens(connection).user(signed(), NOW_S, ())
    with pytest.raises(LoginError, match="nonce_used"):
        tokens(connection, NOW_S + 300).user(signed(), NOW_S + 300, ())
    later = NOW_S + NONCE_GOOD_S + 1
    tokens(connection, later)
    assert connection.execute("SELECT count(*) FROM _nonce").fetchone()[0] == 0


def test_a_revoked_token_is_rejected() -> None:
    with pytest.raises(LoginError, match="token_rejected"):
        tokens().user(signed(), NOW_S, [PUBLISHED.token_id])
