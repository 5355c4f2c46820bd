"""The JWT bearer assertion, read as tolerantly as the vendor reads it, and no more."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from jwt.api_jws import PyJWS
from jwt.exceptions import InvalidTokenError

from sandbox.salesforce.signin.credentials import Credentials

AUDIENCES = re.compile(
    r"https?://("
    r"login\.salesforce\.com|test\.salesforce\.com|([\w-]+\.)+my\.salesforce\.com|[\w-]+\.salesforce\.com"
    r"|localhost(:\d+)?|127\.0\.0\.1(:\d+)?"
    r")(/services/oauth2/token)?/?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class GrantError(Exception):
    """What the token endpoint answers with status 400."""

    error: str
    description: str

    def __str__(self) -> str:
        return f"{self.error}: {self.description}"


def username_of(assertion: str, credentials: Credentials, now: datetime) -> str:
    """The subject of a valid assertion: RS256, our consumer, a known audience, not expired."""
    claims = _claims(assertion, credentials.public_key)
    if claims.get("iss") != credentials.consumer_key:
        raise GrantError("invalid_client_id", "client identifier invalid")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if not any(isinstance(entry, str) and AUDIENCES.fullmatch(entry) for entry in audiences):
        raise GrantError("invalid_grant", "audience is invalid")
    if _expiry_s(claims.get("exp")) <= now.timestamp():
        raise GrantError("invalid_grant", "expired authorization code")
    return str(claims.get("sub") or "")


def _claims(assertion: str, public_key: bytes) -> Mapping[str, object]:
    try:
        payload = PyJWS().decode(assertion, public_key, algorithms=["RS256"])
        claims = json.loads(payload)
    except (InvalidTokenError, ValueError):
        raise GrantError("invalid_grant", "invalid assertion") from None
    if not isinstance(claims, dict):
        raise GrantError("invalid_grant", "invalid assertion")
    return claims


def _expiry_s(value: object) -> float:
    """Clients send a number or a text; some send milliseconds, which is merely far away."""
    try:
        return float(str(value))
    except ValueError:
        raise GrantError("invalid_grant", "invalid assertion") from None
