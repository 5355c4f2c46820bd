"""Where this installation's parts are: a local stack's state directory, else the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ops.local.errors import LocalError, UnreachableError, WrongUsageError
from ops.local.options import DEFAULT_STATE

SERVICES = ("ingest", "transform", "netsuite-writer", "salesforce-writer", "auditor")
AUDITOR_URL = "AUDITOR_URL"
CONNECT_WITHIN_S = 3.0
Endpoints = Mapping[str, Any]


class NotWellError(LocalError):
    """Something was found wrong; all about it has been told."""

    exit_code = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`state` and `endpoints` are those of a local stack; both are empty against real systems."""

    environment: Mapping[str, str] = field(repr=False)
    state: Path | None = None
    endpoints: Endpoints = field(default_factory=dict, repr=False)

    def health_of(self, service: str) -> str | None:
        """The address of a service's health server; None where nothing names it."""
        if self.state:
            return _text(self.endpoints.get("services", {}).get(service, {}).get("health"))
        return self.environment.get(setting_of(service))

    @property
    def bootstrap(self) -> str:
        """Where Kafka is; empty where nothing says it."""
        if self.state:
            return str(self.endpoints.get("kafka", {}).get("bootstrap", ""))
        return self.environment.get("KAFKA_BOOTSTRAP", "")

    @property
    def auditor(self) -> str:
        address = self.health_of("auditor")
        if address:
            return address.rstrip("/")
        if self.state:
            raise UnreachableError(
                f"no auditor runs in {self.state}: start one with `tallystick up`,"
                " without --only or with auditor in it"
            )
        raise WrongUsageError(
            f"no stack runs in {DEFAULT_STATE} and {AUDITOR_URL} is not set: start one with"
            f" `tallystick up`, name its directory with --state, or set {AUDITOR_URL} to the"
            " health address of the auditor that you mean"
        )


def setting_of(service: str) -> str:
    return f"{service.upper().replace('-', '_')}_URL"


def find_place(named: Path | None, environment: Mapping[str, str] | None = None) -> Place:
    """--state, else TALLYSTICK_STATE, else the systems that the environment names, else the stack
    of this directory."""
    env = dict(os.environ) if environment is None else environment
    explicit = named or (Path(env["TALLYSTICK_STATE"]) if env.get("TALLYSTICK_STATE") else None)
    if explicit is None and (env.get(AUDITOR_URL) or not _file(Path(DEFAULT_STATE)).exists()):
        return Place(environment=env)
    state = (explicit or Path(DEFAULT_STATE)).absolute()
    return Place(environment=env, state=state, endpoints=_endpoints(state))


def ask(base: str, path: str, *, within_s: float, **query: str) -> Any:
    """The JSON that a service answers. UnreachableError and NotWellError say what it said."""
    try:
        with httpx.Client(timeout=_timeout(within_s), trust_env=False) as client:
            answer = client.get(f"{base}{path}", params=query)
    except httpx.TimeoutException:
        raise UnreachableError(
            f"{base}{path} did not answer within {within_s:g} s: see the service's log"
        ) from None
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise UnreachableError(
            f"nothing answers at {base} ({error}): start the stack with `tallystick up`,"
            " or correct the address"
        ) from None
    return _body(answer)


def _body(answer: httpx.Response) -> Any:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    if answer.is_success and isinstance(body, dict):
        return body
    said = body.get("error", "") if isinstance(body, dict) else ""
    if answer.status_code == httpx.codes.BAD_REQUEST:
        raise WrongUsageError(said or "the question was not understood")
    raise UnreachableError(
        f"{answer.url.copy_with(query=None)} answered {answer.status_code} {said}".rstrip()
        + ": the service has not come up yet, or a part it needs is away; see `tallystick status`"
    )


def _timeout(within_s: float) -> httpx.Timeout:
    return httpx.Timeout(within_s, connect=min(CONNECT_WITHIN_S, within_s))


def _endpoints(state: Path) -> Endpoints:
    try:
        found = json.loads(_file(state).read_text())
    except FileNotFoundError:
        raise UnreachableError(
            f"no stack runs in {state}: start one with `tallystick up --state {state}`"
        ) from None
    except ValueError as error:
        raise WrongUsageError(
            f"{_file(state)} does not read as JSON ({error}): start the stack again"
        ) from None
    assert isinstance(found, dict)
    return found


def _file(state: Path) -> Path:
    return state / "endpoints.json"


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
