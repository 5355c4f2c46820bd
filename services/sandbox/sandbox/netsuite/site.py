"""The NetSuite account as one site: its address space, its slots, its place in the frame."""

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.database import open_database, transaction
from sandbox.frame import EXCHANGE, Exchange, Frame
from sandbox.journal import Journal
from sandbox.netsuite.account import ACCOUNT_ID, Account, behaviour_of
from sandbox.netsuite.api import attachments, jobs, restlet, tokens
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.dispatch import (
    allowed,
    dispatch,
    is_known,
    is_script,
    now,
    pause_s,
    scope_of,
    template_of,
)
from sandbox.netsuite.api.wire import FAULT, Call, answer, read_call, refusal, respond, warned
from sandbox.netsuite.api.worker import Worker
from sandbox.netsuite.catalog import load_catalog
from sandbox.netsuite.changes import Metadata
from sandbox.netsuite.errors import SLOTS, NetSuiteError, error_body
from sandbox.netsuite.fitting import fitted
from sandbox.netsuite.principals import (
    USERS,
    make_secrets,
    new_rsa_key,
    pem,
    read_credentials,
)
from sandbox.netsuite.schema import schema_of
from sandbox.netsuite.seeds import seed_account
from sandbox.netsuite.signin import certificates, lockout, nonces, trail
from sandbox.netsuite.signin.certificates import Certificates
from sandbox.netsuite.signin.gate import Gate
from sandbox.netsuite.signin.m2m import TOKEN_PATH, Grants
from sandbox.netsuite.signin.nonces import Nonces
from sandbox.netsuite.signin.tba import NONCE_GOOD_S, Tokens
from sandbox.netsuite.slots import Slots
from sandbox.netsuite.store import Store
from sandbox.netsuite.suiteql.computed import register_computed
from sandbox.netsuite.suiteql.register import SearchFailure, register
from sandbox.netsuite.switches import Switches
from sandbox.netsuite.tables import Tables, load_tables
from sandbox.netsuite.ui.site import open_pages
from sandbox.netsuite.values import dump
from sandbox.profile import Profile

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
        tables = tables_of(frame.profile)
        self.connection = open_database(frame.state / "netsuite.sqlite", whole_schema(tables))
        self.journal = Journal(self.connection, frame.clock)
        account = _account(frame, self.connection, tables)
        self._account = account
        failure = SearchFailure()
        logging.getLogger("sqlglot").setLevel(logging.ERROR)
        register(self.connection, frame.profile.account_date_format, failure)
        register_computed(account)
        kept = _secrets(self.connection)
        self._credentials = read_credentials(kept, frame.state / SYSTEM)
        people = list(self._credentials.values())
        with transaction(self.connection):
            held = Certificates(self.connection, people)
            started_s = frame.clock.machine_now().timestamp()
            seen = Nonces(self.connection, good_s=NONCE_GOOD_S, now_s=started_s)
        self._gate = Gate(
            self.connection,
            frame.clock,
            Tokens(people, seen),
            Grants(held, people, _issuer(kept["issuer"])),
            token_login=frame.profile.netsuite_token_login,
        )
        self._slots = Slots(self._limit)
        self._desk = Desk(
            frame=frame,
            journal=self.journal,
            metadata=Metadata(account, frame.faults),
            slots=self._slots,
            failure=failure,
            users={user.id: user for user in USERS.values()},
            certificates=held,
        )
        self._accepted = False
        """A job was, by a request that is about to be committed."""
        self._worker = Worker(
            self._desk, lambda work, call: now(self._desk, work, call), self.refusal
        )

    @property
    def request_max_s(self) -> float:
        return self._frame.profile.netsuite_request_max_s

    def pause_s(self, request: web.Request) -> float:
        return pause_s(self._frame.profile.netsuite_latency, request)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/ui{tail:(/.*)?}", open_pages(self._desk).handle)
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    def switches(self) -> Sequence[web.RouteDef]:
        return Switches(self._desk).routes()

    def seed(self, name: str) -> None:
        seed_account(self._account, name)

    def endpoints(self, http: str, https: str) -> Mapping[str, object]:
        """The integration's credentials, and the same for the other people."""
        others = {who: one.endpoints() for who, one in self._credentials.items()}
        own = others.pop("integration")
        return {
            "http": http,
            "https": https,
            "account": ACCOUNT_ID,
            **own,
            "restlet": f"{http}{restlet.PATH}?script={restlet.SCRIPT}&deploy={restlet.DEPLOYMENT}",
            **others,
        }

    async def start(self) -> None:
        self._worker.start()

    async def stop(self) -> None:
        await self._worker.stop()

    def admit(self, request: web.Request) -> web.Response | None:
        """A slot is taken on arrival and kept until the request has really ended."""
        if request.path.rstrip("/") == TOKEN_PATH or self._slots.take(id(request)):
            return None
        if is_script(request.path):
            return restlet.refused(400, *restlet.LIMIT)
        return self.refusal(429, None)

    def leave(self, request: web.Request) -> None:
        self._slots.release(id(request))

    def committed(self) -> None:
        if self._accepted:
            self._accepted = False
            self._worker.look()

    def refusal(self, status: int, body: object) -> web.Response:
        if body is not None:
            return respond(status, body if isinstance(body, str) else dump(body), FAULT)
        code, detail = OWN_WORDS.get(status, ("UNEXPECTED_ERROR", "An unexpected error occurred."))
        return respond(status, error_body(status, code, detail, {}), FAULT)

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
        exchange.template = template_of(call)
        if not is_known(call.path):
            return self.refusal(404, None)
        if call.method == "OPTIONS":
            return answer(204, None, Allow=allowed(call))
        if call.parts == TOKEN_PARTS:
            response, exchange.actor = tokens.handle(self._gate, call, request)
            return response
        try:
            return self._served(request, call, exchange)
        except NetSuiteError as error:
            script = is_script(call.path)
            return restlet.refused_error(error) if script else refusal(error)

    def _served(self, request: web.Request, call: Call, exchange: Exchange) -> web.Response:
        user = self._gate.enter(request, scope_of(call.path))
        exchange.actor = user.actor
        work = self._desk.begin(user)
        with transaction(self.connection):
            response = dispatch(self._desk, work, call)
        exchange.mutations.extend(work.mutations)
        self._accepted = self._accepted or response.status == HTTPStatus.ACCEPTED
        response.headers.update(warned(work.warnings))
        return response


def open_vendor(frame: Frame) -> NetSuite:
    return NetSuite(frame)


def tables_of(profile: Profile) -> Tables:
    """What searches may name: records, ledger, and the login audit trail."""
    return {**load_tables(profile), trail.TABLE: trail.COLUMNS}


def whole_schema(tables: Tables) -> str:
    own = (attachments.SCHEMA, jobs.SCHEMA, certificates.SCHEMA, lockout.SCHEMA, nonces.SCHEMA)
    return "\n".join([schema_of(tables), *own])


def _account(frame: Frame, connection: sqlite3.Connection, tables: Tables) -> Account:
    whole = load_catalog()
    return Account(
        connection=connection,
        store=Store(connection),
        catalog=fitted(whole, frame.profile),
        script_catalog=fitted(whole, frame.profile, scripts=True),
        tables=tables,
        clock=frame.clock,
        profile=frame.profile,
        behaviour=behaviour_of(frame.profile),
    )


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
