"""Writes to Salesforce that find their record deleted: nobody has to do anything about that."""

from collections.abc import Iterator

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System, salesforce
from kernel.values import Document
from transform.domain.decisions import command, ended
from transform.domain.facts import Cause, Facts, Policy
from transform.domain.lifecycle import DELETED
from transform.domain.mirror_rows import ROW, SOLD

CODE = "TARGET_GONE"


def is_gone(outcome: Outcome, sent: WriteCommand) -> bool:
    """Whether Salesforce says that the record is deleted. Of one that is found by an external id
    it says that only of what the record names."""
    target = sent.target
    is_there = target.system is System.NETSUITE or target.external_id is not None
    return outcome.code == CODE and not is_there


def deals_named(outcome: Outcome, sent: WriteCommand) -> Iterator[tuple[str, RecordRef]]:
    """Of a row that was refused because something it names is deleted: field and deal."""
    if outcome.code != CODE or sent.target.kind != ROW:
        return
    for field, kind in SOLD.items():
        if isinstance(found := sent.document.fields.get(field), str):
            yield field, salesforce(kind, found)


def without_deals(
    cause: Cause, outcome: Outcome, sent: WriteCommand, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """The row once more, without the deals that are known to be deleted, or else without any: the
    transaction stands whatever became of them. Its next change names again what is there."""
    named = dict(deals_named(outcome, sent))
    known = [field for field, deal in named.items() if facts.applied.get((deal, DELETED))]
    if not named:
        return None
    return command(
        cause,
        source=sent.source,
        target=sent.target,
        part=sent.part,
        version=sent.version,
        document=Document({**sent.document.fields, **dict.fromkeys(known or named)}),
        map_hash=policy.maps.hash,
    )


def end(cause: Cause, target: RecordRef, policy: Policy) -> Outcome:
    """Of a change of which nothing but the deleted record was to be told."""
    path = (f"{target} was deleted meanwhile",)
    if cause.ref.system is System.NETSUITE:
        return counterpart_deleted(cause, target, policy, path=path)
    code, params = "DELETED_AT_SOURCE", {"system": str(cause.ref.system)}
    return ended(cause, Result.FILTERED, code, params=params, path=path, map_hash=policy.maps.hash)


def counterpart_deleted(
    cause: Cause, counterpart: RecordRef, policy: Policy, *, path: tuple[str, ...] = ()
) -> Outcome:
    """Of a change in NetSuite that was to be told to this record of Salesforce."""
    there = f"{counterpart.kind} {counterpart.id}"
    return ended(
        cause,
        Result.FILTERED,
        "COUNTERPART_DELETED",
        params={"kind": cause.ref.kind, "id": cause.ref.id, "counterpart": there},
        path=path,
        map_hash=policy.maps.hash,
    )
