"""Crashes, gaps of the source, parts that are away, wrong credentials: nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path

import psycopg
import pytest

from kernel.messages import ChangeEvent
from kernel.records import RecordRef
from kernel.topics import ALL, SALESFORCE_CHANGES
from tests.contract.sandbox.netsuite_client import line
from tests.integration.ingest.desk import (
    Desk,
    fields,
    lines,
    one_content_an_id,
    opportunity_ref,
    order_ref,
    stage_is,
)
from tests.log import eventually

pytestmark = pytest.mark.real
LINES = "OpportunityLineItems"
END_WITHIN_S = 10.0
LOOKS_A_LOCK = 30
END_WAITING = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND usename = current_user"""
CURSOR_BEHIND = "SELECT 1 FROM ingest.cursors WHERE commit_number >= %s"
Store = psycopg.Connection[tuple[object, ...]]


def crash(desk: Desk, store: Store) -> None:
    """Ends ingest while its cursor waits to be stored. Its statement ends with it: PostgreSQL would
    carry it out without the client that sent it."""
    desk.kill()
    store.execute(END_WAITING)
    store.rollback()


def test_a_crash_between_the_log_and_the_cursor_repeats_with_the_same_ids(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    with psycopg.connect(desk.stack.dsn("sync_service"), autocommit=False) as store:
        store.execute("LOCK TABLE ingest.cursors IN ACCESS EXCLUSIVE MODE")
        desk.people.update("Opportunity", made, StageName="Closed Won")
        won = desk.change(ref, stage_is("Closed Won"))
        crash(desk, store)
    again = eventually(lambda: [c for c in desk.changes(ref) if c.id == won.id][1:])
    assert [change.version for change in again] == [won.version] * len(again)


def told_before_its_cursor(desk: Desk, store: Store, ref: RecordRef) -> ChangeEvent:
    """A poll that began before the record was made cannot end while the table is locked, and no
    other begins before it: so the lock is opened for a moment now and then."""
    looks = count(1)

    def told() -> ChangeEvent | None:
        found = next((change for change in desk.changes(ref) if fields(change)), None)
        if found is None and next(looks) % LOOKS_A_LOCK == 0:
            store.rollback()
            store.execute("LOCK TABLE ingest.cursors IN ACCESS EXCLUSIVE MODE")
        return found

    return eventually(told)


def test_a_poll_that_crashed_before_its_cursor_repeats_with_the_same_ids(desk: Desk) -> None:
    with psycopg.connect(desk.stack.dsn("sync_service"), autocommit=False) as store:
        store.execute("LOCK TABLE ingest.cursors IN ACCESS EXCLUSIVE MODE")
        ref = order_ref(desk.books.order(desk.books.customer(), line(101, 1, 100.0)))
        told = told_before_its_cursor(desk, store, ref)
        crash(desk, store)
    again = eventually(lambda: [c for c in desk.changes(ref) if c.id == told.id][1:])
    assert again[0].version == told.version
    assert one_content_an_id(desk.changes(ref))


def test_events_that_are_no_longer_kept_are_replaced_by_a_reading(desk: Desk) -> None:
    """T4.1"""
    made = desk.opportunity()
    ref = opportunity_ref(made)
    first = desk.change(ref, lambda change: bool(lines(change, LINES)))
    with psycopg.connect(desk.stack.dsn("sync_service"), autocommit=True) as store:
        eventually(lambda: store.execute(CURSOR_BEHIND, [first.version.major]).fetchone())
        desk.kill(signal.SIGSTOP)
        desk.people.update("Opportunity", made, StageName="Closed Won")
        desk.kill()
        unknown = b"\x7f" + b"\xff" * 7 + b"\0\0"
        store.execute(
            "UPDATE ingest.cursors SET replay_id = %s WHERE replay_id IS NOT NULL", [unknown]
        )
    won = desk.change(ref, stage_is("Closed Won"))
    assert won.version >= first.version  # both may have been made within one second
    desk.until_ready()
    after = desk.opportunity()
    later = desk.change(opportunity_ref(after), lambda change: bool(lines(change, LINES)))
    assert later.version.major > won.version.major


def test_a_clean_end_stores_the_cursor_and_repeats_nothing(desk: Desk) -> None:
    made = desk.opportunity()
    ref = opportunity_ref(made)
    desk.change(ref, lambda change: bool(lines(change, LINES)))
    pid, started = desk.pid(), time.monotonic()
    desk.kill(signal.SIGTERM)
    eventually(lambda: not Path(f"/proc/{pid}").exists())
    assert time.monotonic() - started < END_WITHIN_S
    before = len(desk.log.records(SALESFORCE_CHANGES))
    desk.until_ready()
    desk.people.update("Opportunity", made, StageName="Closed Won")
    desk.change(ref, stage_is("Closed Won"))
    assert len(desk.log.records(SALESFORCE_CHANGES)) == before + 1


@pytest.mark.parametrize("effect", ["token_dead", "status", "drop_before_commit"])
def test_a_bad_minute_of_the_vendors_is_waited_out(desk: Desk, effect: str) -> None:
    """R11, T4.2"""
    made = desk.opportunity()
    customer = desk.books.customer()
    common = {"effect": effect, "status": 503, "path": "*", "probability": 0.5, "times": 12}
    desk.vendors.faults(
        {**common, "system": "salesforce", "method": "GET"},
        {**common, "system": "salesforce", "method": "GRPC"},
        {**common, "system": "netsuite", "path": "/query/v1/suiteql"},
    )
    answer = desk.people.call("PATCH", f"/sobjects/Opportunity/{made}", {"StageName": "Closed Won"})
    assert answer.status_code == 204
    order = desk.books.order(customer, line(101, 1, 100.0))
    desk.change(opportunity_ref(made), stage_is("Closed Won"))
    desk.change(order_ref(order), lambda change: bool(fields(change)))


def test_vendors_that_are_away_are_named_and_waited_for(desk: Desk) -> None:
    made = desk.opportunity()
    desk.change(opportunity_ref(made), lambda change: bool(lines(change, LINES)))
    desk.stack.kill("sandbox", signal.SIGSTOP)
    desk.stack.kill("sandbox", signal.SIGKILL)
    eventually(lambda: not desk.ready()[0])
    desk.until_ready()
    desk.people.update("Opportunity", made, StageName="Closed Won")
    desk.change(opportunity_ref(made), stage_is("Closed Won"))


@pytest.mark.parametrize("part", ["kafka", "postgres"])
def test_a_part_that_dies_in_the_middle_costs_nothing(desk: Desk, part: str) -> None:
    """R6, R7"""
    made = [desk.opportunity() for _ in range(3)]
    order = desk.books.order(desk.books.customer(), line(101, 1, 100.0))
    desk.stack.kill(part)
    for opportunity in made:
        desk.people.update("Opportunity", opportunity, StageName="Closed Won")
    desk.books.patch(f"/salesOrder/{order}", {"orderStatus": {"id": "A"}})
    for opportunity in made:
        desk.change(opportunity_ref(opportunity), stage_is("Closed Won"), within_s=90)
    desk.change(
        order_ref(order), lambda c: fields(c)["status.refName"] == "Pending Approval", within_s=90
    )
    desk.until_ready()


def ended(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ingest"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("SALESFORCE_USERNAME", "Salesforce refused the sign-in"),
        ("SALESFORCE_CONSUMER_KEY", "Salesforce refused the sign-in"),
        ("NETSUITE_CLIENT_ID", "NetSuite refused the sign-in"),
        ("NETSUITE_CERTIFICATE_ID", "NetSuite refused the sign-in"),
    ],
)
def test_a_wrong_credential_ends_the_service_and_says_whose_it_is(
    desk: Desk, tmp_path: Path, setting: str, says: str
) -> None:
    own = {"HEALTH_FILE": str(tmp_path / "health"), "GROUP_INSTANCE_ID": "wrong"}
    process = ended(desk.environment() | own | {setting: "a-wrong-value"})
    assert process.returncode == 1
    assert says in process.stderr
    assert "a-wrong-value" not in process.stderr


def test_missing_settings_are_all_named_at_once() -> None:
    bare = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "")}
    process = ended(bare)
    assert process.returncode == 2
    for name in ("KAFKA_BOOTSTRAP", "SYNC_DSN", "SALESFORCE_URL", "NETSUITE_PRIVATE_KEY_FILE"):
        assert f"ingest: {name} is not set" in process.stderr


def test_no_topic_and_no_log_line_shows_a_personal_value(desk: Desk) -> None:
    """I8"""
    canary = "Ottoline Vandermeer"
    made = desk.opportunity(name=canary)
    desk.change(opportunity_ref(made), lambda change: bool(lines(change, LINES)))
    for topic in ALL:
        assert all(canary.encode() not in (r.value or b"") for r in desk.log.records(topic))
    assert canary not in (desk.stack.logs / "ingest.log").read_text()
    with psycopg.connect(desk.stack.dsn("sync_service")) as store:
        for table in ("cursors", "members", "readings"):
            rows = store.execute(f"SELECT * FROM ingest.{table}".encode()).fetchall()
            assert canary not in repr(rows)
