"""A topic whose records come first: it waits for no other, and takes no order from any key."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as some

from runtime.records import Record
from tests.unit.runtime.test_work import Bench, until


async def test_the_first_topic_goes_before_the_others_and_leaves_them_every_other_turn() -> None:
    units: list[str] = []
    gate = asyncio.Event()

    async def handle(records: Sequence[Record]) -> None:
        await gate.wait()
        (topic,) = {record.coordinates.topic for record in records}
        units.append(topic)

    bench = Bench(handle, batch_max=2, slots=1, first="people")
    people, answers = bench.another("people"), bench.another("answers")
    bench.feed("busy")
    bench.feed(*"abcd")
    bench.feed(*"efgh", held=answers)
    bench.feed(*"ijkl", held=people)
    gate.set()
    await bench.until_done()
    await until(lambda: not (answers.unfinished or people.unfinished))
    assert units == ["topic", "people", "topic", "people", "topic", "answers", "answers"]


@given(
    some.lists(
        some.tuples(some.sampled_from("abcd"), some.sampled_from(["people", "topic", "answers"])),
        max_size=40,
    ),
    some.integers(1, 3),
)
def test_with_a_first_topic_every_record_is_finished_once_and_in_the_order_of_its_key(
    fed: list[tuple[str, str]], slots: int
) -> None:
    handled: dict[str, list[int]] = defaultdict(list)

    async def handle(records: Sequence[Record]) -> None:
        await asyncio.sleep(0)
        assert len({record.coordinates.topic for record in records}) == 1
        for record in records:
            handled[record.key].append(record.coordinates.offset)

    async def work_off() -> None:
        bench = Bench(handle, batch_max=3, slots=slots, first="people")
        helds = {
            "topic": bench.held,
            **{name: bench.another(name) for name in ("people", "answers")},
        }
        for key, topic in fed:
            bench.feed(key, held=helds[topic])
        await until(lambda: not any(held.unfinished for held in helds.values()))
        assert not bench.broken

    asyncio.run(work_off())
    expected = {key: [at for at, (one, _) in enumerate(fed) if one == key] for key, _ in fed}
    assert handled == expected
