"""A contact that NetSuite has already, under nobody's external id: taken over and not doubled."""

from collections.abc import Mapping, Sequence

from kernel.exact_json import Json
from kernel.messages import WriteCommand
from kernel.records import RecordRef, source_of_external_id
from kernel.values import Document
from netsuite_writer.domain.replies import Kind, Meaning
from netsuite_writer.domain.requests import JsonObject

CONTACT, EXTERNAL_ID = "contact", "externalId"
TWICE, TAKEN = "CONTACT_TWICE", "CONTACT_TAKEN"


def twin_of(command: WriteCommand, opened: Document) -> Mapping[str, str | int]:
    """By what a contact is found that is the same: its e-mail in its company. Empty for records
    that have no such thing."""
    email, company = opened.fields.get("email"), opened.fields.get("company.id")
    is_new = command.target.kind == CONTACT and command.target.external_id is not None
    if not (is_new and isinstance(email, str) and email and str(company).isdigit()):
        return {}
    return {"email": email, "company": int(str(company)), "isinactive": "F"}


def several_twins(found: Sequence[str]) -> Meaning:
    return Meaning(kind=Kind.REFUSED, code=TWICE, error=", ".join(found))


def another_ones(target: RecordRef, twin: Mapping[str, Json]) -> Meaning | None:
    """What forbids to take the twin over: somebody else's external id."""
    given = twin.get(EXTERNAL_ID)
    if given in {None, "", target.external_id}:
        return None
    source = source_of_external_id(str(given))
    holder = f"{source.kind} {source.id}" if source else f"external id {given}"
    return Meaning(kind=Kind.REFUSED, code=TAKEN, error=str(twin.get("id", "")), pointer=holder)


def taking_over(command: WriteCommand, body: JsonObject, record: Mapping[str, Json]) -> JsonObject:
    """The record bears our external id from then on."""
    external_id = command.target.external_id
    if command.target.kind != CONTACT or not external_id or command.target.mark:
        return body
    return body if record.get(EXTERNAL_ID) == external_id else {**body, EXTERNAL_ID: external_id}
