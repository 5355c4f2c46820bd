"""OAuth 2.0 for machines: a signed assertion against a mapped certificate gives an access token."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.types import Options

from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.principals import Credential, User
from sandbox.netsuite.roles import rights_of
from sandbox.netsuite.signin.certificates import Certificates

GRANT = "client_credentials"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
REST, RESTLETS = "rest_webservices", "restlets"
SCOPES = frozenset({REST, RESTLETS, "suite_analytics"})
TOKEN_PATH = "/services/rest/auth/oauth2/v1/token"
LIFE_S = 3600
SESSIONS_MAX = 1000
"""Tokens that were verified and are remembered."""
SKEW_S = 60
KEY_ID = "s.SYSTEM.2026_1"
UNCHECKED: Options = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_iat": False,
    "verify_nbf": False,
    "verify_iss": False,
}
"""The claims are judged here, with the vendor's own answers."""


class GrantError(Exception):
    """`status` and the OAuth error code of the answer; `user` when it is known who asks."""

    def __init__(
        self, status: int, code: str, description: str = "", user: User | None = None
    ) -> None:
        super().__init__(f"{code}: {description}" if description else code)
        self.status = status
        self.code = code
        self.user = user


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    user: User
    token: str
    expires_in: int = LIFE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a good access token says."""

    user: User
    scopes: frozenset[str]
    token_id: str
    expires_s: float


class Grants:
    """Checks assertions, issues access tokens and reads them back."""

    def __init__(
        self, certificates: Certificates, people: Iterable[Credential], key: rsa.RSAPrivateKey
    ) -> None:
        self._certificates = certificates
        self._by_user = {one.user.id: one.user for one in people}
        self._key = key
        self._public = key.public_key()
        self._read: dict[str, Session] = {}

    def issue(self, form: Mapping[str, str], hosts: Sequence[str], now_s: float) -> Grant:
        """`hosts` are the names under which this account's token address is known."""
        if not form.get("grant_type"):
            raise GrantError(400, "invalid_request", "grant_type is missing")
        if form["grant_type"] != GRANT:
            raise GrantError(400, "unsupported_grant_type")
        for name in ("client_assertion_type", "client_assertion"):
            if not form.get(name):
                raise GrantError(400, "invalid_request", f"{name} is missing")
        if form["client_assertion_type"] != ASSERTION:
            raise GrantError(400, "invalid_request", "client_assertion_type")
        credential, claims = self._verified(form["client_assertion"], now_s)
        try:
            _check_claims(claims, credential, hosts, now_s)
        except GrantError as error:
            error.user = credential.user
            raise
        return self._signed(credential, claims, now_s)

    def session(self, token: str, now_s: float) -> Session | None:
        """None for a token that is not ours or too old; whether it is dead others know."""
        session = self._read.get(token) or self._verify(token)
        return session if session is not None and now_s < session.expires_s else None

    def _verify(self, token: str) -> Session | None:
        """Once a token: checking a signature takes longer than reading a record."""
        try:
            claims = jwt.decode(
                token,
                self._public,
                algorithms=["RS256"],
                options={"verify_aud": False, "verify_exp": False},
            )
        except jwt.PyJWTError:
            return None
        user = self._by_user.get(int(str(claims["sub"]).split(";")[1]))
        if user is None:
            return None
        if len(self._read) >= SESSIONS_MAX:
            self._read.clear()
        self._read[token] = Session(
            user=user,
            scopes=frozenset(claims["scope"]),
            token_id=str(claims["jti"]),
            expires_s=float(claims["exp"]),
        )
        return self._read[token]

    @staticmethod
    def token_id(token: str) -> str:
        """Of a token that need not be good."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return ""
        return str(claims.get("jti", ""))

    def _verified(self, assertion: str, now_s: float) -> tuple[Credential, Mapping[str, object]]:
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError as error:
            raise GrantError(400, "invalid_request", "the assertion is no JWT") from error
        mapped = self._certificates.find(str(header.get("kid", "")))
        if mapped is None:
            raise GrantError(401, "invalid_client", "kid names no certificate")
        user = mapped.credential.user
        if not mapped.good_at(datetime.fromtimestamp(now_s, UTC)):
            raise GrantError(401, "invalid_client", "the certificate is over or revoked", user)
        if header.get("alg") not in mapped.algorithms:
            raise GrantError(401, "invalid_client", "alg does not fit the certificate", user)
        try:
            claims = jwt.decode(
                assertion, mapped.key, algorithms=list(mapped.algorithms), options=UNCHECKED
            )
        except jwt.PyJWTError as error:
            raise GrantError(401, "invalid_client", "the signature is wrong", user) from error
        return mapped.credential, claims

    def _signed(self, credential: Credential, claims: Mapping[str, object], now_s: float) -> Grant:
        user, now = credential.user, int(now_s)
        body = {
            "sub": f"{ACCOUNT_ID};{user.id};{user.role_id};7;N",
            "aud": [credential.client_id, f"app:{uuid.uuid4()}"],
            "scope": scopes_of(claims),
            "iss": "https://system.netsuite.com",
            "oit": now,
            "iat": now,
            "exp": now + LIFE_S,
            "jti": f"a.c.{uuid.uuid4()}_{now}",
        }
        token = jwt.encode(body, self._key, algorithm="RS256", headers={"kid": KEY_ID})
        return Grant(user=user, token=token)


def _check_claims(
    claims: Mapping[str, object], credential: Credential, hosts: Sequence[str], now_s: float
) -> None:
    if claims.get("iss") != credential.client_id:
        raise GrantError(401, "invalid_client", "iss is not the integration of the certificate")
    if credential.blocked:
        raise GrantError(400, "unauthorized_client", "the integration is blocked")
    if not rights_of(credential.user).tokens:
        raise GrantError(400, "unauthorized_client", "the role may not sign in so")
    if not audience_fits(claims.get("aud"), hosts):
        raise GrantError(400, "invalid_grant", "aud is not this token address")
    issued, expires = claims.get("iat"), claims.get("exp")
    if not _is_number(issued) or not _is_number(expires):
        raise GrantError(400, "invalid_grant", "iat and exp are numbers of seconds")
    begins, ends = float(str(issued)), float(str(expires))
    if not 0 < ends - begins <= LIFE_S or ends <= now_s or begins > now_s + SKEW_S:
        raise GrantError(400, "invalid_grant", "the assertion is too old or lives too long")
    scopes = scopes_of(claims)
    if not scopes or not SCOPES.issuperset(scopes):
        raise GrantError(400, "invalid_scope")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def audience_fits(audience: object, hosts: Sequence[str]) -> bool:
    """The token address itself, by one of the account's names or by the address that was called."""
    wanted = audience if isinstance(audience, list) else [audience]
    for one in wanted:
        parts = urlsplit(str(one))
        if parts.path == TOKEN_PATH and parts.netloc.lower() in hosts:
            return True
    return False


def scopes_of(claims: Mapping[str, object]) -> list[str]:
    """An array, or a text with commas or blanks: clients send all of these."""
    scope = claims.get("scope")
    if isinstance(scope, list):
        return [str(one) for one in scope]
    return str(scope or "").replace(",", " ").split()
