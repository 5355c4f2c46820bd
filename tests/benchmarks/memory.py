"""What each service holds in memory after 10,000 changes, and how fast they went through."""

import time

from ops.local.environment import SERVICES
from tests.benchmarks.machine import resident_mb
from tests.benchmarks.results import Result
from tests.world import World

CHANGES = 10_000
AT_ONCE = 200
TARGET_MB = 150
WITHIN_S = 900.0


def memory_after_many_changes(world: World) -> list[Result]:
    """200 deals, renamed 50 times each."""
    account_id = world.account("Viele Änderungen AG")
    deals = [world.open_deal(account_id) for _ in range(AT_ONCE)]
    for deal in deals:
        world.win(deal)
    world.quiet()
    fresh = {service: resident_mb(world.stack.pid(service)) for service in SERVICES}
    started = time.monotonic()
    for number in range(CHANGES // AT_ONCE):
        names = {deal.opportunity_id: f"Name {number}" for deal in deals}
        world.rep.update_many("Opportunity", "Name", names)
    found = world.quiet(within_s=WITHIN_S)
    taken_s = time.monotonic() - started
    assert found["holds"], found
    after = {service: resident_mb(world.stack.pid(service)) for service in SERVICES}
    rows = [
        Result(
            name=f"RSS of {service} after {CHANGES:,} changes",
            measured=f"{after[service]:.0f} MB",
            target=f"<= {TARGET_MB} MB",
            compared=f"itself before them: {fresh[service]:.0f} MB",
            ratio=f"{after[service] / fresh[service]:.2f} x",
        )
        for service in SERVICES
    ]
    through = Result(
        name=f"{CHANGES:,} changes through both ways, to the last outcome",
        measured=f"{taken_s:.0f} s, {CHANGES / taken_s:,.0f} changes/s",
        target="none set",
    )
    return [*rows, through]
