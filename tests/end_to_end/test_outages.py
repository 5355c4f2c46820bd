"""A part away in the middle of the work: services wait, say so, go on, lose nothing."""

import asyncio
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.local.environment import SERVICES
from tests.invariants import check_all
from tests.log import eventually
from tests.world import Deal, World, running_world

AWAY_S = 9.0
"""Longer than a consumer's session."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = {"TRANSFORM_SWEEP_S": "1", "SYNC_LATE_AFTER_S": "1"}
    state = tmp_path_factory.mktemp("outages") / "state"
    with running_world(state, extra=settings) as running:
        yield running


def ready(world: World, service: str) -> dict[str, Any]:
    """What the service says of itself; a service between two lives says nothing."""
    health = world.stack.endpoints["services"][service]["health"]
    try:
        answer = httpx.get(f"{health}/ready", timeout=5.0, trust_env=False)
    except httpx.TransportError:
        return {"ready": False, "parts": {}}
    body: dict[str, Any] = answer.json()
    assert (answer.status_code == 200) == body["ready"]
    return body


def is_ready(world: World, service: str) -> bool:
    return bool(ready(world, service)["ready"])


def not_ready(world: World, service: str, part: str) -> str:
    """Why the service says that it waits for the part."""

    def look() -> str | None:
        parts = ready(world, service)["parts"].items()
        return next((str(why) for name, why in parts if part in name and why != "well"), None)

    return eventually(look, within_s=60.0)


def new_deals(world: World, name: str, number: int = 5) -> list[Deal]:
    deals = [world.open_deal(world.account(f"{name} {place}")) for place in range(number)]
    for deal in deals:
        world.win(deal)
    return deals


def all_went_through(world: World, deals: list[Deal]) -> None:
    for deal in deals:
        world.numbered(deal)
    for service in SERVICES:
        eventually(partial(is_ready, world, service))
    check_all(world, deals)
    states = world.verification()["conservation"]["states"]
    assert (states["dead"], states["parked"], states["review"]) == (0, 0, 0)


def lines_logged(world: World, service: str, event: str) -> int:
    log = (world.stack.logs / f"{service}.log").read_text()
    return log.count(f'"event": "{event}"')


def test_r9_netsuite_away(world: World) -> None:
    before = lines_logged(world, "netsuite-writer", "part_waiting")
    world.faults({"system": "netsuite", "path": "*", "effect": "status", "status": 503})
    deals = new_deals(world, "Ohne NetSuite")
    assert not_ready(world, "ingest", "netsuite")
    assert not_ready(world, "netsuite-writer", "netsuite")
    time.sleep(AWAY_S)
    assert lines_logged(world, "netsuite-writer", "part_waiting") - before <= 3
    for deal in deals:
        world.told(deal, NS_Sync_Status__c="In progress", NS_Sync_Message__c=None)
    world.faults()
    all_went_through(world, deals)
    for deal in deals:
        world.told(deal, NS_Sync_Status__c="Synced", NS_Sync_Message__c=None)


def test_r9_salesforce_takes_no_writes(world: World) -> None:
    path = "/services/data/*/composite/*"
    world.faults({"system": "salesforce", "path": path, "effect": "status", "status": 503})
    deals = new_deals(world, "Ohne Salesforce", 2)
    assert not_ready(world, "salesforce-writer", "salesforce")
    time.sleep(AWAY_S)
    world.faults()
    all_went_through(world, deals)


def test_r11_tokens_that_die_all_the_time(world: World) -> None:
    rule = {"path": "*", "effect": "token_dead", "probability": 0.1}
    world.faults({**rule, "system": "netsuite"}, seed=11)
    deals = new_deals(world, "Ohne Schlüssel", 10)
    for deal in deals:
        world.numbered(deal)
    world.faults()
    all_went_through(world, deals)


def test_r6_kafka_hangs(world: World) -> None:
    kafka = world.stack.pid("kafka")
    world.stack.kill("kafka", signal.SIGSTOP)
    deals = new_deals(world, "Ohne Kafka")
    time.sleep(AWAY_S)
    assert not_ready(world, "ingest", "kafka")
    world.stack.kill("kafka", signal.SIGCONT)
    assert world.stack.pid("kafka") == kafka
    all_went_through(world, deals)


def test_r6_kafka_dies_and_comes_back(world: World) -> None:
    world.stack.kill("kafka", signal.SIGKILL)
    deals = new_deals(world, "Kafka kurz tot")
    all_went_through(world, deals)


def test_r7_postgres_dies_and_comes_back(world: World) -> None:
    deals = new_deals(world, "Vor dem Sturz", 2)
    world.stack.kill("postgres", signal.SIGKILL)
    deals += new_deals(world, "Nach dem Sturz")
    all_went_through(world, deals)


def test_a_clean_end_and_a_new_start_go_on_where_they_stopped(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running_world(state) as world:
        deals = new_deals(world, "Vorher", 3)
    with running_world(state) as world:
        deals += new_deals(world, "Nachher", 3)
        all_went_through(world, deals)


def test_sigterm_ends_every_service_within_ten_seconds_and_loses_nothing(world: World) -> None:
    late = {service: lines_logged(world, service, "stopped_late") for service in SERVICES}
    deals = new_deals(world, "Abschied", 5)
    started = {service: world.stack.pid(service) for service in SERVICES}
    for service in SERVICES:
        world.stack.kill(service, signal.SIGTERM)
    for service in SERVICES:
        asyncio.run(world.stack.until_ready(service))
        assert world.stack.pid(service) != started[service]
    all_went_through(world, deals)
    for service in SERVICES:
        assert lines_logged(world, service, "stopped_late") == late[service]
