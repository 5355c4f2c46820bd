"""The record service: collections, records, their parts, transformations."""

from urllib.parse import quote

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.wire import (
    COLLECTION,
    Call,
    answer,
    page_links,
    page_of,
    write_of,
)
from sandbox.netsuite.catalog import Shape
from sandbox.netsuite.errors import NetSuiteError, bad_parameter, no_such_type, not_found
from sandbox.netsuite.kinds import Kind, kind_of
from sandbox.netsuite.records.computed import with_choices, with_computed
from sandbox.netsuite.records.filters import filter_sql
from sandbox.netsuite.records.render import (
    View,
    line_key,
    render,
    render_line,
    render_sublist,
)
from sandbox.netsuite.records.service import create, delete, find_record, update, upsert
from sandbox.netsuite.records.transforms import find_target, transform
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value, lines

TRANSFORM = "!transform"
EXTERNAL_ID_SIGNS = frozenset("_-")
SCATTER = "(id * 7919) % 1009, id"
"""Collections come back in no useful order: a client that needs one must sort by SuiteQL."""


def handle(work: Work, call: Call) -> web.Response:
    """`call.parts` begins with record, v1 and the record type."""
    kind = kind_of(call.parts[2]) if len(call.parts) > 2 else None
    if kind is None or kind.path not in work.account.catalog:
        raise no_such_type(call.parts[2] if len(call.parts) > 2 else "")
    rest = call.parts[3:]
    _refuse_asynchronous(call)
    if not rest:
        return _collection(work, call, kind)
    if len(rest) == 3 and rest[1] == TRANSFORM and call.method == "POST":
        source = find_record(work, kind, rest[0])
        entry = transform(work, source, find_target(rest[2]), call.body(), write_of(call))
        return _written(call, entry, f"{call.base}/record/v1/{rest[2]}")
    if len(rest) == 1:
        return _record(work, call, kind, rest[0])
    if call.method != "GET" or len(rest) > 3:
        raise _not_allowed()
    return _part(work, call, find_record(work, kind, rest[0]), rest[1:])


def _refuse_asynchronous(call: Call) -> None:
    if "respond-async" in call.header("Prefer").lower():
        raise NetSuiteError(
            400,
            "INVALID_HEADER",
            "This account answers at once; asynchronous requests are not offered.",
            {"errorHeader": "Prefer"},
        )
    if "type=collection" in call.header("Content-Type").lower().replace(" ", ""):
        raise NetSuiteError(
            400,
            "INVALID_HEADER",
            "This account takes one record a request.",
            {"errorHeader": "Content-Type"},
        )


def _not_allowed() -> NetSuiteError:
    return NetSuiteError(405, "METHOD_NOT_ALLOWED", "The method is not allowed on this resource.")


def _collection(work: Work, call: Call, kind: Kind) -> web.Response:
    if call.method == "GET":
        return _list(work, call, kind)
    if call.method != "POST":
        raise _not_allowed()
    entry = create(work, kind, call.body(), write_of(call))
    return _written(call, entry, f"{call.base}/record/v1/{call.parts[2]}")


def _record(work: Work, call: Call, kind: Kind, key: str) -> web.Response:
    address = f"{call.base}/record/v1/{call.parts[2]}"
    match call.method:
        case "GET":
            return _read(work, call, find_record(work, kind, key))
        case "PATCH":
            entry = update(work, find_record(work, kind, key), call.body(), write_of(call))
            return _written(call, entry, address)
        case "PUT":
            external_id = _external_id(key)
            entry = upsert(work, kind, external_id, call.body(), write_of(call))
            return _written(call, entry, address)
        case "DELETE":
            delete(work, find_record(work, kind, key))
            return answer(204, None)
        case _:
            raise _not_allowed()


def _external_id(key: str) -> str:
    """Upsert is by external id only; it holds letters, digits, `_` and `-`."""
    bare = key.removeprefix("eid:")
    fits = all(sign.isalnum() or sign in EXTERNAL_ID_SIGNS for sign in bare)
    if not key.startswith("eid:") or not bare or not fits:
        raise NetSuiteError(
            400,
            "INVALID_ID",
            f"Invalid record ID {key[:200]}. Use eid: with letters, digits, underscore and hyphen.",
            {"urlPath": key[:200]},
        )
    return bare


def _written(call: Call, entry: Entry, address: str) -> web.Response:
    return answer(204, None, Location=f"{address}/{entry.id}")


def _view(call: Call) -> View:
    fields = call.query("fields")
    expand = call.flag("expandSubResources")
    if fields and expand:
        raise bad_parameter(
            "fields", "The parameters fields and expandSubResources cannot be used together."
        )
    return View(
        base=f"{call.base}/record/v1",
        expand=expand,
        simple_enumerations=call.flag("simpleEnumFormat"),
        fields=frozenset(name.strip() for name in fields.split(",")) if fields else None,
    )


def _read(work: Work, call: Call, entry: Entry) -> web.Response:
    whole = with_choices(work, with_computed(work, entry))
    return answer(200, render(work, whole, _view(call), call.address))


def _part(work: Work, call: Call, entry: Entry, path: list[str]) -> web.Response:
    """A sublist, one of its lines, or a subrecord."""
    entry = with_choices(work, with_computed(work, entry))
    properties = work.account.catalog[entry.kind.path].properties
    item = properties.get(path[0])
    if item is None or item.shape not in (Shape.SUBLIST, Shape.SUBRECORD, Shape.MULTISELECT):
        raise not_found()
    if len(path) == 1:
        body = render_sublist(work, entry, path[0], _view(call), call.address)
        return answer(200, body, COLLECTION)
    for line in lines(entry.document, path[0]):
        if path[1] in (line_key(path[0], line), str(line.get("line"))):
            return answer(200, render_line(work, entry, path[0], line, _view(call)))
    raise not_found()


def _list(work: Work, call: Call, kind: Kind) -> web.Response:
    limit, offset = page_of(call)
    query = call.query("q")
    condition, values = "1", list[object]()
    if query:
        condition, values = filter_sql(work, work.account.catalog[kind.path], query)
    where = f"FROM _record WHERE kind = ? AND {condition}"
    total = work.connection.execute(f"SELECT count(*) {where}", [kind.name, *values]).fetchone()[0]
    rows = work.connection.execute(
        f"SELECT id {where} ORDER BY {SCATTER} LIMIT ? OFFSET ?",
        [kind.name, *values, limit, offset],
    ).fetchall()
    address = f"{call.base}/record/v1/{kind.path}"
    items: list[Value] = [
        {"links": [{"rel": "self", "href": f"{address}/{row[0]}"}], "id": str(row[0])}
        for row in rows
    ]
    base = f"{address}?q={quote(query)}" if query else address
    body: Document = {
        "links": [*page_links(call, base, limit, offset, total)],
        "count": len(items),
        "hasMore": offset + limit < total,
        "items": items,
        "offset": offset,
        "totalResults": total,
    }
    return answer(200, body, COLLECTION)
