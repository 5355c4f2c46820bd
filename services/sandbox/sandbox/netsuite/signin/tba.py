"""Token-based authentication: OAuth 1.0a with HMAC-SHA256, verified to the letter."""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

from oauthlib.oauth1.rfc5849.signature import (
    base_string_uri,
    normalize_parameters,
    signature_base_string,
)

from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.principals import Credential, User
from sandbox.netsuite.signin.audit import LoginError
from sandbox.netsuite.signin.nonces import Nonces

METHOD = "HMAC-SHA256"
WINDOW_S = 300
NONCE_GOOD_S = 2.0 * WINDOW_S
"""From the earliest good timestamp to the latest."""
NONCE_MIN = 6
TIMESTAMP_DIGITS_MAX = 12
PART = re.compile(r'(\w+)\s*=\s*"([^"]*)"')
NEEDED = (
    "oauth_consumer_key",
    "oauth_token",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_nonce",
    "oauth_signature",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What of a request is signed."""

    method: str
    url: str
    """Scheme, host and path, as the client addressed it."""
    query: str
    authorization: str


class Tokens:
    """Knows the tokens, and which nonces came with them."""

    def __init__(self, credentials: Iterable[Credential], nonces: Nonces) -> None:
        self._by_token = {one.token_id: one for one in credentials}
        self._integrations = {one.consumer_key: one.blocked for one in self._by_token.values()}
        self._nonces = nonces

    def user(self, signed: Signed, now_s: float, dead: Iterable[str]) -> User:
        """Raises LoginError with the audit trail's code."""
        given = read_header(signed.authorization)
        _check_form(given)
        credential = self._credential(given)
        try:
            if credential.token_id in set(dead):
                raise LoginError("token_rejected", "revoked")
            self._check_time(given, now_s)
            if not signature_fits(signed, given, credential):
                raise LoginError("InvalidSignature")
            self._check_nonce(given, now_s)
        except LoginError as error:
            error.user, error.token = credential.user, credential.token_id
            raise
        return credential.user

    def owner_of(self, authorization: str) -> User | None:
        """Of the token that the header names, whether or not the rest of it is good."""
        credential = self._by_token.get(self.token_of(authorization))
        return credential.user if credential else None

    def token_of(self, authorization: str) -> str:
        return read_header(authorization).get("oauth_token", "")

    def _credential(self, given: Mapping[str, str]) -> Credential:
        if given.get("realm", "").upper().replace("-", "_") != ACCOUNT_ID:
            raise LoginError("token_rejected", "realm is not this account")
        consumer = given["oauth_consumer_key"]
        if consumer not in self._integrations:
            raise LoginError("consumer_key_unknown")
        if self._integrations[consumer]:
            raise LoginError("consumer_key_refused", "the integration is blocked")
        credential = self._by_token.get(given["oauth_token"])
        if credential is None or credential.consumer_key != consumer:
            raise LoginError("token_rejected", "no token of this integration")
        return credential

    def _check_time(self, given: Mapping[str, str], now_s: float) -> None:
        text = given["oauth_timestamp"]
        if not text.isdecimal() or len(text) > TIMESTAMP_DIGITS_MAX:
            raise LoginError("InvalidTimestamp")
        if abs(now_s - int(text)) > WINDOW_S:
            raise LoginError("InvalidTimestamp")

    def _check_nonce(self, given: Mapping[str, str], now_s: float) -> None:
        """Only of requests whose signature was good: others must not fill the memory."""
        if len(given["oauth_nonce"]) < NONCE_MIN:
            raise LoginError("nonce_rejected", f"shorter than {NONCE_MIN}")
        key = (given["oauth_token"], given["oauth_timestamp"], given["oauth_nonce"])
        if not self._nonces.take(*key, now_s):
            raise LoginError("nonce_used")


def read_header(authorization: str) -> dict[str, str]:
    """The parameters in any order; each value is percent-encoded, each name comes once."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "oauth":
        raise LoginError("parameter_rejected", "not OAuth")
    parts = PART.findall(rest)
    given = {name: unquote(value) for name, value in parts}
    if len(given) != len(parts):
        raise LoginError("parameter_rejected", "a parameter comes twice")
    return given


def _check_form(given: Mapping[str, str]) -> None:
    for name in NEEDED:
        if not given.get(name):
            raise LoginError("parameter_rejected", f"{name} is missing")
    if given.get("oauth_version", "1.0") != "1.0":
        raise LoginError("VersionRejected")
    if given["oauth_signature_method"].upper() != METHOD:
        raise LoginError("UnknownAlgorithm")


def signature_fits(signed: Signed, given: Mapping[str, str], credential: Credential) -> bool:
    """Clients differ in whether a `+` of the query means a space: both readings count."""
    key = "&".join(
        quote(part, safe="~") for part in (credential.consumer_secret, credential.token_secret)
    )
    return any(
        hmac.compare_digest(
            signature(base_string(signed, query, given), key), given["oauth_signature"]
        )
        for query in {signed.query, signed.query.replace("+", "%2B")}
    )


def base_string(signed: Signed, query: str, given: Mapping[str, str]) -> str:
    parameters = [
        (name, value)
        for name, value in given.items()
        if name.startswith("oauth_") and name != "oauth_signature"
    ]
    parameters += parse_qsl(query, keep_blank_values=True)
    normal = normalize_parameters(parameters)  # type: ignore[arg-type]  # it takes pairs, not a dict
    uri = base_string_uri(signed.url)
    return signature_base_string(signed.method, uri, normal)  # type: ignore[arg-type]  # any verb


def signature(base: str, key: str) -> str:
    digest = hmac.new(key.encode(), base.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()
