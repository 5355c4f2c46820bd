"""The health of a process over HTTP: /live, /ready, /metrics and what the service adds."""

import json
import os
from pathlib import Path

from aiohttp import web

from runtime.health import Health
from runtime.telemetry import Telemetry

METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
GRACE_S = 1.0


class HealthServer:
    """Answers as long as the event loop turns, which is what /live asks."""

    def __init__(self, health: Health, telemetry: Telemetry) -> None:
        self._health, self._telemetry = health, telemetry
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """The address it is served on; a free port is taken for port 0."""
        application = web.Application()
        application.router.add_get("/{path:.*}", self._get)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=GRACE_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound = self._runner.addresses[0]
        return f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{bound[1]}"

    async def close(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/live":
                return web.json_response({"live": True})
            case "/ready":
                ready = self._health.ready
                body = {"ready": ready, "parts": self._health.parts}
                return web.json_response(body, status=200 if ready else 503)
            case "/metrics":
                headers = {"Content-Type": METRICS_TYPE}
                return web.Response(body=self._telemetry.exposition(), headers=headers)
        handler = self._health.route(request.path)
        if handler is None:
            raise web.HTTPNotFound
        return await handler(request)


def write_address(path: Path, address: str) -> None:
    """Tell whoever started the process where it answers; a reader sees all of it or nothing."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.write_text(json.dumps({"pid": os.getpid(), "health": address}))
    new.replace(path)
