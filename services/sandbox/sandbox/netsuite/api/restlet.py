"""RESTlets: the host path of scripts, and the one script that this project ships."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.allowed import find_kind, require
from sandbox.netsuite.api.attachments import FILE, attach
from sandbox.netsuite.api.view import shown
from sandbox.netsuite.api.wire import Call, respond
from sandbox.netsuite.catalog import Property, Shape, spelled
from sandbox.netsuite.errors import RESOURCE, NetSuiteError
from sandbox.netsuite.kinds import Kind
from sandbox.netsuite.records.merge import Wish
from sandbox.netsuite.records.service import Write, create, delete, find_record, update
from sandbox.netsuite.records.voiding import void
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value, dump, lines, load, ref, text

PATH = "/app/site/hosting/restlet.nl"
SCRIPT, DEPLOYMENT = "customscript_tallystick_restlet", "customdeploy_tallystick_restlet"
SCRIPTS, DEPLOYMENTS = frozenset({"1451", SCRIPT}), frozenset({"1", DEPLOYMENT})
METHODS = frozenset({"GET", "POST", "PUT", "DELETE"})
MEDIA = ("application/json", "text/plain", "")
FILE_BYTES_MAX = 10 * 1024 * 1024
FILE_NAME = re.compile(r"[^/\\\x00-\x1f]{1,99}")
DEFAULT_FOLDER = "SuiteScripts/tallystick/files"
LIMIT = ("SSS_REQUEST_LIMIT_EXCEEDED", "The maximum number of concurrent requests was exceeded.")
CODES = {
    "NONEXISTENT_ID": ("RCRD_DSNT_EXIST", "That record does not exist."),
    "NOT_FOUND": ("INVALID_RCRD_TYPE", ""),
    "INVALID_CONTENT": ("INVALID_FLD_VALUE", ""),
    "INSUFFICIENT_PERMISSION": ("INSUFFICIENT_PERMISSION", ""),
    "INVALID_LOGIN": ("INVALID_LOGIN_ATTEMPT", "Invalid login attempt."),
}
"""How scripts name what the record service names otherwise."""
Operation = Callable[[Work, Document], Document]


class ScriptError(Exception):
    """What a script throws, or what keeps it from running."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def refused(status: int, code: str, message: str, **headers: str) -> web.Response:
    body = dump({"error": {"code": code, "message": message}})
    return respond(status, body, "application/json;charset=utf-8", headers)


def refused_error(error: NetSuiteError) -> web.Response:
    """The record service's refusal as a script passes it on."""
    code, message = CODES.get(error.code, (error.code, ""))
    status = error.status if error.status in (401, 403) else 400
    detail = message or error.detail.removeprefix(RESOURCE)
    return refused(status, code, detail, **error.headers)


def handle(work: Work, call: Call) -> web.Response:
    work.account = work.account.in_script
    try:
        _check(call)
        body = _parameters(call) if call.method in ("GET", "DELETE") else _body(call)
        answered = _operation(call, body)(work, body)
    except ScriptError as error:
        return refused(error.status, error.code, error.message)
    return respond(200, dump(answered), "application/json;charset=utf-8")


def _check(call: Call) -> None:
    script, deployment = call.query("script"), call.query("deploy")
    if not script or not deployment:
        missing = "deploy" if script else "script"
        raise ScriptError(
            "SSS_MISSING_REQD_ARGUMENT", f"Missing a required argument: {missing}", 404
        )
    if script not in SCRIPTS or deployment not in DEPLOYMENTS:
        raise ScriptError(
            "SSS_INVALID_SCRIPTLET_ID",
            "That Suitelet is invalid, disabled, or no longer exists.",
        )
    if call.method not in METHODS:
        raise ScriptError("METHOD_NOT_ALLOWED", "The method is not defined in the script.", 405)
    media = call.header("Content-Type").partition(";")[0].strip().lower()
    if call.method in ("POST", "PUT") and media not in MEDIA:
        raise ScriptError("UNSUPPORTED_MEDIA_TYPE", "Only JSON, XML and text are supported.", 415)


def _parameters(call: Call) -> Document:
    return {name: value for name, value in call.pairs() if name not in ("script", "deploy")}


def _body(call: Call) -> Document:
    try:
        value = load(call.raw)
    except (ValueError, RecursionError) as error:
        raise ScriptError("SYNTAX_ERROR", "The body is not valid JSON.") from error
    if not isinstance(value, dict):
        raise ScriptError("INVALID_REQUEST", "Send one JSON object.")
    return value


def _operation(call: Call, body: Document) -> Operation:
    usual = {"GET": "get", "DELETE": "delete"}.get(call.method, "upsert")
    name = text(body, "operation") or usual
    found = OPERATIONS.get(name)
    if found is None:
        known = ", ".join(OPERATIONS)
        raise ScriptError("INVALID_REQUEST", f"operation: {name[:100]} is none of {known}.")
    return found


def _upsert(work: Work, body: Document) -> Document:
    kind = _kind(work, body)
    external_id = text(body, "externalId")
    if not external_id:
        raise ScriptError("MISSING_REQD_ARGUMENT", "externalId: name the record by it.")
    require(work, kind, "PUT")
    held = work.store.by_external_id(kind.family, external_id)
    wish = Wish(replace=frozenset(_listed(body)))
    write = Write(wish=wish)
    fields = _fields(work, kind, body)
    if held is None:
        entry = create(work, kind, fields, write, external_id=external_id)
    elif held.kind.name == kind.name:
        entry = update(work, held, fields, write)
    else:
        raise ScriptError("DUP_RCRD", "The external id belongs to another record type.")
    return {"id": str(entry.id), "type": kind.path, "created": held is None}


