"""Up to 200 records a call: insert, update, upsert, delete, retrieve; all, or each on its own."""

from collections.abc import Callable, Mapping, Sequence

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.records import change, create, find_by, remove
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.sobjects import external_field, fields_named, render
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.values import store
from sandbox.salesforce.work import Work

RECORDS_MAX = 200
RETRIEVE_MAX = 2000
CHUNKS_MAX = 10
Row = Mapping[str, object]
Result = dict[str, object]
Save = Callable[[Work, Row], Result]
ROLLED_BACK = Refusal(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone"
    " header",
)


class _Undo(Exception):
    """Takes back the whole collection."""


def insert_records(desk: Desk, call: Call) -> Answer:
    body = call.json_object()
    return _run(
        desk, call, _records(body), _all_or_none(body), lambda work, row: _insert(desk, work, row)
    )


def update_records(desk: Desk, call: Call) -> Answer:
    body = call.json_object()
    return _run(
        desk, call, _records(body), _all_or_none(body), lambda work, row: _update(desk, work, row)
    )


def upsert_records(desk: Desk, call: Call) -> Answer:
    body = call.json_object()
    sobject = desk.sobject(call.parts["object"], call.user)
    field = external_field(sobject, call.parts["field"])
    return _run(
        desk,
        call,
        _records(body),
        _all_or_none(body),
        lambda work, row: _upsert(work, sobject, field, row),
        failed={"created": True},
    )


def delete_records(desk: Desk, call: Call) -> Answer:
    ids = [text for text in call.query.get("ids", "").split(",") if text]
    all_or_none = call.query.get("allOrNone", "").lower() == "true"
    rows: list[Row] = [{"id": identifier} for identifier in ids]
    return _run(desk, call, rows, all_or_none, lambda work, row: _delete(desk, work, row))


def retrieve_records(desk: Desk, call: Call) -> Answer:
    """In the order of the ids; what is not there is null."""
    sobject = desk.sobject(call.parts["object"], call.user)
    ids, names = _retrieval(call)
    fields = fields_named(sobject, names)
    found: list[object] = []
    for identifier in ids:
        if not is_id(identifier):
            raise Refusal("MALFORMED_ID", f"malformed id {identifier}")
        row = desk.org.row(sobject, normal(identifier))
        gone = row is None or bool(row.get("IsDeleted"))
        found.append(None if gone or row is None else render(call.version, sobject, row, fields))
    return Answer(body=found)


def _retrieval(call: Call) -> tuple[list[str], list[str]]:
    if call.method == "GET":
        ids, names = (call.query.get(key, "").split(",") for key in ("ids", "fields"))
    else:
        body = call.json_object()
        ids, names = (_texts(body.get(key)) for key in ("ids", "fields"))
    if len(ids) > RETRIEVE_MAX:
        message = f"record limit reached. cannot submit more than {RETRIEVE_MAX} records"
        raise Refusal("EXCEEDED_ID_LIMIT", message)
    return ids, names


def _texts(value: object) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list) else []


def _records(body: Mapping[str, object]) -> list[Row]:
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        message = "Missing or invalid value for the required field: records"
        raise Refusal("JSON_PARSER_ERROR", message)
    return records


def _all_or_none(body: Mapping[str, object]) -> bool:
    return body.get("allOrNone") is True


def _run(
    desk: Desk,
    call: Call,
    rows: Sequence[Row],
    all_or_none: bool,
    save: Save,
    failed: Mapping[str, object] | None = None,
) -> Answer:
    """`failed` is added to the result of a record that was rolled back with the others."""
    _check_size(rows)
    results: list[Result] = []
    try:
        with desk.transaction(call) as work:
            results += [_one(work, row, save, failed or {}) for row in rows]
            if all_or_none and not all(result["success"] for result in results):
                raise _Undo
    except _Undo:
        results = [
            {"success": False, "errors": [ROLLED_BACK.row()], **(failed or {})}
            if result["success"]
            else result
            for result in results
        ]
    return Answer(body=results)


