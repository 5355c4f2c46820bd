"""Merging records: the losers' belongings move to the master, the losers go and say to whom."""

from collections.abc import Mapping, Sequence

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.records import change, existing
from sandbox.salesforce.recycling import children_of
from sandbox.salesforce.rules.registry import NOTHING, RULES
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.work import Work


def merge(
    work: Work, view: SObject, master: str, losers: Sequence[str], body: Mapping[str, object]
) -> list[str]:
    """Returns the ids of the records that now belong to the master; `body` are its new values."""
    if "m" not in view.flags:
        message = f"entity type cannot be merged: {view.label}"
        raise Refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", message, fields=())
    kept = str(existing(work, view, master)["Id"])
    if kept in losers or len(set(losers)) != len(losers):
        raise Refusal("INVALID_MERGE_RECORD", "a record cannot be merged with itself", fields=())
    sobject = work.org.schema.of(view.name)
    moved: list[str] = []
    for loser in losers:
        moved += _take_over(work, sobject, kept, loser)
        before = existing(work, view, loser)
        gone = before | {"IsDeleted": 1, "MasterRecordId": kept}
        work.update(sobject, before, gone)
        work.org.connection.execute(
            "INSERT OR REPLACE INTO recycled (object, id, root) VALUES (?, ?, ?)",
            (sobject.name, loser, loser),
        )
        RULES.get(sobject.name, NOTHING).after_save(work, before, None)
    change(work, view, kept, body)
    return moved


def _take_over(work: Work, sobject: SObject, master: str, loser: str) -> list[str]:
    moved = []
    for target, identifier, field, _ in list(children_of(work, sobject, loser)):
        row = work.row(target.name, identifier)
        if row is None:
            continue
        work.update(target, row, row | {field: None if identifier == master else master})
        moved.append(identifier)
    return moved
