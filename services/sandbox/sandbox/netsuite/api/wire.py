"""Requests and answers as they look on the wire: headers, addresses, bodies."""

import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from sandbox.netsuite.catalog import RecordType
from sandbox.netsuite.errors import NetSuiteError, bad_header, bad_parameter, malformed
from sandbox.netsuite.records.clean import Checks, Level
from sandbox.netsuite.records.merge import Wish
from sandbox.netsuite.records.service import Write
from sandbox.netsuite.values import Document, dump, load

ROOT = "/services/rest"
RESOURCE = "application/vnd.oracle.resource+json"
SINGULAR = f"{RESOURCE}; type=singular; charset=UTF-8"
COLLECTION = f"{RESOURCE}; type=collection; charset=UTF-8"
FAULT = f"{RESOURCE}; type=error; charset=UTF-8"
PLAIN = "application/json; charset=UTF-8"
PAGE_MAX = 1000
PAGES_MAX = 1000
PREFERENCE = re.compile(r'([\w-]+)\s*(?:=\s*"?([\w-]*)"?)?')
Headers = CIMultiDictProxy[str]


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, read. It can be kept and made again later."""

    method: str
    path: str
    """As the client wrote it, without the query."""
    query_string: str
    origin: str
    """Scheme and host: every link starts with it."""
    headers: Headers
    raw: bytes
    parts: list[str] = field(init=False)
    """The path below the root, without empty ends; each part decoded by itself."""
    _query: list[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        below = self.path.removeprefix(ROOT)
        self.parts = [unquote(part) for part in below.split("/") if part]
        self._query = parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def base(self) -> str:
        return f"{self.origin}{ROOT}"

    @property
    def address(self) -> str:
        """The address as the client wrote it."""
        query = f"?{self.query_string}" if self.query_string else ""
        return f"{self.origin}{self.path}{query}"

    def query(self, name: str) -> str:
        """Parameter names are taken in any case."""
        for key, value in self._query:
            if key.lower() == name.lower():
                return value
        return ""

    def pairs(self) -> list[tuple[str, str]]:
        """All query parameters in their order."""
        return list(self._query)

    def names(self, parameter: str) -> list[str]:
        """Of a parameter that lists names with commas."""
        return [name.strip() for name in self.query(parameter).split(",") if name.strip()]

    def flag(self, name: str) -> bool:
        return self.query(name).lower() == "true"

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def preferences(self) -> Mapping[str, str]:
        """Of all Prefer headers, in lower case; a preference without a value is empty."""
        text = ",".join(self.headers.getall("Prefer", []))
        found = (PREFERENCE.fullmatch(part.strip()) for part in text.split(","))
        return {one[1].lower(): (one[2] or "").lower() for one in found if one is not None}

    def accepts(self, media: str, kind: str = "") -> bool:
        """Does Accept name this media type (with this `type` parameter)?"""
        for one in self.header("Accept").lower().split(","):
            name, *parameters = (part.strip() for part in one.split(";"))
            if name == media and (not kind or f"type={kind}" in parameters):
                return True
        return False

    def sends_collection(self) -> bool:
        return "type=collection" in self.header("Content-Type").lower().replace(" ", "")

    def body(self) -> Document:
        """The JSON object of the request; empty when there is none.

        Half a surrogate pair is no text: it is found out here and not in the database.
        """
        if not self.raw.strip():
            return {}
        try:
            value = load(self.raw)
            if b"\\u" in self.raw:
                dump(value).encode()
        except (ValueError, RecursionError) as error:
            raise malformed() from error
        if not isinstance(value, dict):
            raise malformed()
        return value


async def read_call(request: web.Request) -> Call:
    """HEAD is GET whose body stays here."""
    path, _, query = request.raw_path.partition("?")
    return Call(
        method="GET" if request.method == "HEAD" else request.method,
        path=path,
        query_string=query,
        origin=f"{request.scheme}://{request.host}",
        headers=request.headers,
        raw=await request.read(),
    )


def headers_of(pairs: Sequence[tuple[str, str]]) -> Headers:
    return CIMultiDictProxy(CIMultiDict(pairs))


def write_of(call: Call, record: RecordType) -> Write:
    return Write(
        checks=Checks(
            names=_level(call, "X-NetSuite-PropertyNameValidation", Level.WARNING),
            values=_level(call, "X-NetSuite-PropertyValueValidation", Level.ERROR),
        ),
        wish=Wish(
            replace=frozenset(record.own_name(name) for name in call.names("replace")),
            selected_only=call.flag("replaceSelectedFields"),
        ),
    )


def _level(call: Call, header: str, default: Level) -> Level:
    sent = call.header(header).strip().lower()
    if not sent:
        return default
    try:
        return Level(sent)
    except ValueError as error:
        shown = sent[:100]
        raise bad_header(
            header, f"Invalid header value {shown}. Use ignore, warning or error."
        ) from error


def page_of(call: Call) -> tuple[int, int]:
    """limit and offset. An offset is a whole number of pages."""
    limit = _whole(call, "limit", PAGE_MAX)
    offset = _whole(call, "offset", 0)
    if not 1 <= limit <= PAGE_MAX:
        raise bad_parameter("limit", f"Invalid value {limit}. Use a number from 1 to {PAGE_MAX}.")
    if offset % limit:
        raise bad_parameter("offset", f"Invalid value {offset}. It must be divisible by limit.")
    return limit, offset


def _whole(call: Call, name: str, default: int) -> int:
    text = call.query(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise bad_parameter(name, f"Invalid value {text[:100]}. Use a whole number.")
    return int(text)


def answer(
    status: int, body: Document | None, content_type: str = SINGULAR, **headers: str
) -> web.Response:
    text = None if body is None else dump(body)
    return respond(status, text, content_type, headers)


def refusal(error: NetSuiteError) -> web.Response:
    return respond(error.status, error.body(), FAULT, error.headers)


def warned(properties: Sequence[str]) -> dict[str, str]:
    """The header that names what of a request's properties was not looked at."""
    return {"X-NetSuite-PropertyValidation": ",".join(properties)} if properties else {}


