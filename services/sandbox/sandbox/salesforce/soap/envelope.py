"""SOAP on the wire: what was asked, and how an answer or a fault is written."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from sandbox.salesforce.rest.call import Answer

XML = {"Content-Type": "text/xml;charset=UTF-8"}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
NAMESPACES = {"u": "partner", "c": "enterprise"}
BODY_BYTES_MAX = 10_000_000
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""Characters that XML cannot hold."""


class SoapFault(Exception):
    """What ends the whole call."""

    def __init__(self, code: str, message: str, *, kind: str = "UnexpectedErrorFault") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Request:
    """The element of the operation and the header's elements by their local names."""

    operation: ElementTree.Element
    headers: Mapping[str, ElementTree.Element]

    @property
    def name(self) -> str:
        return local(self.operation)

    def header(self, element: str, part: str) -> str:
        found = self.headers.get(element)
        return "" if found is None else text_of(found, part)


def local(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def text_of(element: ElementTree.Element, name: str) -> str:
    found = next((child for child in element if local(child) == name), None)
    return "" if found is None else (found.text or "").strip()


def texts_of(element: ElementTree.Element, name: str) -> list[str]:
    return [(child.text or "").strip() for child in element if local(child) == name]


def read_request(body: bytes) -> Request:
    """Raises SoapFault for what is no envelope with one operation in it."""
    if len(body) > BODY_BYTES_MAX or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SoapFault("soapenv:Client", "DTD are not supported by SOAP")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError) as error:
        raise SoapFault("soapenv:Client", f"Content is not allowed: {error}") from None
    if root.tag != f"{{{ENVELOPE}}}Envelope":
        raise SoapFault("soapenv:Client", f"No such element: {local(root)}")
    header = root.find(f"{{{ENVELOPE}}}Header")
    content = root.find(f"{{{ENVELOPE}}}Body")
    if content is None or len(content) == 0:
        raise SoapFault("soapenv:Client", "No operation available for request")
    headers = {local(child): child for child in header} if header is not None else {}
    return Request(content[0], headers)


def tag(name: str, value: str) -> str:
    return f"<{name}>{escape(FORBIDDEN.sub('', value))}</{name}>"


def nil(name: str) -> str:
    return f'<{name} xsi:nil="true"/>'


def reply(kind: str, content: str, more: str = "") -> Answer:
    """`content` is the XML inside the body; `more` further namespaces of the envelope."""
    text = (
        f'{DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}"'
        f' xmlns="urn:{NAMESPACES.get(kind, "partner")}.soap.sforce.com"'
        f' xmlns:xsi="{INSTANCE}"{more}><soapenv:Body>{content}</soapenv:Body></soapenv:Envelope>'
    )
    return Answer(content=text.encode(), headers=XML)


def fault(kind: str, error: SoapFault) -> Answer:
    """Status 500; faults of the platform carry a code, those of the protocol do not."""
    space = f"urn:fault.{NAMESPACES.get(kind, 'partner')}.soap.sforce.com"
    if ":" in error.code:
        code, words, detail = error.code, escape(error.message), ""
    else:
        code, words = f"sf:{error.code}", f"{error.code}: {escape(error.message)}"
        detail = (
            f'<detail><sf:{error.kind} xsi:type="sf:{error.kind}">'
            f"{tag('sf:exceptionCode', error.code)}{tag('sf:exceptionMessage', error.message)}"
            f"</sf:{error.kind}></detail>"
        )
    text = (
        f'{DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns:sf="{space}"'
        f' xmlns:xsi="{INSTANCE}"><soapenv:Body><soapenv:Fault><faultcode>{code}</faultcode>'
        f"<faultstring>{FORBIDDEN.sub('', words)}</faultstring>{detail}"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(status=500, content=text.encode(), headers=XML)
