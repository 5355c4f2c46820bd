"""How many change events a second one subscriber gets over gRPC from the Salesforce stand-in."""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.results import Result, median
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.bulk_client import Bulk
from tests.contract.sandbox.salesforce_client import PubSub, Rest

EVENTS = 5_000
ROUNDS = 5
ASKED = 100
TOPIC = "/data/AccountChangeEvent"
EARLIEST = 1
TARGET_PER_S = 2_000


def change_events() -> list[Result]:
    """The same events read again and again from the start of the bus, a hundred at a time."""
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as directory:
        sandbox = Sandbox(Path(directory), "--seed", "empty")
        sandbox.start()
        try:
            return _measured(sandbox)
        finally:
            sandbox.stop()
            sandbox.http.close()


def _measured(sandbox: Sandbox) -> list[Result]:
    rest = Rest(sandbox)
    started = time.monotonic()
    rows = "".join(f"Account {number},{number}\n" for number in range(EVENTS))
    job = Bulk(rest).load("insert", f"Name,Phone\n{rows}", within_s=120.0)
    assert job["numberRecordsProcessed"] == EVENTS, job
    written_s = time.monotonic() - started
    pubsub = PubSub(sandbox, rest.token)
    rates = [EVENTS / _read_all(pubsub) for _ in range(ROUNDS)]
    pubsub.close()
    written = f"records written as a bulk job with their events: {EVENTS / written_s:,.0f}/s"
    return [
        Result(
            name=f"change events over gRPC to one subscriber, {EVENTS:,} of them",
            measured=f"{median(rates):,.0f}/s (min {min(rates):,.0f}, {ROUNDS} rounds)",
            target=f">= {TARGET_PER_S:,}/s",
            compared=written,
            ratio=f"{median(rates) / (EVENTS / written_s):.1f} x",
        )
    ]


def _read_all(pubsub: PubSub) -> float:
    """Seconds until the last event was there, as bytes."""
    started = time.monotonic()
    stream = pubsub.subscribe(TOPIC, replay_preset=EARLIEST, num_requested=ASKED)
    count = 0
    while count < EVENTS:
        response = stream.response()
        count += len(response.events)
        stream.ask(num_requested=ASKED - response.pending_num_requested)
    taken_s = time.monotonic() - started
    stream.cancel()
    return taken_s


def main() -> None:
    for result in change_events():
        print(f"{result.name}: {result.measured} (target {result.target}) [{result.compared}]")


if __name__ == "__main__":
    main()
