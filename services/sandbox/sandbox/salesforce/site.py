"""The Salesforce half: one web application, the event stream, and the org behind both."""

import re
import sqlite3
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from aiohttp import web

from sandbox.database import open_database
from sandbox.frame import EXCHANGE, Exchange, Frame
from sandbox.journal import Journal
from sandbox.salesforce.bulk.jobs import Jobs
from sandbox.salesforce.bulk.worker import BulkWorker
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import NAMED, Refusal, bad_header, named, session_invalid
from sandbox.salesforce.events.wiring import open_events
from sandbox.salesforce.json_text import dump
from sandbox.salesforce.metadata import Metadata
from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.outbound.outbox import Outbox
from sandbox.salesforce.outbound.sender import Sender
from sandbox.salesforce.outbound.switches import Switches
from sandbox.salesforce.package import Package, read_package
from sandbox.salesforce.rest.call import Answer, Call, answer_of
from sandbox.salesforce.rest.resources import APP_NAME, versions
from sandbox.salesforce.rest.routes import dispatch, place_of
from sandbox.salesforce.rest.xml_text import XML_TYPE, dump_xml, wants_xml
from sandbox.salesforce.seeds import seed
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.setup import set_up
from sandbox.salesforce.signin.credentials import load_credentials
from sandbox.salesforce.signin.door import bearer, sign_in
from sandbox.salesforce.signin.visitor import Visitor
from sandbox.salesforce.standard import org_schema
from sandbox.salesforce.storage import Counters, prepare
from sandbox.salesforce.ui.site import open_pages
from sandbox.salesforce.usage import REQUESTS, Usage
from sandbox.salesforce.usage_switch import UsageSwitch

JSON = "application/json;charset=UTF-8"
DATA = re.compile(r"^/services/data(/|$)", re.IGNORECASE)
URI_LENGTH_MAX = 16_384
HEADERS_BYTES_MAX = 32_768
COMPRESSED_FROM_BYTES = 8192
EDGE_PAGES = {
    406: "",
    420: "<html><head><title>Salesforce</title></head><body>We're setting things up.</body></html>",
}
"""What the vendor's edge answers itself; the words of the page are a guess."""
FAULT_WORDS = {
    401: "INVALID_SESSION_ID",
    403: "REQUEST_LIMIT_EXCEEDED",
    404: "NOT_FOUND",
    409: "CONFLICT",
    410: "GONE",
    412: "PRECONDITION_FAILED",
    414: "URI_TOO_LONG",
    415: "UNSUPPORTED_MEDIA_TYPE",
    431: "REQUEST_HEADER_FIELDS_TOO_LARGE",
    500: "UNKNOWN_EXCEPTION",
    503: "SERVER_UNAVAILABLE",
}


def open_vendor(frame: Frame) -> "Salesforce":
    features = frozenset({"multi_currency"} if frame.profile.salesforce_multi_currency else ())
    package = read_package(frame.package)
    schema = org_schema(package, features)
    connection = open_database(frame.state / "salesforce.db")
    prepare(connection, schema)
    org = Org(
        metadata=Metadata(schema, connection, frame.faults),
        connection=connection,
        counters=Counters(connection),
        clock=frame.clock,
        profile=frame.profile,
        faults=frame.faults,
        validations=package.validations,
    )
    return Salesforce(frame, org, package)


