"""Minutes, overlaps and versions of the poll."""

from datetime import UTC, datetime, timedelta

from ingest.domain.windows import Poll, Sighting, Sightings, next_version, window_start
from ingest.ports import LastReading
from kernel.messages import Version
from kernel.values import Document, content_hash

MINUTE = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
AGAIN = timedelta(seconds=5)
MARGIN = timedelta(seconds=30)
OPEN, BILLED = Document({"status": "open"}), Document({"status": "billed"})


def order(at: datetime = MINUTE) -> Sighting:
    return Sighting(kind="SalesOrd", id="812", at=at, user="11")


def seconds(number: float) -> datetime:
    return MINUTE + timedelta(seconds=number)


def test_a_record_is_read_again_until_its_minute_is_well_over() -> None:
    sightings = Sightings(MARGIN, AGAIN)
    for read_at in (10, 40, 70, 89, 94):
        assert sightings.news([order()], seconds(read_at)) == [order()]
        sightings.note([order()], seconds(read_at))
    assert sightings.news([order()], seconds(300)) == []


def test_within_its_minute_a_record_is_read_now_and_then_and_not_at_every_poll() -> None:
    sightings = Sightings(MARGIN, AGAIN)
    read = []
    for second in range(10, 120):
        if sightings.news([order()], seconds(second)):
            sightings.note([order()], seconds(second))
            read.append(second)
    assert read == [*range(10, 91, 5)]


def test_a_server_clock_that_was_set_back_does_not_put_a_record_to_rest() -> None:
    sightings = Sightings(MARGIN, AGAIN)
    sightings.note([order()], seconds(50))
    assert sightings.news([order()], seconds(20)) == [order()]


def test_a_record_with_another_minute_is_news() -> None:
    sightings = Sightings(MARGIN, AGAIN)
    sightings.note([order()], seconds(600))
    assert sightings.news([order()], seconds(601)) == []
    later = order(MINUTE + timedelta(minutes=1))
    assert sightings.news([later], seconds(601)) == [later]


def test_what_left_the_window_is_forgotten() -> None:
    sightings = Sightings(MARGIN, AGAIN)
    sightings.note([order()], seconds(600))
    sightings.forget(MINUTE)
    assert sightings.news([order()], seconds(601)) == []
    sightings.forget(MINUTE + timedelta(seconds=1))
    assert sightings.news([order()], seconds(601)) == [order()]


def test_a_window_overlaps_the_last_one_and_follows_a_clock_set_back() -> None:
    day, overlap = timedelta(days=1), timedelta(minutes=5)
    assert window_start(None, MINUTE, day, overlap) == MINUTE - day - overlap
    assert window_start(seconds(-60), MINUTE, day, overlap) == seconds(-60) - overlap
    assert window_start(seconds(7200), MINUTE, day, overlap) == MINUTE - overlap


def last(major: int, minor: int, document: Document = OPEN, sequence: int = 4) -> LastReading:
    return LastReading(
        content=content_hash(document), version=Version(major, minor), sequence=sequence
    )


def test_a_version_is_the_minute_and_the_poll_and_never_goes_back() -> None:
    minute = int(MINUTE.timestamp())
    assert next_version(None, seconds(17), 5) == Version(minute, 5)
    assert next_version(last(minute, 4), seconds(17), 5) == Version(minute, 5)
    assert next_version(last(minute + 60, 4), seconds(17), 5) == Version(minute + 60, 5)
    assert next_version(last(minute, 5), seconds(17), 5) == Version(minute, 6)
    assert next_version(last(minute, 9), seconds(17), 5) == Version(minute, 10)


def test_the_same_content_is_told_once() -> None:
    poll = Poll(sequence=5, acknowledged=4)
    first = poll.decide(None, OPEN, MINUTE)
    assert first is not None
    assert Poll(6, 5).decide(first, OPEN, MINUTE + timedelta(minutes=1)) is None


def test_two_edits_in_one_minute_are_two_versions() -> None:
    first = Poll(5, 4).decide(None, OPEN, MINUTE)
    second = Poll(6, 5).decide(first, BILLED, MINUTE)
    assert first is not None
    assert second is not None
    assert (first.version.major, first.version < second.version) == (second.version.major, True)


def test_what_a_crashed_poll_decided_goes_out_again_as_it_was() -> None:
    crashed = Poll(5, 4).decide(None, OPEN, MINUTE)
    assert Poll(5, 4).decide(crashed, OPEN, MINUTE + timedelta(minutes=9)) == crashed


def test_what_changed_after_a_crash_is_newer_than_what_was_decided_before_it() -> None:
    crashed = Poll(5, 4).decide(None, OPEN, MINUTE)
    again = Poll(5, 4).decide(crashed, BILLED, MINUTE)
    assert crashed is not None
    assert again is not None
    assert crashed.version < again.version


def test_a_record_that_is_gone_is_told_once_and_only_if_it_was_told_of() -> None:
    assert Poll(5, 4).decide(None, None, MINUTE) is None
    gone = Poll(5, 4).decide(last(1, 1), None, MINUTE)
    assert gone is not None
    assert Poll(6, 5).decide(gone, None, MINUTE) is None
