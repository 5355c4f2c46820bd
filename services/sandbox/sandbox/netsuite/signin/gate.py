"""Who is calling: one answer for both ways of signing in, and what the audit trail keeps."""

import sqlite3

from aiohttp import web

from sandbox.clock import Clock
from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.principals import User
from sandbox.netsuite.signin.audit import LoginError, refused_bearer, refused_token
from sandbox.netsuite.signin.m2m import Grant, GrantError, Grants
from sandbox.netsuite.signin.tba import Signed, Tokens
from sandbox.netsuite.timing import stamp


class Gate:
    def __init__(
        self, connection: sqlite3.Connection, clock: Clock, tokens: Tokens, grants: Grants
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._tokens = tokens
        self._grants = grants

    def enter(self, request: web.Request) -> User:
        """Freshness is judged by the machine's time: moving the business clock logs nobody out."""
        authorization = request.headers.get("Authorization", "")
        now_s = self._clock.machine_now().timestamp()
        if authorization[:7].lower() == "bearer ":
            token = authorization[7:].strip()
            user = self._grants.user(token, now_s, self._dead(Grants.token_id(token)))
            if user is None:
                self._note("OAuth 2.0", "invalid_token")
                raise refused_bearer()
            return user
        try:
            signed = _signed(request, authorization)
            dead = self._dead(self._tokens.token_of(authorization))
            return self._tokens.user(signed, now_s, dead)
        except LoginError as error:
            self._note("TBA", f"{error.code}: {error.detail}" if error.detail else error.code)
            raise refused_token(error) from error

    def grant(self, form: dict[str, str], host: str) -> Grant:
        hosts = (
            host.lower(),
            f"{ACCOUNT_ID}.suitetalk.api.netsuite.com",
            f"{ACCOUNT_ID}.restlets.api.netsuite.com",
        )
        try:
            return self._grants.issue(form, hosts, self._clock.machine_now().timestamp())
        except GrantError as error:
            self._note("OAuth 2.0", str(error))
            raise

    def revoke(self, request: web.Request) -> None:
        """The credential that the request presents is dead from now on."""
        authorization = request.headers.get("Authorization", "")
        if authorization[:7].lower() == "bearer ":
            identifier = Grants.token_id(authorization[7:].strip())
        else:
            try:
                identifier = self._tokens.token_of(authorization)
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

    def _note(self, method: str, detail: str) -> None:
        self._connection.execute(
            "INSERT INTO _audit (time, method, detail) VALUES (?,?,?)",
            (stamp(self._clock.now()), method, detail),
        )


def _signed(request: web.Request, authorization: str) -> Signed:
    path, _, query = request.raw_path.partition("?")
    return Signed(
        method=request.method.upper(),
        url=f"{request.scheme}://{request.host}{path}",
        query=query,
        authorization=authorization,
    )
