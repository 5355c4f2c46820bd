"""The writing half of the state: one statement a table for a whole batch of decisions."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from psycopg.types.json import Json, Jsonb

from kernel.codec import Codec
from kernel.messages import ChangeEvent, ChangeKind, Message, Outcome, WriteCommand
from kernel.records import RecordRef, System
from transform.adapters.queries import Connection
from transform.adapters.rate_tables import scope_of
from transform.domain.deals import OPPORTUNITY
from transform.domain.decisions import Decision, names_of
from transform.domain.facts import Cause, Link, Reference
from transform.ports import Due

Encoded = Callable[[Message], bytes]
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
    SELECT ref FROM transform.bodies WHERE ref = ANY(%(refs)s)
    UNION ALL
    SELECT 'netsuite:' || kind || ':eid:' || external_id FROM transform.links
    WHERE external_id <> '' AND (netsuite_id <> '' OR refusal IS NOT NULL) AND (kind, external_id)
        IN (SELECT * FROM unnest(%(eid_kinds)s::text[], %(eids)s::text[]))
"""
"""A record of reference data holds unless it is inactive, or a period that is shut. `first..last`
names a span of keys; it holds when one of them does. An external id holds as soon as it is known
how the making of its record ended, this way or that."""
CHANGE = """
    INSERT INTO transform.changes
        (event_id, ref, major, minor, topic, partition, "offset", round, state, waits_on, code)
    SELECT * FROM json_to_recordset(%s) AS t (event_id uuid, ref text, major bigint,
        minor bigint, topic text, partition int, "offset" bigint, round int, state text,
        waits_on text, code text)
    ON CONFLICT (event_id) DO UPDATE SET round = excluded.round, state = excluded.state,
        waits_on = excluded.waits_on, code = excluded.code, updated_at = now()
"""
CLOSE = """
    UPDATE transform.changes SET state = 'ended', code = 'SUPERSEDED', waits_on = NULL,
        updated_at = now()
    WHERE event_id = ANY(%s::uuid[]) AND state = 'parked' RETURNING event_id::text
"""
COMMAND = """
    INSERT INTO transform.commands (command_id, event_id, round, part, body)
    SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::bytea[])
    ON CONFLICT DO NOTHING
"""
DOCUMENT = """
    INSERT INTO transform.documents AS held (ref, major, minor)
    SELECT * FROM json_to_recordset(%s) AS t (ref text, major bigint, minor bigint)
    ON CONFLICT (ref) DO UPDATE SET major = excluded.major, minor = excluded.minor
    WHERE (held.major, held.minor) < (excluded.major, excluded.minor)
"""
BODY = """
    INSERT INTO transform.bodies AS held (ref, major, minor, body)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bytea[])
    ON CONFLICT (ref) DO UPDATE
    SET major = excluded.major, minor = excluded.minor, body = excluded.body
    WHERE (held.major, held.minor) <= (excluded.major, excluded.minor)
"""
FORGET = "DELETE FROM transform.bodies WHERE ref = ANY(%s)"
REFERENCE = """
    INSERT INTO transform.reference_data (kind, id, key, fields) VALUES (%s, %s, %s, %s)
    ON CONFLICT (kind, id) DO UPDATE SET key = excluded.key, fields = excluded.fields
"""
APPLIED = """
    INSERT INTO transform.applied (target, field, hash) VALUES (%s, %s, %s)
    ON CONFLICT (target, field) DO UPDATE SET hash = excluded.hash
"""
UNDER_WAY = """
    INSERT INTO transform.applied (target, field, hash, under_way)
    SELECT target, field, '', command FROM unnest(%s::text[], %s::text[], %s::text[])
        AS t (target, field, command) ORDER BY target, field
    ON CONFLICT (target, field) DO UPDATE SET under_way = excluded.under_way
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
OUTBOX = """
    INSERT INTO transform.outbox (owner, body, parent)
    SELECT %s, body, parent FROM unnest(%s::bytea[], %s::text[]) WITH ORDINALITY
        AS t (body, parent, place) ORDER BY place
    RETURNING number
