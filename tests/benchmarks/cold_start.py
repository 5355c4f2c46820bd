"""P13: from nothing running to the first synced record, caches warm, as a newcomer waits for it."""

import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys
import time
from pathlib import Path

from ops.demo.people import SalesforceUser
from ops.local.options import Options
from ops.local.stack import running_stack
from tests.benchmarks.results import Result, median

ROUNDS = 5
WITHIN_S = 120.0


def cold_start(directory: Path) -> list[Result]:
    ours, limit = [], []
    for number in range(ROUNDS):  # interleaved, so that both see the same machine
        ours.append(first_record_s(directory / f"whole-{number}"))
        limit.append(kafka_alone_s(directory / f"kafka-{number}"))
    taken = f"{median(ours):.1f} s (min {min(ours):.1f}, max {max(ours):.1f}, {ROUNDS} rounds)"
    return [
        Result(
            name="P13 cold start to the first synced record",
            measured=taken,
            target="<= 15 s",
            compared=f"Kafka alone, ready: {median(limit):.1f} s",
            ratio=f"{median(ours) / median(limit):.1f} x",
        )
    ]


def first_record_s(state: Path) -> float:
    """Seconds from starting `tallystick up` to the order's number on the opportunity."""
    started = time.monotonic()
    command = [sys.executable, "-m", "ops", "up", "--fresh", "--state", str(state)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=dict(os.environ))
    try:
        endpoints = state / "endpoints.json"
        _until(endpoints.exists)
        found = json.loads(endpoints.read_text())
        tls = ssl.create_default_context(cafile=found["tls"]["ca_file"])
        rep = SalesforceUser(found["salesforce"], tls)
        rep.sign_in()
        asked = "SELECT Id, NS_SO_Number__c FROM Opportunity WHERE Name = 'Renewal 2027'"
        rep.update("Opportunity", rep.one(asked)["Id"], StageName="Closed Won")
        _until(lambda: bool(rep.one(asked)["NS_SO_Number__c"]))
        taken_s = time.monotonic() - started
        rep.close()
        return taken_s
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def kafka_alone_s(state: Path) -> float:
    async def start() -> float:
        started = time.monotonic()
        async with running_stack(Options(state=state, only=frozenset({"kafka"}))):
            return time.monotonic() - started

    return asyncio.run(start())


def _until(holds: object) -> None:
    assert callable(holds)
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {WITHIN_S:g} s")
        time.sleep(0.01)
