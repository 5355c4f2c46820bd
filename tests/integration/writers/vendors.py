"""Both vendors' stand-ins as a process of their own: what a test does to them and sees there."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READY_WITHIN_S = 20.0
END_WITHIN_S = 5.0
Entry = dict[str, Any]


class Vendors:
    """A running sandbox, by its endpoints."""

    def __init__(self, endpoints: Mapping[str, Any]) -> None:
        self.netsuite: Mapping[str, Any] = endpoints["netsuite"]
        self.salesforce: Mapping[str, Any] = endpoints["salesforce"]
        self.ca_file = Path(endpoints["tls"]["ca_file"])
        self._admin = str(endpoints["sandbox_admin"])

    def faults(self, *rules: Mapping[str, object]) -> None:
        """In force until the next call; none takes all away."""
        self._send("PUT", "/faults", {"seed": 7, "rules": list(rules)})

    def seed(self, name: str = "empty") -> None:
        self._send("POST", "/seed", {"name": name})

    def journal(self, system: str, after: int = 0) -> list[Entry]:
        url = f"{self._admin}/journal/{system}?after={after}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return [json.loads(line) for line in answer.read().splitlines()]

    def last_seq(self, system: str) -> int:
        return max((entry["seq"] for entry in self.journal(system)), default=0)

    def _send(self, method: str, path: str, body: object) -> None:
        request = urllib.request.Request(
            self._admin + path,
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            assert answer.status == 200


def mutations(entries: Sequence[Entry], kind: str, operation: str | None = None) -> list[Entry]:
    """What happened to records of this kind, in order."""
    return [
        mutation
        for entry in entries
        for mutation in entry["mutations"]
        if mutation["record"].lower() == kind.lower() and operation in {None, mutation["operation"]}
    ]


@contextmanager
def running_vendors(state: Path, seed: str = "empty") -> Iterator[Vendors]:
    command = [sys.executable, "-m", "sandbox", "--state", str(state), "--seed", seed]
    with (state.parent / "sandbox.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield Vendors(_endpoints(state / "endpoints.json", process))
    finally:
        process.terminate()
        process.wait(END_WITHIN_S)


def _endpoints(path: Path, process: "subprocess.Popen[bytes]") -> Mapping[str, Any]:
    deadline = time.monotonic() + READY_WITHIN_S
    while not path.exists():
        assert process.poll() is None, f"the sandbox ended with {process.returncode}"
        assert time.monotonic() < deadline, "the sandbox is not ready"
        time.sleep(0.05)
    found: Mapping[str, Any] = json.loads(path.read_text())
    return found
