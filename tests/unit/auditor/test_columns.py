from dataclasses import asdict, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.domain.columns import Columns, LogRecord, columns_of
from auditor.domain.frames import packed, unpacked
from kernel.identity import undecodable_event_id
from kernel.messages import Coordinates, Result
from kernel.records import netsuite
from tests.builders import OPPORTUNITY, change, opportunity
from tests.unit.auditor.records import change_outcome, command, command_outcome, logged, order_ref

EVENT = change(OPPORTUNITY, opportunity())
AT = datetime(2026, 1, 2, tzinfo=UTC)


def foreign(*headers: tuple[str, bytes | None], topic: str = "sync.outcomes.v1") -> LogRecord:
    at = Coordinates(topic, 3, 7)
    return LogRecord(at=at, logged_at=AT, key=None, value=b"?", headers=headers)


def test_a_change_is_found_by_its_id_its_record_its_user_and_its_time() -> None:
    columns = columns_of(logged(EVENT))
    assert columns.message_id == columns.event_id == EVENT.id
    assert columns.ref == str(OPPORTUNITY)
    assert columns.type == "tallystick.change.update"
    assert columns.user_id == EVENT.captures[-1].user
    assert columns.event_time == EVENT.captures[-1].committed_at
    assert columns.result is None


def test_an_outcome_is_found_by_what_it_says() -> None:
    done = command(EVENT, order_ref(EVENT), {"memo": "x"})
    order = netsuite("salesOrder", "812")
    columns = columns_of(logged(command_outcome(done, written=order)))
    assert (columns.result, columns.code, columns.subject) == ("applied", "WRITTEN", "command")
    assert (columns.event_id, columns.causation) == (EVENT.id, done.id)
    assert (columns.target, columns.written) == (str(done.target), str(order))
    assert (columns.round, columns.origin) == (0, "salesforce.changes.v1 [0] @ 0")


def test_what_a_wait_is_for_and_who_asked_stand_in_columns() -> None:
    waits = change_outcome(
        EVENT, Result.PARKED, "ITEM_UNMAPPED", waits_on=OPPORTUNITY, operation_id="op-1"
    )
    columns = columns_of(logged(waits))
    assert (columns.waits_on, columns.operation_id) == (str(OPPORTUNITY), "op-1")


def test_a_record_without_our_headers_has_no_columns() -> None:
    assert set(asdict(columns_of(foreign(("other", b"x")))).values()) == {None}


def test_a_record_of_a_changes_topic_without_headers_is_a_change_of_its_own() -> None:
    columns = columns_of(foreign(topic="netsuite.changes.v1"))
    assert columns.event_id == undecodable_event_id("netsuite.changes.v1", 3, 7)
    assert replace(columns, event_id=None) == columns_of(foreign())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_subject", b"\xff\xfe"),
        ("ce_subject", b"a\0b"),
        ("ce_subject", b"x" * 3_000),
        ("ce_subject", None),
        ("ce_subject", b""),
        ("x-round", b"two"),
        ("x-round", b"-1"),
        ("x-round", b"99999999999"),
        ("ce_time", b"yesterday"),
        ("ce_time", b"2026-01-02T00:00:00"),
        ("ce_time", b"0001-01-01T00:00:00+14:00"),
    ],
)
def test_a_header_that_does_not_read_leaves_its_column_empty(
    name: str, value: bytes | None
) -> None:
    assert set(asdict(columns_of(foreign((name, value)))).values()) == {None}


def test_of_a_header_that_comes_twice_the_first_counts() -> None:
    columns = columns_of(foreign(("x-code", b"FIRST"), ("x-code", b"SECOND")))
    assert columns.code == "FIRST"


HEADERS = st.lists(
    st.tuples(st.text(max_size=30), st.none() | st.binary(max_size=60)), max_size=12
).map(tuple)


@given(HEADERS)
def test_headers_come_back_byte_for_byte(headers: tuple[tuple[str, bytes | None], ...]) -> None:
    assert unpacked(packed(headers)) == headers


@given(HEADERS)
def test_no_header_can_keep_a_record_out_of_the_store(
    headers: tuple[tuple[str, bytes | None], ...],
) -> None:
    assert isinstance(columns_of(foreign(*headers)), Columns)


@pytest.mark.parametrize("frame", [b"\0", b"\0\0\0\5ab", b"\0\0\0\1a", b"\xff\xff\xff\xff" * 2])
def test_bytes_that_are_no_frame_of_headers_are_refused(frame: bytes) -> None:
    with pytest.raises(ValueError, match="at byte"):
        unpacked(frame)