class Salesforce:
    """Implements the frame's `Vendor`."""

    system = "salesforce"

    def __init__(self, frame: Frame, org: Org, package: Package) -> None:
        self._credentials = load_credentials(frame.state / "salesforce")
        set_up(org, self._credentials, package)
        self.connection: sqlite3.Connection = org.connection
        self.journal = Journal(org.connection, frame.clock)
        sessions = Sessions(org)
        events = open_events(frame, org, sessions, self.journal)
        self._server = events.server
        self._desk = Desk(
            frame=frame,
            org=org,
            bus=events.bus,
            channels=events.channels,
            schemas=events.schemas,
            sessions=sessions,
            publishing=events.publishing,
            managed=events.managed,
            bulk=Jobs(org),
            outbound=Outbox(org),
            usage=Usage(org),
        )
        self._bulk = BulkWorker(self._desk, self.journal)
        self._sender = Sender(self._desk, self.journal)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_route("*", "/ui{tail:(/.*)?}", open_pages(self._desk).handle)
        app.router.add_route("*", "/{path:.*}", self.handle)
        return app

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        exchange = request[EXCHANGE]
        path = request.rel_url.raw_path
        if len(request.raw_path) > URI_LENGTH_MAX:
            answer = answer_of(named("URI_TOO_LONG"))
        elif _headers_size(request) > HEADERS_BYTES_MAX:
            answer = answer_of(named("REQUEST_HEADER_FIELDS_TOO_LARGE"))
        elif DATA.match(path):
            answer = self._rest(request, path, body, exchange)
        else:
            answer = sign_in(
                self._desk,
                self._credentials,
                _visitor(request),
                exchange,
                method=request.method,
                path=path,
                query=request.query,
                body=body,
            )
        response = _response(
            answer,
            pretty=request.headers.get("X-PrettyPrint") == "1",
            xml=wants_xml(request.headers.get("Accept", "")),
        )
        return _squeezed(request, response)

    def seed(self, name: str) -> None:
        seed(self._desk, name)

    def endpoints(self, http: str, https: str) -> Mapping[str, object]:
        integration = self._credentials.integration
        self._sender.base = https
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

    def switches(self) -> Sequence[web.RouteDef]:
        outbound = Switches(self._desk, self._credentials.integration.username)
        return [*outbound.routes(), *UsageSwitch(self._desk.org, self._desk.usage).routes()]

    async def start(self) -> None:
        self._desk.bus.start()
        self._bulk.start()
        self._sender.start()
        await self._server.start()

    async def stop(self) -> None:
        self._desk.bus.stop()
        self._bulk.stop()
        self._sender.stop()
        await self._server.stop()

    def admit(self, request: web.Request) -> web.Response | None:
        return None

    def leave(self, request: web.Request) -> None:
        return None

    def committed(self) -> None:
        self._desk.bus.wake()
        self._bulk.wake()
        self._sender.wake()

    def refusal(self, status: int, body: object) -> web.Response:
        """`body` is a whole body, or one of the vendor's error codes."""
        if isinstance(body, str) and body in NAMED:
            return _response(answer_of(named(body)), pretty=False)
        if body is not None:
            return _response(Answer(status=status, body=body), pretty=False)
        if status in EDGE_PAGES:
            headers = {"Server": "sfdcedge", "x-sfdc-request-id": uuid.uuid4().hex}
            page = EDGE_PAGES[status]
            kind = "text/html" if page else None
            return web.Response(
                status=status, text=page or None, content_type=kind, headers=headers
            )
        if status in FAULT_WORDS:
            return _response(answer_of(named(FAULT_WORDS[status])), pretty=False)
        plain = HTTPStatus(status).phrase
        words = Refusal(plain.upper().replace(" ", "_"), plain, status=status)
        return _response(answer_of(words), pretty=False)

    def revoke(self, request: web.Request) -> None:
        self._desk.sessions.revoke(_token(request))

    def _rest(self, request: web.Request, path: str, body: bytes, exchange: Exchange) -> Answer:
        place = place_of(path)
        exchange.template = place.template
        if path.rstrip("/").lower() == "/services/data":
            newest = float(self._desk.org.profile.salesforce_api_version)
            return Answer(body=versions(newest))
        token = _token(request)
        visitor = self._desk.sessions.visitor_of(token) if token else None
        if visitor is None:
            bad_scheme = "Authorization" in request.headers and not token
            return answer_of(bad_header() if bad_scheme else session_invalid())
        user, exchange.actor = visitor
        try:
            used = self._desk.count_request()
        except Refusal as refusal:
            answer, used = answer_of(refusal), self._desk.usage.used(REQUESTS)
        else:
            call = self._call(request, path, body, user, exchange)
            answer = dispatch(self._desk, call, place)
        headers = {**answer.headers, "Sforce-Limit-Info": self._usage(used)}
        return replace(answer, headers=headers)

    def _usage(self, used: int) -> str:
        profile = self._desk.org.profile
        text = f"api-usage={used}/{profile.daily_requests}"
        if profile.app_requests:
            text += f"; per-app-api-usage={used}/{profile.app_requests}(appName={APP_NAME})"
        return text

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


def _headers_size(request: web.Request) -> int:
    return sum(len(name) + len(value) for name, value in request.raw_headers)


def _visitor(request: web.Request) -> Visitor:
    host = request.headers.get("Host", "")
    return Visitor(
        base=f"{request.scheme}://{host}",
        host=host.partition(":")[0].lower(),
        authorization=request.headers.get("Authorization", ""),
        accept=request.headers.get("Accept", ""),
    )


def _token(request: web.Request) -> str:
    return bearer(request.headers.get("Authorization", ""))


def _squeezed(request: web.Request, response: web.Response) -> web.Response:
    """Compressed for a caller who knows gzip, unless it is too small to be worth it."""
    body = response.body
    known = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    if known and isinstance(body, bytes) and len(body) >= COMPRESSED_FROM_BYTES:
        response.enable_compression(web.ContentCoding.gzip)
    return response


def _response(answer: Answer, *, pretty: bool, xml: bool = False) -> web.Response:
    headers = dict(answer.headers)
    if answer.content is not None:
        return web.Response(status=answer.status, body=answer.content, headers=headers)
    if answer.body is None:
        return web.Response(status=answer.status, headers=headers)
    if isinstance(answer.body, str):
        text = answer.body
    elif xml:
        text = dump_xml(answer.body)
        headers["Content-Type"] = XML_TYPE
    else:
        text = dump(answer.body, pretty=pretty)
    headers.setdefault("Content-Type", JSON)
    return web.Response(status=answer.status, body=text.encode(), headers=headers)
