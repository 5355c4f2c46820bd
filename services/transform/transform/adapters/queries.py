"""The reading half of the state: every answer for a whole batch by one statement."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, TypedDict

from kernel.codec import Codec
from kernel.messages import ChangeEvent, Coordinates, Outcome, Version
from kernel.records import RecordRef, System
from kernel.values import Document
from transform.adapters.credits import credits_of
from transform.adapters.rate_tables import Connection, rates_by, uses_of
from transform.domain.deals import ORDER_MARK
from transform.domain.facts import Cause, Facts, Link, Reference, Wanted

__all__ = ["CAUSE_COLUMNS", "Connection", "cause_of", "facts_of"]

CAUSE_COLUMNS = 'event_id::text, ref, major, minor, topic, partition, "offset", round'
LATEST, PARKED, LINK, APPLIED = "latest", "parked", "link", "applied"
REFERENCE, BODY, KNOWN = "reference", "body", "known"
FACTS = f"""
    WITH by_source AS (SELECT * FROM transform.links WHERE source = ANY(%(sources)s)),
    by_id AS (
        SELECT links.* FROM unnest(%(id_kinds)s::text[], %(ids)s::text[]) AS asked (kind, id)
        JOIN transform.links ON links.kind = asked.kind AND links.netsuite_id = asked.id
            AND links.netsuite_id <> ''),
    by_eid AS (
        SELECT links.* FROM unnest(%(eid_kinds)s::text[], %(eids)s::text[]) AS asked (kind, id)
        JOIN transform.links ON links.kind = asked.kind AND links.external_id = asked.id
            AND links.external_id <> ''),
    linked AS (SELECT * FROM by_source UNION ALL SELECT * FROM by_eid
        UNION ALL SELECT * FROM by_id WHERE kind <> 'item'),
    written (target) AS (
        SELECT * FROM unnest(%(targets)s::text[])
        UNION SELECT source FROM by_id
        UNION SELECT 'netsuite:' || kind || ':eid:' || external_id FROM by_id
            WHERE external_id <> ''
        UNION SELECT 'netsuite:' || kind || ':eid:' || external_id FROM by_source
            WHERE external_id <> ''
        UNION SELECT 'netsuite:' || kind || ':' || netsuite_id FROM by_source
            WHERE external_id = '' AND netsuite_id <> ''),
    near (ref) AS (
        SELECT * FROM unnest(%(bodies)s::text[])
        UNION SELECT 'netsuite:' || kind || ':' || netsuite_id FROM transform.links
            WHERE netsuite_id <> '' AND source = ANY(%(near_sources)s)
        UNION SELECT links.source
            FROM unnest(%(near_id_kinds)s::text[], %(near_ids)s::text[]) AS asked (kind, id)
            JOIN transform.links ON links.kind = asked.kind AND links.netsuite_id = asked.id
                AND links.netsuite_id <> '')
    SELECT '{LATEST}', ref, NULL, NULL, NULL, major, minor, NULL::int, NULL::bigint, NULL::int,
        NULL::bytea, NULL::jsonb
    FROM transform.documents WHERE ref = ANY(%(documents)s)
    UNION ALL
    SELECT '{PARKED}', event_id::text, ref, topic, NULL, major, minor, partition, "offset", round,
        NULL, NULL
    FROM transform.changes WHERE state = 'parked' AND ref IN
        (SELECT * FROM unnest(%(documents)s::text[]) UNION SELECT ref FROM near)
    UNION ALL
    SELECT '{LINK}', source, kind, external_id, netsuite_id, NULL, NULL, NULL, NULL, NULL,
        refusal, NULL
    FROM linked
    UNION ALL
    SELECT '{APPLIED}', target, field, hash, under_way, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM transform.applied WHERE target IN (SELECT target FROM written)
    UNION ALL
    SELECT '{REFERENCE}', kind, id, key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, fields
    FROM transform.reference_data WHERE kind = ANY(%(references)s)
    UNION ALL
    SELECT '{BODY}', ref, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, body, NULL
    FROM transform.bodies WHERE ref IN (SELECT ref FROM near)
    UNION ALL
    SELECT '{KNOWN}', event_id::text, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
    FROM transform.changes WHERE event_id = ANY(%(events)s::uuid[])
