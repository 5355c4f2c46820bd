"""The account's slots, and how long its requests take by profile."""

import asyncio

import pytest
from aiohttp.test_utils import make_mocked_request

from sandbox.netsuite.api.dispatch import pause_s
from sandbox.netsuite.slots import Slots
from sandbox.profile import DEFAULT, PROFILES, REAL_LIFE


def test_a_slot_is_taken_until_it_is_given_back() -> None:
    slots = Slots(lambda: 2)
    assert [slots.take(holder) for holder in (1, 2, 3)] == [True, True, False]
    assert slots.free == 0
    slots.release(1)
    slots.release(1)
    assert [slots.take(holder) for holder in (3, 4)] == [True, False]


def test_a_limit_that_falls_below_what_is_taken_lets_nobody_in() -> None:
    limit = [3]
    slots = Slots(lambda: limit[0])
    for holder in (1, 2, 3):
        slots.take(holder)
    limit[0] = 1
    slots.release(1)
    assert (slots.free, slots.take(4)) == (0, False)
    slots.release(2)
    slots.release(3)
    assert slots.take(4)


async def test_work_that_waits_gets_the_next_slot() -> None:
    slots = Slots(lambda: 1)
    slots.take(1)
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(slots.wait_for_one(2, look_again_s=0.01))
        await asyncio.sleep(0)
        assert not waiting.done()
        slots.release(1)
        await waiting
    assert slots.free == 0


async def test_work_that_waits_notices_a_limit_that_was_raised() -> None:
    limit = [0]
    slots = Slots(lambda: limit[0])
    async with asyncio.timeout(10):
        waiting = asyncio.create_task(slots.wait_for_one(1, look_again_s=0.001))
        await asyncio.sleep(0)
        limit[0] = 1
        await waiting


@pytest.mark.parametrize(
    ("method", "path", "prefer", "seconds"),
    [
        ("GET", "/services/rest/record/v1/customer", "", REAL_LIFE.read_s),
        ("PATCH", "/services/rest/record/v1/customer/1", "", REAL_LIFE.write_s),
        ("POST", "/services/rest/query/v1/suiteql", "transient", REAL_LIFE.search_s),
        ("POST", "/services/rest/record/v1/customer", "respond-async", REAL_LIFE.submit_s),
        ("POST", "/app/site/hosting/restlet.nl", "", REAL_LIFE.restlet_s),
        ("POST", "/services/rest/auth/oauth2/v1/token", "", 0.0),
    ],
)
def test_each_kind_of_request_takes_its_time(
    method: str, path: str, prefer: str, seconds: float
) -> None:
    request = make_mocked_request(method, path, headers={"Prefer": prefer})
    assert pause_s(REAL_LIFE, request) == seconds
    assert pause_s(DEFAULT.netsuite_latency, request) == 0.0


def test_the_profiles_have_the_published_slots() -> None:
    slots = {name: PROFILES[name].concurrency_limit for name in PROFILES}
    assert slots["default"] == 5
    assert (slots["tier-2"], slots["premium"], slots["enterprise"]) == (10, 15, 20)
    assert slots["standard-suitecloud-plus"] == 15
    assert slots["enterprise-suitecloud-plus"] == 30
    assert DEFAULT.netsuite_request_max_s == 15 * 60
