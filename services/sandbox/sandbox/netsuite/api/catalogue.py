"""The metadata catalogue: a list, JSON Schema and OpenAPI, as true as the caller's role."""

from collections.abc import Iterator

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.allowed import seen
from sandbox.netsuite.api.openapi import document_of
from sandbox.netsuite.api.schemas import SCHEMA_ROOT, component, components_of, shared
from sandbox.netsuite.api.wire import PLAIN, Call, answer
from sandbox.netsuite.catalog import RecordType
from sandbox.netsuite.errors import no_such_type, not_allowed
from sandbox.netsuite.values import Document, Value

SCHEMA = "application/schema+json"
SWAGGER = "application/swagger+json"
JSON = "application/json"


def handle(work: Work, call: Call) -> web.Response:
    if call.method != "GET":
        raise not_allowed("Use GET.")
    types = seen(work)
    if len(call.parts) == 4:
        return _one(work, call, types, call.parts[3])
    if len(call.parts) > 4:
        raise no_such_type("/".join(call.parts[3:]))
    chosen = list(_chosen(call, types))
    if call.accepts(SWAGGER):
        return answer(200, document_of(work, call, chosen), SWAGGER)
    if call.accepts(SCHEMA):
        schemas: Document = dict(shared())
        subset = {record.name.lower(): record for record in chosen}
        for record in chosen:
            schemas |= dict(components_of(record, subset))
        return answer(200, {"components": {"schemas": schemas}}, SCHEMA)
    items: list[Value] = [_listed(call, record) for record in chosen]
    return answer(200, {"items": items}, PLAIN)


def _chosen(call: Call, types: dict[str, RecordType]) -> Iterator[RecordType]:
    wanted = [name.lower() for name in call.names("select")]
    for name in wanted:
        if name not in types:
            raise no_such_type(name)
    for name in sorted(types):
        if not wanted or name in wanted:
            yield types[name]


def _one(work: Work, call: Call, types: dict[str, RecordType], name: str) -> web.Response:
    """A record type, or one of the components that its schema refers to."""
    record = types.get(name.lower())
    if record is None:
        found = component(name, types)
        if found is None:
            raise no_such_type(name)
        return answer(200, found, SCHEMA)
    if call.accepts(SWAGGER):
        return answer(200, document_of(work, call, [record]), SWAGGER)
    if call.accepts(JSON) and not call.accepts(SCHEMA):
        return answer(200, _listed(call, record), PLAIN)
    return answer(200, dict(components_of(record, types))[record.name], SCHEMA)


def _listed(call: Call, record: RecordType) -> Document:
    address = f"{call.origin}{SCHEMA_ROOT}/{record.name}"
    return {
        "name": record.name,
        "links": [
            {"rel": "canonical", "href": address, "mediaType": JSON},
            {"rel": "alternate", "href": address, "mediaType": SWAGGER},
            {"rel": "alternate", "href": address, "mediaType": SCHEMA},
            {"rel": "describes", "href": f"{call.base}/record/v1/{record.name}"},
        ],
    }
