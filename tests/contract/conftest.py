"""One running sandbox for all contract tests, and the switches that tests turn on it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

START_WITHIN_S = 30.0


class Sandbox:
    """The process, its endpoints, and its admin page."""

    def __init__(self, state: Path, *arguments: str) -> None:
        self.state = state
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None
        self.endpoints: dict[str, Any] = {}
        self.http = httpx.Client(timeout=30.0)
        """One client for all calls: making one costs more than a call."""

    @property
    def salesforce(self) -> dict[str, Any]:
        return self.endpoints["salesforce"]  # type: ignore[no-any-return]  # JSON

    @property
    def netsuite(self) -> dict[str, Any]:
        return self.endpoints["netsuite"]  # type: ignore[no-any-return]  # JSON

    @property
    def ca_file(self) -> str:
        return str(self.endpoints["tls"]["ca_file"])

    @property
    def proxy(self) -> str:
        return str(self.endpoints["tls"]["connect_proxy"])

    def start(self, within_s: float = START_WITHIN_S) -> None:
        path = self.state / "endpoints.json"
        path.unlink(missing_ok=True)
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "sandbox.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "sandbox", "--state", str(self.state), *self._arguments],
                stdout=log,
                stderr=log,
                env=_keeping_bytecode(),
            )
        deadline = time.monotonic() + within_s
        while not path.exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the sandbox did not start: {self.log()[-2000:]}")
            time.sleep(0.02)
        self.endpoints = json.loads(path.read_text())

    def kill(self) -> None:
        """As a power cut would: no chance to say goodbye."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def log(self) -> str:
        return (self.state / "sandbox.log").read_text()

    def faults(self, *rules: dict[str, Any], seed: int = 1) -> None:
        """Each rule is in force until the test ends or `times` is spent."""
        self._put("/faults", {"seed": seed, "rules": list(rules)})

    def clock(self, **wish: Any) -> None:
        """`now="2026-11-20T09:00:00Z"`, `now=None` or `advance_s=60`."""
        self._put("/clock", wish)

    def seed(self, name: str) -> None:
        self.http.post(f"{self._admin}/seed", json={"name": name}).raise_for_status()

    def journal(self, system: str, after: int = 0) -> list[dict[str, Any]]:
        answer = self.http.get(f"{self._admin}/journal/{system}", params={"after": after})
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines()]

    def end_of_journal(self, system: str) -> int:
        entries = self.journal(system)
        return int(entries[-1]["seq"]) if entries else 0

    @property
    def _admin(self) -> str:
        return str(self.endpoints["sandbox_admin"])

    def _put(self, path: str, body: dict[str, Any]) -> None:
        answer = self.http.put(f"{self._admin}{path}", json=body)
        assert answer.status_code == 200, answer.text

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)
            self._process.wait(timeout=10)


def _keeping_bytecode() -> dict[str, str]:
    """It is started some fifty times; compiling its modules would be a quarter of each start."""
    return {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """Started once, with the seed `demo`; tests share its state and leave no faults behind."""
    running = Sandbox(tmp_path_factory.mktemp("sandbox"))
    running.start()
    yield running
    running.stop()
    running.http.close()


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    """A sandbox that a test may kill and start again."""
    running = Sandbox(tmp_path / "state")
    running.start()
    yield running
    running.stop()
    running.http.close()


@pytest.fixture(autouse=True)
def _no_faults_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "sandbox" in request.fixturenames:
        running = request.getfixturevalue("sandbox")
        running.faults()
        running.clock(now=None)
