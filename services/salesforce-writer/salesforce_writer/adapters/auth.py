"""Access tokens of Salesforce by the OAuth 2.0 JWT bearer flow: a signed assertion for a token."""

import asyncio
import math
from dataclasses import dataclass, field
from pathlib import Path

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from runtime.clock import Clock
from runtime.tokens import Token
from salesforce_writer.adapters.sessions import Line, open_session, translated

TOKEN_PATH = "/services/oauth2/token"
GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LIFE_S = 180
TRANSIENT = frozenset({406, 408, 420, 429})
CREDENTIAL = (
    "the JWT bearer sign-in: check SALESFORCE_CONSUMER_KEY, SALESFORCE_USERNAME,"
    " SALESFORCE_PRIVATE_KEY_FILE and SALESFORCE_AUDIENCE, and that the user is authorised for the"
    " connected app"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    consumer_key: str
    username: str
    audience: str
    key: RSAPrivateKey = field(repr=False)


def credentials_of(consumer_key: str, username: str, key_file: Path, audience: str) -> Credentials:
    """FatalError names the file where it holds no key that Salesforce takes."""
    try:
        key = load_pem_private_key(key_file.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise FatalError(
            f"SALESFORCE_PRIVATE_KEY_FILE {key_file} holds no readable private key:"
            " give an unencrypted PEM file"
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise FatalError(
            f"SALESFORCE_PRIVATE_KEY_FILE {key_file} holds a key that Salesforce does not take:"
            " use RSA"
        )
    return Credentials(consumer_key=consumer_key, username=username, audience=audience, key=key)


class SalesforceSignIn:
    def __init__(self, line: Line, credentials: Credentials, clock: Clock) -> None:
        self._line, self._credentials, self._clock = line, credentials, clock
        self._session = open_session()

    async def token(self) -> Token:
        """One that is good until a call says otherwise: Salesforce does not say how long it
        lives. FatalError where it refuses the credentials, RetryableError where it is away."""
        return Token(await asyncio.to_thread(self._fetched), math.inf)

    def close(self) -> None:
        self._session.close()

    def _fetched(self) -> str:
        form = {"grant_type": GRANT_TYPE, "assertion": self._assertion()}
        try:
            with translated("the sign-in"):
                reply = self._session.post(
                    self._line.url + TOKEN_PATH,
                    data=form,
                    timeout=self._line.timeout,
                    verify=self._line.verify,
                    allow_redirects=False,
                )
        except UnknownOutcomeError as error:  # a token nobody got does no harm
            raise RetryableError(str(error)) from error
        if reply.status_code in TRANSIENT or reply.status_code >= 500:
            raise RetryableError(f"Salesforce answers {reply.status_code} to the sign-in")
        told = _object(reply)
        token = told.get("access_token")
        if reply.ok and isinstance(token, str) and token:
            return token
        why = " ".join(str(told.get(name, "")) for name in ("error", "error_description"))
        raise FatalError(f"Salesforce refuses ({why.strip() or reply.status_code}) {CREDENTIAL}")

    def _assertion(self) -> str:
        claims = {
            "iss": self._credentials.consumer_key,
            "sub": self._credentials.username,
            "aud": self._credentials.audience,
            "exp": int(self._clock.now().timestamp()) + ASSERTION_LIFE_S,
        }
        return jwt.encode(claims, self._credentials.key, "RS256")


def _object(reply: requests.Response) -> dict[str, object]:
    try:
        told = reply.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