def _check_size(rows: Sequence[Row]) -> None:
    if len(rows) > RECORDS_MAX:
        message = (
            f"record limit reached. cannot submit more than {RECORDS_MAX} records in this request"
        )
        raise Refusal("EXCEEDED_ID_LIMIT", message)
    types = [_type_of(row).lower() for row in rows]
    chunks = sum(1 for one, other in zip(types, [None, *types], strict=False) if one != other)
    if chunks > CHUNKS_MAX:
        message = f"Cannot have more than {CHUNKS_MAX} chunks in a single operation."
        raise Refusal("INVALID_BATCH_REQUEST", message)


def _one(work: Work, row: Row, save: Save, failed: Mapping[str, object]) -> Result:
    try:
        with work.attempt():
            return save(work, row)
    except Refusal as refusal:
        if refusal.code == "NOT_FOUND":
            refusal = Refusal("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        return {"success": False, "errors": [refusal.row()], **failed}


def _type_of(row: Row) -> str:
    attributes = row.get("attributes")
    return str(attributes.get("type") or "") if isinstance(attributes, Mapping) else ""


def _sobject(desk: Desk, work: Work, row: Row) -> SObject:
    name = _type_of(row)
    found = desk.org.metadata.view(work.user).find(name)
    if found is None:
        message = f"sObject type '{name}' is not supported."
        raise Refusal("INVALID_TYPE", message)
    return found


def _own_id(row: Row) -> str:
    """Clients write `id` or `Id`."""
    for name, value in row.items():
        if name.lower() == "id" and value is not None:
            return str(value)
    return ""


def _without_id(row: Row) -> Row:
    return {name: value for name, value in row.items() if name.lower() != "id"}


def _checked_id(row: Row) -> str:
    identifier = _own_id(row)
    if not identifier:
        raise Refusal("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
    if not is_id(identifier):
        message = f"Record ID: id value of incorrect type: {identifier}"
        raise Refusal("MALFORMED_ID", message, fields=["Id"])
    return normal(identifier)


def _saved(identifier: str) -> Result:
    return {"id": identifier, "success": True, "errors": []}


def _insert(desk: Desk, work: Work, row: Row) -> Result:
    if _own_id(row):
        message = "cannot specify Id in an insert call"
        raise Refusal("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=["Id"])
    return _saved(create(work, _sobject(desk, work, row), _without_id(row)))


def _update(desk: Desk, work: Work, row: Row) -> Result:
    identifier = _checked_id(row)
    change(work, _sobject(desk, work, row), identifier, _without_id(row))
    return _saved(identifier)


def _upsert(work: Work, sobject: SObject, field: Field, row: Row) -> Result:
    if field.type == "id":
        return _upsert_by_id(work, sobject, row)
    value = next((entry for name, entry in row.items() if name.lower() == field.name.lower()), None)
    if value is None:
        message = f"{field.name} not specified"
        raise Refusal("MISSING_ARGUMENT", message, fields=[field.name])
    ids = find_by(work, sobject, field, store(field, value))
    if len(ids) > 1:
        message = (
            f"{field.name}: more than one record found for external id field: [{', '.join(ids)}]"
        )
        raise Refusal("DUPLICATE_EXTERNAL_ID", message, fields=[field.name])
    if ids:
        rest = {name: entry for name, entry in row.items() if name.lower() != field.name.lower()}
        change(work, sobject, ids[0], _without_id(rest))
        return _saved(ids[0]) | {"created": False}
    return _saved(create(work, sobject, _without_id(row))) | {"created": True}


def _upsert_by_id(work: Work, sobject: SObject, row: Row) -> Result:
    """Without an id it creates."""
    if not _own_id(row):
        return _saved(create(work, sobject, _without_id(row))) | {"created": True}
    identifier = _checked_id(row)
    change(work, sobject, identifier, _without_id(row))
    return _saved(identifier) | {"created": False}


def _delete(desk: Desk, work: Work, row: Row) -> Result:
    identifier = _checked_id(row)
    sobject = desk.org.metadata.view(work.user).by_prefix(identifier)
    if sobject is None:
        raise Refusal("MALFORMED_ID", f"malformed id {identifier}", fields=())
    remove(work, sobject, identifier)
    return _saved(identifier)
