"""The reading half of the state: every answer for a whole batch by one statement."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kernel.codec import Codec
from kernel.messages import ChangeEvent, Coordinates, Outcome, Version
from kernel.records import RecordRef, System
from kernel.values import Document
from transform.adapters.credits import CREDITS, credit_of
from transform.adapters.rate_tables import Connection, rates_by, uses_of
from transform.domain.facts import Cause, Facts, Link, Reference, Wanted

__all__ = ["CAUSE_COLUMNS", "Connection", "cause_of", "facts_of"]

LATEST = "SELECT ref, major, minor FROM transform.documents WHERE ref = ANY(%s)"
CAUSE_COLUMNS = 'event_id::text, ref, major, minor, topic, partition, "offset", round'
PARKED = f"""
    SELECT {CAUSE_COLUMNS} FROM transform.changes WHERE state = 'parked' AND (ref = ANY(%(refs)s)
       OR ref IN (SELECT source FROM transform.links
                  WHERE netsuite_id <> '' AND (kind, netsuite_id) IN
                      (SELECT * FROM unnest(%(id_kinds)s::text[], %(ids)s::text[]))))
"""
LINKS = """
    SELECT source, kind, external_id, netsuite_id, refusal FROM transform.links
    WHERE source = ANY(%(sources)s)
       OR (external_id <> '' AND (kind, external_id) IN
           (SELECT * FROM unnest(%(eid_kinds)s::text[], %(eids)s::text[])))
       OR (netsuite_id <> '' AND kind <> 'item' AND (kind, netsuite_id) IN
           (SELECT * FROM unnest(%(id_kinds)s::text[], %(ids)s::text[])))
"""
APPLIED = """
    SELECT target, field, hash, under_way <> '' FROM transform.applied
    WHERE target = ANY(%(targets)s)
       OR target IN (SELECT source FROM transform.links WHERE netsuite_id <> ''
                     AND (kind, netsuite_id) IN
                         (SELECT * FROM unnest(%(id_kinds)s::text[], %(ids)s::text[])))
       OR target IN (SELECT 'netsuite:' || kind || ':eid:' || external_id FROM transform.links
                     WHERE netsuite_id <> '' AND external_id <> ''
                     AND (kind, netsuite_id) IN
                         (SELECT * FROM unnest(%(id_kinds)s::text[], %(ids)s::text[])))
       OR target IN (SELECT 'netsuite:' || kind || ':' || netsuite_id FROM transform.links
                     WHERE source = ANY(%(sources)s) AND external_id = '' AND netsuite_id <> '')
       OR target IN (SELECT 'netsuite:' || kind || ':eid:' || external_id FROM transform.links
                     WHERE source = ANY(%(sources)s) AND external_id <> '')
"""
BODIES = """
    SELECT ref, body FROM transform.bodies
    WHERE ref = ANY(%(refs)s)
       OR ref IN (SELECT 'netsuite:' || kind || ':' || netsuite_id FROM transform.links
                  WHERE netsuite_id <> '' AND source = ANY(%(sources)s))
       OR ref IN (SELECT source FROM transform.links
                  WHERE netsuite_id <> '' AND (kind, netsuite_id) IN
                      (SELECT * FROM unnest(%(id_kinds)s::text[], %(ids)s::text[])))
"""
REFERENCES = "SELECT kind, id, key, fields FROM transform.reference_data WHERE kind = ANY(%s)"


KNOWN = "SELECT event_id::text FROM transform.changes WHERE event_id = ANY(%s::uuid[])"


async def facts_of(connection: Connection, wanted: Wanted, codec: Codec) -> Facts:
    documents = [str(ref) for ref in wanted.documents]
    sides = _sides(wanted.links)
    async with connection.pipeline():
        latest = await connection.execute(LATEST, [documents])
        beside = {**_sides(wanted.counterparts), "refs": documents}
        parked = await connection.execute(PARKED, beside)
        links = await connection.execute(LINKS, sides)
        targets = {**sides, "targets": [str(ref) for ref in wanted.targets]}
        applied = await connection.execute(APPLIED, targets)
        references = await connection.execute(REFERENCES, [list(wanted.references)])
        rates = await rates_by(connection, wanted.rates)
        uses = await uses_of(connection, wanted.rate_uses)
        near = {**_sides(wanted.counterparts), "refs": [str(ref) for ref in wanted.bodies]}
        bodies = await connection.execute(BODIES, near)
        credits = await connection.execute(CREDITS, [[str(ref) for ref in wanted.credits]] * 2)
        known = await connection.execute(KNOWN, [list(wanted.events)])
    kept = list(_bodies(await bodies.fetchall(), codec))
    written = [(RecordRef.parse(t), *rest) for t, *rest in await applied.fetchall()]
    versions = {change.ref: change.version for change, _ in kept}
    own = {RecordRef.parse(ref): Version(*v) for ref, *v in await latest.fetchall()}
    return Facts(
        latest=versions | own,
        parked=_by_ref([cause_of(row) for row in await parked.fetchall()]),
        links=links_by_side([link_of(row, codec) for row in await links.fetchall()]),
        applied={(target, field): digest for target, field, digest, _ in written if digest},
        under_way=frozenset((target, field) for target, field, _, is_open in written if is_open),
        references=rates | _by_key(await references.fetchall()),
        rate_uses=uses,
        bodies={change.ref: document for change, document in kept},
        credits=tuple(credit_of(row) for row in await credits.fetchall()),
        known=frozenset(row[0] for row in await known.fetchall()),
    )


def _by_key(rows: list[tuple[Any, ...]]) -> dict[tuple[str, str], Reference]:
    return {
        (kind, key): Reference(kind=kind, id=id_, key=key, fields=fields)
        for kind, id_, key, fields in rows
    }


def _bodies(rows: list[tuple[Any, ...]], codec: Codec) -> Iterator[tuple[ChangeEvent, Document]]:
    for _, body in rows:
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


def cause_of(row: tuple[Any, ...]) -> Cause:
    event_id, ref, major, minor, topic, partition, offset, rounds = row
    return Cause(
        event_id=event_id,
        ref=RecordRef.parse(ref),
        version=Version(major, minor),
        origin=Coordinates(topic, partition, offset),
        round=rounds,
    )


def link_of(row: tuple[Any, ...], codec: Codec) -> Link:
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
