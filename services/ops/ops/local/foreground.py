"""Keep a stack in the foreground until somebody ends it."""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable

import typer

from ops.local.errors import LocalError
from ops.local.options import Options
from ops.local.stack import Stack, running_stack

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def say(line: str) -> None:
    """To standard output at once, also when it is a file or a pipe. When nobody reads it any
    more the stack goes on in silence."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def run_in_foreground(options: Options, greet: Callable[[Stack], Awaitable[None]]) -> None:
    """`greet` runs when all is ready. Ends the command with the exit code of what went wrong."""
    try:
        asyncio.run(_until_ended(options, greet))
    except LocalError as error:
        print(f"tallystick: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None


async def _until_ended(options: Options, greet: Callable[[Stack], Awaitable[None]]) -> None:
    ended = _Ended(options.say)
    ended.listen()
    with contextlib.suppress(asyncio.CancelledError):
        async with running_stack(options) as stack:
            await greet(stack)
            await asyncio.Event().wait()
    options.say(f"All parts ended in {ended.since_s():.1f} s. State is kept in {options.state}")


class _Ended:
    """The first signal ends the stack; the ones after it would only disturb the ending."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._at: float | None = None
        self._task = asyncio.current_task()

    def listen(self) -> None:
        for number in ENDING:
            asyncio.get_running_loop().add_signal_handler(number, self._end, number)

    def since_s(self) -> float:
        return time.monotonic() - self._at if self._at else 0.0

    def _end(self, number: signal.Signals) -> None:
        if self._at is None and self._task:
            self._at = time.monotonic()
            self._say(f"{number.name}: ending all parts")
            self._task.cancel()
