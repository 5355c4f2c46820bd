"""Finds changes whose write to NetSuite takes long, so that their records can say so."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kernel.codec import Codec
from kernel.messages import WriteCommand
from kernel.records import System
from transform.adapters.queries import CAUSE_COLUMNS, Connection, cause_of
from transform.domain.facts import Cause
from transform.domain.notices import MOVING, NOTICED, STATUS

LATE_MAX = 500
LATE = f"""
    SELECT {CAUSE_COLUMNS}, state FROM transform.changes AS late
    WHERE (state = 'open' OR (state = 'parked' AND code = ANY(%(moving)s)))
      AND updated_at < now() - make_interval(secs => %(after_s)s)
      AND split_part(ref, ':', 1) = 'salesforce' AND split_part(ref, ':', 2) = ANY(%(kinds)s)
      AND NOT EXISTS (SELECT 1 FROM transform.applied AS shown
                      WHERE shown.target = late.ref AND shown.field = %(field)s
                        AND shown.hash = %(hash)s)
    ORDER BY event_id LIMIT {LATE_MAX} FOR UPDATE SKIP LOCKED
"""
"""Locked until the notice is stored: nothing can end the write between."""
UNDER_WAY = """
    SELECT event_id::text, body FROM transform.commands
    WHERE event_id = ANY(%s::uuid[]) AND result = '' AND body IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class _Late:
    cause: Cause
    is_parked: bool


async def late_causes(
    connection: Connection, after_s: float, codec: Codec, shown: str
) -> Sequence[Cause]:
    """Of records that do not say so yet; `shown` is the hash of the status that says it.

    A change that waits for another's write, such as an order for its customer, counts too.
    """
    values = {
        "moving": sorted(MOVING),
        "after_s": after_s,
        "kinds": sorted(NOTICED),
        "field": STATUS,
        "hash": shown,
    }
    rows = await (await connection.execute(LATE, values)).fetchall()
    found = [_late(row) for row in rows]
    if not found:
        return ()
    cursor = await connection.execute(UNDER_WAY, [[late.cause.event_id for late in found]])
    writing = {event for event, body in await cursor.fetchall() if _goes_out(codec, body)}
    return [late.cause for late in found if late.is_parked or late.cause.event_id in writing]


def _late(row: tuple[Any, ...]) -> _Late:
    return _Late(cause_of(row[:-1]), row[-1] == "parked")


def _goes_out(codec: Codec, body: bytes) -> bool:
    command = codec.decode(body)
    return isinstance(command, WriteCommand) and command.target.system is System.NETSUITE