"""
"""Every answer that most decisions need: each row begins with the name of what it answers. What is
looked for comes first and is joined to the tables: so every look goes through an index."""
Row = tuple[Any, ...]


class _Written(TypedDict):
    applied: dict[tuple[RecordRef, str], str]
    orders: dict[RecordRef, frozenset[str]]
    under_way: frozenset[tuple[RecordRef, str]]


async def facts_of(connection: Connection, wanted: Wanted, codec: Codec) -> Facts:
    """One statement, and one more for each of the rarer questions where it is asked."""
    async with connection.pipeline():
        cursor = await connection.execute(FACTS, _asked(wanted))
        rates = await rates_by(connection, wanted.rates)
        uses = await uses_of(connection, wanted.rate_uses)
        credits = await credits_of(connection, wanted.credits)
        answers: dict[str, list[Row]] = defaultdict(list)
        for row in await cursor.fetchall():
            answers[row[0]].append(row)
    kept = list(_bodies([row[10] for row in answers[BODY]], codec))
    versions = {change.ref: change.version for change, _ in kept}
    own = {RecordRef.parse(row[1]): Version(row[5], row[6]) for row in answers[LATEST]}
    return Facts(
        latest=versions | own,
        parked=_by_ref([_parked(row) for row in answers[PARKED]]),
        links=links_by_side([link_of((*row[1:5], row[10]), codec) for row in answers[LINK]]),
        **_written(answers[APPLIED]),
        references=rates | _by_key(answers[REFERENCE]),
        rate_uses=uses,
        bodies={change.ref: document for change, document in kept},
        credits=credits,
        known=frozenset(row[1] for row in answers[KNOWN]),
    )


def _asked(wanted: Wanted) -> dict[str, list[str]]:
    near = _sides(wanted.counterparts)
    return {
        **_sides(wanted.links),
        "near_sources": near["sources"],
        "near_id_kinds": near["id_kinds"],
        "near_ids": near["ids"],
        "documents": [str(ref) for ref in wanted.documents],
        "targets": [str(ref) for ref in wanted.targets],
        "references": list(wanted.references),
        "bodies": [str(ref) for ref in wanted.bodies],
        "events": list(wanted.events),
    }


def _written(rows: list[Row]) -> _Written:
    """A target has many fields: its name is read once."""
    targets = {name: RecordRef.parse(name) for name in {row[1] for row in rows}}
    applied = {(targets[row[1]], row[2]): row[3] for row in rows if row[3]}
    return {
        "applied": applied,
        "orders": _orders(applied),
        "under_way": frozenset((targets[row[1]], row[2]) for row in rows if row[4]),
    }


def _orders(applied: Iterable[tuple[RecordRef, str]]) -> dict[RecordRef, frozenset[str]]:
    found: dict[RecordRef, set[str]] = defaultdict(set)
    for target, name in applied:
        if name.startswith(ORDER_MARK):
            found[target].add(name.removeprefix(ORDER_MARK))
    return {opportunity: frozenset(orders) for opportunity, orders in found.items()}


def _parked(row: Row) -> Cause:
    _, event_id, ref, topic, _, major, minor, partition, offset, rounds, *_ = row
    return cause_of((event_id, ref, major, minor, topic, partition, offset, rounds))


def _by_key(rows: list[Row]) -> dict[tuple[str, str], Reference]:
    return {
        (row[1], row[3]): Reference(kind=row[1], id=row[2], key=row[3], fields=row[11])
        for row in rows
    }


def _bodies(bodies: list[bytes], codec: Codec) -> Iterator[tuple[ChangeEvent, Document]]:
    for body in bodies:
        change = codec.decode(body)
        if isinstance(change, ChangeEvent) and change.document is not None:
            yield change, change.document


def _sides(refs: Collection[RecordRef]) -> dict[str, list[str]]:
    netsuite = [ref for ref in refs if ref.system is System.NETSUITE]
    by_eid = [(ref.kind, ref.external_id) for ref in netsuite if ref.external_id]
    by_id = [(ref.kind, ref.id) for ref in netsuite if not ref.external_id]
    return {
        "sources": [str(ref) for ref in refs if ref.system is System.SALESFORCE],
        "eid_kinds": [kind for kind, _ in by_eid],
        "eids": [str(eid) for _, eid in by_eid],
        "id_kinds": [kind for kind, _ in by_id],
        "ids": [record_id for _, record_id in by_id],
    }


def cause_of(row: Row) -> Cause:
    event_id, ref, major, minor, topic, partition, offset, rounds = row
    return Cause(
        event_id=event_id,
        ref=RecordRef.parse(ref),
        version=Version(major, minor),
        origin=Coordinates(topic, partition, offset),
        round=rounds,
    )


def link_of(row: Row, codec: Codec) -> Link:
    source, kind, external_id, netsuite_id, refusal = row
    said = codec.decode(refusal) if refusal else None
    return Link(
        source=RecordRef.parse(source),
        kind=kind,
        external_id=external_id,
        netsuite_id=netsuite_id,
        refusal=said if isinstance(said, Outcome) else None,
    )


def links_by_side(links: Collection[Link]) -> Mapping[RecordRef, Link]:
    found: dict[RecordRef, Link] = {}
    for link in links:
        found[link.source] = link
        if link.external_id:
            found[RecordRef(System.NETSUITE, link.kind, f"eid:{link.external_id}")] = link
        if link.netsuite_id:
            found[RecordRef(System.NETSUITE, link.kind, link.netsuite_id)] = link
    return found


def _by_ref(causes: Collection[Cause]) -> Mapping[RecordRef, tuple[Cause, ...]]:
    found: dict[RecordRef, tuple[Cause, ...]] = {}
    for cause in causes:
        found[cause.ref] = (*found.get(cause.ref, ()), cause)
    return found
