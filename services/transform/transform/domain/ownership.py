"""Edits of fields that the other side owns: the owner's value goes back, and the author is told."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from kernel.maps import Owner, RecordMap, Rule
from kernel.maps.guards import Guard, guards_of
from kernel.messages import ChangeEvent, Outcome, Result, Version, WriteCommand
from kernel.records import RecordRef, System, netsuite
from kernel.sentences import say
from kernel.values import Document, Sealed, Value, value_hash
from kernel.verdicts import SYSTEM_NAMES
from transform.domain.billing import with_billing
from transform.domain.decisions import Decision, command, ended
from transform.domain.facts import Case, Cause, Facts, Link, LinkStatus, Policy
from transform.domain.lifecycle import version_made
from transform.domain.mapping import mapped
from transform.domain.owners import EITHER, netsuite_side, stage_in, writers_kinds

MESSAGE = "NS_Sync_Message__c"
OVERRULED = "OWNER_OVERRULED"
IN_PART = "OVERRULED_IN_PART"
CONFLICT = "FIELD_CONFLICT"
REFUSED = "refused"
"""Under this name a change that was refused in part is remembered, with the fields."""
SEEN = "overruled:"
"""Stands before a field's name where the hash of the value that was overruled last is kept."""
MAPS_CACHED_MAX = 128
DIGITS = 8
"""A number is kept with so many digits at most on either side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The owner's side of one record: what stands there, and how it is written to the other."""

    map: RecordMap
    fields: Mapping[str, Value]
    target: RecordRef
    """The record that was edited, as our writes name it."""
    source: RecordRef
    version: Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """Fields whose value is not the owner's, with the owner's; and what is to be remembered."""

    fields: Mapping[str, Value] = field(default_factory=dict)
    seen: Mapping[tuple[RecordRef, str], str] = field(default_factory=dict)


def ruled(decision: Decision, case: Case, document: Document, facts: Facts, policy: Policy
          ) -> Decision:  # fmt: skip
    """The decision, and with it the owner's values for what was edited on the wrong side."""
    if unread := _unread(decision, case, document, facts, policy):
        return unread
    commands: list[WriteCommand] = []
    seen: dict[tuple[RecordRef, str], str] = {}
    for truth, guards in _truths(case.change, facts, policy):
        edits = _edits(case.change, document, truth, guards, facts, policy.client)
        seen |= edits.seen
        if edits.fields:
            commands.append(_restoring(case, truth, edits.fields, policy))
    if not commands and not seen:
        return decision
    if not commands:
        return replace(decision, seen={**decision.seen, **seen})
    outcome = decision.outcome
    if outcome is not None and outcome.result is Result.UNCHANGED:
        outcome = _rejected_at_once(case, commands, policy)
    both = (*decision.commands, *commands)
    return replace(decision, commands=both, outcome=outcome, seen={**decision.seen, **seen})


def _unread(
    decision: Decision, case: Case, document: Document, facts: Facts, policy: Policy
) -> Decision | None:
    """Somebody changed what NetSuite owns, before we have read what stands there: judged then."""
    change, link = case.change, facts.links.get(case.change.ref)
    if change.ref.system is System.NETSUITE or link is None or link.status is LinkStatus.RESERVED:
        return None
    there, outcome = netsuite_side(link), decision.outcome
    if there in facts.bodies or not policy.maps.keeps(there.system, there.kind):
        return None
    if outcome is not None and outcome.result is not Result.UNCHANGED:
        return None
    owners = writers_kinds(System.NETSUITE, stage_in(facts, change.ref)) - EITHER
    names = {
        guard.field
        for guard in guards_of(policy.maps, change.ref.system, change.ref.kind)
        if guard.rule.owner in owners and guard.field in document.fields
    }
    edited = sorted(name for name in names if _is_named(change, name, policy.client))
    if not edited:
        return None
    waits = ended(
        case.cause,
        Result.PARKED,
        "EDIT_UNJUDGED",
        params={"record": f"{change.ref.kind} {change.ref.id}", "fields": labels(edited)},
        path=(f"{there} was not read yet",),
        waits_on=there,
        map_hash=policy.maps.hash,
    )
    return replace(decision, outcome=waits)


