"""The account's own trail: a system note for every changed field, a row for every deletion."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.store import Entry
from sandbox.netsuite.timing import local, local_minute
from sandbox.netsuite.values import Document, Value, dump, text

CONTEXT = "REST Web Services"
CREATE, CHANGE, DELETE = "Create", "Set", "Delete"
VALUE_MAX = 1000


def note_changes(work: Work, entry: Entry, before: Document | None) -> None:
    """Head fields only; what a line holds is told by its own time."""
    if work.quiet:
        return
    after, earlier = entry.document, before or {}
    rows = [
        (name.upper(), _shown(earlier.get(name)), _shown(after.get(name)))
        for name in sorted(after.keys() | earlier.keys())
        if not name.startswith("_") and _is_head_field(after.get(name, earlier.get(name)))
    ]
    _write(
        work,
        entry,
        CREATE if before is None else CHANGE,
        [(field, old, new) for field, old, new in rows if old != new],
    )


def note_deletion(work: Work, entry: Entry) -> None:
    if work.quiet:
        return
    _write(work, entry, DELETE, [("RECORD", entry.name, None)])
    work.connection.execute(
        "INSERT OR REPLACE INTO deletedrecord (deleteddate, type, recordid, deletedby, context,"
        " name, iscustomlist, iscustomrecord, iscustomtransaction, recordtypeid, scriptid)"
        " VALUES (?,?,?,?,?,?,'F','F','F',NULL,NULL)",
        (local(work.now), entry.kind.path, entry.id, work.user.id, CONTEXT, entry.name),
    )


def _is_head_field(value: Value) -> bool:
    return not isinstance(value, list) and not (isinstance(value, dict) and "id" not in value)


def _shown(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, dict):
        return text(value, "id")
    if isinstance(value, bool):
        return "T" if value else "F"
    return value[:VALUE_MAX] if isinstance(value, str) else dump(value)


def _write(
    work: Work, entry: Entry, kind: str, changes: list[tuple[str, str | None, str | None]]
) -> None:
    at = local_minute(work.stamp)
    numbers = work.store.count_many("systemnote", len(changes)) if changes else ()
    work.connection.executemany(
        "INSERT INTO systemnote (id, context, date, field, name, newvalue, oldvalue, record,"
        " recordid, role, type) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        [
            (
                number,
                CONTEXT,
                at,
                field,
                work.user.id,
                new,
                old,
                entry.name,
                entry.id,
                work.user.role,
                kind,
            )
            for number, (field, old, new) in zip(numbers, changes, strict=True)
        ],
    )
