"""Where two systems were adopted NetSuite's stream begins at that moment too.

The last file of this directory: without its cursor ingest tells once more what it told before.
"""

import signal
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from kernel.records import netsuite
from runtime.handover import STORE
from tests.integration.ingest.desk import Desk

pytestmark = pytest.mark.real
FORGET = "DELETE FROM ingest.cursors WHERE channel ~ '^netsuite:[^:]+$' RETURNING channel"


def test_netsuites_first_poll_begins_at_the_moment_of_the_adoption(desk: Desk) -> None:
    """What was last changed before is not told, although a first poll of its own would reach back
    days; what changed since is."""
    desk.kill(signal.SIGSTOP)  # it sees nothing of this while it happens
    moment = datetime.now(UTC)
    desk.vendors.clock(now=(moment - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    before = netsuite("customer", desk.books.customer())
    desk.vendors.clock(now=None)
    since = netsuite("customer", desk.books.customer())
    with psycopg.connect(desk.stack.dsn("sync_service")) as connection:
        channel = connection.execute(FORGET).fetchone()
        assert channel
        connection.execute(STORE, [channel[0], moment])
    desk.kill()
    desk.change(since, lambda change: change.document is not None)
    assert desk.changes(before) == []
