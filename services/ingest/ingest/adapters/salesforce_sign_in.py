"""Salesforce's OAuth 2.0 JWT bearer flow: our key signs who we are, Salesforce answers a token."""

from datetime import timedelta

import httpx
import jwt

from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock
from runtime.tokens import Token

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
PATH = "/services/oauth2/token"
ASSERTION_LIFE = timedelta(minutes=3)
TOKEN_LIFE_S = 3_600.0
"""Salesforce does not say how long a token lives; the shortest usual session is two hours."""

TIMEOUT_S = 15.0
TRANSIENT = frozenset({"unknown_error", "server_error", "temporarily_unavailable"})
HINT = (
    "check SALESFORCE_CONSUMER_KEY, SALESFORCE_USERNAME, SALESFORCE_PRIVATE_KEY_FILE,"
    " SALESFORCE_AUDIENCE, and that the connected app is approved for the user"
)


class SalesforceSignIn:
    """`key` is a PEM text; it never appears in a message."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Clock,
        *,
        url: str,
        consumer_key: str,
        username: str,
        key: str,
        audience: str,
    ) -> None:
        self._http, self._clock = http, clock
        self._url = f"{url}{PATH}"
        self._claims = {"iss": consumer_key, "sub": username, "aud": audience}
        self._key = key
        self._assertion()  # a key that cannot sign is found at start

    async def token(self) -> Token:
        form = {"grant_type": GRANT, "assertion": self._assertion()}
        try:
            answer = await self._http.post(self._url, data=form, timeout=TIMEOUT_S)
        except httpx.TransportError as error:
            raise RetryableError(f"Salesforce sign-in: {type(error).__name__}") from error
        body = _object(answer)
        if answer.status_code == httpx.codes.OK and isinstance(body.get("access_token"), str):
            return Token(str(body["access_token"]), TOKEN_LIFE_S)
        raise _refusal(answer.status_code, body)

    def _assertion(self) -> str:
        expires = self._clock.now() + ASSERTION_LIFE
        try:
            return jwt.encode({**self._claims, "exp": expires}, self._key, algorithm="RS256")
        except (ValueError, TypeError, jwt.PyJWTError) as error:
            raise FatalError(
                "SALESFORCE_PRIVATE_KEY_FILE holds no RSA private key in PEM form"
            ) from error


def _refusal(status: int, body: dict[str, object]) -> Exception:
    code = str(body.get("error", ""))
    said = f"{code} {body.get('error_description', '')}".strip()[:200]
    if status in {400, 401} and code and code not in TRANSIENT:
        return FatalError(f"Salesforce refused the sign-in ({said}): {HINT}")
    if 300 <= status < 400:
        return FatalError("Salesforce sends the sign-in elsewhere: set SALESFORCE_URL to My Domain")
    return RetryableError(f"Salesforce sign-in: HTTP {status} {said}".rstrip())


def _object(answer: httpx.Response) -> dict[str, object]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
