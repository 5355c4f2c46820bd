"""The rarer writes of a batch of decisions, one statement a table; what every batch writes stands
in `batches`."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from kernel.codec import Codec
from kernel.messages import Outcome, WriteCommand
from kernel.records import RecordRef, System
from transform.adapters.queries import CAUSE_COLUMNS, Connection
from transform.adapters.rate_tables import scope_of
from transform.domain.deals import OPPORTUNITY
from transform.domain.decisions import Decision, names_of
from transform.domain.facts import LISTS, Link, Reference
from transform.domain.newer import is_newer, read_before

RESERVE = """
    INSERT INTO transform.links (source, kind, external_id, netsuite_id, reserved_by)
    SELECT source, kind, external_id, netsuite_id, reserved_by
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::uuid[])
         AS t (source, kind, external_id, netsuite_id, reserved_by)
    ON CONFLICT DO NOTHING RETURNING source, reserved_by::text
"""
UNRESERVE = """
    DELETE FROM transform.links WHERE (source, reserved_by::text) IN
        (SELECT * FROM unnest(%s::text[], %s::text[]))
"""
LINK = """
    INSERT INTO transform.links (source, kind, external_id, netsuite_id)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (source) DO UPDATE SET kind = excluded.kind, netsuite_id = excluded.netsuite_id,
        external_id = excluded.external_id, refusal = NULL, updated_at = now()
"""
REFUSE = """
    UPDATE transform.links SET refusal = %s, updated_at = now()
    WHERE source = %s AND netsuite_id = ''
"""
UNLINK = "DELETE FROM transform.links WHERE source = ANY(%s)"
HOLDING = """
    SELECT source FROM transform.links WHERE source = ANY(%(sources)s) AND netsuite_id <> ''
    UNION ALL
    SELECT 'netsuite:' || asked.kind || ':' || asked.name
    FROM unnest(%(kinds)s::text[], %(names)s::text[], %(firsts)s::text[], %(lasts)s::text[])
        AS asked (kind, name, first, last)
    WHERE EXISTS (
        SELECT 1 FROM transform.reference_data AS held WHERE held.kind = asked.kind
            AND held.kind <> 'index' AND held.key COLLATE "C" BETWEEN asked.first AND asked.last
            AND 'true' NOT IN (
                coalesce(held.fields ->> 'isInactive', ''), coalesce(held.fields ->> 'closed', ''),
                coalesce(held.fields ->> 'allLocked', ''), coalesce(held.fields ->> 'arLocked', '')
            ))
    UNION ALL
    SELECT 'netsuite:' || kind || ':' || key FROM transform.reference_data AS whole
    WHERE (kind, key) IN (SELECT * FROM unnest(%(kinds)s::text[], %(names)s::text[]))
      AND kind = 'index' AND (whole.fields ->> 'count')::bigint <=
          (SELECT count(*) FROM transform.parties
           WHERE number <= (whole.fields ->> 'last')::bigint)
    UNION ALL
    SELECT 'netsuite:' || asked.kind || ':' || asked.name
    FROM unnest(%(listed_kinds)s::text[], %(listed_names)s::text[]) AS asked (kind, name)
    WHERE EXISTS (
        SELECT 1 FROM transform.reference_data AS held,
            unnest(ARRAY[held.fields ->> 'name.folded', held.fields ->> 'fullName.folded'])
            WITH ORDINALITY AS called (name, place)
        WHERE held.kind = asked.kind AND called.name = asked.name
            AND held.fields ->> 'isInactive' IS DISTINCT FROM 'true'
        GROUP BY called.place HAVING count(*) = 1)
    UNION ALL
    SELECT ref FROM transform.bodies WHERE ref = ANY(%(refs)s)
    UNION ALL
    SELECT asked.name
    FROM unnest(%(nexts)s::text[], %(olds)s::text[], %(majors)s::bigint[], %(minors)s::bigint[])
        AS asked (name, ref, major, minor)
    WHERE NOT EXISTS (
        SELECT 1 FROM transform.bodies AS held WHERE held.ref = asked.ref
            AND (held.major, held.minor) <= (asked.major, asked.minor))
    UNION ALL
    SELECT 'netsuite:' || kind || ':eid:' || external_id FROM transform.links
    WHERE external_id <> '' AND (netsuite_id <> '' OR refusal IS NOT NULL) AND (kind, external_id)
        IN (SELECT * FROM unnest(%(eid_kinds)s::text[], %(eids)s::text[]))