def respond(
    status: int,
    text: str | None,
    content_type: str,
    headers: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> web.Response:
    body = None if text is None else text.encode()
    response = web.Response(status=status, reason=reason, body=body)
    if text is not None:
        response.headers["Content-Type"] = content_type
    mark, job = os.urandom(16).hex(), os.urandom(16).hex()
    response.headers.update(
        {
            "X-N-OperationId": _dashed(mark),
            "X-NetSuite-JobId": _dashed(job),
            "NS_RTIMER_COMPOSITE": f"{int(mark[:7], 16)}:706172746E65723030",
            "Cache-Control": "No-Cache",
            "Pragma": "No-Cache",
            "Expires": "0",
            "Vary": "User-Agent, Accept-Encoding",
            "Strict-Transport-Security": "max-age=31536000",
            "Akamai-GRN": f"0.{mark[8:16]}.{int(time.time())}.{mark[24:]}",
            "Set-Cookie": "NS_ROUTING_VERSION=LAGGING; path=/",
            **(headers or {}),
        }
    )
    return response


def _dashed(mark: str) -> str:
    """A UUID of 32 hexadecimal digits; version and variant are as of a random one."""
    return f"{mark[:8]}-{mark[8:12]}-4{mark[13:16]}-a{mark[17:20]}-{mark[20:]}"


def page_links(call: Call, base: str, limit: int, offset: int, total: int) -> list[Document]:
    """`base` is the address without limit and offset; self repeats the request."""

    def at(place: int) -> str:
        sign = "&" if "?" in base else "?"
        return f"{base}{sign}limit={limit}&offset={place}"

    last = (total - 1) // limit * limit if total else 0
    links: list[Document] = []
    if offset:
        links.append({"rel": "previous", "href": at(max(offset - limit, 0))})
        links.append({"rel": "first", "href": at(0)})
    if offset + limit < total:
        links.append({"rel": "next", "href": at(offset + limit)})
        links.append({"rel": "last", "href": at(last)})
    links.append({"rel": "self", "href": call.address})
    return links
