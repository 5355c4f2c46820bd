"""One sign-in at a time, life by the monotonic clock."""

import asyncio
import math

import pytest

from kernel.errors import FatalError, RetryableError
from runtime.clock import Clock
from runtime.tokens import REFUSALS_MAX, HeldToken, Token


class MovableClock(Clock):
    def __init__(self) -> None:
        self.time_s = 0.0

    def monotonic(self) -> float:
        return self.time_s


class CountingSignIn:
    """Gives a new token each time, slowly; none while it is `away`."""

    def __init__(self, life_s: float = 100.0) -> None:
        self.count = 0
        self.life_s = life_s
        self.is_away = False

    async def token(self) -> Token:
        self.count += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise RetryableError("away")
        return Token(f"token {self.count}", self.life_s)


async def test_many_callers_at_once_sign_in_once() -> None:
    sign_in = CountingSignIn()
    held = HeldToken(sign_in, MovableClock())
    assert set(await asyncio.gather(*(held.current() for _ in range(9)))) == {"token 1"}
    assert set(await asyncio.gather(*(held.renewed("token 1") for _ in range(9)))) == {"token 2"}
    assert sign_in.count == 2


async def test_a_token_is_replaced_before_its_life_ends() -> None:
    clock = MovableClock()
    held = HeldToken(CountingSignIn(), clock)
    assert await held.current() == "token 1"
    clock.time_s = 89.0
    assert await held.current() == "token 1"
    clock.time_s = 90.0
    assert await held.current() == "token 2"


async def test_a_token_without_an_end_is_kept_until_it_is_refused() -> None:
    clock = MovableClock()
    held = HeldToken(CountingSignIn(math.inf), clock)
    assert await held.current() == "token 1"
    clock.time_s = 1e9
    assert await held.current() == "token 1"
    assert await held.renewed("token 1") == "token 2"


async def test_a_token_said_to_have_no_life_still_serves_more_than_one_call() -> None:
    held = HeldToken(CountingSignIn(0.0), MovableClock())
    assert [await held.current(), await held.current()] == ["token 1", "token 1"]


async def test_a_refused_token_is_not_handed_out_again_when_the_next_sign_in_fails() -> None:
    sign_in = CountingSignIn()
    held = HeldToken(sign_in, MovableClock())
    refused = await held.current()
    sign_in.is_away = True
    with pytest.raises(RetryableError):
        await held.renewed(refused)
    sign_in.is_away = False
    assert await held.current() == "token 3"


async def test_tokens_that_die_now_and_then_are_no_reason_to_give_up() -> None:
    held = HeldToken(CountingSignIn(), MovableClock())
    token = await held.current()
    for _ in range(10 * REFUSALS_MAX):
        token = await held.renewed(token)
        assert isinstance(held.refusal("no"), RetryableError)
        held.worked()


async def test_credentials_that_let_nobody_in_end_the_service() -> None:
    held = HeldToken(CountingSignIn(), MovableClock())
    token = await held.current()
    for _ in range(REFUSALS_MAX):
        assert isinstance(held.refusal("no"), RetryableError)
        token = await held.renewed(token)
    assert isinstance(held.refusal("no"), FatalError)
