"""Where two systems were adopted the stream begins at that moment: no gap, no overlap."""

import signal
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from kernel.messages import ChangeEvent
from runtime.handover import STORE
from tests.integration.ingest.desk import Desk, opportunity_ref
from tests.log import eventually

pytestmark = pytest.mark.real
FORGET = "DELETE FROM ingest.cursors WHERE channel LIKE 'salesforce:%' RETURNING channel"


def has_lines(change: ChangeEvent) -> bool:
    return bool(change.document and change.document.lines.get("OpportunityLineItems"))


def test_what_was_committed_before_an_adoption_is_not_told_again(desk: Desk) -> None:
    before, last = (opportunity_ref(desk.opportunity()) for _ in range(2))
    told = desk.change(last, has_lines)
    moment = told.captures[-1].committed_at + timedelta(seconds=2)
    eventually(lambda: datetime.now(UTC) > moment, within_s=5)
    known = len(desk.changes(before))
    desk.kill(signal.SIGSTOP)  # so that it stores no cursor after it was taken away
    with psycopg.connect(desk.stack.dsn("sync_service")) as connection:
        channel = connection.execute(FORGET).fetchone()
        assert channel
        connection.execute(STORE, [channel[0], moment])
    since = opportunity_ref(desk.opportunity())
    desk.kill()
    desk.change(since, has_lines)
    assert len(desk.changes(before)) == known > 0
