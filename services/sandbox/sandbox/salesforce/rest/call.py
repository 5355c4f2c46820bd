"""One call of the REST API and its answer, apart from the web server that carried them."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sandbox.journal import Mutation
from sandbox.salesforce.errors import NO_PLACE, Refusal, json_error
from sandbox.salesforce.rest.xml_text import read_xml
from sandbox.salesforce.work import DuplicateWish, Work

XML_TYPES = frozenset({"application/xml", "text/xml"})
JSON_TYPES = frozenset({"application/json", "text/json", "application/octet-stream"})
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
"""Half of a character beyond the first plane; alone it is no text."""
CHARSET = re.compile(r"charset\s*=\s*\"?([\w.:-]+)", re.IGNORECASE)
CHARSETS = re.compile(
    r"utf-?(8|16|32)([bl]e)?|(us-)?ascii|iso-8859-\d+|latin-?1|windows-\d+|shift_jis|euc-jp|gbk|big5",
    re.IGNORECASE,
)
"""Not all that Python knows by a name is a set of characters."""
NO_BODY = "The HTTP entity body is required, but this request has no entity body."


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`body` None sends no content."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    """A body that is not JSON, with its type in the headers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`parts` are the variable segments of the path, decoded; header names are lower-case."""

    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base: str
    version: str
    user: str
    mutations: list[Mutation]
    work: Work | None = None
    """The transaction of a composite call that this one is a part of."""
    nested: bool = False
    channel: str = "rest"
    """Which API it came by, as change events tell."""

    @property
    def api_version(self) -> float:
        return float(self.version)

    def json(self) -> object:
        """The body as data, whether it came as JSON or as XML."""
        kind = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in XML_TYPES and self.body.strip():
            return read_xml(self.body)
        if kind and self.body and kind not in JSON_TYPES:
            message = f"Content-Type header specified in HTTP request is not supported: {kind}"
            raise Refusal("UNSUPPORTED_MEDIA_TYPE", message, status=415)
        return parse_json(in_unicode(self.body, self.headers.get("content-type", "")))

    def json_object(self) -> dict[str, object]:
        value = self.json()
        if not isinstance(value, dict):
            raise json_error(
                "Cannot deserialize instance of object from START_ARRAY or request may be missing a"
                f" required field at {NO_PLACE}"
            )
        return value

    def option(self, header: str, name: str) -> str:
        """`X-Header: a=1, b=2` or with semicolons: the value of one name, or empty."""
        for part in self.headers.get(header, "").replace(";", ",").split(","):
            key, _, value = part.strip().partition("=")
            if key.lower() == name.lower():
                return value.strip()
        return ""

    @property
    def origin(self) -> str:
        """As change events name the source of a change."""
        client = self.option("sforce-call-options", "client")
        origin = f"com/salesforce/api/{self.channel}/{self.version}"
        return f"{origin};client={client}" if client else origin

    @property
    def duplicates(self) -> DuplicateWish:
        header = "sforce-duplicate-rule-header"
        return DuplicateWish(
            allow_save=self.option(header, "allowSave").lower() == "true",
            include_details=self.option(header, "includeRecordDetails").lower() == "true",
        )

    def within(self, work: Work) -> "Call":
        return replace(self, work=work)


def in_unicode(body: bytes, content_type: str) -> bytes:
    """A body in the character set that its type names; without a name it is UTF-8."""
    found = CHARSET.search(content_type)
    if found is None or found[1].lower() in ("utf-8", "utf8"):
        return body
    if CHARSETS.fullmatch(found[1]):
        with suppress(LookupError, UnicodeError):
            return body.decode(found[1]).encode()
    message = f"The request body cannot be read in the character set {found[1]}"
    raise Refusal("UNSUPPORTED_MEDIA_TYPE", message, status=415)


def parse_json(body: bytes) -> object:
    """Numbers with a point stay exact."""
    if not body.strip():
        raise json_error(NO_BODY)
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
        if SURROGATE.search(body):
            json.dumps(value, default=str, ensure_ascii=False).encode()
        return value
    except UnicodeEncodeError:
        raise json_error("Unpaired surrogate in the request body at [line:1, column:1]") from None
    except UnicodeDecodeError:
        raise json_error("Invalid UTF-8 in the request body at [line:1, column:1]") from None
    except json.JSONDecodeError as error:
        place = f"[line:{error.lineno}, column:{error.colno}]"
        raise json_error(f"{_complaint(body, error.pos)} at {place}") from None
    except RecursionError:
        raise json_error("The request body is too deeply nested at [line:1, column:1]") from None


def _no_constant(name: str) -> object:
    raise json_error(f"Unrecognized token '{name}' at [line:1, column:1]")


def _complaint(body: bytes, position: int) -> str:
    text = body.decode("utf-8", "replace")
    if position >= len(text):
        return "Unexpected end-of-input"
    character = text[position]
    return f"Unexpected character ('{character}' (code {ord(character)}))"


def placed(refusal: Refusal, body: bytes) -> Refusal:
    """With the line and column of the value that cannot be read, when one place fits."""
    if not refusal.about or NO_PLACE not in refusal.message:
        return refusal
    text = body.decode("utf-8", "replace")
    name = re.escape(json.dumps(refusal.about)[1:-1])
    found = [match.end() for match in re.finditer(rf'"{name}"\s*:\s*', text, re.IGNORECASE)]
    if len(found) != 1:
        return refusal
    line, above = text.count("\n", 0, found[0]) + 1, text.rfind("\n", 0, found[0])
    place = f"[line:{line}, column:{found[0] - above}]"
    return Refusal(refusal.code, refusal.message.replace(NO_PLACE, place), status=refusal.status)


def answer_of(refusal: Refusal) -> Answer:
    return Answer(status=refusal.status, body=[refusal.entry()])