def _get(work: Work, body: Document) -> Document:
    kind = _kind(work, body)
    require(work, kind, "GET")
    entry = _find(work, kind, body)
    whole = shown(work, entry)
    properties = work.account.catalog[kind.path].properties
    listed: Document = {}
    for name, item in properties.items():
        if item.shape is Shape.SUBLIST and whole.document.get(name):
            rows: list[Value] = [
                _script_values(item.inner, line) for line in lines(whole.document, name)
            ]
            listed[name.lower()] = rows
    return {
        "id": str(entry.id),
        "type": kind.path,
        "externalId": entry.external_id,
        "values": _script_values(properties, whole.document),
        "lines": listed,
    }


def _delete(work: Work, body: Document) -> Document:
    kind = _kind(work, body)
    require(work, kind, "DELETE")
    entry = _find(work, kind, body)
    delete(work, entry)
    return {"id": str(entry.id), "type": kind.path}


def _void(work: Work, body: Document) -> Document:
    """As the script's `transaction.void` does."""
    kind = _kind(work, body)
    require(work, kind, "PATCH")
    entry = void(work, _find(work, kind, body))
    return {"id": str(entry.id), "type": kind.path}


def _attach(work: Work, body: Document) -> Document:
    """Keeps a file in the file cabinet and attaches it to the record."""
    kind = _kind(work, body)
    require(work, kind, "PATCH")
    entry = _find(work, kind, body)
    sent = body.get("file")
    file: Document = sent if isinstance(sent, dict) else {}
    name = text(file, "name")
    if not FILE_NAME.fullmatch(name):
        raise ScriptError("MISSING_REQD_ARGUMENT", "file.name: give the file a name.")
    try:
        contents = base64.b64decode(text(file, "contents"), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ScriptError("INVALID_REQUEST", "file.contents: use base64.") from error
    if len(contents) > FILE_BYTES_MAX:
        raise ScriptError("SSS_FILE_CONTENT_SIZE_EXCEEDED", "file.contents: at most 10 MB.")
    row = work.connection.execute(
        "INSERT INTO _file (name, folder, type, contents, created) VALUES (?,?,?,?,?)"
        " ON CONFLICT (folder, name) DO UPDATE SET type = excluded.type,"
        " contents = excluded.contents RETURNING id",
        (
            name,
            text(file, "folder") or DEFAULT_FOLDER,
            text(file, "type") or "PLAINTEXT",
            contents,
            work.stamp,
        ),
    ).fetchone()
    attach(work, entry, FILE, int(row["id"]))
    work.changed(entry, "update", {"files": []}, {"files": [name]})
    return {"id": str(entry.id), "type": kind.path, "file": str(row["id"])}


OPERATIONS: Mapping[str, Operation] = {
    "upsert": _upsert,
    "get": _get,
    "delete": _delete,
    "attach": _attach,
    "void": _void,
}


def _kind(work: Work, body: Document) -> Kind:
    name = text(body, "type")
    if not name:
        raise ScriptError("MISSING_REQD_ARGUMENT", "type: name the record type.")
    return find_kind(work, name)


def _find(work: Work, kind: Kind, body: Document) -> Entry:
    if body.get("id") is None and body.get("externalId") is None:
        raise ScriptError("MISSING_REQD_ARGUMENT", "id or externalId: name the record.")
    key = text(body, "id") or f"eid:{text(body, 'externalId')}"
    return find_record(work, kind, key)


def _listed(body: Document) -> list[str]:
    """Sublists that were sent: all their lines are what was sent."""
    sent = body.get("lines")
    return list(sent) if isinstance(sent, dict) else []


def _fields(work: Work, kind: Kind, body: Document) -> Document:
    """Script field ids are the property names in lower case; unknown ones are refused."""
    properties = work.account.catalog[kind.path].properties
    values = body.get("values")
    fields = _named(properties, values if isinstance(values, dict) else {}, "values")
    sent = body.get("lines")
    for name, rows in (sent if isinstance(sent, dict) else {}).items():
        own = spelled(properties, name)
        item = properties.get(own)
        if item is None or item.shape is not Shape.SUBLIST or not isinstance(rows, list):
            raise ScriptError("SSS_INVALID_SUBLIST_OPERATION", f"lines.{name}: no such sublist.")
        items: list[Value] = [
            _named(item.inner, row if isinstance(row, dict) else {}, f"lines.{name}[{at}]")
            for at, row in enumerate(rows)
        ]
        fields[own] = {"items": items}
    return fields


def _named(properties: Mapping[str, Property], sent: Document, where: str) -> Document:
    named: Document = {}
    for name, value in sent.items():
        own = spelled(properties, name)
        if own not in properties:
            raise ScriptError("SSS_INVALID_FIELD", f"{where}.{name}: no such field.")
        named[own] = value
    return named


def _script_values(properties: Mapping[str, Property], document: Document) -> Document:
    """As a script reads them: references are ids, everything under lower-case names."""
    values: Document = {}
    for name, value in sorted(document.items(), key=lambda pair: pair[0].lower()):
        item = properties.get(name)
        if item is None or value is None or item.shape in (Shape.SUBLIST, Shape.SUBRECORD):
            continue
        values[name.lower()] = ref(document, name) if isinstance(value, dict) else value
    return values
