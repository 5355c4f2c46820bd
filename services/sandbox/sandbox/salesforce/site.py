"""The Salesforce half: one web application, the event stream, and the org behind both."""

import re
import sqlite3
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.database import open_database
from sandbox.frame import EXCHANGE, Exchange, Frame
from sandbox.journal import Journal
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_found, session_invalid
from sandbox.salesforce.events.bus import Bus
from sandbox.salesforce.events.capture import EventSchemas
from sandbox.salesforce.events.pubsub import PubSub
from sandbox.salesforce.events.server import PubSubServer
from sandbox.salesforce.json_text import dump
from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.package import read_package
from sandbox.salesforce.rest.call import Answer, Call, answer_of
from sandbox.salesforce.rest.resources import request_counter, versions
from sandbox.salesforce.rest.routes import dispatch, template_of
from sandbox.salesforce.seeds import seed
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.setup import set_up
from sandbox.salesforce.signin import oauth, soap
from sandbox.salesforce.signin.credentials import load_credentials
from sandbox.salesforce.signin.oauth import Visitor
from sandbox.salesforce.standard import org_schema
from sandbox.salesforce.storage import Counters, prepare

JSON = "application/json;charset=UTF-8"
DATA = re.compile(r"^/services/data(/|$)", re.IGNORECASE)
SOAP = re.compile(r"^/services/Soap/", re.IGNORECASE)
IDENTITY = re.compile(r"^/id/(\w{15,18})/(\w{15,18})/?$")
URI_LENGTH_MAX = 16_384
FAULT_WORDS = {
    401: session_invalid(),
    403: Refusal("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403),
    404: not_found(),
    500: Refusal(
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support:"
        " 1452464078-314667 (-1173371248)",
        status=500,
    ),
    503: Refusal("SERVER_UNAVAILABLE", "Service Unavailable", status=503),
}


def open_vendor(frame: Frame) -> "Salesforce":
    features = frozenset({"multi_currency"} if frame.profile.salesforce_multi_currency else ())
    schema = org_schema(read_package(frame.package), features)
    connection = open_database(frame.state / "salesforce.db")
    prepare(connection, schema)
    org = Org(
        schema=schema,
        connection=connection,
        counters=Counters(connection),
        clock=frame.clock,
        profile=frame.profile,
    )
    return Salesforce(frame, org)


class Salesforce:
    """Implements the frame's `Vendor`."""

    system = "salesforce"

    def __init__(self, frame: Frame, org: Org) -> None:
        self._credentials = load_credentials(frame.state / "salesforce")
        set_up(org, self._credentials)
        self.connection: sqlite3.Connection = org.connection
        self.journal = Journal(org.connection, frame.clock)
        schemas = EventSchemas(org.schema)
        sessions = Sessions(org)
        bus = Bus(org, schemas, frame.faults)
        self._desk = Desk(frame=frame, org=org, bus=bus, schemas=schemas, sessions=sessions)
        servicer = PubSub(frame, org, bus, schemas, sessions, self.journal)
        self._server = PubSubServer(frame, servicer)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        exchange = request[EXCHANGE]
        path = request.rel_url.raw_path
        if len(request.raw_path) > URI_LENGTH_MAX:
            answer = answer_of(Refusal("URI_TOO_LONG", "URI Too Long", status=414))
        elif DATA.match(path):
            answer = self._rest(request, path, body, exchange)
        else:
            answer = self._sign_in(request, path, body, exchange)
        return _response(answer, pretty=request.headers.get("X-PrettyPrint") == "1")

    def seed(self, name: str) -> None:
        seed(self._desk, name)

    def endpoints(self, http: str, https: str) -> Mapping[str, object]:
        integration = self._credentials.integration
        people = {
            role: {
                "username": secret.username,
                "password": secret.password,
                "security_token": secret.security_token,
            }
            for role, secret in self._credentials.users.items()
        }
        return {
            "http": http,
            "https": https,
            **self._server.addresses(),
            "api_version": self._desk.org.profile.salesforce_api_version,
            "org_id": ORG_ID,
            "username": integration.username,
            "password": integration.password,
            "security_token": integration.security_token,
            "consumer_key": self._credentials.consumer_key,
            "consumer_secret": self._credentials.consumer_secret,
            "private_key_file": str(self._credentials.private_key_file),
            "refresh_token": self._credentials.refresh_token,
            "users": people,
        }

    async def start(self) -> None:
        self._desk.bus.start()
        await self._server.start()

    async def stop(self) -> None:
        self._desk.bus.stop()
        await self._server.stop()

    def admit(self, request: web.Request) -> web.Response | None:
        return None

    def leave(self, request: web.Request) -> None:
        return None

    def committed(self) -> None:
        self._desk.bus.wake()

    def refusal(self, status: int, body: object) -> web.Response:
        if body is not None:
            return _response(Answer(status=status, body=body), pretty=False)
        if status in (406, 420):
            return web.Response(status=status, headers={"Server": "sfdcedge"})
        plain = HTTPStatus(status).phrase
        words = FAULT_WORDS.get(status) or Refusal(
            plain.upper().replace(" ", "_"), plain, status=status
        )
        return _response(answer_of(words), pretty=False)

    def revoke(self, request: web.Request) -> None:
        self._desk.sessions.revoke(_token(request))

    def _rest(self, request: web.Request, path: str, body: bytes, exchange: Exchange) -> Answer:
        exchange.template = template_of(path)
        if path.rstrip("/").lower() == "/services/data":
            newest = float(self._desk.org.profile.salesforce_api_version)
            return Answer(body=versions(newest))
        token = _token(request)
        user = self._desk.sessions.user_of(token) if token else None
        if user is None:
            return answer_of(session_invalid() if token else _no_header())
        exchange.actor = self._desk.username(user)
        used = self._desk.org.counters.take(request_counter(self._desk))
        answer = dispatch(self._desk, self._call(request, path, body, user, exchange))
        limit = f"api-usage={used}/{self._desk.org.profile.daily_requests}"
        headers = {**answer.headers, "Sforce-Limit-Info": limit}
        return Answer(
            status=answer.status, body=answer.body, headers=headers, content=answer.content
        )

    def _call(
        self, request: web.Request, path: str, body: bytes, user: str, exchange: Exchange
    ) -> Call:
        query = dict(request.query)
        method = query.pop("_HttpMethod", request.method).upper()
        return Call(
            method=method,
            path=path,
            parts={},
            query=query,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            base=_visitor(request).base,
            version=self._desk.org.profile.salesforce_api_version,
            user=user,
            mutations=exchange.mutations,
        )

    def _sign_in(self, request: web.Request, path: str, body: bytes, exchange: Exchange) -> Answer:
        visitor = _visitor(request)
        if SOAP.match(path):
            exchange.template = "/services/Soap/{kind}/{version}"
            answer, actor = soap.login(self._desk, self._credentials, visitor, path, body)
            exchange.actor = actor
            return answer
        name = path.rstrip("/").lower()
        exchange.template = name if name.startswith("/services/oauth2/") else "?"
        form = {**request.query, **_form(body)}
        if name == "/services/oauth2/token" and request.method == "POST":
            answer, actor = oauth.token(self._desk, self._credentials, visitor, form)
            exchange.actor = actor
            return answer
        if name == "/services/oauth2/revoke":
            return oauth.revoke(self._desk, form)
        identity = IDENTITY.match(path)
        if identity is None and name != "/services/oauth2/userinfo":
            return answer_of(not_found())
        user = self._desk.sessions.user_of(_token(request) or form.get("oauth_token", ""))
        if user is None:
            return Answer(status=403, content=b"Bad_OAuth_Token")
        exchange.actor = self._desk.username(user)
        if identity is None:
            return oauth.userinfo(self._desk, visitor, user)
        exchange.template = "/id/{organization}/{user}"
        return oauth.identity(self._desk, visitor, identity[1], identity[2])


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _visitor(request: web.Request) -> Visitor:
    host = request.headers.get("Host", "")
    return Visitor(
        base=f"{request.scheme}://{host}",
        host=host.partition(":")[0].lower(),
        authorization=request.headers.get("Authorization", ""),
    )


def _token(request: web.Request) -> str:
    """Both `Bearer` and `OAuth` are known."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def _no_header() -> Refusal:
    return Refusal("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)


def _response(answer: Answer, *, pretty: bool) -> web.Response:
    headers = dict(answer.headers)
    if answer.content is not None:
        return web.Response(status=answer.status, body=answer.content, headers=headers)
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    text = answer.body if isinstance(answer.body, str) else dump(answer.body, pretty=pretty)
    headers.setdefault("Content-Type", JSON)
    return web.Response(status=answer.status, body=text.encode(), headers=headers)
