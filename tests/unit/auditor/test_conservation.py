from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.domain.conservation import (
    IN_FLIGHT,
    STATES,
    Ending,
    Group,
    Standing,
    conserved,
    standing_of,
)
from kernel.messages import Coordinates

TOPIC = "salesforce.changes.v1"
RESULTS = [str(state) for state in STATES if state != IN_FLIGHT]
FINALS = [result for result in RESULTS if result not in {"parked", "review"}]


def endings(*steps: str) -> list[Ending]:
    """Each step is `result`, or `result/id`; a `*` in front: a person asked for it."""
    found = []
    for offset, step in enumerate(steps):
        result, _, name = step.removeprefix("*").partition("/")
        found.append(
            Ending(
                id=name or result,
                result=result,
                at=Coordinates("sync.outcomes.v1", 0, offset),
                is_asked_for=step.startswith("*"),
            )
        )
    return found


def is_well(standing: Standing) -> bool:
    return not standing.contradicting and not standing.reopening


def test_a_change_without_an_outcome_is_in_flight() -> None:
    assert standing_of([]) == Standing(state=IN_FLIGHT)


@pytest.mark.parametrize("result", RESULTS)
def test_a_change_stands_where_its_outcome_says(result: str) -> None:
    assert standing_of(endings(result)) == Standing(state=result)


def test_a_change_may_wait_more_than_once_before_it_ends() -> None:
    assert standing_of(endings("parked", "review", "parked/2", "applied")).state == "applied"
    assert standing_of(endings("parked", "review")).state == "review"


def test_an_outcome_delivered_again_counts_once() -> None:
    standing = standing_of(endings("parked", "applied", "parked", "applied"))
    assert (standing.state, is_well(standing)) == ("applied", True)


def test_two_final_outcomes_contradict_each_other() -> None:
    standing = standing_of(endings("applied", "filtered"))
    assert standing.state == "applied"
    assert [ending.result for ending in standing.contradicting] == ["filtered"]


def test_a_wait_after_the_end_reopens_what_has_ended() -> None:
    standing = standing_of(endings("dead", "parked"))
    assert standing.state == "dead"
    assert [ending.result for ending in standing.reopening] == ["parked"]


def test_what_a_person_asked_for_may_follow_the_end() -> None:
    assert is_well(standing_of(endings("dead", "*parked", "*applied")))
    assert standing_of(endings("dead", "*applied")).state == "applied"
    assert standing_of(endings("dead", "*parked")).state == "parked"


@dataclass(frozen=True)
class Happening:
    event: int
    step: str


ORDERLY = st.lists(
    st.tuples(
        st.lists(st.sampled_from(["parked", "review"]), max_size=2), st.sampled_from([*FINALS, ""])
    ),
    max_size=6,
)


@given(ORDERLY, st.randoms(use_true_random=False))
def test_in_any_interleaving_every_change_stands_in_exactly_one_state(
    lives: list[tuple[list[str], str]], dice: Random
) -> None:
    stories = [_story(number, waits, final) for number, (waits, final) in enumerate(lives)]
    log = _interleaved(stories, dice)
    standings = [
        standing_of(endings(*(item.step for item in log if item.event == number)))
        for number in range(len(lives))
    ]
    groups = [
        Group(topic=TOPIC, state=state, changes=count)
        for state, count in Counter(standing.state for standing in standings).items()
    ]
    law = conserved(groups, {TOPIC: len(lives)}, [])
    assert all(map(is_well, standings))
    assert law.holds
    assert law.total.captured == sum(law.total.by_state.values()) == len(lives)
    expected = Counter(final or (waits[-1] if waits else IN_FLIGHT) for waits, final in lives)
    assert {state: count for state, count in law.total.by_state.items() if count} == expected


def _story(number: int, waits: Sequence[str], final: str) -> list[Happening]:
    steps = [f"{wait}/{round_}{wait}" for round_, wait in enumerate(waits)]
    return [Happening(number, step) for step in [*steps, *([final] if final else [])]]


def _interleaved(stories: Sequence[list[Happening]], dice: Random) -> list[Happening]:
    """Each story in its own order, all of them mixed, and anything told before told again."""
    queues = [list(story) for story in stories if story]
    log: list[Happening] = []
    while queues:
        log.append(dice.choice(queues).pop(0))
        log += dice.choices(log, k=dice.randrange(3))
        queues = [queue for queue in queues if queue]
    return log


@given(st.lists(st.sampled_from(RESULTS), max_size=6))
def test_whatever_the_outcomes_are_one_of_the_states_is_found(results: list[str]) -> None:
    standing = standing_of(endings(*(f"{result}/{n}" for n, result in enumerate(results))))
    assert standing.state in STATES
    finals = [result for result in results if result in FINALS]
    assert len(standing.contradicting) == max(0, len(finals) - 1)


def test_the_law_is_broken_by_a_change_that_is_in_no_state() -> None:
    assert not conserved([], {TOPIC: 1}, []).holds


def test_the_law_is_broken_by_an_outcome_whose_change_is_missing() -> None:
    group = Group(topic=None, state="applied", changes=2)
    law = conserved([group], {}, [])
    assert (law.holds, law.fault_count) == (False, 2)
    assert conserved([group], {}, [], unjudged=2).holds


def test_the_law_is_broken_by_a_result_that_there_is_not() -> None:
    law = conserved([Group(topic=TOPIC, state="lost", changes=1)], {TOPIC: 1}, [])
    assert (law.holds, law.total.by_state["lost"]) == (False, 1)


def test_topics_are_counted_apart_and_together() -> None:
    groups = [
        Group(topic=TOPIC, state="applied", changes=2),
        Group(
            topic="netsuite.changes.v1",
            state=IN_FLIGHT,
            changes=1,
            oldest=datetime(2026, 1, 1, tzinfo=UTC),
        ),
    ]
    law = conserved(groups, {TOPIC: 2, "netsuite.changes.v1": 1}, [])
    assert law.holds
    assert law.by_topic[TOPIC].by_state["applied"] == 2
    assert law.total.captured == 3
    assert law.oldest_in_flight == datetime(2026, 1, 1, tzinfo=UTC)