"""
"""A record of reference data holds unless it is inactive, or a period that is shut; a name in a
list while one active entry has it. `first..last`
names a span of keys; it holds when one of them does. An external id holds as soon as it is known
how the making of its record ended, this way or that. The next reading of a document holds unless
what is kept of it is no newer."""
WAITING_ON_HOLDING = f"""
    WITH holding (ref) AS ({HOLDING}),
    waiting AS (
        SELECT * FROM transform.changes
        WHERE state = 'parked' AND waits_on <> ref
            AND waits_on = ANY(%(sources)s::text[] || %(refs)s::text[] || %(nexts)s::text[]))
    SELECT {CAUSE_COLUMNS} FROM waiting
    WHERE waits_on IN (SELECT ref FROM holding) ORDER BY ref, major, minor
"""
CLOSE = """
    UPDATE transform.changes AS waiting SET state = 'ended', code = closed.code, waits_on = NULL,
        updated_at = now()
    FROM unnest(%s::uuid[], %s::text[]) AS closed (event_id, code)
    WHERE waiting.event_id = closed.event_id AND state = 'parked' RETURNING waiting.event_id::text
"""
REFERENCE = """
    INSERT INTO transform.reference_data (kind, id, key, fields) VALUES (%s, %s, %s, %s)
    ON CONFLICT (kind, id) DO UPDATE SET key = excluded.key, fields = excluded.fields
"""
WRITTEN = """
    UPDATE transform.applied AS held SET
        hash = CASE WHEN t.hash = '' THEN held.hash ELSE t.hash END,
        under_way = CASE WHEN held.under_way = t.command THEN '' ELSE held.under_way END
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
        AS t (target, field, hash, command)
    WHERE held.target = t.target AND held.field = t.field
"""
"""An empty hash says that the command wrote nothing."""
FORGET_APPLIED = "DELETE FROM transform.applied WHERE target = ANY(%s)"
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(ref, 0)) FROM unnest(%s::text[]) AS t (ref)"
LOCK_SHARED = LOCK.replace("xact_lock(", "xact_lock_shared(")


async def lock(connection: Connection, refs: Iterable[RecordRef], *, shared: bool) -> None:
    """Hold still what others wait on, until the transaction ends; sorted, so that two
    transactions never hold what the other needs next."""
    names = sorted({scope_of(ref) for ref in refs})
    if names:
        await connection.execute(LOCK_SHARED if shared else LOCK, [names])


@dataclass(frozen=True, slots=True)
class Reserved:
    """`won`: pairs of a link's Salesforce side and the change that has it from now on. `taken`:
    the changes that wanted a link which another has."""

    won: frozenset[tuple[str, str]]
    taken: frozenset[str]


async def reserve(connection: Connection, decisions: Sequence[Decision]) -> Reserved:
    """An order comes before the opportunity it was made from: what both want is the first one's."""
    ordered = sorted(decisions, key=lambda decision: decision.case.change.ref.kind == OPPORTUNITY)
    wanted = [(link, decision.case.change.id) for decision in ordered for link in decision.reserves]
    if not wanted:
        return Reserved(frozenset(), frozenset())
    columns = [
        [str(link.source) for link, _ in wanted],
        [link.kind for link, _ in wanted],
        [link.external_id for link, _ in wanted],
        [link.netsuite_id for link, _ in wanted],
        [event_id for _, event_id in wanted],
    ]
    cursor = await connection.execute(RESERVE, columns)
    won = frozenset((str(source), str(event_id)) for source, event_id in await cursor.fetchall())
    taken = {event_id for link, event_id in wanted if (str(link.source), event_id) not in won}
    return Reserved(won, frozenset(taken))


async def unreserve(connection: Connection, reserved: Reserved, event_ids: Collection[str]) -> None:
    """Give back what refused decisions had reserved just now."""
    lost = sorted(pair for pair in reserved.won if pair[1] in event_ids)
    if lost:
        columns = [[source for source, _ in lost], [event_id for _, event_id in lost]]
        await connection.execute(UNRESERVE, columns)


