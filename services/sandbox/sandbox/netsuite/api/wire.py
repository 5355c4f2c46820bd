"""Requests and answers as they look on the wire: headers, addresses, bodies."""

import uuid
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.netsuite.errors import NetSuiteError, bad_body, bad_parameter
from sandbox.netsuite.records.clean import Checks, Level
from sandbox.netsuite.records.merge import Wish
from sandbox.netsuite.records.service import Write
from sandbox.netsuite.values import Document, dump, load

ROOT = "/services/rest"
SINGULAR = "application/vnd.oracle.resource+json; type=singular; charset=UTF-8"
COLLECTION = "application/vnd.oracle.resource+json; type=collection; charset=UTF-8"
FAULT = "application/vnd.oracle.resource+json; type=error; charset=UTF-8"
PLAIN = "application/json; charset=UTF-8"
PAGE_MAX = 1000
DEPTH_MAX = 50


@dataclass(slots=True, kw_only=True)
class Call:
    """One request, read."""

    method: str
    parts: list[str]
    """The path below the root, without empty ends."""
    base: str
    """Scheme, host and root: every link starts with it."""
    address: str
    """The address as the client wrote it."""
    request: web.Request
    raw: bytes
    warnings: list[str] = field(default_factory=list)

    def query(self, name: str) -> str:
        """Parameter names are taken in any case."""
        for key, value in self.request.query.items():
            if key.lower() == name.lower():
                return value
        return ""

    def flag(self, name: str) -> bool:
        return self.query(name).lower() == "true"

    def header(self, name: str) -> str:
        return self.request.headers.get(name, "")

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
            raise bad_body() from error
        if not isinstance(value, dict):
            raise bad_body()
        return value


async def read_call(request: web.Request) -> Call:
    path = request.path.removeprefix(ROOT)
    origin = f"{request.scheme}://{request.host}"
    return Call(
        method=request.method,
        parts=[part for part in path.split("/") if part],
        base=f"{origin}{ROOT}",
        address=f"{origin}{request.raw_path}",
        request=request,
        raw=await request.read(),
    )


def write_of(call: Call) -> Write:
    replaced = frozenset(name.strip() for name in call.query("replace").split(",") if name.strip())
    return Write(
        checks=Checks(
            names=_level(call, "X-NetSuite-PropertyNameValidation", Level.WARNING),
            values=_level(call, "X-NetSuite-PropertyValueValidation", Level.ERROR),
        ),
        wish=Wish(replace=replaced, selected_only=call.flag("replaceSelectedFields")),
    )


def _level(call: Call, header: str, default: Level) -> Level:
    sent = call.header(header).strip().lower()
    if not sent:
        return default
    try:
        return Level(sent)
    except ValueError as error:
        raise NetSuiteError(
            400,
            "INVALID_HEADER",
            f"Invalid header value {sent}. Use ignore, warning or error.",
            {"errorHeader": header},
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
    if not text.isdigit() or len(text) > 9:
        raise bad_parameter(name, f"Invalid value {text[:100]}. Use a whole number.")
    return int(text)


def answer(
    status: int, body: Document | None, content_type: str = SINGULAR, **headers: str
) -> web.Response:
    text = None if body is None else dump(body)
    return _response(status, text, content_type, headers)


def refusal(error: NetSuiteError) -> web.Response:
    return _response(error.status, error.body(), FAULT, error.headers)


def raw_refusal(status: int, text: str) -> web.Response:
    return _response(status, text, FAULT, {})


def _response(
    status: int, text: str | None, content_type: str, headers: dict[str, str]
) -> web.Response:
    response = web.Response(status=status, body=None if text is None else text.encode())
    if text is not None:
        response.headers["Content-Type"] = content_type
    response.headers.update(
        {
            "X-N-OperationId": str(uuid.uuid4()),
            "X-NetSuite-JobId": str(uuid.uuid4()),
            "NS_RTIMER_COMPOSITE": f"{uuid.uuid4().int % 10**9}:706172746E65723030",
            "Cache-Control": "No-Cache",
            "Pragma": "No-Cache",
            "Expires": "0",
            "Vary": "User-Agent, Accept-Encoding",
            "Strict-Transport-Security": "max-age=31536000",
            **headers,
        }
    )
    return response


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
    if total > limit:
        links.append({"rel": "last", "href": at(last)})
    links.append({"rel": "self", "href": call.address})
    return links
