"""How all changes stand, and what holds up those that wait."""

from auditor.app.read import entry_of
from auditor.domain.report import Summary
from auditor.domain.waiting import Waiting, grouped
from auditor.ports import Counts, WaitingRow
from kernel.codec import Codec

WAITING_READ_MAX = 2_000
"""Beyond this many nothing is said of what the waiting changes are worth."""


async def summary(counts: Counts, codec: Codec) -> Summary:
    standings = await counts.standings(WAITING_READ_MAX)
    waiting = [_waiting(row, codec) for row in standings.waiting]
    return Summary(groups=standings.groups, waiting=grouped(standings.causes, waiting))


def _waiting(row: WaitingRow, codec: Codec) -> Waiting:
    return Waiting(
        code=row.code,
        waits_on=row.waits_on,
        captured_at=row.change.logged_at,
        change=entry_of(row.change, codec),
        outcome=entry_of(row.outcome, codec),
    )
