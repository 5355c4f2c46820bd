"""Who can be recognised: remembers records under keyed digests, and refuses a decision that was
made before somebody like it came."""

from collections.abc import Iterable, Sequence

from kernel.codec import Codec
from kernel.records import System
from transform.adapters.bodies import body_of
from transform.adapters.queries import Connection
from transform.domain.decisions import Decision
from transform.domain.likeness import Entry

LOCK = """
    SELECT pg_advisory_xact_lock(('x' || encode(substr(key, 1, 8), 'hex'))::bit(64)::bigint)
    FROM unnest(%s::bytea[]) AS t (key)
"""
CAME_SINCE = """
    SELECT 1 FROM transform.party_keys WHERE key = ANY(%s) AND taken > %s AND ref <> %s LIMIT 1
"""
PUT = """
    INSERT INTO transform.parties (ref, number, body) VALUES (%s, %s, %s)
    ON CONFLICT (ref) DO UPDATE SET body = excluded.body
"""
LEAVE = "DELETE FROM transform.parties WHERE ref = %s AND number IS NULL"
CLEAR = "DELETE FROM transform.party_keys WHERE ref = %s AND NOT key = ANY(%s::bytea[])"
TAKE = """
    INSERT INTO transform.party_keys (key, ref, taken)
    SELECT key, %s, nextval('transform.party_numbers') FROM unnest(%s::bytea[]) AS t (key)
    ON CONFLICT DO NOTHING
"""


async def enter(
    connection: Connection, decisions: Sequence[Decision], codec: Codec
) -> frozenset[str]:
    """Ids of the changes to decide again: somebody like them came after their facts were read.

    Whoever takes a key holds its lock until the transaction ends, so of two that take it at once
    the second sees the first.
    """
    keys = sorted({key for decision in decisions for e in decision.entries for key in e.keys})
    if keys:
        await connection.execute(LOCK, [keys])
    refused: set[str] = set()
    for decision in decisions:
        if await _comes_late(connection, decision.entries):
            refused.add(decision.case.change.id)
        else:
            await _put(connection, decision, codec)
    return frozenset(refused)


async def _comes_late(connection: Connection, entries: Iterable[Entry]) -> bool:
    for entry in entries:
        if entry.horizon is None or not entry.keys:
            continue
        values = [sorted(entry.keys), entry.horizon, str(entry.ref)]
        if await (await connection.execute(CAME_SINCE, values)).fetchone():
            return True
    return False


async def _put(connection: Connection, decision: Decision, codec: Codec) -> None:
    for entry in decision.entries:
        keys = sorted(entry.keys)
        await connection.execute(CLEAR, [str(entry.ref), keys])
        if entry.is_gone and entry.ref.system is System.SALESFORCE:
            await connection.execute(LEAVE, [str(entry.ref)])
            continue
        await connection.execute(PUT, [str(entry.ref), _number(entry), _body(entry, codec)])
        if keys:
            await connection.execute(TAKE, [str(entry.ref), keys])


def _number(entry: Entry) -> int | None:
    """Customers count, those that are gone too: their number was told of at the start."""
    return int(entry.ref.id) if entry.ref.system is System.NETSUITE else None


def _body(entry: Entry, codec: Codec) -> bytes | None:
    return None if entry.fields is None else body_of(entry.ref, entry.fields, codec)
