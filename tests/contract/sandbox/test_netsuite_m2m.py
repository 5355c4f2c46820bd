"""OAuth 2.0 for machines: certificates by API, scopes, and what an assertion must be."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from sandbox.netsuite.principals import PrivateKey, make_certificate
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import TOKEN, NetSuiteClient

NOW = datetime.now(UTC)
SMALL = rsa.generate_private_key(public_exponent=65537, key_size=2048)
CURVE = ec.generate_private_key(ec.SECP384R1())


@pytest.fixture
def client(sandbox: Sandbox) -> NetSuiteClient:
    """Signed in as finance by client credentials."""
    finance = NetSuiteClient(sandbox, "finance")
    assert finance.sign_in().status_code == 200
    return finance


def address(client: NetSuiteClient, *rest: str) -> str:
    return "/".join(
        ["/auth/oauth2/v1/clients", client.credentials["client_id"], "certificates", *rest]
    )


def pem(key: PrivateKey, **changed: Any) -> str:
    return make_certificate(key, "test", **changed).public_bytes(Encoding.PEM).decode()


def signed(client: NetSuiteClient, key: PrivateKey, algorithm: str, kid: str, **claims: Any) -> Any:
    """The token address's answer to an assertion made by hand."""
    now = int(time.time())
    body = {
        "iss": client.credentials["client_id"],
        "scope": ["rest_webservices"],
        "aud": f"{client.base}{TOKEN}",
        "iat": now,
        "exp": now + 300,
        **claims,
    }
    assertion = jwt.encode(body, key, algorithm=algorithm, headers={"kid": kid})
    form = {**client.form(), "client_assertion": assertion}
    return client.http.post(f"{client.base}{TOKEN}", data=form)


def test_a_certificate_is_mapped_used_and_revoked(client: NetSuiteClient) -> None:
    added = client.call("POST", address(client), {"fileContent": pem(CURVE, days=30)})
    assert added.status_code == 201
    kid = added.json()["certificateId"]
    assert kid in {
        one["certificateId"] for one in client.call("GET", address(client)).json()["items"]
    }
    assert signed(client, CURVE, "ES384", kid).status_code == 200
    answer = signed(client, SMALL, "PS256", kid)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert client.call("POST", address(client, kid, "revoke")).status_code == 204
    assert signed(client, CURVE, "ES384", kid).json() == {"error": "invalid_client"}
    assert client.call("POST", address(client, "another", "revoke")).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (pem(SMALL, days=30), "3072 or 4096 bits"),
        (pem(CURVE, days=800), "two years"),
        (pem(CURVE, days=30, begins=NOW - timedelta(days=60)), "not valid now"),
        ("no certificate", "PEM form"),
    ],
)
def test_a_certificate_that_does_not_fit_is_refused(
    client: NetSuiteClient, content: str, words: str
) -> None:
    error = client.refused("POST", address(client), {"fileContent": content})
    assert (error["status"], error["o:errorCode"]) == (400, "INVALID_CONTENT")
    assert words in error["detail"]


def test_certificates_are_managed_with_an_access_token_and_for_oneself(
    sandbox: Sandbox, client: NetSuiteClient
) -> None:
    by_token = NetSuiteClient(sandbox, "finance")
    assert by_token.refused("GET", address(client))["status"] == 401
    body = {"fileContent": pem(CURVE, days=30), "role": "3", "entity": "13"}
    assert client.refused("POST", address(client), body)["status"] == 403
    other = "/auth/oauth2/v1/clients/another/certificates"
    assert client.refused("GET", other)["status"] == 404
    viewer = NetSuiteClient(sandbox, "viewer")
    viewer.sign_in()
    assert viewer.refused("GET", address(viewer))["status"] == 403


def test_a_token_is_good_for_its_scopes_only(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    client.sign_in(scope=["restlets"])
    answer = client.call("GET", "/record/v1/term")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    client.sign_in(scope="restlets, rest_webservices")
    assert client.call("GET", "/record/v1/term").status_code == 200


def test_a_bearer_header_without_a_token_is_an_invalid_request(sandbox: Sandbox) -> None:
    client = NetSuiteClient(sandbox)
    answer = client.http.get(
        f"{client.base}/services/rest/record/v1/term", headers={"Authorization": "Bearer"}
    )
    assert answer.status_code == 400
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("algorithm", ["PS384", "PS512"])
def test_an_rsa_certificate_takes_every_length_of_digest(sandbox: Sandbox, algorithm: str) -> None:
    client = NetSuiteClient(sandbox)
    held = load_pem_private_key(
        Path(client.credentials["private_key_file"]).read_bytes(), password=None
    )
    assert isinstance(held, rsa.RSAPrivateKey)
    kid = client.credentials["certificate_id"]
    assert signed(client, held, algorithm, kid).status_code == 200
    assert signed(client, held, "RS256", kid).json() == {"error": "invalid_client"}
