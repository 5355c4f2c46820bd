"""Our own programs as child processes: the sandbox and the services."""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from ops.local.child import Part
from ops.local.environment import Endpoints, Facts, environment_of, health_file
from ops.local.state import State

ANSWER_WITHIN_S = 2.0
SERVICE_READY_WITHIN_S = 60.0


def service_part(service: str, facts: Facts, extra: Mapping[str, str]) -> Part:
    """`extra` wins over the derived environment."""
    written = health_file(facts.state, service)
    return Part(
        name=service,
        command=(sys.executable, "-m", service.replace("-", "_")),
        environment={**environment_of(service, facts), **extra},
        is_ready=_is_ready(written),
        ready_within_s=SERVICE_READY_WITHIN_S,
        before_start=_without(written),
    )


def sandbox_part(
    state: State, environment: Mapping[str, str], *, seed: str | None, profile: str | None
) -> Part:
    """Both vendors' stand-ins; ready when they have written where they listen."""
    written = sandbox_file(state)
    options = {"--seed": seed, "--profile": profile}
    given = [word for name, value in options.items() if value for word in (name, value)]
    places = ("--state", str(state.directory / "sandbox"), "--endpoints", str(written))
    return Part(
        name="sandbox",
        command=(sys.executable, "-m", "sandbox", *places, *given),
        environment=environment,
        is_ready=_exists(written),
        before_start=_without(written),
    )


def sandbox_file(state: State) -> Path:
    return state.run / "sandbox.json"


def sandbox_endpoints(state: State) -> Endpoints:
    found: Endpoints = json.loads(sandbox_file(state).read_text())
    return found


def health_of(state: State, service: str) -> dict[str, object]:
    """Pid and address as the service itself wrote them."""
    found: dict[str, object] = json.loads(health_file(state, service).read_text())
    return found


def _is_ready(written: Path) -> Callable[[int], Awaitable[bool]]:
    async def is_ready(pid: int) -> bool:
        address = _address_of(pid, written)
        return address is not None and await asyncio.to_thread(_answers_200, address)

    return is_ready


def _address_of(pid: int, written: Path) -> str | None:
    """None until this very process has written it."""
    try:
        health = json.loads(written.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return str(health["health"]) if health["pid"] == pid else None


def _answers_200(address: str) -> bool:
    connection = HTTPConnection(urlsplit(address).netloc, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _exists(path: Path) -> Callable[[int], Awaitable[bool]]:
    async def exists(_: int) -> bool:
        return await asyncio.to_thread(path.exists)

    return exists


def _without(path: Path) -> Callable[[], None]:
    return partial(path.unlink, missing_ok=True)
