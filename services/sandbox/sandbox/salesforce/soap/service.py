"""The SOAP API: login for the versions that have it, records for those that live."""

import re

from sandbox.frame import Exchange
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.signin.visitor import Visitor
from sandbox.salesforce.soap.envelope import Request, SoapFault, fault, read_request
from sandbox.salesforce.soap.login import login
from sandbox.salesforce.soap.operations import OPERATIONS, Operation

SOAP = re.compile(r"^/services/Soap/", re.IGNORECASE)
PATH = re.compile(r"^/services/Soap/([ucmt])/(\d{1,3}(?:\.\d)?)(?:/[^/]*)?/?$", re.IGNORECASE)
OLDEST, NEWEST_LOGIN = 31.0, 64.0
OTHER_KINDS = ("m", "t")
"""The Metadata and the Tooling API, of which no operation is here."""
NO_OPERATION = "No operation available for request"
BAD_VERSION = "Invalid Api version specified on URL"
ILLEGAL_SESSION = (
    "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing"
    " session key: "
)
HEADERS = {
    "CallOptions": ("sforce-call-options", ("client", "defaultNamespace")),
    "QueryOptions": ("sforce-query-options", ("batchSize",)),
    "DuplicateRuleHeader": (
        "sforce-duplicate-rule-header",
        ("allowSave", "includeRecordDetails", "runAsCurrentUser"),
    ),
}
"""Elements of the envelope's header that mean the same as a header of the REST API."""


def soap_answer(
    desk: Desk,
    credentials: Credentials,
    visitor: Visitor,
    exchange: Exchange,
    path: str,
    body: bytes,
) -> Answer:
    exchange.template = "/services/Soap/{kind}/{version}"
    match = PATH.match(path)
    kind = match[1].lower() if match else "u"
    version = float(match[2]) if match else 0.0
    try:
        if not OLDEST <= version <= float(desk.org.profile.salesforce_api_version):
            raise SoapFault("UNSUPPORTED_API_VERSION", BAD_VERSION)
        request = read_request(body)
        if kind in OTHER_KINDS:
            raise SoapFault("soapenv:Client", f"{NO_OPERATION} {request.name}")
        if request.name == "login":
            if version > NEWEST_LOGIN:
                raise SoapFault("UNSUPPORTED_API_VERSION", BAD_VERSION)
            answer, exchange.actor = login(
                desk, credentials, visitor, request, kind, f"{version:.1f}"
            )
            return answer
        return _operate(desk, visitor, exchange, request, kind, f"{version:.1f}", path)
    except SoapFault as error:
        return fault(kind, error)
    except Refusal as refusal:
        return fault(kind, SoapFault(refusal.code, refusal.message, kind=_fault_kind(refusal)))


def _operate(
    desk: Desk,
    visitor: Visitor,
    exchange: Exchange,
    request: Request,
    kind: str,
    version: str,
    path: str,
) -> Answer:
    if request.name not in OPERATIONS:
        raise SoapFault("soapenv:Client", f"{NO_OPERATION} {request.name}")
    session = request.header("SessionHeader", "sessionId")
    user = desk.sessions.user_of(session)
    if user is None:
        raise SoapFault("INVALID_SESSION_ID", ILLEGAL_SESSION + session[:15])
    exchange.actor = desk.username(user)
    desk.count_request()
    call = Call(
        method="POST",
        path=path,
        parts={},
        query={},
        headers=_headers(request),
        body=b"",
        base=visitor.base,
        version=version,
        user=user,
        mutations=exchange.mutations,
        channel="soap",
    )
    operation = Operation(desk=desk, call=call, request=request, kind=kind, session=session)
    return OPERATIONS[request.name](operation)


def _headers(request: Request) -> dict[str, str]:
    found: dict[str, str] = {}
    for element, (header, names) in HEADERS.items():
        given = [(name, request.header(element, name)) for name in names]
        text = ", ".join(f"{name}={value}" for name, value in given if value)
        if text:
            found[header] = text
    return found


def _fault_kind(refusal: Refusal) -> str:
    kinds = {
        "MALFORMED_QUERY": "MalformedQueryFault",
        "INVALID_FIELD": "InvalidFieldFault",
        "INVALID_TYPE": "InvalidSObjectFault",
        "MALFORMED_ID": "InvalidIdFault",
        "INVALID_QUERY_LOCATOR": "InvalidQueryLocatorFault",
    }
    return kinds.get(refusal.code, "UnexpectedErrorFault")
