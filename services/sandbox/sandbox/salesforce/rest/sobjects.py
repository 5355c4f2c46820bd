"""Single records: create, read, update, delete, and upsert by external id."""

from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.ids import normal
from sandbox.salesforce.records import change, create, existing, find_by, remove, stored_row
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.conditional import check_preconditions, stamps, unchanged
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.run import attributes
from sandbox.salesforce.values import Stored, show, store
from sandbox.salesforce.work import Work

CREATED_SINCE = 46.0
"""From this version an upsert that updates answers 200 with a body, before it 204 without."""


def create_record(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    body = call.json_object()
    with desk.transaction(call) as work:
        identifier = create(work, sobject, body)
    return _created(call, sobject, identifier)


def read_record(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    row = stored_row(desk.org, sobject, call.parts["id"])
    return _read(call, sobject, row)


def _read(call: Call, sobject: SObject, row: Mapping[str, Stored]) -> Answer:
    known = unchanged(call, sobject, row)
    if known is not None:
        return known
    body = render(call.version, sobject, row, _wanted(sobject, call))
    return Answer(body=body, headers=stamps(sobject, row))


def update_record(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    body = call.json_object()
    with desk.transaction(call) as work:
        _check_state(work, call, sobject)
        change(work, sobject, call.parts["id"], body)
    return Answer(status=204)


def delete_record(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    with desk.transaction(call) as work:
        _check_state(work, call, sobject)
        remove(work, sobject, call.parts["id"])
    return Answer(status=204)


def _check_state(work: Work, call: Call, sobject: SObject) -> None:
    if "if-match" in call.headers or "if-unmodified-since" in call.headers:
        check_preconditions(call, sobject, existing(work, sobject, call.parts["id"]))


def read_by_external_id(desk: Desk, call: Call) -> Answer:
    sobject, field = _external(desk, call)
    with desk.transaction(call) as work:
        identifier = _only(call, sobject, _matching(work, sobject, field, call.parts["value"]))
        if isinstance(identifier, Answer):
            return identifier
        row = existing(work, sobject, identifier)
    return _read(call, sobject, row)


def delete_by_external_id(desk: Desk, call: Call) -> Answer:
    sobject, field = _external(desk, call)
    with desk.transaction(call) as work:
        identifier = _only(call, sobject, _matching(work, sobject, field, call.parts["value"]))
        if isinstance(identifier, Answer):
            return identifier
        remove(work, sobject, identifier)
    return Answer(status=204)


def upsert_record(desk: Desk, call: Call) -> Answer:
    """201 created, 200 (or 204) updated, 300 several, 404 no such external id field."""
    sobject, field = _external(desk, call)
    body = call.json_object()
    if any(name.lower() == field.name.lower() for name in body):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise Refusal("INVALID_FIELD", message, fields=[field.name])
    with desk.transaction(call) as work:
        ids = _matching(work, sobject, field, call.parts["value"])
        if len(ids) > 1:
            return _several(call, sobject, ids)
        if ids:
            change(work, sobject, ids[0], body)
            return _updated(call, ids[0])
        if field.type == "id" or call.query.get("updateOnly", "").lower() == "true":
            raise not_found()
        identifier = create(work, sobject, body | {field.name: call.parts["value"]})
    return _created(call, sobject, identifier, upsert=True)


def create_by_id_field(desk: Desk, call: Call) -> Answer:
    """POST …/X/Id: an upsert by Id that can only create."""
    answer = create_record(desk, call)
    body = answer.body
    if isinstance(body, dict):
        body["created"] = True
    return answer


def _external(desk: Desk, call: Call) -> tuple[SObject, Field]:
    sobject = desk.sobject(call.parts["object"], call.user)
    return sobject, external_field(sobject, call.parts["field"])


def external_field(sobject: SObject, name: str) -> Field:
    field = sobject.field(name)
    if field is None or not field.id_lookup:
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise not_found(message)
    return field


def _matching(work: Work, sobject: SObject, field: Field, value: str) -> list[str]:
    return find_by(work, sobject, field, store(field, value))


def _only(call: Call, sobject: SObject, ids: list[str]) -> str | Answer:
    if not ids:
        raise not_found()
    return ids[0] if len(ids) == 1 else _several(call, sobject, ids)


def _several(call: Call, sobject: SObject, ids: list[str]) -> Answer:
    return Answer(status=300, body=[_url(call, sobject, identifier) for identifier in ids])


def _url(call: Call, sobject: SObject, identifier: str) -> str:
    return f"/services/data/v{call.version}/sobjects/{sobject.name}/{identifier}"


def _updated(call: Call, identifier: str) -> Answer:
    if call.api_version < CREATED_SINCE:
        return Answer(status=204)
    return Answer(body={"id": identifier, "success": True, "errors": [], "created": False})


def _created(call: Call, sobject: SObject, identifier: str, *, upsert: bool = False) -> Answer:
    body: dict[str, object] = {"id": identifier, "success": True, "errors": []}
    if upsert and call.api_version >= CREATED_SINCE:
        body["created"] = True
    return Answer(status=201, body=body, headers={"Location": _url(call, sobject, identifier)})


def _wanted(sobject: SObject, call: Call) -> list[Field]:
    names = call.query.get("fields", "")
    if not names:
        return list(sobject.fields)
    return fields_named(sobject, names.split(","))


def fields_named(sobject: SObject, names: list[str]) -> list[Field]:
    found = []
    for name in names:
        field = sobject.field(name.strip())
        if field is None:
            message = (
                f"No such column '{name.strip()}' on entity '{sobject.name}'. If you are attempting"
                " to use a custom field, be sure to append the '__c' after the custom field name."
                " Please reference your WSDL or the describe call for the appropriate names."
            )
            raise Refusal("INVALID_FIELD", message)
        found.append(field)
    return found


def render(
    version: str, sobject: SObject, row: Mapping[str, Stored], fields: list[Field]
) -> dict[str, object]:
    identifier = normal(str(row["Id"]))
    record: dict[str, object] = {"attributes": attributes(version, sobject, identifier)}
    for field in fields:
        record[field.name] = (
            show(field, row[field.name]) if field.stored else _compound(sobject, field, row)
        )
    record.setdefault("Id", identifier)
    return record


def _compound(
    sobject: SObject, field: Field, row: Mapping[str, Stored]
) -> dict[str, object] | None:
    stem = field.name.removesuffix("Address")
    parts = [part for part in sobject.fields if part.compound == field.name]
    values = {}
    for part in sorted(parts, key=lambda part: part.name.removeprefix(stem).lower()):
        key = part.name.removeprefix(stem)
        values[key[0].lower() + key[1:]] = show(part, row[part.name])
    return values if any(value is not None for value in values.values()) else None
