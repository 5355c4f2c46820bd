"""The NetSuite account as one site: its address space, its slots, its place in the frame."""

import logging
import sqlite3
from collections.abc import Mapping

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.database import open_database, transaction
from sandbox.frame import EXCHANGE, Frame
from sandbox.journal import Journal
from sandbox.netsuite.account import ACCOUNT_ID, Account, Behaviour, Work, begin
from sandbox.netsuite.api import queries, records, system, tokens
from sandbox.netsuite.api.wire import ROOT, Call, answer, raw_refusal, read_call, refusal
from sandbox.netsuite.catalog import load_catalog
from sandbox.netsuite.errors import SLOTS, NetSuiteError, error_body
from sandbox.netsuite.principals import (
    Credential,
    make_secrets,
    new_rsa_key,
    pem,
    read_credentials,
)
from sandbox.netsuite.schema import schema_of
from sandbox.netsuite.seeds import seed_account
from sandbox.netsuite.signin.gate import Gate
from sandbox.netsuite.signin.m2m import TOKEN_PATH, Grants
from sandbox.netsuite.signin.tba import Tokens
from sandbox.netsuite.store import Store
from sandbox.netsuite.suiteql.computed import register_computed
from sandbox.netsuite.suiteql.register import SearchFailure, register
from sandbox.netsuite.tables import load_tables
from sandbox.netsuite.values import dump

SYSTEM = "netsuite"
TOKEN_PARTS = ["auth", "oauth2", "v1", "token"]
ISSUER_BITS = 2048
OWN_WORDS = {
    401: ("INVALID_LOGIN", "Invalid login attempt."),
    403: ("INSUFFICIENT_PERMISSION", "The request is not permitted."),
    404: ("NOT_FOUND", "The requested resource does not exist."),
    429: ("CONCURRENCY_LIMIT_EXCEEDED", SLOTS),
    500: ("UNEXPECTED_ERROR", "An unexpected error occurred. Error ID: jrgbpyylphhishmmlxyt"),
    503: ("SERVICE_UNAVAILABLE", "The service is temporarily unavailable."),
}


class NetSuite:
    """One account. All of it happens on the event loop's thread, one request at a time."""

    system = SYSTEM

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        tables = load_tables(frame.profile)
        self.connection = open_database(frame.state / "netsuite.sqlite", schema_of(tables))
        self.journal = Journal(self.connection, frame.clock)
        self._account = Account(
            connection=self.connection,
            store=Store(self.connection),
            catalog=load_catalog(),
            tables=tables,
            clock=frame.clock,
            profile=frame.profile,
            behaviour=Behaviour(),
        )
        self._failure = SearchFailure()
        logging.getLogger("sqlglot").setLevel(logging.ERROR)
        register(self.connection, frame.profile.account_date_format, self._failure)
        register_computed(self._account)
        kept = _secrets(self.connection)
        self._credentials = read_credentials(kept, frame.state / SYSTEM)
        people = list(self._credentials.values())
        grants = Grants(people, _issuer(kept["issuer"]))
        self._gate = Gate(self.connection, frame.clock, Tokens(people), grants)
        self._busy: set[int] = set()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    def seed(self, name: str) -> None:
        seed_account(self._account, name)

    def endpoints(self, http: str, https: str) -> Mapping[str, object]:
        """The integration's credentials, and the same for two people."""
        own = _own(self._credentials["integration"])
        return {
            "http": http,
            "https": https,
            "account": ACCOUNT_ID,
            **own,
            "restlet": None,
            "finance": _own(self._credentials["finance"]),
            "administrator": _own(self._credentials["administrator"]),
        }

    async def start(self) -> None:
        """Nothing runs beside the site."""

    async def stop(self) -> None:
        """Nothing runs beside the site."""

    def admit(self, request: web.Request) -> web.Response | None:
        """A slot is taken on arrival and kept until the request has really ended."""
        if request.path.rstrip("/") == TOKEN_PATH:
            return None
        if len(self._busy) >= self._limit():
            return self.refusal(429, None)
        self._busy.add(id(request))
        return None

    def leave(self, request: web.Request) -> None:
        self._busy.discard(id(request))

    def committed(self) -> None:
        """Nobody is told of commits here: readers poll."""

    def refusal(self, status: int, body: object) -> web.Response:
        if body is not None:
            return raw_refusal(status, body if isinstance(body, str) else dump(body))
        code, detail = OWN_WORDS.get(status, ("UNEXPECTED_ERROR", "An unexpected error occurred."))
        return raw_refusal(status, error_body(status, code, detail, {}))

    def revoke(self, request: web.Request) -> None:
        self._gate.revoke(request)

    def _limit(self) -> int:
        """The profile's, unless a rule of the faults sets another."""
        rules = self._frame.faults.describe()["rules"]
        for rule in rules if isinstance(rules, list) else ():
            if rule.get("effect") == "limit" and rule.get("system") in (SYSTEM, "*"):
                return int(rule.get("slots") or 0)
        return self._frame.profile.concurrency_limit

    async def _handle(self, request: web.Request) -> web.Response:
        call = await read_call(request)
        exchange = request[EXCHANGE]
        exchange.template = _template(call)
        if call.method == "OPTIONS":
            return answer(204, None)
        if not request.path.startswith(f"{ROOT}/"):
            return self.refusal(404, None)
        if call.parts == TOKEN_PARTS:
            response, exchange.actor = tokens.handle(self._gate, call)
            return response
        try:
            user = self._gate.enter(request)
            exchange.actor = user.actor
            work = begin(self._account, user)
            with transaction(self.connection):
                response = self._dispatch(work, call)
        except NetSuiteError as error:
            return refusal(error)
        exchange.mutations.extend(work.mutations)
        if work.warnings:
            response.headers["X-NetSuite-PropertyValidation"] = ",".join(work.warnings)
        return response

    def _dispatch(self, work: Work, call: Call) -> web.Response:
        match call.parts:
            case ["record", "v1", "metadata-catalog", *_]:
                return system.metadata(work, call)
            case ["record", "v1", _, *_]:
                return records.handle(work, call)
            case ["query", "v1", "suiteql"]:
                return queries.handle(work, call, self._failure)
            case ["system", "v1", "serverTime"]:
                return system.server_time(work, call)
            case ["system", "v1", "governanceLimits"]:
                return system.governance_limits(work, call, self._limit())
            case _:
                return self.refusal(404, None)


def open_vendor(frame: Frame) -> NetSuite:
    return NetSuite(frame)


def _own(credential: Credential) -> dict[str, object]:
    return credential.endpoints()


def _template(call: Call) -> str:
    """The address without ids: for the log."""
    if not call.request.path.startswith(f"{ROOT}/"):
        return "?"
    named = [
        "{id}" if at in (3, 5) and call.parts[0] == "record" else part
        for at, part in enumerate(call.parts[:6])
    ]
    return f"{ROOT}/{'/'.join(named)}"


def _secrets(connection: sqlite3.Connection) -> dict[str, str]:
    """Made once an account; they outlive restarts and seeds."""
    with transaction(connection):
        rows = connection.execute("SELECT name, value FROM _secret").fetchall()
        if not rows:
            made = [*make_secrets(), ("issuer", pem(new_rsa_key(ISSUER_BITS)).decode())]
            connection.executemany("INSERT INTO _secret (name, value) VALUES (?,?)", made)
            return dict(made)
    return {row["name"]: row["value"] for row in rows}


def _issuer(text: str) -> rsa.RSAPrivateKey:
    key = load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("access tokens are signed with RSA")
    return key
