"""An outbound message on the wire, and what its receiver may answer."""

from collections.abc import Iterable, Mapping
from xml.etree import ElementTree

from sandbox.salesforce.org import ORG_ID
from sandbox.salesforce.outbound.rules import Rule, text
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.soap.envelope import DECLARATION, ENVELOPE, INSTANCE, local, tag
from sandbox.salesforce.values import Row

NAMESPACE = "http://soap.sforce.com/2005/09/outbound"
OBJECTS = "urn:sobject.enterprise.soap.sforce.com"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/xml; charset=utf-8",
    "Accept": "text/xml",
    "SOAPAction": '""',
}


def envelope(
    rule: Rule,
    action: str,
    sobject: SObject,
    records: Iterable[tuple[str, Row]],
    *,
    base: str,
    session: str,
) -> bytes:
    """`records` are the ids of the notifications and the records as they read now."""
    root = f"{base}/services/Soap"
    parts = [
        f'{DECLARATION}\n<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns:xsd="{SCHEMA}"'
        f' xmlns:xsi="{INSTANCE}">\n <soapenv:Body>\n  <notifications xmlns="{NAMESPACE}">\n'
        f"   {tag('OrganizationId', ORG_ID)}\n   {tag('ActionId', action)}\n",
        f"   {tag('SessionId', session)}\n" if session else '   <SessionId xsi:nil="true"/>\n',
        f"   {tag('EnterpriseUrl', f'{root}/c/{rule.version}/{ORG_ID[:15]}')}\n",
        f"   {tag('PartnerUrl', f'{root}/u/{rule.version}/{ORG_ID[:15]}')}\n",
        *(_notification(rule, sobject, identifier, row) for identifier, row in records),
        "  </notifications>\n </soapenv:Body>\n</soapenv:Envelope>",
    ]
    return "".join(parts).encode()


def _notification(rule: Rule, sobject: SObject, identifier: str, row: Row) -> str:
    fields = (sobject.field(name) for name in rule.fields)
    values = ((field.name, text(field, row)) for field in fields if field is not None)
    lines = "".join(
        f"     {tag(f'sf:{name}', value)}\n" for name, value in values if value is not None
    )
    return (
        f"   <Notification>\n    {tag('Id', identifier)}\n"
        f'    <sObject xsi:type="sf:{sobject.name}" xmlns:sf="{OBJECTS}">\n{lines}'
        "    </sObject>\n   </Notification>\n"
    )


def complaint(status: int, body: bytes) -> str:
    """Why an answer is no acknowledgement; empty when it is one."""
    if status != 200:
        return f"The endpoint answered with the status {status}"
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError):
        return "SOAP response was not valid XML"
    found = next((element for element in root.iter() if local(element) == "Ack"), None)
    if found is None:
        return "SOAP response holds no acknowledgement"
    acknowledged = (found.text or "").strip().lower() in ("true", "1")
    return "" if acknowledged else "SOAP response was a nack"
