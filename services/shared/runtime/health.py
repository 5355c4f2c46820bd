"""How a service stands: which parts it needs, which of them are well, and whether it is ending."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from runtime import logs, names

WELL = "well"
STARTING = "starting"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StopRequestedError(Exception):
    """The process was asked to end while it waited for a part; nothing is in hand."""


class Health:
    """Parts are declared by whoever needs them and are well once somebody has said so."""

    def __init__(self, stop: asyncio.Event | None = None) -> None:
        self.stop = stop or asyncio.Event()
        self._parts: dict[str, str] = {}
        self._declared: set[str] = set()
        self._routes: dict[str, Handler] = {}

    def declare(self, *parts: str) -> None:
        """The service is not ready before these are well."""
        for part in parts:
            self._declared.add(part)
            self._parts.setdefault(part, STARTING)

    def well(self, part: str) -> None:
        before = self._parts.get(part, STARTING)
        self._parts[part] = WELL
        if before not in {WELL, STARTING}:
            logs.info(names.PART_WELL_AGAIN, f"{part} is well again", part=part)

    def waiting(self, part: str, why: str) -> None:
        """One log line when a part starts to wait; while it waits only the reason is kept."""
        before = self._parts.get(part, STARTING)
        self._parts[part] = logs.first_line(why) or "away"
        if before in {WELL, STARTING}:
            logs.warning(names.PART_WAITING, f"{part} is waited for: {why}", part=part)

    def is_well(self, part: str) -> bool:
        return self._parts.get(part) == WELL

    @property
    def ready(self) -> bool:
        return not self.stop.is_set() and all(map(self.is_well, self._declared))

    @property
    def parts(self) -> Mapping[str, str]:
        """`well` or why not, by part; also of parts that nobody declared."""
        return dict(self._parts)

    def add_get(self, path: str, handler: Handler) -> None:
        """Serve one more path beside /live, /ready and /metrics, from now on. One that ends with
        a slash stands for every name below it."""
        self._routes[path] = handler

    def route(self, path: str) -> Handler | None:
        return self._routes.get(path) or self._routes.get(path[: path.rfind("/") + 1])
