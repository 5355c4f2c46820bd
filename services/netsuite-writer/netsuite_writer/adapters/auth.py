"""Access tokens of NetSuite by OAuth 2.0 client credentials: a signed assertion for a token."""

import uuid
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from netsuite_writer.adapters.calls import TRANSIENT, translated
from runtime.clock import Clock
from runtime.tokens import Token

TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = "rest_webservices"
ASSERTION_LIFE_S = 300
TOKEN_LIFE_DEFAULT_S = 3600.0
CURVES = {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}
CREDENTIAL = (
    "the OAuth 2.0 client credentials: check NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID and"
    " NETSUITE_PRIVATE_KEY_FILE, and the certificate's mapping in NetSuite"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    client_id: str
    certificate_id: str
    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)
    algorithm: str


def credentials_of(client_id: str, certificate_id: str, key_file: Path) -> Credentials:
    """FatalError names the file where it holds no key that NetSuite takes."""
    try:
        key = load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise FatalError(
            f"NETSUITE_PRIVATE_KEY_FILE {key_file} holds no readable private key:"
            " give an unencrypted PEM file"
        ) from error
    if isinstance(key, RSAPrivateKey):
        algorithm = "PS256"
    elif isinstance(key, EllipticCurvePrivateKey) and key.curve.name in CURVES:
        algorithm = CURVES[key.curve.name]
    else:
        raise FatalError(
            f"NETSUITE_PRIVATE_KEY_FILE {key_file} holds a key that NetSuite does not take:"
            " use RSA with 3072 or 4096 bits, or EC with P-256, P-384 or P-521"
        )
    return Credentials(
        client_id=client_id, certificate_id=certificate_id, key=key, algorithm=algorithm
    )


class NetSuiteSignIn:
    def __init__(
        self, client: httpx.AsyncClient, credentials: Credentials, clock: Clock, timeout_s: float
    ) -> None:
        self._client, self._credentials = client, credentials
        self._clock, self._timeout_s = clock, timeout_s

    async def token(self) -> Token:
        """FatalError where NetSuite refuses the credentials, RetryableError where it is away."""
        url = str(self._client.base_url.join(TOKEN_PATH))
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(url),
        }
        try:
            with translated("the sign-in"):
                reply = await self._client.post(url, data=form, timeout=self._timeout_s)
        except UnknownOutcomeError as error:  # a token nobody got does no harm
            raise RetryableError(str(error)) from error
        if reply.status_code in TRANSIENT or reply.status_code >= 500:
            raise RetryableError(f"NetSuite answers {reply.status_code} to the sign-in")
        token = _token_of(reply)
        if not token.text:
            why = _error_of(reply) or str(reply.status_code)
            raise FatalError(f"NetSuite refuses ({why}) {CREDENTIAL}")
        return token

    def _assertion(self, audience: str) -> str:
        now_s = int(self._clock.now().timestamp())
        claims = {
            "iss": self._credentials.client_id,
            "scope": [SCOPE],
            "aud": audience,
            "iat": now_s,
            "exp": now_s + ASSERTION_LIFE_S,
            "jti": str(uuid.uuid4()),
        }
        headers = {"kid": self._credentials.certificate_id}
        return jwt.encode(
            claims, self._credentials.key, self._credentials.algorithm, headers=headers
        )


def _token_of(reply: httpx.Response) -> Token:
    """Without a text where there is none."""
    told = _object(reply)
    token, life_s = told.get("access_token"), told.get("expires_in")
    try:
        seconds = float(str(life_s))
    except ValueError:
        seconds = TOKEN_LIFE_DEFAULT_S
    return Token(token if isinstance(token, str) and reply.is_success else "", seconds)


def _error_of(reply: httpx.Response) -> str:
    error = _object(reply).get("error")
    return error[:100] if isinstance(error, str) else ""


def _object(reply: httpx.Response) -> dict[str, object]:
    try:
        told = reply.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
