"""What NetSuite owns is told to Salesforce: from a change there, or from what a write read back."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from kernel.messages import EPOCH, Result, Version, WriteCommand, microseconds
from kernel.records import RecordRef, System, external_id_of, source_of_external_id
from kernel.values import Document, Value, value_hash
from transform.domain.billing import with_billing
from transform.domain.decisions import Decision, changed_only, command, ended, is_empty
from transform.domain.facts import Case, Cause, Facts, Link, Policy, Wanted
from transform.domain.last_sync import is_alone, is_new_hour, with_moment
from transform.domain.lifecycle import DELETED
from transform.domain.mapping import mapped
from transform.domain.marks import account_awaiting, account_named, bears
from transform.domain.money_rules.source import rate_days_of, with_rate_source
from transform.domain.owners import stage_of, writers_kinds
from transform.domain.ownership import settled
from transform.domain.vanished import counterpart_deleted

MICROSECONDS = 1_000_000
STAMP = "lastModifiedDate"
SYNCED = value_hash("Synced")
STATUS, MESSAGE = "NS_Sync_Status__c", "NS_Sync_Message__c"


def wanted(case: Case, policy: Policy) -> Wanted:
    document = case.change.document or Document()
    named = _named_by_external_id(document.fields.get("externalId"), policy)
    target = {one for one in (named, account_named(document)) if one}
    return Wanted(
        links=frozenset({case.change.ref, *target}),
        targets=frozenset(target),
        rates=rate_days_of(document),
    )


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    ref = case.change.ref
    counterpart = _counterpart(ref, document, facts, policy)
    if counterpart and facts.applied.get((counterpart, DELETED)):
        outcome = counterpart_deleted(case.cause, counterpart, policy)
        return Decision(case=case, outcome=outcome)
    if counterpart is None:
        params = {"kind": ref.kind, "id": ref.id}
        outcome = ended(
            case.cause,
            Result.FILTERED,
            "NOT_FROM_SALESFORCE",
            params=params,
            map_hash=policy.maps.hash,
        )
        return Decision(case=case, outcome=outcome)
    known = facts.links.get(counterpart)
    link = Link(
        source=counterpart,
        kind=ref.kind,
        external_id=_external_id(known, counterpart, policy),
        netsuite_id=ref.id,
    )
    # a customer that came over from a merged account keeps the external id it was made with
    links = () if known and known.netsuite_id == ref.id else (link,)
    told = telling(case.cause, ref, counterpart, document, case.change.version, facts, policy)
    if told is None:
        outcome = ended(case.cause, Result.UNCHANGED, "UNCHANGED", map_hash=policy.maps.hash)
        return Decision(case=case, outcome=outcome, links=links)
    return Decision(case=case, commands=(told,), links=links)


def telling(
    cause: Cause,
    source: RecordRef,
    target: RecordRef,
    document: Document,
    version: Version,
    facts: Facts,
    policy: Policy,
    *,
    confirms: bool = False,
) -> WriteCommand | None:
    """The command that brings the Salesforce record up to date; None where it is already.

    `confirms`: the document was read back after a write of ours.
    """
    kinds = (source.kind, System.SALESFORCE, target.kind)
    record_map = next(
        (
            found
            for found in policy.maps.sources(System.NETSUITE)
            if (found.source_kind, found.target, found.target_kind) == kinds
        ),
        None,
    )
    if record_map is None:
        return None
    owners = writers_kinds(System.NETSUITE, stage_of(facts.links.get(target), document))
    complete = with_rate_source(with_billing(document, _day_of(version)), facts)
    complete = with_moment(complete, version)
    wanted_now = mapped(record_map, Document(complete.fields), facts, owners=owners)
    wanted_now, _ = settled(record_map, wanted_now, target, facts.bodies.get(target), facts)
    to_write = _without_clearing(changed_only(wanted_now, target, facts))
    if is_held(target, facts):
        to_write = without_status(to_write)
    if is_empty(to_write):
        return None
    if is_alone(to_write) and not (confirms and is_new_hour(to_write, target, facts)):
        return None
    return command(
        cause,
        source=source,
        target=target,
        part=record_map.part,
        version=version,
        document=to_write,
        map_hash=policy.maps.hash,
    )


def _day_of(version: Version) -> date:
    """The day of the newest notice that led to the reading."""
    return (EPOCH + timedelta(seconds=version.major)).date()


def _without_clearing(document: Document) -> Document:
    """What the record's author was told stays until the status moves, or until the next edit."""
    if STATUS in document.fields:
        return document
    kept = {name: value for name, value in document.fields.items() if name != MESSAGE}
    return replace(document, fields=kept)


def is_held(record: RecordRef, facts: Facts) -> bool:
    """Whether a change of the record waits and the record says so: that stays until it goes on,
    whatever NetSuite has to tell meanwhile."""
    is_shown = facts.applied.get((record, STATUS)) not in {None, SYNCED}
    return bool(facts.parked.get(record)) and (is_shown or (record, STATUS) in facts.under_way)


def without_status(document: Document) -> Document:
    fields = {n: value for n, value in document.fields.items() if n not in {STATUS, MESSAGE}}
    return replace(document, fields=fields)


def read_back_version(document: Document) -> Version:
    """The version of a record read right after a write: its minute, before any poll of it."""
    stamp: Value = document.fields.get(STAMP)
    if not isinstance(stamp, datetime):
        return Version(0, 0)
    return Version(microseconds(stamp) // MICROSECONDS, 0)


def _counterpart(
    ref: RecordRef, document: Document, facts: Facts, policy: Policy
) -> RecordRef | None:
    link = facts.links.get(ref)
    if link:
        return link.source
    named = _named_by_external_id(document.fields.get("externalId"), policy)
    return named or account_awaiting(document, facts)


def _external_id(known: Link | None, counterpart: RecordRef, policy: Policy) -> str:
    if known is None:
        return external_id_of(policy.org_id, counterpart)
    return "" if bears(known) else known.external_id


def _named_by_external_id(external_id: Value, policy: Policy) -> RecordRef | None:
    """The Salesforce record of our own org that an external id names."""
    if not isinstance(external_id, str):
        return None
    source = source_of_external_id(external_id)
    if source is None or external_id_of(policy.org_id, source) != external_id:
        return None
    return source
