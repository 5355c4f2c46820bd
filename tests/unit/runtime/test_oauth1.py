"""Signatures of token-based authentication, against Oracle's example and another's code."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from runtime.oauth1 import Keys, authorization

KEYS = Keys(
    consumer_key="ef40afdd8abaac111b13825dd5e5e2ddddb44f86d5a0dd6dcf38c20aae6b67e4",
    consumer_secret="d26ad321a4b2f23b0741c8d38392ce01c3e23e109df6c96eac6d099e9ab9e8b5",
    token_id="2b0ce516420110bcbd36b69e99196d1b7f6de3c6234c5afb799b73d87569f5cc",
    token_secret="c29a677df7d5439a458c063654187e3d678d73aca8e3c9d8bea1478a3eb0d295",
)
ADDRESS = "https://123456.suitetalk.api.netsuite.com/services/rest/record/v1/employee/40"
NONCE, TIME_S = "fjaLirsIcCGVZWzBX0pg", 1508242306


def told(url: str, method: str = "GET") -> str:
    return authorization(KEYS, method, url, realm="123456_SB1", nonce=NONCE, timestamp_s=TIME_S)


def told_by_another(url: str, method: str) -> str:
    client = Client(
        KEYS.consumer_key,
        client_secret=KEYS.consumer_secret,
        resource_owner_key=KEYS.token_id,
        resource_owner_secret=KEYS.token_secret,
        signature_method=SIGNATURE_HMAC_SHA256,
        nonce=NONCE,
        timestamp=str(TIME_S),
    )
    _, headers, _ = client.sign(url, method)  # type: ignore[arg-type]  # any method
    return str(headers["Authorization"])


def signature_in(header: str) -> str:
    return header.partition('oauth_signature="')[2].partition('"')[0]


def test_the_published_example_gives_the_published_signature() -> None:
    header = told(ADDRESS)
    assert signature_in(header) == "B5OIWznZ2YP0OB7VrJrGkYsTh%2B8H%2B5T9Hag%2Bo92q0zY%3D"
    assert header.startswith('OAuth realm="123456_SB1", oauth_consumer_key="')


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(
    "rest",
    [
        "?limit=1000&offset=0",
        "?q=a%20b%26c&empty=",
        "/eid:x-1?replace=item%2Cline",
        "?b=2&a=1&a=0",
    ],
)
def test_every_parameter_of_the_query_is_signed(method: str, rest: str) -> None:
    url = ADDRESS + rest
    assert signature_in(told(url, method)) == signature_in(told_by_another(url, method))
    assert signature_in(told(url, method)) != signature_in(told(ADDRESS, method))


@given(st.sampled_from(["", ":443", ":8443"]), st.text("aZ09-._~", min_size=1, max_size=9))
def test_a_port_is_signed_unless_it_is_the_usual_one(port: str, name: str) -> None:
    url = f"https://localhost{port}/services/{name}?{name}={name}"
    assert signature_in(told(url)) == signature_in(told_by_another(url, "GET"))