def _rejected_at_once(case: Case, commands: list[WriteCommand], policy: Policy) -> Outcome | None:
    """Salesforce says who changed what. NetSuite's reading may be older than our last write: only
    the writer finds out whether there was anything to put right."""
    names = [name for sent in commands for name in sent.document.fields if name != MESSAGE]
    if case.change.ref.system is System.NETSUITE:
        return None
    return rejected(case.cause, names, policy)


def rejected(cause: Cause, names: Collection[str], policy: Policy) -> Outcome:
    """The outcome of a change of which nothing stands."""
    return ended(
        cause,
        Result.REJECTED,
        OVERRULED,
        params={"owner": SYSTEM_NAMES[cause.ref.system.other], "fields": labels(names)},
        path=(f"not owned by {cause.ref.system}: {', '.join(names)}",),
        map_hash=policy.maps.hash,
    )


def refused_fields(cause: Cause, command: WriteCommand, outcome: Outcome) -> tuple[str, ...]:
    """What of a change went back to its owner's value with this command; empty for any other."""
    names = tuple(sorted(name for name in command.document.fields if name != MESSAGE))
    if outcome.result is not Result.APPLIED or command.target.system is not cause.ref.system:
        return ()
    if cause.ref.system is System.NETSUITE:
        return names if outcome.written == cause.ref else ()
    said = command.document.fields.get(MESSAGE)
    return names if isinstance(said, str) and said.endswith(f"[{OVERRULED}]") else ()


def refused_in_part(cause: Cause, names: Collection[str]) -> dict[tuple[RecordRef, str], str]:
    """To be remembered until the last command of the change has ended."""
    return {(cause.ref, REFUSED): f"{cause.event_id} {labels(names)}"} if names else {}


def known_refused(cause: Cause, facts: Facts) -> str:
    """The fields of this change that were refused, as people read them; empty where none was."""
    event, _, names = facts.applied.get((cause.ref, REFUSED), "").partition(" ")
    return names if event == cause.event_id else ""


def in_part(cause: Cause, names: str, policy: Policy) -> Outcome:
    """The outcome of a change of which some stands and some does not."""
    return ended(
        cause,
        Result.APPLIED,
        IN_PART,
        params={
            "system": SYSTEM_NAMES[cause.ref.system],
            "owner": SYSTEM_NAMES[cause.ref.system.other],
            "fields": names,
        },
        path=(f"went back to the owner's value: {names}",),
        map_hash=policy.maps.hash,
    )


def counterpart_target(link: Link) -> RecordRef:
    """The NetSuite record of a link, as our writes name it."""
    record_id = f"eid:{link.external_id}" if link.external_id else link.netsuite_id
    return netsuite(link.kind, record_id)


def settled(
    record_map: RecordMap, wanted: Document, target: RecordRef, there: Document | None, facts: Facts
) -> tuple[Document, tuple[str, ...]]:
    """Leaves out fields that both sides may fill and that are filled; and names those of them over
    which a person decides. `there`: the counterpart as it was read last."""
    kept, conflicts = dict(wanted.fields), []
    for rule in _open_to_both(record_map):
        name = rule.write
        if name not in kept:
            continue
        value, found = kept[name], there.fields.get(name) if there else None
        written = facts.applied.get((target, name))
        if found in {None, ""} and written in {None, value_hash(None)}:
            continue
        del kept[name]
        agrees = written == value_hash(value) if found is None else same(value, found)
        if rule.owner is Owner.BOTH_MANUAL and not agrees:
            conflicts.append(name)
    return Document(kept, wanted.lines), tuple(conflicts)


@lru_cache(MAPS_CACHED_MAX)
def _open_to_both(record_map: RecordMap) -> tuple[Rule, ...]:
    return tuple([rule for rule in record_map.rules if rule.owner in EITHER])


def conflict(case: Case, names: Collection[str], policy: Policy) -> Outcome:
    """Held until a person has brought both sides together."""
    ref = case.change.ref
    return ended(
        case.cause,
        Result.PARKED,
        CONFLICT,
        params={"record": f"{ref.kind} {ref.id}", "fields": labels(names)},
        path=(f"differs on both sides: {', '.join(names)}",),
        waits_on=ref,
        map_hash=policy.maps.hash,
    )


def labels(names: Collection[str]) -> str:
    """`NS_Payment_Terms__c` as people read it."""
    return ", ".join(name.removesuffix("__c").replace("_", " ") for name in names)


