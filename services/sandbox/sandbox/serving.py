"""Serves one vendor over HTTP and TLS: faults around, and the transaction with its journal row."""

import asyncio
import logging
import time
import traceback
from collections.abc import Coroutine, Generator
from ssl import SSLContext
from typing import cast

from aiohttp import hdrs, web
from aiohttp.http import SERVER_SOFTWARE
from aiohttp.typedefs import Handler, Middleware

from sandbox.database import transaction
from sandbox.faults import Fault
from sandbox.frame import EXCHANGE, Exchange, Frame, Slow, Vendor
from sandbox.ports import LOOPBACK
from sandbox.unreadable import Connection

BODY_BYTES_MAX = 160 * 1024 * 1024
"""Above the largest body a vendor takes (bulk upload, 150 MB)."""
SHUTDOWN_S = 1.0
log = logging.getLogger("sandbox.access")


class Site:
    """One vendor's listening addresses."""

    def __init__(self, frame: Frame, vendor: Vendor) -> None:
        self._frame = frame
        self._vendor = vendor
        self._runner: web.AppRunner | None = None
        self._listening: list[asyncio.Server] = []
        self.http = ""
        self.https = ""

    async def start(self) -> None:
        app = self._vendor.app()
        app.middlewares.append(_Gate(self._frame, self._vendor).middleware())
        app._client_max_size = BODY_BYTES_MAX  # the same for both vendors, so set in one place
        app.on_response_prepare.append(_without_server)
        self._runner = web.AppRunner(app, shutdown_timeout=SHUTDOWN_S)
        await self._runner.setup()
        ports, system = self._frame.ports, self._vendor.system
        await self._listen(f"{system}_http", None)
        await self._listen(f"{system}_https", self._frame.tls.context())
        self.http = f"http://{LOOPBACK}:{ports.port(f'{system}_http')}"
        self.https = f"https://localhost:{ports.port(f'{system}_https')}"

    async def _listen(self, name: str, secure: SSLContext | None) -> None:
        vendor, server = self._vendor, self._runner.server if self._runner else None
        assert server is not None, "the runner was set up before"

        def connection() -> Connection:
            return Connection(server, vendor.system, lambda status: vendor.refusal(status, None))

        loop, socket = asyncio.get_running_loop(), self._frame.ports.listen(name)
        self._listening.append(await loop.create_server(connection, sock=socket, ssl=secure))

    async def stop(self) -> None:
        for listening in self._listening:
            listening.close()
        if self._runner is not None:
            await self._runner.cleanup()


