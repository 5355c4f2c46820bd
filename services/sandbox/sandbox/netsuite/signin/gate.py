"""Who is calling: one answer for both ways of signing in, and what the audit trail keeps."""

import sqlite3

from aiohttp import web

from sandbox.clock import Clock
from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.errors import no_permission
from sandbox.netsuite.principals import User
from sandbox.netsuite.roles import rights_of
from sandbox.netsuite.signin.audit import (
    LoginError,
    malformed_bearer,
    refused_bearer,
    refused_token,
)
from sandbox.netsuite.signin.lockout import Lockout
from sandbox.netsuite.signin.m2m import REST, Grant, GrantError, Grants
from sandbox.netsuite.signin.tba import Signed, Tokens
from sandbox.netsuite.signin.trail import FAILURE, SUCCESS, Trail

BEARER = "bearer"
APPLICATION = "Tallystick"
OAUTH2 = "OAuth 2.0"
BAD_PASSWORD = frozenset({"InvalidSignature"})
"""Failures that count towards the lock: the secrets were wrong, not the form."""


class Gate:
    def __init__(
        self,
        connection: sqlite3.Connection,
        clock: Clock,
        tokens: Tokens,
        grants: Grants,
        *,
        token_login: bool = True,
    ) -> None:
        """`token_login` tells whether the account has the feature Token-based Authentication."""
        self._connection = connection
        self._clock = clock
        self._tokens = tokens
        self._grants = grants
        self._token_login = token_login
        self._lockout = Lockout(connection)
        self._trail = Trail(connection, clock)

    def enter(self, request: web.Request, scope: str = REST) -> User:
        """Freshness is judged by the machine's time: moving the business clock logs nobody out."""
        headers = request.headers.getall("Authorization", [])
        authorization = headers[0] if headers else ""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() != BEARER:
            return self._signed_in(request, authorization)
        if len(headers) > 1 or not rest.strip():
            self._trail.note(request, FAILURE, f"{OAUTH2} invalid_request")
            raise malformed_bearer()
        return self._bearer(request, rest.strip(), scope)

    def _bearer(self, request: web.Request, token: str, scope: str) -> User:
        session = self._grants.session(token, self._now_s())
        if session is None or scope not in session.scopes or self._dead(session.token_id):
            identifier = Grants.token_id(token)
            self._trail.note(request, FAILURE, f"{OAUTH2} invalid_token", token=identifier)
            raise refused_bearer()
        return session.user

    def _signed_in(self, request: web.Request, authorization: str) -> User:
        try:
            user = self._token_user(request, authorization)
        except LoginError as error:
            if error.user is not None and error.code in BAD_PASSWORD:
                self._lockout.bad(error.user.id, self._clock.now())
            name = APPLICATION if error.user else ""
            self._trail.note(request, FAILURE, error.code, error.user, name, error.token)
            raise refused_token(error.code) from error
        self._lockout.good(user.id)
        if not rights_of(user).web_services:
            raise no_permission()
        return user

    def _token_user(self, request: web.Request, authorization: str) -> User:
        owner = self._tokens.owner_of(authorization)
        if not self._token_login:
            raise LoginError("FeatureDisabled", user=owner)
        if owner is not None and self._lockout.locked(owner.id, self._clock.now()):
            raise LoginError("temporary_locked", user=owner)
        dead = self._dead(self._tokens.token_of(authorization))
        user = self._tokens.user(_signed(request, authorization), self._now_s(), dead)
        if not rights_of(user).tokens:
            raise LoginError("permission_denied", user=user)
        return user

    def grant(self, request: web.Request, form: dict[str, str]) -> Grant:
        hosts = (
            request.host.lower(),
            f"{ACCOUNT_ID}.suitetalk.api.netsuite.com",
            f"{ACCOUNT_ID}.restlets.api.netsuite.com",
        )
        try:
            given = self._grants.issue(form, hosts, self._now_s())
        except GrantError as error:
            self._trail.note(request, FAILURE, f"{OAUTH2} {error}", error.user)
            raise
        self._trail.note(request, SUCCESS, OAUTH2, given.user, APPLICATION)
        return given

    def revoke(self, request: web.Request) -> None:
        """The credential that the request presents is dead from now on."""
        token = _bearer_of(request)
        if token:
            identifier = Grants.token_id(token)
        else:
            try:
                identifier = self._tokens.token_of(request.headers.get("Authorization", ""))
            except LoginError:
                return
        if identifier:
            self._connection.execute(
                "INSERT OR IGNORE INTO _dead_token (id) VALUES (?)", (identifier,)
            )

    def _dead(self, identifier: str) -> list[str]:
        row = self._connection.execute(
            "SELECT id FROM _dead_token WHERE id = ?", (identifier,)
        ).fetchone()
        return [] if row is None else [row[0]]

    def _now_s(self) -> float:
        return self._clock.machine_now().timestamp()


def _bearer_of(request: web.Request) -> str:
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == BEARER else ""


def _signed(request: web.Request, authorization: str) -> Signed:
    path, _, query = request.raw_path.partition("?")
    return Signed(
        method=request.method.upper(),
        url=f"{request.scheme}://{request.host}{path}",
        query=query,
        authorization=authorization,
    )
