"""The life of one service process: settings, signs of life, work, a clean end."""

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from kernel.errors import FatalError
from runtime import logs, names
from runtime.clock import Clock
from runtime.health import WELL, Health, StopRequestedError
from runtime.serving import HealthServer, write_address
from runtime.settings import CommonSettings, SettingsError
from runtime.telemetry import Telemetry, open_telemetry

S = TypeVar("S")
TIME_TO_END_S = 9.0
SPANS_WITHIN_S = 0.8
EXIT_WRONG_SETTINGS = 2
GARBAGE_LOOKED_FOR_EVERY = 5_000
"""Containers made beyond those given back; Python says 700."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every part of a process shares."""

    service: str
    stop: asyncio.Event
    """Set when the process shall end: take no new work, finish what is in hand, return."""
    health: Health
    telemetry: Telemetry
    clock: Clock


def run(
    service: str,
    settings: Callable[[], S],
    common: Callable[[S], CommonSettings],
    main: Callable[[S, Context], Awaitable[None]],
) -> NoReturn:
    """Run `main` until it returns or SIGTERM or SIGINT asks it to.

    Exit codes: 0 ended as asked; 1 a fatal or an unexpected error, or work still in hand when its
    time was over; 2 wrong settings, every fault printed.
    """
    try:
        own = settings()
        shared = common(own)
    except SettingsError as error:
        for fault in error.faults:
            print(f"{service}: {fault}", file=sys.stderr)
        sys.exit(EXIT_WRONG_SETTINGS)
    except FatalError as error:
        print(f"{service}: {error}", file=sys.stderr)
        sys.exit(EXIT_WRONG_SETTINGS)
    logs.set_up(service, shared.log_level)
    telemetry = open_telemetry(
        service, shared.service_version, endpoint=shared.otlp_endpoint, ratio=shared.trace_ratio
    )
    _collect_seldom()
    raise SystemExit(asyncio.run(_live(service, own, shared, main, telemetry)))


def _collect_seldom() -> None:
    """What was loaded until now stays: looking through it for garbage would only take time."""
    gc.freeze()
    gc.set_threshold(GARBAGE_LOOKED_FOR_EVERY)


async def _live(
    service: str,
    own: S,
    shared: CommonSettings,
    main: Callable[[S, Context], Awaitable[None]],
    telemetry: Telemetry,
) -> NoReturn:
    stop = asyncio.Event()
    health = Health(stop)
    telemetry.watch(names.PART_WELL, lambda: _wellness(health))
    _obey_signals(stop)
    server = HealthServer(health, telemetry)
    try:
        address = await server.start(shared.health_host, shared.health_port)
    except OSError as error:
        logs.error(names.FATAL, f"HEALTH_PORT {shared.health_port} cannot be served", error)
        _leave(1, telemetry)
    if shared.health_file:
        write_address(shared.health_file, address)
    logs.info(names.STARTED, f"{service} runs", health=address, version=shared.service_version)
    context = Context(service=service, stop=stop, health=health, telemetry=telemetry, clock=Clock())
    code = await _work(main(own, context), stop)
    await server.close()
    _leave(code, telemetry)


async def _work(main: Awaitable[None], stop: asyncio.Event) -> int:
    """The exit code, once the work has ended or has used up its time to end."""
    working = asyncio.ensure_future(main)
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not working.done():
        logs.info(names.STOPPING, "asked to end; what is in hand is finished first")
        await asyncio.wait({working}, timeout=TIME_TO_END_S)
    if not working.done():
        logs.error(names.STOPPED_LATE, f"work is still in hand after {TIME_TO_END_S:g} s")
        return 1
    return _code_of(working)


def _code_of(working: asyncio.Future[None]) -> int:
    try:
        working.result()
    except StopRequestedError:
        pass
    except FatalError as error:
        logs.error(names.FATAL, str(error), error)
        return 1
    except (Exception, asyncio.CancelledError) as error:
        logs.error(names.FATAL, f"an unexpected {type(error).__name__} ended the process", error)
        return 1
    logs.info(names.STOPPED, "ended")
    return 0


def _obey_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


def _wellness(health: Health) -> list[tuple[float, dict[str, str]]]:
    return [(float(why == WELL), {"part": part}) for part, why in health.parts.items()]


def _leave(code: int, telemetry: Telemetry) -> NoReturn:
    """End at once: threads of client libraries may hang on a dead server and are not waited for."""
    closing = threading.Thread(target=telemetry.close, name="telemetry", daemon=True)
    closing.start()
    closing.join(SPANS_WITHIN_S)
    logging.shutdown()
    sys.stdout.flush()
    os._exit(code)
