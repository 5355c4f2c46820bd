"""P2: what the product adds between a commit in Salesforce and the record in NetSuite."""

import threading
import time
from datetime import datetime
from typing import Any

from tests.benchmarks.direct import DirectScript
from tests.benchmarks.results import Result, median, percentile
from tests.world import WON, Deal, World

CHANGES_PER_S = 5.0
CHANGES = 200
WARM_UP = 20


def added_latency(world: World) -> list[Result]:
    """An open loop: deals are won on a fixed schedule, whatever the product does meanwhile."""
    account_id = world.account("Takt GmbH")
    first = world.open_deal(account_id)
    world.win(first)
    world.numbered(first)
    deals = [world.open_deal(account_id) for _ in range(CHANGES + WARM_UP)]
    peers = [world.open_deal(account_id) for _ in range(CHANGES)]
    world.quiet()
    start = {system: world.end_of_journal(system) for system in ("salesforce", "netsuite")}
    _on_schedule(world, deals)
    world.quiet()
    totals = _commit_to_commit_s(world, deals[WARM_UP:], start)
    direct_s = DirectScript(world).seconds(peers)
    added = [total - median(direct_s) for total in totals]
    return [
        Result(
            name=f"P2 added latency at {CHANGES_PER_S:g} changes/s",
            measured=f"p50 {_ms(percentile(added, 0.5))}, p99 {_ms(percentile(added, 0.99))}"
            f" ({len(totals)} orders; commit to commit p50 {_ms(percentile(totals, 0.5))})",
            target="p50 <= 20 ms, p99 <= 80 ms",
            compared="a script that reads and writes directly, with no log, no sealing, no retry:"
            f" p50 {_ms(percentile(direct_s, 0.5))}, p99 {_ms(percentile(direct_s, 0.99))}",
            ratio=f"{percentile(totals, 0.5) / percentile(direct_s, 0.5):.1f} x (p50)",
        )
    ]


def _on_schedule(world: World, deals: list[Deal]) -> None:
    begun = time.monotonic()
    for number, deal in enumerate(deals):
        time.sleep(max(0.0, begun + number / CHANGES_PER_S - time.monotonic()))
        threading.Thread(target=world.win, args=(deal,)).start()


def _commit_to_commit_s(world: World, deals: list[Deal], start: dict[str, int]) -> list[float]:
    won = {
        mutation["id"]: row["time"]
        for row in world.journal("salesforce", start["salesforce"])
        for mutation in row["mutations"]
        if _changed_to(mutation, "StageName", WON)
    }
    made = {
        str(mutation["after"].get("externalId", "")).rpartition("-")[2]: row["time"]
        for row in world.journal("netsuite", start["netsuite"])
        for mutation in row["mutations"]
        if mutation["operation"] == "create" and mutation["record"].lower() == "salesorder"
    }
    ids = [deal.opportunity_id for deal in deals]
    return [(_at(made[key]) - _at(won[key])).total_seconds() for key in ids]


def _changed_to(mutation: dict[str, Any], field: str, value: str) -> bool:
    before, after = mutation["before"] or {}, mutation["after"] or {}
    return bool(after.get(field) == value and before.get(field) != value)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _ms(seconds: float) -> str:
    return f"{seconds * 1_000:.0f} ms"
