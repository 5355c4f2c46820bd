"""Trying again: within limits, with jitter, and never what may have worked."""

import random
from collections.abc import Iterator

import pytest

from kernel.errors import PermanentError, RetryableError, UnknownOutcomeError
from runtime.clock import Clock
from runtime.retry import backoff, retried


class Watch(Clock):
    """A clock that does not wait and keeps what it was asked to wait."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


class Calls:
    """Raises the given errors one after the other, then returns 'done'."""

    def __init__(self, *errors: Exception) -> None:
        self._errors: Iterator[Exception] = iter(errors)
        self.count = 0

    async def __call__(self) -> str:
        self.count += 1
        for error in self._errors:
            raise error
        return "done"


async def test_what_fails_twice_and_then_works_is_called_three_times() -> None:
    call, watch = Calls(RetryableError("busy"), RetryableError("busy")), Watch()
    assert await retried(call, clock=watch, attempts_max=5, dice=random.Random(1)) == "done"
    assert call.count == 3
    assert len(watch.waits) == 2


async def test_the_last_error_is_raised_when_the_attempts_are_used_up() -> None:
    call = Calls(*(RetryableError(str(number)) for number in range(9)))
    with pytest.raises(RetryableError, match="3"):
        await retried(call, clock=Watch(), attempts_max=4, dice=random.Random(1))
    assert call.count == 4


@pytest.mark.parametrize("error", [UnknownOutcomeError("no answer"), PermanentError("never")])
async def test_what_may_have_worked_or_never_can_is_not_called_again(error: Exception) -> None:
    call = Calls(error)
    with pytest.raises(type(error)):
        await retried(call, clock=Watch(), attempts_max=5, dice=random.Random(1))
    assert call.count == 1


async def test_the_wait_that_the_other_side_asks_for_is_kept() -> None:
    watch, said = Watch(), []
    await retried(
        Calls(RetryableError("slow down", after_s=30.0)),
        clock=watch,
        attempts_max=2,
        dice=random.Random(1),
        on_wait=lambda error, delay_s: said.append((str(error), delay_s)),
    )
    assert watch.waits == [30.0]
    assert said == [("slow down", 30.0)]


def test_the_back_off_doubles_up_to_its_limit_and_jitters_all_the_way() -> None:
    dice = random.Random(1)
    for attempt, most in ((1, 0.1), (2, 0.2), (5, 1.6), (10, 5.0), (10_000, 5.0)):
        delays = [backoff(attempt, 0.1, 5.0, dice) for _ in range(500)]
        assert all(0 <= delay <= most for delay in delays)
        assert min(delays) < most / 10
        assert max(delays) > most * 0.9
