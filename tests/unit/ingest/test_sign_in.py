"""Signing in: what is asked again, and refusals without names of secrets."""

import json
from collections.abc import Callable

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from ingest.adapters.netsuite_sign_in import NetSuiteSignIn
from ingest.adapters.salesforce_sign_in import SalesforceSignIn
from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock
from runtime.tokens import SignIn, Token


def pem(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


RSA = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
CURVE = pem(ec.generate_private_key(ec.SECP256R1()))


Build = Callable[..., SignIn]


def answering(status: int, body: object) -> httpx.AsyncClient:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = httpx.Response(status, text=text)
    return httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer))


def salesforce(http: httpx.AsyncClient, key: str = RSA) -> SignIn:
    return SalesforceSignIn(
        http,
        Clock(),
        url="https://org.example",
        consumer_key="the-consumer-key",
        username="robot@org.example",
        key=key,
        audience="https://login.example",
    )


def netsuite(http: httpx.AsyncClient, key: str = RSA) -> SignIn:
    return NetSuiteSignIn(
        http,
        Clock(),
        url="https://account.example",
        client_id="the-client-id",
        certificate_id="the-certificate",
        key=key,
    )


REFUSALS = [
    (salesforce, 400, {"error": "invalid_grant", "error_description": "audience is invalid"}),
    (salesforce, 401, {"error": "invalid_client"}),
    (salesforce, 302, ""),
    (netsuite, 400, {"error": "invalid_grant"}),
    (netsuite, 401, {"error": "invalid_client"}),
    (netsuite, 302, ""),
]


@pytest.mark.parametrize(("build", "status", "body"), REFUSALS)
async def test_a_refused_credential_names_the_system_and_no_secret(
    build: Build, status: int, body: object
) -> None:
    name = "Salesforce" if build is salesforce else "NetSuite"
    with pytest.raises(FatalError, match=name) as refusal:
        await build(answering(status, body)).token()
    for secret in ("the-consumer-key", "the-client-id", "the-certificate", "MII"):
        assert secret not in str(refusal.value)


@pytest.mark.parametrize("build", [salesforce, netsuite])
@pytest.mark.parametrize(
    ("status", "body"),
    [(503, "busy"), (500, {"error": "x"}), (400, {"error": "unknown_error"}), (200, "<html>")],
)
async def test_a_busy_system_is_asked_again(build: Build, status: int, body: object) -> None:
    with pytest.raises(RetryableError):
        await build(answering(status, body)).token()


@pytest.mark.parametrize(
    ("build", "key"), [(salesforce, CURVE), (salesforce, "x"), (netsuite, "x")]
)
async def test_a_file_that_is_no_key_is_found_at_the_start(build: Build, key: str) -> None:
    with pytest.raises(FatalError, match="PRIVATE_KEY_FILE"):
        build(answering(200, {}), key)


@pytest.mark.parametrize("key", [RSA, CURVE])
async def test_netsuite_is_signed_for_with_either_kind_of_key(key: str) -> None:
    http = answering(200, {"access_token": "abc", "expires_in": 3600})
    assert await netsuite(http, key).token() == Token("abc", 3600.0)
