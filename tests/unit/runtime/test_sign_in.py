"""Signing in: what is asked again, and refusals without names of secrets."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock
from runtime.fetching import Fetching
from runtime.netsuite_sign_in import NetSuiteSignIn
from runtime.salesforce_sign_in import SalesforceSignIn
from runtime.tokens import SignIn, Token
from runtime.vendor_settings import Certificate, ClientSecret, JwtBearer, SalesforceConnection
from tests.unit.runtime.answering import PLAIN, answering, fetching, saying


def pem(key: PrivateKeyTypes) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


RSA = pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))
SHORT = pem(rsa.generate_private_key(public_exponent=65537, key_size=1024))
CURVE = pem(ec.generate_private_key(ec.SECP256R1()))
OTHER_CURVE = pem(ec.generate_private_key(ec.SECP256K1()))
Build = Callable[[Fetching, str, Path, str], SignIn]


def salesforce(http: Fetching, url: str, directory: Path, key: str = RSA) -> SignIn:
    way = JwtBearer(
        username="robot@org.example",
        private_key_file=kept(directory, key),
        audience="https://login.example",
    )
    return SalesforceSignIn(http, Clock(), connection(url, way))


def secret(http: Fetching, url: str, directory: Path, key: str = "a-word") -> SignIn:
    way = ClientSecret(consumer_secret_file=kept(directory, key))
    return SalesforceSignIn(http, Clock(), connection(url, way))


def netsuite(http: Fetching, url: str, directory: Path, key: str = RSA) -> SignIn:
    way = Certificate(
        client_id="the-client-id",
        certificate_id="the-certificate",
        private_key_file=kept(directory, key),
    )
    return NetSuiteSignIn(http, Clock(), url, way)


def connection(url: str, way: JwtBearer | ClientSecret) -> SalesforceConnection:
    return SalesforceConnection(
        url=url, api_version="68.0", consumer_key="the-consumer-key", sign_in=way, hosts=PLAIN
    )


def kept(directory: Path, text: str) -> Path:
    path = directory / "kept"
    path.write_text(text)
    return path


async def token_of(build: Build, status: int, body: object, directory: Path, key: str) -> Token:
    text = body if isinstance(body, str) else json.dumps(body)
    async with answering(saying(text.encode(), f"{status} X")) as server, fetching() as http:
        return await build(http, server.url, directory, key).token()


REFUSALS = [
    (salesforce, 400, {"error": "invalid_grant", "error_description": "audience is invalid"}),
    (salesforce, 401, {"error": "invalid_client"}),
    (salesforce, 302, ""),
    (secret, 400, {"error": "invalid_client", "error_description": "invalid client credentials"}),
    (netsuite, 400, {"error": "invalid_grant"}),
    (netsuite, 401, {"error": "invalid_client"}),
    (netsuite, 302, ""),
]


KEYS: dict[Build, str] = {salesforce: RSA, secret: "a-word", netsuite: RSA}


@pytest.mark.parametrize(("build", "status", "body"), REFUSALS)
async def test_a_refused_credential_names_the_system_and_no_secret(
    tmp_path: Path, build: Build, status: int, body: object
) -> None:
    name = "NetSuite" if build is netsuite else "Salesforce"
    with pytest.raises(FatalError, match=name) as refusal:
        await token_of(build, status, body, tmp_path, KEYS[build])
    for hidden in ("the-consumer-key", "the-client-id", "the-certificate", "MII", "a-word"):
        assert hidden not in str(refusal.value)


@pytest.mark.parametrize("build", [salesforce, secret, netsuite])
@pytest.mark.parametrize(
    ("status", "body"),
    [(503, "busy"), (500, {"error": "x"}), (400, {"error": "unknown_error"}), (200, "<html>")],
)
async def test_a_busy_system_is_asked_again(
    tmp_path: Path, build: Build, status: int, body: object
) -> None:
    with pytest.raises(RetryableError):
        await token_of(build, status, body, tmp_path, KEYS[build])


@pytest.mark.parametrize(
    ("build", "key", "why"),
    [
        (salesforce, CURVE, "wrong kind"),
        (salesforce, SHORT, "too short"),
        (salesforce, "x", "no readable private key"),
        (netsuite, "x", "no readable private key"),
        (netsuite, OTHER_CURVE, "wrong kind"),
        (netsuite, "", "is empty"),
        (secret, " ", "is empty"),
    ],
)
async def test_a_file_that_will_not_do_is_found_at_the_start(
    tmp_path: Path, build: Build, key: str, why: str
) -> None:
    async with fetching() as http:
        with pytest.raises(FatalError, match=rf"_FILE .*kept.* {why}"):
            build(http, "http://127.0.0.1:9", tmp_path, key)


@pytest.mark.parametrize("key", [RSA, CURVE])
async def test_netsuite_is_signed_for_with_either_kind_of_key(tmp_path: Path, key: str) -> None:
    body = {"access_token": "abc", "expires_in": 3600}
    assert await token_of(netsuite, 200, body, tmp_path, key) == Token("abc", 3600.0)


async def test_a_secret_that_was_replaced_is_used_without_a_restart(tmp_path: Path) -> None:
    async with answering(saying(b"{}", "503 X")) as server, fetching() as http:
        sign_in = netsuite(http, server.url, tmp_path)
        kept(tmp_path, "no key any more")
        with pytest.raises(FatalError, match="no readable private key"):
            await sign_in.token()
    assert server.heads == []
