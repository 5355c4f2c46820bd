"""A cursor never passes what is not yet in the log."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.ports import Cursor
from kernel.messages import Coordinates
from tests.unit.ingest.samples import cursor, from_the_start

PLACE = Coordinates("salesforce.changes.v1", 3, 41)


def test_only_what_stands_before_the_oldest_open_event_is_reached() -> None:
    positions = from_the_start()
    first, second, third = (positions.open(cursor(number), 1) for number in (1, 2, 3))
    positions.finish(third)
    positions.finish(second, PLACE)
    assert positions.reached == Cursor()
    positions.finish(first)
    assert positions.reached.commit_number == 3
    assert positions.reached.produced == PLACE
    assert positions.in_hand == 0


def test_an_event_of_many_parts_is_finished_with_the_last_of_them() -> None:
    positions = from_the_start()
    event = positions.open(cursor(1), 2)
    positions.add(event, 1)
    positions.finish(event)
    positions.finish(event)
    assert positions.reached == Cursor()
    positions.finish(event)
    assert positions.reached.replay_id == cursor(1).replay_id


def test_a_sign_of_life_moves_the_cursor_and_keeps_the_last_commit() -> None:
    positions = from_the_start()
    positions.finish(positions.open(cursor(5), 1), PLACE)
    positions.open(Cursor(replay_id=b"later"), 0)
    assert positions.reached.replay_id == b"later"
    assert positions.reached.commit_number == 5
    assert positions.reached.committed_at == cursor(5).committed_at
    assert positions.reached.produced == PLACE


def test_commit_numbers_never_go_back_when_events_come_out_of_order() -> None:
    positions = from_the_start()
    positions.open(cursor(7), 0)
    positions.open(cursor(6), 0)
    assert positions.opened.commit_number == 7
    assert positions.reached.replay_id == cursor(6).replay_id


@given(st.permutations(range(8)))
def test_the_reached_place_is_the_longest_finished_beginning(order: list[int]) -> None:
    positions = from_the_start()
    opened = [positions.open(cursor(number + 1), 1) for number in range(8)]
    finished: set[int] = set()
    for number in order:
        positions.finish(opened[number])
        finished.add(number)
        beginning = next((at for at in range(8) if at not in finished), 8)
        assert positions.reached.commit_number == beginning
