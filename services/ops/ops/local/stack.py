"""Start the whole stack, or some of its parts, and end all of it again."""

import asyncio
import contextlib
import json
import signal
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from pathlib import Path
from typing import Any

from ops.local import databases, kafka, postgres
from ops.local.child import Part
from ops.local.environment import SERVICES, Facts
from ops.local.leftovers import end_leftovers
from ops.local.options import PLATFORM, Options, check
from ops.local.python_parts import health_of, sandbox_endpoints, sandbox_part, service_part
from ops.local.state import State, held_state, lay_out, write_whole
from ops.local.supervisor import Supervisor

GIVEN_WITHIN_S = 10.0
SERVICES_END_WITHIN_S, PLATFORM_END_WITHIN_S = 6.0, 3.5
"""Together below the ten seconds in which a stack ends."""


@contextlib.asynccontextmanager
async def running_stack(options: Options) -> AsyncIterator["Stack"]:
    """Everything that the options want, ready; ended when the block is left, however it is."""
    check(options)
    with held_state(options.state) as state:
        for part in await end_leftovers(state.run):
            options.say(_line(part, "ended: it was left over from a stack that was killed"))
        lay_out(state, fresh=options.fresh)
        stack = Stack(options, state)
        try:
            await stack.start()
            yield stack
        finally:
            await stack.end()


@contextlib.contextmanager
def stack_in_thread(options: Options) -> Iterator["Stack"]:
    """The same for callers without an event loop of their own, and for those with many."""
    started: list[Stack] = []
    failures: list[BaseException] = []
    is_up, shall_end = threading.Event(), threading.Event()

    async def keep() -> None:
        async with running_stack(options) as stack:
            started.append(stack)
            is_up.set()
            await asyncio.to_thread(shall_end.wait)

    def run() -> None:
        try:
            asyncio.run(keep())
        except BaseException as error:
            failures.append(error)
        finally:
            is_up.set()

    thread = threading.Thread(target=run, name="stack")
    thread.start()
    is_up.wait()
    try:
        if started:
            yield started[0]
    finally:
        shall_end.set()
        thread.join()
    for failure in failures:
        raise failure


class Stack:
    """The parts that run now. Its methods may be called from any thread and any event loop."""

    def __init__(self, options: Options, state: State) -> None:
        self.state = state
        self.endpoints: dict[str, Any] = {}
        self._options = options
        self._bootstrap = options.environment.get("KAFKA_BOOTSTRAP", "")
        self._dsns = databases.given_dsns(options.environment)
        self._supervisor = Supervisor(
            state.run,
            state.logs,
            options.say,
            self._on_ready_again,
            delay_max_s=options.restart_delay_max_s,
        )

    @property
    def logs(self) -> Path:
        return self.state.logs

    def dsn(self, role: str) -> str:
        """Of one of the roles in `ops.local.databases.ROLES`."""
        return self._dsns[role]

    def pid(self, part: str) -> int:
        """0 while the part is between two processes."""
        return self._supervisor.child(part).pid

    def kill(self, part: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Signal the part's process; when it ends it is started again."""
        self._supervisor.kill(part, number)

    async def until_ready(self, part: str, *, within_s: float = 60.0) -> None:
        await self._supervisor.until_ready(part, within_s=within_s)

    async def start(self) -> None:
        """The platform side by side, then the services side by side."""
        options, started = self._options, time.monotonic()
        starts = {
            "kafka": self._start_kafka,
            "postgres": self._start_postgres,
            "sandbox": self._start_sandbox,
        }
        await _side_by_side(*(starts[part]() for part in PLATFORM if options.wants(part)))
        facts = self._facts()
        await _side_by_side(*(self._start_service(name, facts) for name in options.services))
        self._publish()
        took_s = time.monotonic() - started
        options.say(f"All parts ready in {took_s:.1f} s. Addresses: {self.state.endpoints}")

    async def end(self) -> None:
        self.state.endpoints.unlink(missing_ok=True)
        self.endpoints = {}
        await self._supervisor.end(SERVICES, patience_s=SERVICES_END_WITHIN_S)
        await self._supervisor.end(PLATFORM, patience_s=PLATFORM_END_WITHIN_S)

    async def _start_kafka(self) -> None:
        options = self._options
        if self._bootstrap:
            await kafka.check_that_it_answers(self._bootstrap, within_s=GIVEN_WITHIN_S)
            options.say(_line("kafka", f"runs already  {self._bootstrap}"))
        else:
            part = await self._start(kafka.kafka_part(self.state, options.environment, options.say))
            self._bootstrap = part.address

    async def _start_postgres(self) -> None:
        options = self._options
        if self._dsns:
            await _side_by_side(*(postgres.check_that_it_answers(*x) for x in self._dsns.items()))
            options.say(_line("postgres", "runs already"))
        else:
            await self._start(postgres.postgres_part(self.state, options.environment))
            self._dsns = databases.dsns_of(self.state)

    async def _start_sandbox(self) -> None:
        options = self._options
        part = sandbox_part(
            self.state, options.environment, seed=options.seed, profile=options.profile
        )
        await self._start(_at_once(part))

    async def _start_service(self, name: str, facts: Facts) -> None:
        options = self._options
        extra = {**options.extra, **options.extra_of.get(name, {})}
        await self._start(_at_once(service_part(name, facts, extra)))

    async def _start(self, prepared: Awaitable[Part]) -> Part:
        started = time.monotonic()
        part = await prepared
        await self._supervisor.start(part)
        took_s = time.monotonic() - started
        self._options.say(_line(part.name, f"ready in {took_s:.1f} s  {part.address}".rstrip()))
        return part

    def _facts(self) -> Facts:
        options = self._options
        return Facts(
            state=self.state,
            caller=options.environment,
            bootstrap=self._bootstrap,
            dsns=self._dsns,
            sandbox=sandbox_endpoints(self.state) if options.wants("sandbox") else {},
        )

    def _on_ready_again(self, part: str) -> None:
        self._options.say(_line(part, "ready again"))
        if self.endpoints:
            self._publish()

    def _publish(self) -> None:
        """Tell tests and people where everything is."""
        self.endpoints = {
            **({"kafka": {"bootstrap": self._bootstrap}} if self._bootstrap else {}),
            **({"postgres": databases.readers_of(self._dsns)} if self._dsns else {}),
            "services": {name: health_of(self.state, name) for name in self._options.services},
            **self._facts().sandbox,
        }
        write_whole(self.state.endpoints, json.dumps(self.endpoints, indent=2), mode=0o600)


async def _at_once(part: Part) -> Part:
    return part


async def _side_by_side(*starts: Coroutine[object, object, None]) -> None:
    """All at once; when one fails, the others are given up and its reason is told."""
    try:
        async with asyncio.TaskGroup() as tasks:
            for start in starts:
                tasks.create_task(start)
    except ExceptionGroup as failures:
        first = failures.exceptions[0]
    else:
        return
    raise first


def _line(part: str, what: str) -> str:
    return f"{part:<18}{what}"