def same(one: Value, other: Value) -> bool:
    """Numbers by value, texts without blanks at the ends, empty like missing. Sealed values of
    different subjects cannot be compared and count as the same."""
    if isinstance(one, Sealed) and isinstance(other, Sealed):
        kin = (one.subject, one.path, one.key_version) == (
            other.subject,
            other.path,
            other.key_version,
        )
        return not kin or one.ciphertext == other.ciphertext
    return _plain(one) == _plain(other)


def _plain(value: Value) -> Value:
    match value:
        case bool():
            return value
        case int() | Decimal():
            return round(Decimal(value), DIGITS)
        case str():
            return value.strip() or None
    return value


def _truths(
    change: ChangeEvent, facts: Facts, policy: Policy
) -> Iterator[tuple[Truth, list[Guard]]]:
    """Once for each map by which the other side fills the record that changed."""
    ref, link = change.ref, facts.links.get(change.ref)
    if link is None or link.status is LinkStatus.RESERVED:
        return
    from_salesforce = ref.system is System.SALESFORCE
    source = netsuite_side(link) if from_salesforce else link.source
    body, version = facts.bodies.get(source), facts.latest.get(source)
    if body is None or version is None:
        return
    if not from_salesforce:
        version = max(version, version_made(source, facts.applied))
    owners = writers_kinds(source.system, stage_in(facts, ref)) - EITHER
    guards = [g for g in guards_of(policy.maps, ref.system, ref.kind) if g.rule.owner in owners]
    for record_map in dict.fromkeys(guard.map.name for guard in guards):
        own = [guard for guard in guards if guard.map.name == record_map]
        if own[0].map.source_kind == source.kind:
            there = with_billing(body) if from_salesforce else body
            fields = mapped(own[0].map, there, facts, owners=owners).fields
            target = ref if from_salesforce else counterpart_target(link)
            yield (
                Truth(map=own[0].map, fields=fields, target=target, source=source, version=version),
                own,
            )


def _edits(
    change: ChangeEvent,
    document: Document,
    truth: Truth,
    guards: list[Guard],
    facts: Facts,
    client: str,
) -> Edits:
    """What was edited. A value that we wrote last is none, even where a newer one is under way. Of
    what we have not written yet, or are just writing, only what a person's own notice names.

    NetSuite does not say which fields changed, and may keep a value in another form than it was
    written in: a value that comes again after the owner's went back is left.
    """
    fields: dict[str, Value] = {}
    seen: dict[tuple[RecordRef, str], str] = {}
    for guard in guards:
        name = guard.field
        key, noted = (truth.target, name), (truth.target, SEEN + name)
        if name not in document.fields or name not in truth.fields:
            continue
        if key not in facts.applied and not _is_named(change, name, client):
            continue
        value, digest = document.fields[name], value_hash(document.fields[name])
        if not _names(change, name):
            continue
        if same(value, truth.fields[name]) or digest == facts.applied.get(key):
            if facts.applied.get(noted):
                seen[noted] = ""
            continue
        if change.ref.system is System.NETSUITE and facts.applied.get(noted) == digest:
            continue
        fields[name] = truth.fields[name]
        if change.ref.system is System.NETSUITE:
            seen[noted] = digest
    return Edits(fields=fields, seen=seen)


def _names(change: ChangeEvent, name: str) -> bool:
    """Whether somebody may have changed this field."""
    return not change.captures or any(
        not capture.changed or name in capture.changed for capture in change.captures
    )


def _is_named(change: ChangeEvent, name: str, client: str) -> bool:
    """Whether a notice of somebody else's change names this very field."""
    mark = f"client={client}"
    return any(
        name in capture.changed and mark not in capture.origin.split(";")
        for capture in change.captures
    )


def _restoring(
    case: Case, truth: Truth, fields: Mapping[str, Value], policy: Policy
) -> WriteCommand:
    """In the owner's part and version, so that nothing newer of the owner's is written over."""
    shown = dict(fields)
    if case.change.ref.system is System.SALESFORCE:
        params = {"owner": SYSTEM_NAMES[truth.source.system], "fields": labels(list(fields))}
        shown[MESSAGE] = say(OVERRULED, params)
    return command(
        case.cause,
        source=truth.source if truth.target.system is System.NETSUITE else case.change.ref,
        target=truth.target,
        part=truth.map.part,
        version=truth.version,
        document=Document(shown),
        map_hash=policy.maps.hash,
    )
