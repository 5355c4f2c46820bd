"""Alerts that are on: each subject is raised once, and cleared when nothing waits on it."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from kernel.codec import Codec
from kernel.identity import alert_id
from kernel.messages import Alert, AlertState
from transform.adapters.queries import Connection

RAISE = """
    INSERT INTO transform.alerts (subject, body)
    SELECT subject, body FROM unnest(%s::text[], %s::bytea[]) AS asked (subject, body)
    ON CONFLICT DO NOTHING RETURNING subject
"""
CLEAR = """
    DELETE FROM transform.alerts AS held
    WHERE held.subject = ANY(%s) AND NOT EXISTS (
        SELECT 1 FROM transform.changes AS waiting
        WHERE waiting.state = 'parked' AND waiting.waits_on LIKE held.subject || '@%%')
    RETURNING body
"""


async def put_alerts(
    connection: Connection, alerts: Sequence[Alert], codec: Codec
) -> tuple[Alert, ...]:
    """Those whose subject was not raised before."""
    by_subject = {alert.subject: alert for alert in reversed(alerts)}
    if not by_subject:
        return ()
    subjects = sorted(by_subject)
    bodies = [codec.encode(by_subject[subject]) for subject in subjects]
    cursor = await connection.execute(RAISE, [subjects, bodies])
    return tuple(by_subject[row[0]] for row in await cursor.fetchall())


async def clear_alerts(
    connection: Connection, subjects: Collection[str], codec: Codec
) -> tuple[Alert, ...]:
    """To be asked once the changes of the decisions are stored."""
    if not subjects:
        return ()
    cursor = await connection.execute(CLEAR, [sorted(set(subjects))])
    raised = [codec.decode(row[0]) for row in await cursor.fetchall()]
    return tuple(_cleared(alert) for alert in raised if isinstance(alert, Alert))


def _cleared(alert: Alert) -> Alert:
    identity = alert_id(alert.subject, AlertState.CLEARED, alert.id)
    return replace(alert, id=identity, state=AlertState.CLEARED)
