"""Attach and detach: contacts and files that belong to a record without being part of it."""

import re

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.wire import Call, answer
from sandbox.netsuite.errors import NetSuiteError, malformed, not_found
from sandbox.netsuite.kinds import ENTITY, KINDS
from sandbox.netsuite.records.service import find_record
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value, ref, text, to

SCHEMA = """
CREATE TABLE IF NOT EXISTS _attachment (
  family TEXT NOT NULL, id INTEGER NOT NULL, type TEXT NOT NULL, attached INTEGER NOT NULL,
  role TEXT, PRIMARY KEY (family, id, type, attached)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _file (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, folder TEXT NOT NULL, type TEXT NOT NULL,
  contents BLOB NOT NULL, created TEXT NOT NULL, UNIQUE (folder, name));
"""
ATTACH, DETACH = "!attach", "!detach"
CONTACT, FILE = "contact", "file"
EXTERNAL = re.compile(r"eid:.+")


def handle(work: Work, call: Call, entry: Entry, path: list[str]) -> web.Response:
    """`path` is the operation, the type of what is attached, and its id."""
    operation, what, key = path[0], path[1].lower(), path[2]
    if what not in (CONTACT, FILE):
        raise NetSuiteError(
            400, "INVALID_REQUEST", f"The record type {path[1][:100]} cannot be attached."
        )
    attached = _find(work, what, key)
    role = ref(call.body(), "role") or None
    before = _listed(work, entry)
    if operation == ATTACH:
        attach(work, entry, what, attached, role)
    else:
        _detach(work, entry, what, attached)
    work.changed(entry, "update", {"attachments": before}, {"attachments": _listed(work, entry)})
    return answer(204, None)


def attach(work: Work, entry: Entry, what: str, attached: int, role: str | None = None) -> None:
    work.connection.execute(
        "INSERT OR REPLACE INTO _attachment (family, id, type, attached, role) VALUES (?,?,?,?,?)",
        (entry.kind.family, entry.id, what, attached, role),
    )


def _detach(work: Work, entry: Entry, what: str, attached: int) -> None:
    gone = work.connection.execute(
        "DELETE FROM _attachment WHERE family = ? AND id = ? AND type = ? AND attached = ?",
        (entry.kind.family, entry.id, what, attached),
    )
    if not gone.rowcount:
        raise not_found()


def _find(work: Work, what: str, key: str) -> int:
    if what == CONTACT:
        return find_record(work, KINDS[CONTACT], key).id
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise not_found() if EXTERNAL.fullmatch(key) else malformed()
    row = work.connection.execute("SELECT id FROM _file WHERE id = ?", (int(key),)).fetchone()
    if row is None:
        raise not_found()
    return int(row["id"])


def _listed(work: Work, entry: Entry) -> list[str]:
    rows = work.connection.execute(
        "SELECT type, attached FROM _attachment WHERE family = ? AND id = ?"
        " ORDER BY type, attached",
        (entry.kind.family, entry.id),
    ).fetchall()
    return [f"{row['type']} {row['attached']}" for row in rows]


def with_contacts(work: Work, entry: Entry) -> Document:
    """The document with its `contactRoles`: contacts of the company and contacts attached."""
    record = work.account.catalog[entry.kind.path]
    if entry.kind.family != ENTITY or "contactRoles" not in record.properties:
        return entry.document
    rows = work.connection.execute(
        "SELECT attached, role FROM _attachment WHERE family = ? AND id = ? AND type = ?"
        " UNION SELECT id, NULL FROM contact WHERE company = ? AND id NOT IN"
        " (SELECT attached FROM _attachment WHERE family = ? AND id = ? AND type = ?)"
        " ORDER BY 1",
        (ENTITY, entry.id, CONTACT, entry.id, ENTITY, entry.id, CONTACT),
    ).fetchall()
    found = [_line(work, row["attached"], row["role"]) for row in rows]
    kept: list[Value] = [one for one in found if one]
    return {**entry.document, "contactRoles": kept} if kept else entry.document


def _line(work: Work, identifier: int, role: str | None) -> Document:
    contact = work.store.load(ENTITY, identifier)
    if contact is None:
        return {}
    return {
        "contact": to(identifier),
        "contactName": contact.name,
        "email": text(contact.document, "email") or None,
        "giveAccess": False,
        "role": to(role) if role else None,
    }
