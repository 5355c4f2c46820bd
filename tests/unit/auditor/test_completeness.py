from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from auditor.domain.completeness import (
    EMPTY,
    Completeness,
    Partition,
    Range,
    Span,
    Watermarks,
    beyond_the_log,
    first_missing,
    is_behind,
    judged,
)

PART, OTHER = Partition("sync.outcomes.v1", 0), Partition("sync.outcomes.v1", 1)
OFFSETS = st.sets(st.integers(0, 30))


def span_of(offsets: set[int]) -> Span:
    return Span(min(offsets), max(offsets), len(offsets)) if offsets else EMPTY


def holes_of(offsets: set[int]) -> list[Range]:
    ordered = sorted(offsets)
    return [
        Range(PART, left + 1, right - 1) for left, right in pairwise(ordered) if right > left + 1
    ]


def judge(low: int, high: int, stored: set[int]) -> Completeness:
    below = {offset for offset in stored if offset < high}
    spans = {PART: span_of(below)} if below else {}
    return judged({PART: Watermarks(low, high)}, spans, holes_of(below), [])


def offsets_in(ranges: tuple[Range, ...]) -> set[int]:
    return {offset for part in ranges for offset in range(part.first, part.last + 1)}


def test_every_offset_with_its_row_is_whole() -> None:
    found = judge(0, 3, {0, 1, 2})
    assert found.is_whole
    assert (found.topics, found.partitions, found.rows) == (1, 1, 3)


def test_an_empty_partition_is_whole() -> None:
    assert judge(0, 0, set()).is_whole


def test_a_missing_row_is_named_by_topic_partition_and_offset() -> None:
    found = judge(0, 5, {0, 1, 3, 4})
    assert not found.is_whole
    assert [str(part) for part in found.missing] == ["sync.outcomes.v1 [0] @ 2"]
    assert found.missing_count == 1


def test_several_rows_missing_in_a_row_are_one_range() -> None:
    assert [str(part) for part in judge(0, 6, {0, 4, 5}).missing] == ["sync.outcomes.v1 [0] @ 1-3"]


def test_rows_missing_at_the_start_are_named() -> None:
    assert judge(0, 4, {2, 3}).missing == (Range(PART, 0, 1),)


def test_what_the_store_has_not_read_yet_is_behind_and_not_missing() -> None:
    found = judge(0, 5, {0, 1})
    assert (found.missing, found.behind) == ((), (Range(PART, 2, 4),))
    assert not found.has_caught_up


def test_rows_that_the_log_has_given_up_are_no_fault() -> None:
    assert judge(3, 5, {0, 1, 2, 3, 4}).is_whole


def test_a_hole_below_what_the_log_still_has_stays_a_hole() -> None:
    assert judge(3, 5, {0, 2, 3, 4}).missing == (Range(PART, 1, 1),)


@given(OFFSETS, st.integers(0, 5), st.integers(0, 31))
def test_every_offset_is_stored_or_named(stored: set[int], low: int, high: int) -> None:
    low = min(low, high)
    found = judge(low, high, stored)
    named = offsets_in(found.missing) | offsets_in(found.behind)
    kept = {offset for offset in stored if offset < high}
    assert named.isdisjoint(kept)
    assert named | kept >= set(range(low, high))
    assert len(named) == found.missing_count + found.behind_count


@given(OFFSETS, st.integers(0, 5))
def test_reading_goes_on_before_the_first_hole(stored: set[int], low: int) -> None:
    stored = {offset for offset in stored if offset >= low}
    start = first_missing(Watermarks(low, 31), span_of(stored), holes_of(stored))
    assert start == min(set(range(low, 32)) - stored)


def test_reading_begins_where_the_log_begins() -> None:
    assert first_missing(Watermarks(7, 9), EMPTY, []) == 7
    assert first_missing(Watermarks(7, 9), Span(0, 3, 4), []) == 7


def test_a_hole_that_the_log_cannot_fill_any_more_does_not_hold_up_reading() -> None:
    assert first_missing(Watermarks(5, 9), Span(0, 7, 7), [Range(PART, 2, 2)]) == 8


def test_the_store_is_behind_while_a_partition_has_something_newer() -> None:
    marks = {PART: Watermarks(0, 3), OTHER: Watermarks(0, 0)}
    assert is_behind(marks, {PART: 1})
    assert not is_behind(marks, {PART: 2})
    assert not is_behind({PART: Watermarks(3, 3)}, {})


def test_rows_of_a_log_that_was_made_anew_are_beyond_it() -> None:
    found = list(
        beyond_the_log({PART: 9, OTHER: 3}, {PART: Watermarks(0, 5), OTHER: Watermarks(0, 4)})
    )
    assert found == [Range(PART, 5, 9)]
    assert not judged({}, {}, [], found).is_whole