"""
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
    netsuite = [ref for ref in refs if ref.system is System.NETSUITE]
    values = {
        "sources": [str(ref) for ref in refs if ref.system is System.SALESFORCE],
        "kinds": [ref.kind for ref in netsuite],
        "names": [ref.id for ref in netsuite],
        "firsts": [ref.id.partition("..")[0] for ref in netsuite],
        "lasts": [ref.id.rpartition("..")[2] for ref in netsuite],
        "refs": [str(ref) for ref in netsuite],
        "eid_kinds": [ref.kind for ref in netsuite if ref.external_id],
        "eids": [ref.external_id for ref in netsuite if ref.external_id],
    }
    cursor = await connection.execute(HOLDING, values)
    return frozenset(row[0] for row in await cursor.fetchall())


async def put_links(connection: Connection, links: Iterable[Link]) -> None:
    rows = [(str(link.source), link.kind, link.external_id, link.netsuite_id) for link in links]
    await _many(connection, LINK, rows)


async def put_refusals(connection: Connection, refusals: Iterable[Outcome], codec: Codec) -> None:
    await _many(connection, REFUSE, [(codec.encode(said), str(said.ref)) for said in refusals])


async def put_unlinks(connection: Connection, refs: Iterable[RecordRef]) -> None:
    names = [str(ref) for ref in refs]
    if names:
        await connection.execute(UNLINK, [names])


async def put_references(connection: Connection, references: Iterable[Reference]) -> None:
    rows = [(item.kind, item.id, item.key, Jsonb(dict(item.fields))) for item in references]
    await _many(connection, REFERENCE, rows)


async def put_changes(
    connection: Connection, changes: Iterable[tuple[Cause, str, Outcome | None]]
) -> None:
    """Each with its state and the outcome that says what it waits on."""
    rows = [_change_row(cause, state, outcome) for cause, state, outcome in changes]
    last = {row["event_id"]: row for row in rows}  # a statement may meet each row only once
    if last:
        await connection.execute(CHANGE, [Json(list(last.values()))])


def _change_row(cause: Cause, state: str, outcome: Outcome | None) -> dict[str, object]:
    return {
        "event_id": cause.event_id,
        "ref": str(cause.ref),
        "major": cause.version.major,
        "minor": cause.version.minor,
        "topic": cause.origin.topic,
        "partition": cause.origin.partition,
        "offset": cause.origin.offset,
        "round": cause.round,
        "state": state,
        "waits_on": str(outcome.waits_on) if outcome and outcome.waits_on else None,
        "code": outcome.code if outcome else "",
    }


async def put_documents(connection: Connection, decisions: Iterable[Decision]) -> None:
    """Only what was read, or is gone, moves a document's version on."""
    changes = [decision.case.change for decision in decisions]
    moving = (c for c in changes if c.document is not None or c.kind is ChangeKind.DELETE)
    rows = [
        {"ref": str(change.ref), "major": change.version.major, "minor": change.version.minor}
        for change in _newest(moving)
    ]
    if rows:
        await connection.execute(DOCUMENT, [Json(rows)])


def _newest(changes: Iterable[ChangeEvent]) -> Iterable[ChangeEvent]:
    """Of each document; of two that are equally new the later one."""
    newest: dict[RecordRef, ChangeEvent] = {}
    for change in changes:
        held = newest.get(change.ref)
        if held is None or held.version <= change.version:
            newest[change.ref] = change
    return newest.values()


async def put_bodies(connection: Connection, decisions: Iterable[Decision], codec: Codec) -> None:
    """Without the notices that led to it: what counts is how the document reads."""
    changes = [decision.case.change for decision in decisions if decision.keeps]
    rows = [
        (str(c.ref), c.version.major, c.version.minor, codec.encode(replace(c, captures=())))
        for c in _newest(c for c in changes if c.document is not None)
    ]
    await _columns(connection, BODY, rows)
    gone = [str(c.ref) for c in changes if c.kind is ChangeKind.DELETE]
    if gone:
        await connection.execute(FORGET, [gone])


async def put_commands(
    connection: Connection, commands: Iterable[WriteCommand], encoded: Encoded
) -> None:
    """What they write is under way from now on."""
    sent = list(commands)
    rows = [(c.id, c.event_id, c.round, c.part, encoded(c)) for c in sent]
    await _columns(connection, COMMAND, rows)
    last = {(str(c.target), name): c.id for c in sent for name in names_of(c.document)}
    await _columns(connection, UNDER_WAY, [(*key, command) for key, command in last.items()])


async def put_applied(connection: Connection, applied: Mapping[tuple[RecordRef, str], str]) -> None:
    rows = [(str(target), field, digest) for (target, field), digest in sorted(applied.items())]
    await _many(connection, APPLIED, rows)


async def put_written(
    connection: Connection, ended: Iterable[tuple[WriteCommand, Mapping[str, str]]]
) -> None:
    """Ended commands with the hashes of what they wrote, one command after the other: of each
    record they ended in the order in which they were sent."""
    for command, digests in sorted(ended, key=lambda item: str(item[0].target)):
        names = names_of(command.document)
        rows = [(str(command.target), n, digests.get(n, ""), command.id) for n in sorted(names)]
        await _columns(connection, WRITTEN, rows)


async def forget_applied(connection: Connection, targets: Iterable[RecordRef]) -> None:
    """What was written to records that are removed: the same values are news again."""
    names = [str(target) for target in targets]
    if names:
        await connection.execute(FORGET_APPLIED, [names])


async def close(connection: Connection, outcomes: Sequence[Outcome]) -> tuple[Outcome, ...]:
    """End what still waits as superseded; those that ended meanwhile are left out."""
    if not outcomes:
        return ()
    cursor = await connection.execute(CLOSE, [[outcome.event_id for outcome in outcomes]])
    closed = {row[0] for row in await cursor.fetchall()}
    return tuple(outcome for outcome in outcomes if outcome.event_id in closed)


async def put_outbox(
    connection: Connection, messages: Sequence[tuple[Message, str]], owner: str, encoded: Encoded
) -> tuple[Due, ...]:
    """`messages` come with the traceparent of what caused them."""
    if not messages:
        return ()
    bodies = [encoded(message) for message, _ in messages]
    cursor = await connection.execute(OUTBOX, [owner, bodies, [parent for _, parent in messages]])
    numbers = [row[0] for row in await cursor.fetchall()]
    return tuple(
        Due(number=number, message=message, body=body, parent=parent)
        for number, body, (message, parent) in zip(numbers, bodies, messages, strict=True)
    )


async def _columns(
    connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]
) -> None:
    """One statement for all rows: an array a column."""
    if rows:
        await connection.execute(statement, [list(column) for column in zip(*rows, strict=True)])


async def _many(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(statement, rows)
