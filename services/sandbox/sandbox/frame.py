"""What the frame gives to a vendor's half and what it asks of it."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from aiohttp import web

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.journal import Journal, Mutation
from sandbox.ports import Ports
from sandbox.profile import Profile
from sandbox.tls import TlsFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    clock: Clock
    faults: Faults
    profile: Profile
    state: Path
    ports: Ports
    tls: TlsFiles
    package: Path
    """The Salesforce metadata package (a source-format project) whose fields the org has."""


@dataclass(slots=True)
class Exchange:
    """What one request did: filled in by the vendor's handler, journaled by the frame."""

    actor: str = ""
    template: str = ""
    """The path with its variable parts named, for the log; empty takes the route's."""
    mutations: list[Mutation] = field(default_factory=list)


EXCHANGE: web.RequestKey[Exchange] = web.RequestKey("exchange", Exchange)


class Vendor(Protocol):
    """One vendor's half.

    Handlers of `app()` run inside one transaction on `connection` and must not wait: the body is
    read before (`await request.read()`, `.json()`, `.post()` answer at once). They find their
    `Exchange` at `request[EXCHANGE]`. A handler that answers an error after it changed something
    undoes that itself (`database.transaction` nests); one that raises is rolled back whole.
    """

    @property
    def system(self) -> str: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def connection(self) -> sqlite3.Connection: ...

    def app(self) -> web.Application: ...

    def seed(self, name: str) -> None:
        """Wipe and load `demo`, `empty` or a file; called inside a transaction."""

    def endpoints(self, http: str, https: str) -> Mapping[str, object]: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...

    def admit(self, request: web.Request) -> web.Response | None:
        """Called on arrival, before any wait; an answer here ends the call (429 and the like)."""

    def leave(self, request: web.Request) -> None:
        """Called when an admitted request has ended, however late."""

    def committed(self) -> None:
        """Called after a request's transaction was committed."""

    def refusal(self, status: int, body: object) -> web.Response:
        """An error in the vendor's shape; `body` None takes the vendor's own words."""

    def revoke(self, request: web.Request) -> None:
        """Kill the credential that this request presents (inside a transaction)."""


@runtime_checkable
class Switched(Protocol):
    """A vendor with switches of its own on the admin's address."""

    def switches(self) -> Sequence[web.RouteDef]: ...


@runtime_checkable
class Slow(Protocol):
    """A vendor whose requests take time of themselves and die when they take too much."""

    @property
    def request_max_s(self) -> float: ...

    def pause_s(self, request: web.Request) -> float:
        """How long this request takes beside the sandbox's own work."""
