"""Every service killed at random moments under load: nothing lost, nothing doubled."""

import asyncio
import random
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ops.local.environment import SERVICES
from ops.local.errors import PartFailedError
from tests.invariants import check_all
from tests.log import eventually
from tests.world import Deal, World, running_world

KILLS_EACH = 20
DEALS = 60
CHANGES_PER_DEAL = 5
PAUSE_S = 0.8
SEED = 20_261_120


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with running_world(tmp_path / "state", restart_delay_max_s=0.2) as running:
        yield running


def work(world: World, deals: list[Deal]) -> None:
    """300 changes: an account, a deal, its line, its end, its new name; as long as kills go on."""
    for number in range(DEALS):
        time.sleep(PAUSE_S)
        account_id = world.account(f"Kunde {number:03d} GmbH")
        deal = world.open_deal(account_id, price=100 + number)
        world.win(deal)
        world.rep.update("Opportunity", deal.opportunity_id, Name=f"{deal.name} renamed")
        deals.append(deal)


def killed(world: World, service: str) -> bool:
    """False where it is only just coming back from the kill before."""
    try:
        world.stack.kill(service, signal.SIGKILL)
    except PartFailedError:
        return False
    return True


def test_r1_killed_twenty_times_each_under_300_changes(world: World) -> None:
    dice = random.Random(SEED)
    deals: list[Deal] = []
    working = threading.Thread(target=work, args=(world, deals))
    working.start()
    for service in dice.sample(SERVICES * KILLS_EACH, k=KILLS_EACH * len(SERVICES)):
        time.sleep(dice.uniform(0.0, 1.2))
        eventually(partial(killed, world, service))
    working.join()
    for service in SERVICES:
        asyncio.run(world.stack.until_ready(service))
    assert len(deals) * CHANGES_PER_DEAL == 300
    for deal in deals:
        world.numbered(deal)
    check_all(world, deals)
