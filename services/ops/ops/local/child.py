"""One child process: what it is, how it is started, where its output goes, why it failed."""

import asyncio
import os
import pwd
import shutil
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from ops.local.errors import tail_of

LOG_BYTES_MAX = 20_000_000


def nothing(*_: object) -> None:
    """What a part does beside its process when there is nothing to do."""


class Account(TypedDict, total=False):
    """Arguments of the call that starts a process."""

    user: str
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One child process. `is_ready` asks the part itself and gets the child's pid.

    `directory` is where the process runs, `user` the account when that is not ours.
    `before_start` runs before each start, `after_end` after each end and gets the exit code.
    """

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(repr=False)
    is_ready: Callable[[int], Awaitable[bool]]
    address: str = ""
    directory: Path | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    ready_within_s: float = 30.0
    before_start: Callable[[], None] = nothing
    after_end: Callable[[int], None] = nothing


@dataclass(slots=True, kw_only=True)
class Child:
    """What is known of a part's process now; `pid` is 0 while none runs."""

    part: Part
    log: Path
    process: asyncio.subprocess.Process | None = None
    is_ready: bool = False
    was_ready: bool = False
    is_ending: bool = False
    exit_code: int | None = None
    ends: int = 0
    keeper: asyncio.Task[None] | None = None
    readiness: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        return self.process.pid if self.process and self.process.returncode is None else 0


async def spawned(part: Part, log: Path) -> asyncio.subprocess.Process:
    """The child gets its own session, so that Ctrl-C in a terminal reaches only its keeper."""
    with log.open("ab") as sink:
        return await asyncio.create_subprocess_exec(
            *_ends_with_its_parent(part.stop_signal),
            *part.command,
            env=dict(part.environment),
            cwd=part.directory,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=sink,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            **account_of(part.user),
        )


def account_of(user: str | None) -> Account:
    """How to start a child under this account; empty for our own."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def _ends_with_its_parent(stop_signal: signal.Signals) -> tuple[str, ...]:
    """Have the kernel send the stop signal when we are killed; without setpriv the next start
    of the state ends what is left."""
    setpriv = shutil.which("setpriv")
    return (setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG")) if setpriv else ()


def size_after_rotation(log: Path) -> int:
    """Where this start's lines begin in the log; a log that has grown large is put aside first."""
    if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
        os.replace(log, log.with_suffix(".log.1"))
    return log.stat().st_size if log.exists() else 0


def failure_of(child: Child, offset: int) -> str:
    how = "is not ready" if child.exit_code is None else "ended"
    code = "" if child.exit_code is None else f" ({describe_exit(child.exit_code)})"
    with child.log.open("rb") as log:
        log.seek(max(offset, child.log.stat().st_size - 10_000))
        said = tail_of(log.read())
    return (
        f"{child.part.name} {how}{code} within {child.part.ready_within_s:g} s. "
        f"Its log {child.log} says:{said}"
    )


def describe_exit(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit {code}"
