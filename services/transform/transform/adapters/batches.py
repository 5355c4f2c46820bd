"""What every batch of decisions and conclusions writes: one statement, atomic by itself."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import AsyncCursor

from kernel.codec import Codec
from kernel.messages import ChangeEvent, ChangeKind, Message, Outcome, WriteCommand
from kernel.records import RecordRef
from transform.adapters.queries import Connection
from transform.domain.decisions import names_of
from transform.domain.facts import Case, Cause
from transform.ports import Due, Parents

WRITE = """
    WITH documents AS (
        INSERT INTO transform.documents AS held (ref, major, minor)
        SELECT * FROM json_to_recordset(%(documents)s)
            AS t (ref text, major bigint, minor bigint)
        ON CONFLICT (ref) DO UPDATE SET major = excluded.major, minor = excluded.minor
        WHERE (held.major, held.minor) < (excluded.major, excluded.minor)),
    gone AS (DELETE FROM transform.bodies WHERE ref = ANY(%(gone)s::text[])),
    bodies AS (
        INSERT INTO transform.bodies AS held (ref, major, minor, body)
        SELECT t.ref, t.major, t.minor, body.body
        FROM ROWS FROM (
            json_to_recordset(%(bodies)s) AS (ref text, major bigint, minor bigint)
        ) WITH ORDINALITY AS t (ref, major, minor, place)
        JOIN unnest(%(body_bytes)b::bytea[]) WITH ORDINALITY AS body (body, place) USING (place)
        ON CONFLICT (ref) DO UPDATE
        SET major = excluded.major, minor = excluded.minor, body = excluded.body
        WHERE (held.major, held.minor) <= (excluded.major, excluded.minor)),
    applied AS (
        INSERT INTO transform.applied AS held (target, field, hash, under_way)
        SELECT target, field, coalesce(hash, ''), coalesce(under_way, '')
        FROM json_to_recordset(%(applied)s)
            AS t (target text, field text, hash text, under_way text)
        ON CONFLICT (target, field) DO UPDATE SET
            hash = CASE excluded.under_way WHEN '' THEN excluded.hash
                ELSE coalesce(nullif(excluded.hash, ''), held.hash) END,
            under_way = coalesce(nullif(excluded.under_way, ''), held.under_way)),
    changes AS (
        INSERT INTO transform.changes
            (event_id, ref, major, minor, topic, partition, "offset", round, state, waits_on, code)
        SELECT * FROM json_to_recordset(%(changes)s) AS t (event_id uuid, ref text, major bigint,
            minor bigint, topic text, partition int, "offset" bigint, round int, state text,
            waits_on text, code text)
        ON CONFLICT (event_id) DO UPDATE SET round = excluded.round, state = excluded.state,
            waits_on = excluded.waits_on, code = excluded.code, updated_at = now()),
    ended AS (
        UPDATE transform.commands AS held SET result = t.result, body = NULL
        FROM json_to_recordset(%(ended)s) AS t (command_id uuid, result text)
        WHERE held.command_id = t.command_id),
    commands AS (
        INSERT INTO transform.commands (command_id, event_id, round, part, body)
        SELECT t.command_id, t.event_id, t.round, t.part, body.body
        FROM ROWS FROM (
            json_to_recordset(%(commands)s)
                AS (command_id uuid, event_id uuid, round int, part text)
        ) WITH ORDINALITY AS t (command_id, event_id, round, part, place)
        JOIN unnest(%(command_bytes)b::bytea[]) WITH ORDINALITY AS body (body, place) USING (place)
        ON CONFLICT DO NOTHING)
    INSERT INTO transform.outbox (owner, body, parent)
    SELECT %(owner)s, t.body, parents.parent
    FROM unnest(%(messages)b::bytea[]) WITH ORDINALITY AS t (body, place)
    JOIN json_array_elements_text(%(parents)s) WITH ORDINALITY AS parents (parent, place)
        USING (place)
    ORDER BY place
    RETURNING number
"""
"""Every part is a table of its own, so the order of the parts does not matter; rows come as JSON,
and as bytes what is not text. A document is never kept and gone in one batch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows to write; an empty one writes nothing."""

    documents: Iterable[ChangeEvent] = ()
    """Only what was read, or is gone, moves a document's version on."""
    kept: Sequence[Case] = ()
    """Those whose document is to be kept, or to be forgotten where it is gone."""
    applied: Mapping[tuple[RecordRef, str], str] = field(default_factory=dict)
    """Beside it stands of every field that `commands` write that it is under way."""
    changes: Iterable[tuple[Cause, str, Outcome | None]] = ()
    """Each with its state and the outcome that says what it waits on."""
    ended: Iterable[tuple[str, str]] = ()
    """Ids of commands and how they ended."""
    commands: Sequence[WriteCommand] = ()
    messages: Sequence[Message] = ()
    """To be sent, in this order."""


