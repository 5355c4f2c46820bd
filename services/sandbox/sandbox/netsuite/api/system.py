"""The small services: the server's clock, the concurrency limits, the metadata catalogue."""

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.wire import PLAIN, Call, answer
from sandbox.netsuite.catalog import Property, RecordType, Shape
from sandbox.netsuite.errors import PERMISSION, NetSuiteError, no_such_type
from sandbox.netsuite.values import Document, Value

SCHEMA = "application/schema+json"
SWAGGER = "application/swagger+json"
CATALOGUE = "/record/v1/metadata-catalog"


def server_time(work: Work, call: Call) -> web.Response:
    text = f"{work.now:%Y-%m-%dT%H:%M:%S}.{work.now.microsecond // 1000:03}Z"
    return answer(200, {"serverTime": text})


def governance_limits(work: Work, call: Call, limit: int) -> web.Response:
    if not work.user.administrator:
        raise NetSuiteError(403, "INSUFFICIENT_PERMISSION", PERMISSION)
    body: Document = {
        "accountConcurrencyLimit": limit,
        "accountUnallocatedConcurrencyLimit": limit,
        "integrationLimitType": "accountLimit",
    }
    return answer(200, body)


def metadata(work: Work, call: Call) -> web.Response:
    """The list of record types, or one type's properties as JSON Schema."""
    if call.method != "GET":
        raise NetSuiteError(405, "METHOD_NOT_ALLOWED", "Use GET.")
    if len(call.parts) > 3:
        record = work.account.catalog.get(call.parts[3].lower())
        if record is None:
            raise no_such_type(call.parts[3])
        _refuse_swagger(call)
        return answer(200, _schema(record), SCHEMA)
    chosen = [name.strip().lower() for name in call.query("select").split(",") if name.strip()]
    for name in chosen:
        if name not in work.account.catalog:
            raise no_such_type(name)
    records = [
        record
        for name, record in sorted(work.account.catalog.items())
        if not chosen or name in chosen
    ]
    if SWAGGER in call.header("Accept"):
        _refuse_swagger(call)
    if SCHEMA in call.header("Accept"):
        schemas: Document = {record.name: _schema(record) for record in records}
        return answer(200, {"components": {"schemas": schemas}}, SCHEMA)
    items: list[Value] = [_listed(call, record) for record in records]
    links: list[Value] = [{"rel": "self", "href": call.address}]
    return answer(200, {"links": links, "items": items}, PLAIN)


def _refuse_swagger(call: Call) -> None:
    if SWAGGER in call.header("Accept"):
        raise NetSuiteError(
            406,
            "NOT_ACCEPTABLE",
            f"The catalogue is offered as {SCHEMA} and application/json only.",
            {"errorHeader": "Accept"},
        )


def _listed(call: Call, record: RecordType) -> Document:
    address = f"{call.base}{CATALOGUE}/{record.name}"
    return {
        "name": record.name,
        "links": [
            {"rel": "canonical", "href": address, "mediaType": "application/json"},
            {"rel": "alternate", "href": address, "mediaType": SCHEMA},
            {"rel": "describes", "href": f"{call.base}/record/v1/{record.name}"},
        ],
    }


def _schema(record: RecordType) -> Document:
    filterable: list[Value] = [
        item.name
        for item in record.properties.values()
        if item.filterable is not False and item.shape not in (Shape.SUBLIST, Shape.LINKS)
    ]
    properties: Document = {
        name: _property(item) for name, item in sorted(record.properties.items())
    }
    return {"type": "object", "properties": properties, "x-ns-filterable": filterable}


def _property(item: Property) -> Document:
    match item.shape:
        case Shape.LINKS:
            return {"type": "array", "items": {"$ref": f"/services/rest{CATALOGUE}/nsLink"}}
        case Shape.REFERENCE:
            target = item.target.split("|")[0]
            return {"$ref": f"/services/rest{CATALOGUE}/{target}"}
        case Shape.SUBLIST | Shape.MULTISELECT:
            return _described(item, "object")
        case Shape.SUBRECORD | Shape.ENUMERATION:
            return _described(item, "object")
        case Shape.BOOLEAN | Shape.INTEGER | Shape.NUMBER:
            return _described(item, item.shape.value)
        case _:
            return _described(item, "string")


def _described(item: Property, kind: str) -> Document:
    body: Document = {"title": item.title or item.name, "type": kind}
    if item.format:
        body["format"] = item.format
    if item.nullable is not None:
        body["nullable"] = item.nullable
    if item.values:
        choices: list[Value] = [*item.values]
        body["properties"] = {"id": {"type": "string", "enum": choices}}
    if item.custom:
        body["x-ns-custom-field"] = True
    return body
