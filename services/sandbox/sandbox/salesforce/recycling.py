"""The recycle bin: records go with what belongs to them, come back with it, or are gone."""

from collections.abc import Iterator, Mapping

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rules.registry import NOTHING, RULES
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work

Record = dict[str, Stored]


def take_away(
    work: Work, sobject: SObject, before: Record, *, root: str, cascaded: bool = False
) -> None:
    """`root` is the record that was deleted by name; `cascaded` ones come back with it."""
    rules = RULES.get(sobject.name, NOTHING)
    rules.before_delete(work, before)
    _refuse_while_used(work, sobject, before)
    if rules.skips_recycle_bin and not cascaded:
        work.erase(sobject, before)
    else:
        work.update(sobject, before, before | {"IsDeleted": 1})
        work.org.connection.execute(
            "INSERT OR REPLACE INTO recycled (object, id, root) VALUES (?, ?, ?)",
            (sobject.name, before["Id"], root),
        )
    _take_children(work, sobject, before, root)
    rules.after_save(work, before, None)


def bring_back(work: Work, identifier: str) -> None:
    """The record of this id and all that went with it."""
    rows = work.org.connection.execute(
        "SELECT object, id FROM recycled WHERE root = ? ORDER BY rowid", (identifier,)
    ).fetchall()
    if not rows:
        raise Refusal("UNDELETE_FAILED", "Entity is not in the recycle bin", fields=())
    for row in rows:
        sobject = work.org.schema.of(row["object"])
        before = work.org.row(sobject, row["id"])
        if before is None:
            continue
        after = before | {"IsDeleted": 0}
        if sobject.has("MasterRecordId"):
            after["MasterRecordId"] = None
        work.update(sobject, before, after)
        RULES.get(sobject.name, NOTHING).after_save(work, before, after)
    work.org.connection.execute("DELETE FROM recycled WHERE root = ?", (identifier,))


def purge(work: Work, identifier: str) -> None:
    """Out of the recycle bin for good."""
    rows = work.org.connection.execute(
        "DELETE FROM recycled WHERE root = ? RETURNING object, id", (identifier,)
    ).fetchall()
    if not rows:
        message = "entity is not in the recycle bin"
        raise Refusal("ENTITY_IS_DELETED", message, fields=())
    for row in rows:
        work.org.connection.execute(f'DELETE FROM "{row["object"]}" WHERE "Id" = ?', (row["id"],))
        work.org.connection.execute(
            "INSERT OR REPLACE INTO purged (object, id, at) VALUES (?, ?, ?)",
            (row["object"], row["id"], work.at_s),
        )


def children_of(
    work: Work, sobject: SObject, parent: Stored
) -> Iterator[tuple[SObject, str, str, str]]:
    """Living records that point at this one: object, id, field, and what a deletion does."""
    for child in sobject.children:
        target = work.org.schema.find(child.child)
        if target is None or not target.has(child.field):
            continue
        alive = ' AND "IsDeleted" = 0' if target.has("IsDeleted") else ""
        rows = work.org.connection.execute(
            f'SELECT "Id" FROM "{target.name}" WHERE "{child.field}" = ?{alive} ORDER BY "Id"',
            (parent,),
        ).fetchall()
        for row in rows:
            yield target, row[0], child.field, child.on_delete


def _refuse_while_used(work: Work, sobject: SObject, parent: Mapping[str, Stored]) -> None:
    for target, _, _, on_delete in children_of(work, sobject, parent["Id"]):
        if on_delete == "restrict":
            raise _still_used(parent, target)


def _take_children(work: Work, sobject: SObject, parent: Record, root: str) -> None:
    for target, identifier, field, on_delete in list(children_of(work, sobject, parent["Id"])):
        row = work.row(target.name, identifier)
        if row is None:
            continue
        if on_delete == "cascade":
            take_away(work, target, row, root=root, cascaded=True)
        else:
            work.update(target, row, row | {field: None})


def _still_used(parent: Mapping[str, Stored], child: SObject) -> Refusal:
    name = parent.get("Name") or parent["Id"]
    message = (
        f"Your attempt to delete {name} could not be completed because it is associated with the"
        f" following {child.plural.lower()}."
    )
    return Refusal("DELETE_FAILED", message, fields=())
