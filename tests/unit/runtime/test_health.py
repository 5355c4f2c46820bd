"""Health: declared parts make readiness, waiting is said once, and all of it is served."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, web

from kernel.errors import FatalError, RetryableError
from runtime.health import Health, StopRequestedError
from runtime.serving import HealthServer, write_address
from runtime.telemetry import open_telemetry
from runtime.waiting import eventually


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def address(health: Health) -> AsyncIterator[str]:
    server = HealthServer(health, open_telemetry("test", "0"))
    yield await server.start("127.0.0.1", 0)
    await server.close()


def test_ready_is_when_every_declared_part_is_well(health: Health) -> None:
    assert health.ready
    health.declare("kafka", "postgres")
    assert not health.ready
    health.well("kafka")
    health.well("postgres")
    assert health.ready
    health.waiting("postgres", "connection refused")
    assert not health.ready
    assert health.parts == {"kafka": "well", "postgres": "connection refused"}


def test_a_part_that_nobody_declared_is_shown_and_does_not_count(health: Health) -> None:
    health.waiting("salesforce", "busy")
    assert health.ready
    assert health.parts == {"salesforce": "busy"}


def test_a_process_that_ends_is_not_ready(health: Health) -> None:
    health.stop.set()
    assert not health.ready


def test_waiting_is_one_line_at_its_start_and_one_at_its_end(
    health: Health, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    health.declare("kafka")
    for why in ("refused", "refused", "timed out"):
        health.waiting("kafka", why)
    assert health.parts["kafka"] == "timed out"
    for _ in range(3):
        health.well("kafka")
    assert caplog.messages == ["kafka is waited for: refused", "kafka is well again"]


async def test_live_ready_and_metrics_answer(health: Health, address: str) -> None:
    health.declare("kafka")
    async with ClientSession() as session:
        async with session.get(f"{address}/live") as answer:
            assert answer.status == 200
        async with session.get(f"{address}/ready") as answer:
            assert answer.status == 503
            assert await answer.json() == {"ready": False, "parts": {"kafka": "starting"}}
        health.well("kafka")
        async with session.get(f"{address}/ready") as answer:
            assert answer.status == 200
            assert await answer.json() == {"ready": True, "parts": {"kafka": "well"}}
        async with session.get(f"{address}/metrics") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/plain"
        async with session.get(f"{address}/nothing") as answer:
            assert answer.status == 404
        async with session.post(f"{address}/live") as answer:
            assert answer.status == 405


async def test_a_service_adds_its_own_page_at_any_time(health: Health, address: str) -> None:
    async def slots(request: web.Request) -> web.StreamResponse:
        return web.json_response({"busy": 3})

    health.add_get("/slots", slots)
    async with ClientSession() as session, session.get(f"{address}/slots") as answer:
        assert await answer.json() == {"busy": 3}


def test_the_address_is_written_for_whoever_started_the_process(tmp_path: Path) -> None:
    path = tmp_path / "health.json"
    write_address(path, "http://127.0.0.1:1")
    found = json.loads(path.read_text())
    assert found["health"] == "http://127.0.0.1:1"
    assert found["pid"] > 0
    assert list(tmp_path.iterdir()) == [path]


async def test_a_part_is_waited_for_until_it_answers(health: Health) -> None:
    refusals = iter([RetryableError("refused"), RetryableError("refused")])

    async def attempt() -> str:
        for refusal in refusals:
            assert not health.ready
            raise refusal
        return "hello"

    assert await eventually("kafka", attempt, health=health) == "hello"
    assert health.is_well("kafka")


async def test_waiting_ends_at_once_when_the_process_shall_end(health: Health) -> None:
    asyncio.get_running_loop().call_later(0.05, health.stop.set)
    with pytest.raises(StopRequestedError):
        await eventually("kafka", asyncio.Event().wait, health=health)


async def test_what_waiting_cannot_help_is_raised(health: Health) -> None:
    async def attempt() -> None:
        raise FatalError("wrong password")

    with pytest.raises(FatalError, match="wrong password"):
        await eventually("kafka", attempt, health=health)
