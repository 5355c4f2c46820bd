"""The OpenAPI 3.0 form of the catalogue: the same schemas, and the operations on them."""

from collections.abc import Sequence

from sandbox.netsuite.account import ACCOUNT_ID, Work
from sandbox.netsuite.api.schemas import RESOURCE as NS_RESOURCE
from sandbox.netsuite.api.schemas import SCHEMA_ROOT, Types, components_of, shared
from sandbox.netsuite.api.wire import RESOURCE, Call
from sandbox.netsuite.catalog import RecordType
from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.records.transforms import STARTS
from sandbox.netsuite.roles import NEEDED, Level, rights_of
from sandbox.netsuite.values import Document, Value

VERSION = "3.0.1"
LOCAL = "#/components/schemas"
SINGULAR, COLLECTION = f"{RESOURCE}; type=singular", f"{RESOURCE}; type=collection"
VALIDATION: tuple[tuple[str, str], ...] = (
    ("X-NetSuite-PropertyNameValidation", "Warning"),
    ("X-NetSuite-PropertyValueValidation", "Error"),
)


def document_of(work: Work, call: Call, records: Sequence[RecordType]) -> Document:
    """References lead to the records of the document; all others are only resources in it."""
    types = {record.name.lower(): record for record in records}
    schemas: Document = dict(shared())
    paths: Document = {}
    for record in records:
        schemas |= dict(components_of(record, types))
        paths |= _paths(work, record, types)
    described = (
        f"NetSuite REST Record API generated on {work.now:%Y-%m-%dT%H:%M:%SZ} for account "
        f"{ACCOUNT_ID}, user {work.user.email} with role {work.user.role}."
    )
    return {
        "openapi": VERSION,
        "info": {"title": "NetSuite REST Record API", "description": described, "version": "v1"},
        "servers": [{"url": f"{call.base}/record/v1"}],
        "paths": paths,
        "components": {"schemas": {name: _local(schema) for name, schema in schemas.items()}},
    }


def _local(value: Value) -> Value:
    """The same schema with references inside the document."""
    if isinstance(value, dict):
        return {name: _local(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_local(one) for one in value]
    if isinstance(value, str) and value.startswith(f"{SCHEMA_ROOT}/"):
        return f"{LOCAL}/{value.rsplit('/', 1)[1]}"
    return value


def _paths(work: Work, record: RecordType, types: Types) -> Document:
    """Only what the caller's role may do."""
    level = rights_of(work.user).level(record.name)
    read_only = KINDS[record.name.lower()].reckoned
    collection: Document = {}
    single: Document = {}
    for method, summary, to in (
        ("GET", "Get list of records.", collection),
        ("POST", "Insert record.", collection),
        ("DELETE", "Remove record.", single),
        ("GET", "Get record.", single),
        ("PATCH", "Update record.", single),
        ("PUT", "Insert or update record.", single),
    ):
        if level >= NEEDED[method] and (method == "GET" or not read_only):
            to[method.lower()] = _operation(record.name, method, summary, of_one=to is single)
    paths: Document = {f"/{record.name}": collection, f"/{record.name}/{{id}}": single}
    for source, target in STARTS:
        if source == record.name and level >= Level.VIEW:
            known = target if target.lower() in types else NS_RESOURCE
            operation = _operation(known, "POST", f"Transform to {target}.", of_one=True)
            paths[f"/{source}/{{id}}/!transform/{target}"] = {"post": operation}
    return paths


def _operation(name: str, method: str, summary: str, *, of_one: bool) -> Document:
    parameters: list[Value] = []
    if of_one:
        parameters.append(_parameter("id", "path", "string", required=True))
    if method == "GET" and not of_one:
        parameters += [
            _parameter("q", "query", "string"),
            _parameter("limit", "query", "integer"),
            _parameter("offset", "query", "integer"),
        ]
    if method == "GET" and of_one:
        parameters += [
            _parameter("expandSubResources", "query", "boolean"),
            _parameter("simpleEnumFormat", "query", "boolean"),
            _parameter("fields", "query", "string"),
        ]
    body: Document = {"tags": [name], "summary": summary}
    if method in ("POST", "PATCH", "PUT"):
        parameters += [_validation(*one) for one in VALIDATION]
        parameters.append(_parameter("replace", "query", "string"))
        body["requestBody"] = {"description": "Request body.", "content": _content(name, SINGULAR)}
    body["parameters"] = parameters
    body["responses"] = _responses(name, method, of_one=of_one)
    return body


def _responses(name: str, method: str, *, of_one: bool) -> Document:
    media = f"{RESOURCE}; type=error"
    failed: Document = {"description": "Error response.", "content": _content("nsError", media)}
    if method != "GET":
        return {"204": {"description": "No content."}, "default": failed}
    named, media = (name, SINGULAR) if of_one else (f"{name}Collection", COLLECTION)
    return {"200": {"description": "OK", "content": _content(named, media)}, "default": failed}


def _content(name: str, media: str) -> Document:
    return {media: {"schema": {"$ref": f"{LOCAL}/{name}"}}}


def _parameter(name: str, where: str, kind: str, *, required: bool = False) -> Document:
    body: Document = {"name": name, "in": where, "schema": {"type": kind}}
    if required:
        body["required"] = True
    return body


def _validation(name: str, default: str) -> Document:
    choices: list[Value] = ["Error", "Warning", "Ignore"]
    return {
        "name": name,
        "in": "header",
        "schema": {"type": "string", "enum": choices, "default": default},
    }
