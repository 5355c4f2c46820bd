"""NetSuite's OAuth 2.0 client credentials flow: a signed assertion for an access token."""

from datetime import timedelta
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock
from runtime.tokens import Token

PATH = "/services/rest/auth/oauth2/v1/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPE = ["rest_webservices"]
ASSERTION_LIFE = timedelta(minutes=5)
TOKEN_LIFE_S = 3_600.0
TIMEOUT_S = 30.0
ALGORITHMS = {256: "ES256", 384: "ES384", 521: "ES512"}
"""By the size of an elliptic curve's key."""

REFUSALS = frozenset(
    {
        "invalid_request", "invalid_client", "invalid_grant", "invalid_scope",
        "unauthorized_client", "unsupported_grant_type",
    }
)  # fmt: skip
HINT = (
    "check NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID, NETSUITE_PRIVATE_KEY_FILE, that the"
    " certificate is not past its end and that the machine's clock is right"
)
Key = RSAPrivateKey | EllipticCurvePrivateKey


class NetSuiteSignIn:
    """`key` is a PEM text; it never appears in a message."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        url: str,
        client_id: str,
        certificate_id: str,
        key: str,
    ) -> None:
        self._http, self._clock = http, clock
        self._url = f"{url}{PATH}"
        self._client_id, self._certificate_id = client_id, certificate_id
        self._key = _loaded(key)

    async def token(self) -> Token:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._assertion(),
        }
        try:
            answer = await self._http.post(self._url, data=form, timeout=TIMEOUT_S)
        except httpx.TransportError as error:
            raise RetryableError(f"NetSuite sign-in: {type(error).__name__}") from error
        body = _object(answer)
        text = body.get("access_token")
        if answer.status_code == httpx.codes.OK and isinstance(text, str):
            return Token(text, _life_s(body.get("expires_in")))
        raise _refusal(answer.status_code, body)

    def _assertion(self) -> str:
        now = self._clock.now()
        claims = {
            "iss": self._client_id,
            "scope": SCOPE,
            "aud": self._url,
            "iat": now,
            "exp": now + ASSERTION_LIFE,
            "jti": str(uuid4()),
        }
        headers = {"kid": self._certificate_id}
        return jwt.encode(claims, self._key, algorithm=_algorithm(self._key), headers=headers)


def _loaded(text: str) -> Key:
    try:
        key = load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError):
        key = None
    if isinstance(key, RSAPrivateKey):
        return key
    if isinstance(key, EllipticCurvePrivateKey) and key.key_size in ALGORITHMS:
        return key
    raise FatalError(
        "NETSUITE_PRIVATE_KEY_FILE holds no RSA or elliptic curve private key in PEM form"
    )


def _algorithm(key: Key) -> str:
    return "PS256" if isinstance(key, RSAPrivateKey) else ALGORITHMS[key.key_size]


def _life_s(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return TOKEN_LIFE_S


def _refusal(status: int, body: dict[str, object]) -> Exception:
    code = str(body.get("error", ""))[:100]
    if status in {400, 401} and (code in REFUSALS or status == 401):
        return FatalError(f"NetSuite refused the sign-in ({code or status}): {HINT}")
    if 300 <= status < 400:
        return FatalError("NetSuite sends the sign-in elsewhere: correct NETSUITE_URL")
    return RetryableError(f"NetSuite sign-in: HTTP {status} {code}".rstrip())


def _object(answer: httpx.Response) -> dict[str, object]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
