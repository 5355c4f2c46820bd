"""Consumers as processes: killed, ended, joined, started again under the same name."""

import signal
from collections import defaultdict
from pathlib import Path

import pytest

from tests.integration.conftest import MakeTopic
from tests.integration.runtime.parts import (
    Handled,
    Member,
    committed,
    ending,
    fill,
    numbered,
    until,
)

pytestmark = pytest.mark.real
PARTITIONS, KEYS, EACH = 6, 60, 20
ALL = KEYS * EACH
IN_HAND = 4 * 10
"""What a member handles at once: its slots times its batch."""


@pytest.fixture
def topic(make_topic: MakeTopic) -> str:
    return make_topic(partitions=PARTITIONS)


async def test_a_member_killed_half_way_loses_nothing_and_repeats_little(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    fill(kafka, topic, numbered(KEYS, EACH))
    member = Member(tmp_path / "a", KAFKA_BOOTSTRAP=kafka, MEMBER_TOPIC=topic, MEMBER_DELAY_S=0.15)
    with ending([member]):
        member.start()
        await member.until_handled(ALL // 2)
        member.send(signal.SIGKILL)
        await member.ended()
        before = member.handled()
        done = sum(max(0, at) for at in committed(kafka, topic, topic, PARTITIONS).values())
        member.start()
        await until(lambda: places(member.handled()) == ALL)
        member.send(signal.SIGTERM)
        assert await member.ended() == 0
    handled = member.handled()
    assert_in_order(handled)
    # what comes again is what was not committed when the process died, and no more
    assert len(handled) - ALL <= len(before) - done
    assert len(handled) - ALL < ALL // 2


async def test_a_member_asked_to_end_finishes_what_is_in_hand_and_commits_it(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    fill(kafka, topic, numbered(KEYS, EACH))
    member = Member(tmp_path / "a", KAFKA_BOOTSTRAP=kafka, MEMBER_TOPIC=topic, MEMBER_DELAY_S=0.15)
    with ending([member]):
        member.start()
        await member.until_handled(1)
        member.send(signal.SIGTERM)
        assert await member.ended() == 0
        handled = member.handled()
        assert len(handled) == member.begun()
        assert 0 < len(handled) < ALL
        stands = committed(kafka, topic, topic, PARTITIONS)
        beyond = [item for item in handled if item.offset >= stands[item.partition]]
        assert_only_gaps_explain(beyond, handled, stands)
        member.start()
        await until(lambda: places(member.handled()) == ALL)
        assert len(member.handled()) - ALL <= len(beyond)


async def test_two_members_share_the_work_and_one_that_is_killed_is_taken_over(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    settings = {"KAFKA_BOOTSTRAP": kafka, "MEMBER_TOPIC": topic, "MEMBER_DELAY_S": 0.02}
    first, second = (Member(tmp_path / name, **settings) for name in ("a", "b"))
    with ending([first, second]):
        first.start()
        fill(kafka, topic, numbered(KEYS, EACH))
        await first.until_handled(50)
        second.start()
        await until(lambda: second.ready()[0])
        fill(kafka, topic, numbered(KEYS, EACH))
        await second.until_handled(50)
        second.send(signal.SIGKILL)
        await second.ended()
        fill(kafka, topic, numbered(KEYS, EACH))
        await until(lambda: places(first.handled() + second.handled()) == 3 * ALL)
        first.send(signal.SIGTERM)
        assert await first.ended() == 0
    assert_in_order(first.handled() + second.handled())


async def test_a_member_that_gives_partitions_away_stops_handling_them(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    settings = {"KAFKA_BOOTSTRAP": kafka, "MEMBER_TOPIC": topic, "MEMBER_DELAY_S": 0.1}
    first, second = (Member(tmp_path / name, **settings) for name in ("a", "b"))
    fill(kafka, topic, numbered(KEYS, EACH))
    with ending([first, second]):
        first.start()
        second.start()
        await until(lambda: places(first.handled() + second.handled()) == ALL)
        for member in (first, second):
            member.send(signal.SIGTERM)
            assert await member.ended() == 0
    handled = first.handled() + second.handled()
    assert min(len(first.handled()), len(second.handled())) > 0
    assert len(handled) - ALL <= 2 * IN_HAND, "more came again than was in hand"
    assert_in_order(handled)


async def test_a_member_that_comes_back_under_its_name_takes_nothing_from_the_other(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    settings = {"KAFKA_BOOTSTRAP": kafka, "MEMBER_TOPIC": topic}
    first, second = (Member(tmp_path / name, **settings) for name in ("a", "b"))
    with ending([first, second]):
        first.start()
        second.start()
        await until(lambda: first.ready()[0] and second.ready()[0])
        fill(kafka, topic, numbered(KEYS, 1))
        await until(lambda: places(first.handled() + second.handled()) == KEYS)
        before = partitions(first), partitions(second)
        for number in (signal.SIGKILL, signal.SIGTERM):
            second.send(number)
            await second.ended()
            second.start()
            await until(lambda: second.ready()[0])
        fill(kafka, topic, numbered(KEYS, 1))
        await until(lambda: places(first.handled() + second.handled()) == 2 * KEYS)
        assert (partitions(first), partitions(second)) == before
        assigned = [line for line in first.log() if line["event"] == "partitions_released"]
        assert len(assigned) <= 1, "only when the second one joined for the first time"


async def test_a_second_process_of_the_same_name_makes_the_first_end_and_say_why(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    settings = {"KAFKA_BOOTSTRAP": kafka, "MEMBER_TOPIC": topic, "GROUP_INSTANCE_ID": "same"}
    first, second = (Member(tmp_path / name, **settings) for name in ("a", "b"))
    with ending([first, second]):
        first.start()
        await until(lambda: first.ready()[0])
        second.start()
        assert await first.ended() == 1
        fill(kafka, topic, numbered(KEYS, 1))
        await second.until_handled(KEYS)
    last = first.log()[-1]
    assert last["event"] == "fatal"
    assert "GROUP_INSTANCE_ID" in str(last["message"])


async def test_a_fatal_error_ends_the_process_with_one_line_and_exit_code_1(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    fill(kafka, topic, [("a", b"fine"), ("a", b"fatal")])
    member = Member(tmp_path / "a", KAFKA_BOOTSTRAP=kafka, MEMBER_TOPIC=topic, MEMBER_FAULT="fatal")
    with ending([member]):
        member.start()
        assert await member.ended() == 1
    fatal = [line for line in member.log() if line["event"] == "fatal"]
    assert [line["message"] for line in fatal] == ["this cannot go on"]


async def test_log_lines_are_json_and_carry_no_bodies(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    secret = "ada.lovelace@example.com"
    fill(kafka, topic, [("a", f"odd {secret}".encode()), ("b", secret.encode())])
    member = Member(tmp_path / "a", KAFKA_BOOTSTRAP=kafka, MEMBER_TOPIC=topic, MEMBER_FAULT="odd")
    with ending([member]):
        member.start()
        await member.until_handled(2)
        member.send(signal.SIGTERM)
        await member.ended()
    lines = member.log()
    assert {"started", "partitions_assigned", "record_broken", "stopped"} <= {
        line["event"] for line in lines
    }
    assert all({"time", "level", "service", "event", "message"} <= line.keys() for line in lines)
    assert secret not in str(lines)


def places(handled: list[Handled]) -> int:
    return len({(item.partition, item.offset) for item in handled})


def partitions(member: Member) -> set[int]:
    return {item.partition for item in member.handled()}


def assert_in_order(handled: list[Handled]) -> None:
    """A record may come again, but none comes for the first time before those it follows."""
    first: dict[str, dict[int, None]] = defaultdict(dict)
    for item in sorted(handled, key=lambda item: item.at):
        first[item.key].setdefault(item.offset)
    assert all(list(offsets) == sorted(offsets) for offsets in first.values())


def assert_only_gaps_explain(
    beyond: list[Handled], handled: list[Handled], stands: dict[int, int]
) -> None:
    """A record is handled and not committed only where an older one of its partition is not."""
    done = {(item.partition, item.offset) for item in handled}
    for item in beyond:
        oldest = max(0, stands[item.partition])
        assert (item.partition, oldest) not in done
