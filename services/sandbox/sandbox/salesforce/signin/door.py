"""All addresses outside the REST API: OAuth, identity, SOAP."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from sandbox.frame import Exchange
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.rest.call import Answer, answer_of
from sandbox.salesforce.rest.resources import OLDEST
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.signin.identity import BAD_TOKEN, denied, identity, revoke, userinfo
from sandbox.salesforce.signin.oauth import refused, token
from sandbox.salesforce.signin.visitor import Form, Visitor
from sandbox.salesforce.soap.service import SOAP, soap_answer

OAUTH = "/services/oauth2/"
BULK = re.compile(r"^/services/async/(\d{1,3}\.\d)(/|$)", re.IGNORECASE)
INVALID_VERSION = Answer(
    status=400,
    content=(
        b'<?xml version="1.0" encoding="UTF-8"?>'
        b'<error xmlns="http://www.force.com/2009/06/asyncapi/dataload">'
        b"<exceptionCode>InvalidVersion</exceptionCode>"
        b"<exceptionMessage>Invalid Api version specified on URL</exceptionMessage></error>"
    ),
    headers={"Content-Type": "application/xml"},
)
"""What the older Bulk API says of a retired version; its words are a guess."""
IDENTITY = re.compile(r"^/id/(\w{15,18})/(\w{15,18})/?$")


def sign_in(
    desk: Desk,
    credentials: Credentials,
    visitor: Visitor,
    exchange: Exchange,
    *,
    method: str,
    path: str,
    query: Mapping[str, str],
    body: bytes,
) -> Answer:
    if SOAP.match(path):
        return soap_answer(desk, credentials, visitor, exchange, path, body)
    if _is_retired_bulk(path):
        exchange.template = "/services/async/{version}"
        return INVALID_VERSION
    form = {**query, **_form(body)}
    name = path.rstrip("/").lower()
    exchange.template = name if name.startswith(OAUTH) else "?"
    if name == f"{OAUTH}token":
        if method != "POST":
            return refused("invalid_request", "must use HTTP POST")
        answer, exchange.actor = token(desk, credentials, visitor, form)
        return _formatted(answer, form, visitor)
    if name == f"{OAUTH}revoke":
        return revoke(desk, form)
    return _who(desk, visitor, exchange, path, form)


def _is_retired_bulk(path: str) -> bool:
    found = BULK.match(path)
    return found is not None and float(found[1]) < OLDEST


def _who(desk: Desk, visitor: Visitor, exchange: Exchange, path: str, form: Form) -> Answer:
    """userinfo and the identity URL; anything else is not there."""
    found = IDENTITY.match(path)
    if found is None and path.rstrip("/").lower() != f"{OAUTH}userinfo":
        return answer_of(not_found())
    given = bearer(visitor.authorization)
    given = given or form.get("oauth_token", "") or form.get("access_token", "")
    if not given:
        return denied("Missing_OAuth_Token")
    user = desk.sessions.user_of(given)
    if user is None:
        return denied(BAD_TOKEN)
    exchange.actor = desk.username(user)
    if found is None:
        return _formatted(userinfo(desk, visitor, user, form), form, visitor)
    exchange.template = "/id/{organization}/{user}"
    return _formatted(identity(desk, visitor, found[1], found[2], form), form, visitor)


def bearer(authorization: str) -> str:
    """Both `Bearer` and `OAuth` are known."""
    scheme, _, given = authorization.partition(" ")
    return given.strip() if scheme.lower() in ("bearer", "oauth") else ""


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _formatted(answer: Answer, form: Form, visitor: Visitor) -> Answer:
    """JSON, unless a form of the answer was asked for by `format` or the Accept header."""
    body = answer.body
    wish = form.get("format", "").lower()
    if not wish and "application/xml" in visitor.accept:
        wish = "xml"
    if not isinstance(body, dict) or wish not in ("xml", "urlencoded"):
        return answer
    if wish == "urlencoded":
        flat = {key: value for key, value in body.items() if isinstance(value, str)}
        kind, text = "application/x-www-form-urlencoded", urlencode(flat)
    else:
        root = "OAuth" if "token_type" in body or "error" in body else "user"
        kind = "application/xml"
        text = f'<?xml version="1.0" encoding="UTF-8"?><{root}>{_xml(body)}</{root}>'
    headers = {**answer.headers, "Content-Type": f"{kind};charset=UTF-8"}
    return Answer(status=answer.status, content=text.encode(), headers=headers)


def _xml(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{key}>{_xml(entry)}</{key}>" for key, entry in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else escape(str(value))
