"""Keep child processes running: start, wait until ready, start again with back-off, end."""

import asyncio
import math
import random
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ops.local import leftovers
from ops.local.child import Child, Part, describe_exit, failure_of, size_after_rotation, spawned
from ops.local.errors import PartFailedError, WrongUsageError
from ops.local.polling import holds_within
from ops.local.process import end_child, send_to_child

FIRST_DELAY_S, DELAY_MAX_S, DOUBLINGS_MAX, JITTER = 0.1, 10.0, 10, 0.25
STEADY_AFTER_S = 20.0
"""A part that ran this long before it ended starts again without the delay of earlier ends."""

EXIT_WRONG_SETTINGS = 2
FATAL = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGABRT})


class Supervisor:
    """The children of one stack. `say` gets a line for a person when a part dies."""

    def __init__(
        self,
        run: Path,
        logs: Path,
        say: Callable[[str], None],
        on_ready_again: Callable[[str], None],
        *,
        delay_max_s: float = DELAY_MAX_S,
    ) -> None:
        self._run, self._logs = run, logs
        self._delay_max_s = delay_max_s
        self._say, self._on_ready_again = say, on_ready_again
        self._children: dict[str, Child] = {}

    def child(self, name: str) -> Child:
        if name not in self._children:
            known = ", ".join(self._children) or "none"
            raise WrongUsageError(f"no part {name!r} runs here; running: {known}")
        return self._children[name]

    async def start(self, part: Part) -> None:
        """Start and wait until the part says that it is ready."""
        log = self._logs / f"{part.name}.log"
        offset = size_after_rotation(log)
        child = self._children[part.name] = Child(part=part, log=log)
        child.keeper = asyncio.create_task(self._keep(child), name=f"keep {part.name}")

        async def is_decided() -> bool:
            for task in (child.keeper, child.readiness):
                if task and task.done() and not task.cancelled():
                    task.result()
            return child.is_ready or child.exit_code == EXIT_WRONG_SETTINGS

        await holds_within(part.ready_within_s, is_decided)
        if not child.is_ready:
            raise PartFailedError(failure_of(child, offset))

    async def until_ready(self, name: str, *, within_s: float) -> None:
        async def is_ready() -> bool:
            return self.child(name).is_ready

        if not await holds_within(within_s, is_ready):
            raise PartFailedError(f"{name} is not ready after {within_s:g} s")

    def kill(self, name: str, number: signal.Signals) -> None:
        """Signal the process of this part; after a fatal one it is not ready until it is back."""
        child = self.child(name)
        if number in FATAL:
            child.is_ready = False
        if child.process is None or not send_to_child(child.process, number):
            raise PartFailedError(f"{name} does not run now; it is about to be started again")

    async def end(self, names: Iterable[str], *, patience_s: float) -> None:
        """End these parts side by side and for good; kill what is still there after that time."""
        async with asyncio.TaskGroup() as tasks:
            for name in names:
                if name in self._children:
                    tasks.create_task(self._end(self._children[name], patience_s))

    async def _end(self, child: Child, patience_s: float) -> None:
        child.is_ending = True
        child.is_ready = False
        if child.process and child.pid:
            await end_child(child.process, child.part.stop_signal, patience_s=patience_s)
        elif child.keeper:
            child.keeper.cancel()
        if child.keeper:
            await asyncio.gather(child.keeper, return_exceptions=True)
        del self._children[child.part.name]

    async def _keep(self, child: Child) -> None:
        """Start the process again each time it ends, until it shall end."""
        while not child.is_ending:
            started = time.monotonic()
            try:
                how = await self._run_once(child)
            except OSError as error:
                if not child.was_ready:
                    raise
                how = str(error)
            if child.is_ending:
                return
            child.ends = 1 if time.monotonic() - started > STEADY_AFTER_S else child.ends + 1
            delay_s = delay_before_start(child.ends, self._delay_max_s)
            self._say(f"{child.part.name} ended ({how}); starting again in {delay_s:.1f} s")
            await asyncio.sleep(delay_s)

    async def _run_once(self, child: Child) -> str:
        """One life of the process; how it ended."""
        part = child.part
        await asyncio.to_thread(part.before_start)
        child.process = await spawned(part, child.log)
        leftovers.record(self._run, part.name, child.process.pid, part.stop_signal)
        child.readiness = asyncio.create_task(self._await_ready(child, child.process.pid))
        child.exit_code = await child.process.wait()
        child.is_ready = False
        child.readiness.cancel()
        leftovers.forget(self._run, part.name)
        await asyncio.to_thread(part.after_end, child.exit_code)
        return describe_exit(child.exit_code)

    async def _await_ready(self, child: Child, pid: int) -> None:
        await holds_within(math.inf, lambda: child.part.is_ready(pid))
        child.is_ready = True
        if child.was_ready:
            self._on_ready_again(child.part.name)
        child.was_ready = True


def delay_before_start(ends: int, delay_max_s: float = DELAY_MAX_S) -> float:
    """Seconds to wait after so many ends in a row: doubling to a limit, with jitter."""
    delay_s = min(FIRST_DELAY_S * 2.0 ** min(ends - 1, DOUBLINGS_MAX), delay_max_s)
    return delay_s * random.uniform(1 - JITTER, 1 + JITTER)