@dataclass(frozen=True, slots=True)
class Written:
    """A batch on its way to the database."""

    _cursor: AsyncCursor[tuple[Any, ...]]
    _messages: Sequence[Message]
    _bodies: Sequence[bytes]
    _parents: Sequence[str]

    async def due(self) -> tuple[Due, ...]:
        """What is to be sent, as it is stored; waits for the database."""
        numbers = [row[0] for row in await self._cursor.fetchall()]
        sent = zip(numbers, self._messages, self._bodies, self._parents, strict=True)
        return tuple(
            [
                Due(number=number, message=message, body=body, parent=parent)
                for number, message, body, parent in sent
            ]
        )


async def write(
    connection: Connection, batch: Batch, codec: Codec, *, owner: str, parents: Parents
) -> Written:
    """`owner` names the instance that will send the messages, `parents` by event the traceparent
    of what caused them."""
    encoded = codec.once()
    changes = [case.change for case in batch.kept]
    forgotten = [str(change.ref) for change in changes if change.kind is ChangeKind.DELETE]
    kept = _newest(c for c in changes if c.document and c.kind is not ChangeKind.DELETE)
    as_read = {case.change.id: case.record for case in batch.kept}
    bodies = [encoded(message) for message in batch.messages]
    above = [parents.get(event_of(message), "") for message in batch.messages]
    values = {
        "documents": _json(map(_version_row, _newest(_moving(batch.documents)))),
        "gone": forgotten,
        "bodies": _json(map(_version_row, kept)),
        "body_bytes": [as_read[change.id] or codec.encode(change) for change in kept],
        "applied": _json(_applied_rows(batch)),
        "changes": _json(_changes(batch.changes)),
        "ended": _json({"command_id": own, "result": result} for own, result in batch.ended),
        "commands": _json(map(_command_row, batch.commands)),
        "command_bytes": [encoded(command) for command in batch.commands],
        "owner": owner,
        "messages": bodies,
        "parents": _json(above),
    }
    return Written(await connection.execute(WRITE, values), batch.messages, bodies, above)


def event_of(message: Message) -> str:
    """The change a message belongs to; others stand for themselves."""
    return message.event_id if isinstance(message, WriteCommand | Outcome) else message.id


def _json(rows: Iterable[object]) -> str:
    return json.dumps(list(rows), separators=(",", ":"), ensure_ascii=False)


def _moving(changes: Iterable[ChangeEvent]) -> Iterable[ChangeEvent]:
    return (c for c in changes if c.document is not None or c.kind is ChangeKind.DELETE)


def _newest(changes: Iterable[ChangeEvent]) -> list[ChangeEvent]:
    """Of each document; of two that are equally new the later one."""
    newest: dict[RecordRef, ChangeEvent] = {}
    for change in changes:
        held = newest.get(change.ref)
        if held is None or held.version <= change.version:
            newest[change.ref] = change
    return list(newest.values())


def _version_row(change: ChangeEvent) -> dict[str, object]:
    version = change.version
    return {"ref": str(change.ref), "major": version.major, "minor": version.minor}


def _applied_rows(batch: Batch) -> Iterable[object]:
    """By target and field: two batches take what both write in the same order. Sorted as texts,
    which no two keys share: comparing refs is many times slower."""
    under_way = {
        (command.target, name): command.id
        for command in batch.commands
        for name in names_of(command.document)
    }
    keys = batch.applied.keys() | under_way.keys()
    texts = {target: str(target) for target, _ in keys}
    for target, name, key in sorted((texts[key[0]], key[1], key) for key in keys):
        yield {
            "target": target,
            "field": name,
            "hash": batch.applied.get(key),
            "under_way": under_way.get(key),
        }


def _command_row(command: WriteCommand) -> dict[str, object]:
    return {
        "command_id": command.id,
        "event_id": command.event_id,
        "round": command.round,
        "part": command.part,
    }


def _changes(changes: Iterable[tuple[Cause, str, Outcome | None]]) -> Iterable[object]:
    """A statement may meet each row only once: the last word counts."""
    last = {cause.event_id: (cause, state, outcome) for cause, state, outcome in changes}
    return (_change_row(*item) for item in last.values())


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
