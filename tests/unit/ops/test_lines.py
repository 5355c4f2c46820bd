from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.render.lines import counted, hanging, listed, with_remark
from ops.render.times import clock_time, moment, offset_of, since, span

WORDS = st.lists(st.text("abcäß", min_size=1, max_size=90), max_size=20).map(" ".join)


@given(WORDS, st.integers(60, 120))
def test_no_line_is_wider_than_the_page_and_no_word_is_lost(text: str, width: int) -> None:
    lines = hanging(" 09:14:03.120  captured", text, width, 26)
    assert max(map(len, lines)) <= width
    assert "".join("".join(lines).split()) == "09:14:03.120captured" + "".join(text.split())
    assert all(line.startswith(" " * 26) for line in lines[1:])


def test_a_remark_stands_at_the_right_edge_where_there_is_room() -> None:
    assert with_remark(["ended"], "(2 s)", 20, 0) == ["ended          (2 s)"]
    assert with_remark(["x" * 18], "(2 s)", 20, 4) == ["x" * 18, "    (2 s)"]
    assert with_remark(["x"], "", 20, 4) == ["x"]


def test_one_is_not_many() -> None:
    assert counted(1, "record") == "1 record"
    assert counted(1204, "record") == "1,204 records"
    assert counted(2, "copy", "copies") == "2 copies"
    assert list(listed(["a", "b", "c"], 2)) == ["a", "b", "and 1 more"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0004, "0 ms"), (0.64, "640 ms"), (4.04, "4.0 s"), (59, "59 s"), (300, "5 min"),
        (7_300, "2 h"), (260_000, "3 days"),
    ],
)  # fmt: skip
def test_a_span_is_told_in_the_largest_unit_that_says_something(seconds: float, text: str) -> None:
    assert span(seconds) == text


def test_times_are_the_readers_own() -> None:
    at = moment("2026-11-20T09:14:03.120+00:00", timezone(timedelta(hours=5, minutes=30)))
    assert clock_time(at) == "14:44:03.120"
    assert offset_of(at) == "UTC+05:30"
    assert (
        since("2026-11-20T09:14:03+00:00", datetime(2026, 11, 20, 9, 18, 3, tzinfo=UTC)) == "4 min"
    )
