"""A big Salesforce stand-in: how long it fills, what it holds, how fast it finds one record."""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks.results import Result, percentile
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest

ACCOUNTS = 1_000_000
OPPORTUNITIES = 200_000
LOOK_UPS = 1_000
WITHIN_S = 400.0
STATEMENT = 'SELECT "Id", "Name", "Amount" FROM "Opportunity" WHERE "Id" = ?'


def big_org(directory: Path) -> list[Result]:
    """Filled from nothing, then asked for single records by id over HTTP."""
    state = directory / "size"
    started = time.monotonic()
    process = _start(state)
    try:
        running = Sandbox(state)
        running.endpoints = _endpoints(process, state / "endpoints.json")
        filled_s = time.monotonic() - started
        peak_mb = _peak_mb(process.pid)
        rest = Rest(running)
        with sqlite3.connect(state / "salesforce.db") as bare:
            ids = _some_ids(bare)
            direct = _seconds(ids, lambda identifier: bare.execute(STATEMENT, (identifier,)))
            asked = _seconds(ids, lambda identifier: rest.query(_soql(identifier)))
        running.http.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    return [
        Result(
            name=f"Salesforce stand-in filled with {ACCOUNTS:,} accounts, {OPPORTUNITIES:,} deals",
            measured=f"{filled_s:.0f} s, at most {peak_mb:.0f} MB",
            target="<= 120 s, <= 1,000 MB",
        ),
        Result(
            name="one record of it by id over HTTP",
            measured=f"p50 {_ms(percentile(asked, 0.5))}, p95 {_ms(percentile(asked, 0.95))}",
            target="p95 <= 5 ms",
            compared=f"SQLite asked directly: p95 {_ms(percentile(direct, 0.95))}",
            ratio=f"{percentile(asked, 0.95) / percentile(direct, 0.95):.0f} x",
        ),
    ]


def _start(state: Path) -> subprocess.Popen[bytes]:
    size = f"size:accounts={ACCOUNTS},opportunities={OPPORTUNITIES}"
    command = [sys.executable, "-m", "sandbox", "--state", str(state), "--seed", size]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def _endpoints(process: subprocess.Popen[bytes], path: Path) -> dict[str, object]:
    deadline = time.monotonic() + WITHIN_S
    while not path.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            raise TimeoutError("the sandbox did not start")
        time.sleep(0.1)
    found = json.loads(path.read_text())
    assert isinstance(found, dict)
    return found


def _peak_mb(pid: int) -> float:
    """The most memory that the process has held, in MB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1_000 * 1.024
    raise ValueError(f"process {pid} does not say how much memory it held")


def _some_ids(bare: sqlite3.Connection) -> list[str]:
    found = [row[0] for row in bare.execute('SELECT "Id" FROM "Opportunity"')]
    return random.Random(1).sample(found, LOOK_UPS)


def _soql(identifier: str) -> str:
    return f"SELECT Id, Name, Amount FROM Opportunity WHERE Id = '{identifier}'"


def _seconds(ids: Sequence[str], ask: Callable[[str], object]) -> list[float]:
    taken = []
    for identifier in ids:
        started = time.perf_counter()
        ask(identifier)
        taken.append(time.perf_counter() - started)
    return taken


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.2f} ms"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tallystick-size-") as directory:
        for result in big_org(Path(directory)):
            print(f"{result.name}: {result.measured} (target {result.target}) {result.compared}")


if __name__ == "__main__":
    main()
