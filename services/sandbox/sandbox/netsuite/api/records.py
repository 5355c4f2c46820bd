"""The record service: collections, records, their parts, transformations."""

from urllib.parse import quote

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api import attachments, forms, options
from sandbox.netsuite.api.allowed import find_kind, require
from sandbox.netsuite.api.attachments import ATTACH, DETACH
from sandbox.netsuite.api.parts import read_part
from sandbox.netsuite.api.view import shown, view_of
from sandbox.netsuite.api.wire import (
    COLLECTION,
    PAGES_MAX,
    RESOURCE,
    Call,
    answer,
    page_links,
    page_of,
    write_of,
)
from sandbox.netsuite.errors import (
    NetSuiteError,
    bad_header,
    bad_parameter,
    no_such_type,
    not_allowed,
)
from sandbox.netsuite.kinds import Kind
from sandbox.netsuite.records.filters import filter_sql
from sandbox.netsuite.records.render import render
from sandbox.netsuite.records.service import create, delete, find_record, update, upsert
from sandbox.netsuite.records.transforms import find_target, transform
from sandbox.netsuite.store import Entry, table_of
from sandbox.netsuite.values import Document, Value

EXTERNAL, SEPARATOR = "eid:", "|"
"""An external id with this separator breaks an address: it can only be searched for."""
EXTERNAL_ID_SIGNS = frozenset("_-")
SCATTER = "(id * 7919) % 1009, id"
"""Collections come back in no useful order: a client that needs one must sort by SuiteQL."""
PREFER_NEEDED = (
    "The required request header 'Prefer' is missing. Use 'Prefer: respond-async' for a request"
    " with several records."
)


def handle(work: Work, call: Call) -> web.Response:
    """`call.parts` begins with record, v1 and the record type."""
    if len(call.parts) < 3:
        raise no_such_type("")
    kind = find_kind(work, call.parts[2])
    if call.parts[3:] and call.parts[3].startswith(EXTERNAL) and SEPARATOR in call.parts[3]:
        raise _bad_id(call.parts[3])
    match call.parts[3:]:
        case []:
            return _collection(work, call, kind)
        case [key]:
            return _record(work, call, kind, key)
        case [key, "!transform", target]:
            return _transform(work, call, kind, key, target)
        case [key, operation, _, _] if operation in (ATTACH, DETACH):
            _only(call, "POST")
            require(work, kind, "PATCH")
            return attachments.handle(work, call, find_record(work, kind, key), call.parts[4:])
        case [key, *path]:
            _only(call, "GET")
            require(work, kind, "GET")
            return read_part(work, call, find_record(work, kind, key), path)
    raise not_allowed()


def _only(call: Call, method: str) -> None:
    if call.method != method:
        raise not_allowed()


def _collection(work: Work, call: Call, kind: Kind) -> web.Response:
    if call.sends_collection() or call.query("ids") or call.flag("expandRecords"):
        raise bad_header("Prefer", PREFER_NEEDED)
    if call.method == "GET":
        require(work, kind, "GET")
        return _list(work, call, kind)
    _only(call, "POST")
    require(work, kind, "POST")
    if call.accepts(RESOURCE, options.TYPE):
        return options.handle(work, call, kind, None)
    if call.accepts(RESOURCE, forms.CREATE):
        return forms.create_form(work, call, kind)
    record = work.account.catalog[kind.path]
    return _written(call, create(work, kind, call.body(), write_of(call, record)), call.parts[2])


def _record(work: Work, call: Call, kind: Kind, key: str) -> web.Response:
    require(work, kind, call.method)
    record = work.account.catalog[kind.path]
    match call.method:
        case "GET":
            entry = find_record(work, kind, key)
            body = render(work, shown(work, entry), view_of(call, record), call.address)
            return answer(200, body)
        case "PATCH":
            entry = find_record(work, kind, key)
            if call.accepts(RESOURCE, options.TYPE):
                return options.handle(work, call, kind, entry)
            if call.accepts(RESOURCE, forms.EDIT):
                return forms.edit_form(work, call, entry)
            changed = update(work, entry, call.body(), write_of(call, record))
            return _written(call, changed, call.parts[2])
        case "PUT":
            external_id = read_external_id(key)
            entry = upsert(work, kind, external_id, call.body(), write_of(call, record))
            return _written(call, entry, call.parts[2])
        case "DELETE":
            delete(work, find_record(work, kind, key))
            return answer(204, None)
        case _:
            raise not_allowed()


def _transform(work: Work, call: Call, kind: Kind, key: str, target: str) -> web.Response:
    _only(call, "POST")
    require(work, kind, "GET")
    wanted = find_target(find_kind(work, target).name)
    require(work, wanted, "POST")
    source = find_record(work, kind, key)
    if call.accepts(RESOURCE, forms.CREATE):
        return forms.transform_form(work, call, source, wanted)
    write = write_of(call, work.account.catalog[wanted.path])
    return _written(call, transform(work, source, wanted, call.body(), write), target)


def read_external_id(key: str) -> str:
    """Upsert is by external id only; it holds letters, digits, `_` and `-`."""
    bare = key.removeprefix(EXTERNAL)
    fits = all(sign.isalnum() or sign in EXTERNAL_ID_SIGNS for sign in bare)
    if not key.startswith(EXTERNAL) or not bare or not fits:
        raise _bad_id(key)
    return bare


def _bad_id(key: str) -> NetSuiteError:
    return NetSuiteError(
        400,
        "INVALID_ID",
        f"Invalid record ID {key[:200]}. Use eid: with letters, digits, underscore and hyphen.",
        {"urlPath": key[:200]},
    )


def _written(call: Call, entry: Entry, name: str) -> web.Response:
    return answer(204, None, Location=f"{call.base}/record/v1/{name}/{entry.id}")


def _list(work: Work, call: Call, kind: Kind) -> web.Response:
    limit, offset = page_of(call)
    if offset // limit >= PAGES_MAX:
        raise bad_parameter("offset", f"A list has at most {PAGES_MAX} pages; narrow it with q.")
    query = call.query("q")
    condition, values = "1", list[object]()
    if query:
        condition, values = filter_sql(work, work.account.catalog[kind.path], query)
    where = f"FROM {table_of(kind.family)} WHERE kind = ? AND {condition}"
    total = work.connection.execute(f"SELECT count(*) {where}", [kind.name, *values]).fetchone()[0]
    rows = work.connection.execute(
        f"SELECT id {where} ORDER BY {SCATTER} LIMIT ? OFFSET ?",
        [kind.name, *values, limit, offset],
    ).fetchall()
    total = min(total, limit * PAGES_MAX)
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