class _Gate:
    """The one way of a request: admission, faults, transaction, journal, log line."""

    def __init__(self, frame: Frame, vendor: Vendor) -> None:
        self._frame = frame
        self._vendor = vendor
        self._slow = vendor if isinstance(vendor, Slow) else None

    def middleware(self) -> Middleware:
        @web.middleware
        async def gate(request: web.Request, handler: Handler) -> web.StreamResponse:
            started = time.perf_counter()
            request[EXCHANGE] = Exchange()
            answer = await self._admitted(request, handler)
            self._log(request, answer.status, time.perf_counter() - started)
            return answer

        return gate

    async def _admitted(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if _is_page(request):
            return await self._unread(request) or self._page(request, handler)
        refusal = self._vendor.admit(request)
        if refusal is not None:
            self._note(request, refusal.status, "refused")
            return refusal
        try:
            return await self._unread(request) or await self._faulty(request, handler)
        finally:
            self._vendor.leave(request)

    def _page(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = self._process(request, handler, None, token_dead=False)
        self._vendor.committed()
        return answer

    async def _unread(self, request: web.Request) -> web.Response | None:
        """The refusal of a body that cannot be read, None when it was."""
        try:
            await request.read()
        except web.RequestPayloadError:
            status = 400
        except web.HTTPException as error:
            status = error.status
        else:
            return None
        self._note(request, status, None)
        return self._vendor.refusal(status, None)

    async def _faulty(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        faults = self._frame.faults.match_all(self._vendor.system, request.method, request.path)
        effects = ",".join(fault.effect for fault in faults) or None
        waits = sum(fault.seconds for fault in faults if fault.effect in ("delay", "commit_late"))
        refusal = await self._waited(request, waits, effects)
        refusal = refusal or self._refused(request, faults, effects)
        if refusal is not None:
            return refusal
        dead = _has(faults, "token_dead")
        answer = self._process(request, handler, effects, token_dead=dead)
        self._vendor.committed()
        if _has(faults, "drop_after_commit"):
            _abort(request)
        return answer

    async def _waited(
        self, request: web.Request, seconds: float, effects: str | None
    ) -> web.Response | None:
        """Let the time pass; an answer when the request died of it, with nothing processed."""
        slow = self._slow
        if slow is not None:
            seconds += slow.pause_s(request)
            if seconds > slow.request_max_s:
                await asyncio.sleep(slow.request_max_s)
                self._note(request, 0, ",".join(filter(None, (effects, "drop_overdue"))))
                _abort(request)
                return web.Response(status=503)
        if seconds:
            await asyncio.sleep(seconds)
        return None

    def _refused(
        self, request: web.Request, faults: list[Fault], effects: str | None
    ) -> web.Response | None:
        """The answer of a call that must not be processed, None for all others."""
        if _has(faults, "drop_before_commit"):
            self._note(request, 0, effects)
            _abort(request)
            return web.Response(status=503)
        for fault in faults:
            if fault.effect == "status":
                answer = self._vendor.refusal(fault.status, fault.body)
                self._note(request, answer.status, effects)
                return answer
        return None

    def _process(
        self, request: web.Request, handler: Handler, effects: str | None, *, token_dead: bool
    ) -> web.StreamResponse:
        exchange = request[EXCHANGE]
        try:
            with transaction(self._vendor.connection):
                if token_dead:
                    self._vendor.revoke(request)
                answer = run_now(
                    cast("Coroutine[object, None, web.StreamResponse]", handler(request))
                )
                self._write(request, answer.status, effects)
            return answer
        except web.HTTPException as error:
            refused: web.StreamResponse = self._vendor.refusal(error.status, None)
        except Exception as error:
            # The sandbox never shows its own stack trace and never dies of one request; the
            # error's text stays out of the log because it may hold values of the request.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("failed %s %s %s\n%s", request.method, exchange.template, type(error), where)
            refused = self._vendor.refusal(500, None)
        exchange.mutations.clear()
        self._note(request, refused.status, effects)
        return refused

    def _note(self, request: web.Request, status: int, effects: str | None) -> None:
        with transaction(self._vendor.connection):
            self._write(request, status, effects)

    def _write(self, request: web.Request, status: int, effects: str | None) -> None:
        exchange = request[EXCHANGE]
        self._vendor.journal.write(
            actor=exchange.actor,
            method=request.method,
            path=request.path,
            status=0 if effects and "drop_" in effects else status,
            effect=effects,
            mutations=exchange.mutations,
        )

    def _log(self, request: web.Request, status: int, seconds: float) -> None:
        """No query string, no body, no ids: they may carry personal data."""
        exchange = request[EXCHANGE]
        resource = request.match_info.route.resource
        template = exchange.template or (resource.canonical if resource else "?")
        milliseconds = round(seconds * 1000, 1)
        log.info(
            "%s %s %s %s %s", self._vendor.system, request.method, template, status, milliseconds
        )


def run_now(work: Coroutine[object, None, web.StreamResponse]) -> web.StreamResponse:
    """Runs a handler to its end in one go: no other request can slip into its transaction."""
    generator = cast("Generator[object, None, web.StreamResponse]", work)
    try:
        generator.send(None)
    except StopIteration as end:
        return cast(web.StreamResponse, end.value)
    generator.close()
    raise RuntimeError("a handler waited inside its transaction; read and wait before it")


async def _without_server(_: web.Request, answer: web.StreamResponse) -> None:
    """What the real ones name here is known of few answers; our library is it of none."""
    if answer.headers.get(hdrs.SERVER) == SERVER_SOFTWARE:
        del answer.headers[hdrs.SERVER]


def _is_page(request: web.Request) -> bool:
    """For people: takes no slot of the vendor's, costs no time, and no rule of the faults meets
    it."""
    return request.path == "/ui" or request.path.startswith("/ui/")


def _has(faults: list[Fault], effect: str) -> bool:
    return any(fault.effect == effect for fault in faults)


def _abort(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()