async def holding(connection: Connection, refs: Collection[RecordRef]) -> frozenset[str]:
    """Of what changes wait on: that which holds by now, as refs."""
    if not refs:
        return frozenset()
    cursor = await connection.execute(HOLDING, _named(refs))
    return frozenset(row[0] for row in await cursor.fetchall())


def _named(refs: Collection[RecordRef]) -> dict[str, Sequence[object]]:
    netsuite = [ref for ref in refs if ref.system is System.NETSUITE and not is_newer(ref)]
    nexts = {str(ref): read_before(ref) for ref in refs if is_newer(ref)}
    listed = [ref for ref in netsuite if ref.kind in LISTS]
    return {
        "nexts": list(nexts),
        "listed_kinds": [ref.kind for ref in listed],
        "listed_names": [ref.id for ref in listed],
        "olds": [str(ref) for ref, _ in nexts.values()],
        "majors": [version.major for _, version in nexts.values()],
        "minors": [version.minor for _, version in nexts.values()],
        "sources": [str(ref) for ref in refs if ref.system is System.SALESFORCE],
        "kinds": [ref.kind for ref in netsuite],
        "names": [ref.id for ref in netsuite],
        "firsts": [ref.id.partition("..")[0] for ref in netsuite],
        "lasts": [ref.id.rpartition("..")[2] for ref in netsuite],
        "refs": [str(ref) for ref in netsuite],
        "eid_kinds": [ref.kind for ref in netsuite if ref.external_id],
        "eids": [ref.external_id for ref in netsuite if ref.external_id],
    }


async def waiting_on_holding(
    connection: Connection, refs: Collection[RecordRef]
) -> Sequence[tuple[Any, ...]]:
    """Changes that wait on those of the refs that hold by now, older versions first."""
    if not refs:
        return []
    cursor = await connection.execute(WAITING_ON_HOLDING, _named(refs))
    return await cursor.fetchall()


async def put_links(connection: Connection, links: Iterable[Link]) -> None:
    await _many(connection, LINK, [link_row(link) for link in links])


def link_row(link: Link) -> tuple[str, str, str, str]:
    return (str(link.source), link.kind, link.external_id, link.netsuite_id)


async def put_refusals(connection: Connection, refusals: Iterable[Outcome], codec: Codec) -> None:
    await _many(connection, REFUSE, [(codec.encode(said), str(said.ref)) for said in refusals])


async def put_unlinks(connection: Connection, refs: Iterable[RecordRef]) -> None:
    names = [str(ref) for ref in refs]
    if names:
        await connection.execute(UNLINK, [names])


async def put_references(connection: Connection, references: Iterable[Reference]) -> None:
    rows = [(item.kind, item.id, item.key, Jsonb(dict(item.fields))) for item in references]
    await _many(connection, REFERENCE, rows)


async def put_written(
    connection: Connection, ended: Iterable[tuple[WriteCommand, Mapping[str, str]]]
) -> None:
    """Ended commands with the hashes of what they wrote, in the order in which they ended. Of two
    that write one field the later one ended what was under way; its hash counts if it has one."""
    last: dict[tuple[str, str], tuple[str, str]] = {}
    for command, digests in ended:
        for name in names_of(command.document):
            key = (str(command.target), name)
            before, _ = last.get(key, ("", ""))
            last[key] = (digests.get(name) or before, command.id)
    rows = [(*key, *said) for key, said in sorted(last.items())]
    if rows:
        await connection.execute(WRITTEN, [list(column) for column in zip(*rows, strict=True)])


async def forget_applied(connection: Connection, targets: Iterable[RecordRef]) -> None:
    """What was written to records that are removed: the same values are news again."""
    names = [str(target) for target in targets]
    if names:
        await connection.execute(FORGET_APPLIED, [names])


async def close(connection: Connection, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """End what still waits; those that ended meanwhile are left out."""
    if not outcomes:
        return ()
    columns = [[outcome.event_id for outcome in outcomes], [outcome.code for outcome in outcomes]]
    cursor = await connection.execute(CLOSE, columns)
    closed = {row[0] for row in await cursor.fetchall()}
    return tuple(outcome for outcome in outcomes if outcome.event_id in closed)


async def _many(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(statement, rows)
