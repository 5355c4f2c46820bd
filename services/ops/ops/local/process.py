"""Know a process again by its pid and start time, and end that one process and no other."""

import asyncio
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from ops.local.polling import holds_within

STAT_STATE, STAT_START_TICKS = 0, 19
"""Positions in /proc/PID/stat after the name in brackets: proc(5), fields 3 and 22."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """`started` is the kernel's boot id and the clock ticks since that boot: never given twice."""

    pid: int
    started: str


def identity_of(pid: int) -> Identity | None:
    """None when no such process runs; one that has ended and waits to be reaped does not run."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(")")[2].split()
    if fields[STAT_STATE] in {"Z", "X"}:
        return None
    return Identity(pid=pid, started=f"{boot}:{fields[STAT_START_TICKS]}")


def is_running(identity: Identity) -> bool:
    return identity_of(identity.pid) == identity


def send(identity: Identity, number: signal.Signals) -> bool:
    """Signal exactly this process; False when it has ended.

    The handle is opened before the start time is compared, so a pid that is given away in
    between cannot be hit.
    """
    try:
        handle = os.pidfd_open(identity.pid)
    except ProcessLookupError:
        return False
    try:
        if not is_running(identity):
            return False
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)
    return True


async def end(identity: Identity, number: signal.Signals, *, patience_s: float) -> bool:
    """Ask it to end, then kill it; False when it had ended already."""
    if not send(identity, number):
        return False
    if not await has_ended(identity, patience_s=patience_s):
        send(identity, signal.SIGKILL)
        await has_ended(identity, patience_s=patience_s)
    return True


async def has_ended(identity: Identity, *, patience_s: float) -> bool:
    async def ended() -> bool:
        return not is_running(identity)

    return await holds_within(patience_s, ended)


def send_to_child(child: asyncio.subprocess.Process, number: signal.Signals) -> bool:
    """The same for a child of ours; its own `send_signal` could take its exit code away from
    whoever waits for it."""
    identity = identity_of(child.pid) if child.returncode is None else None
    return identity is not None and send(identity, number)


async def end_child(
    child: asyncio.subprocess.Process, number: signal.Signals, *, patience_s: float
) -> None:
    """Ask a child of ours to end, then kill it; it is reaped afterwards."""
    if child.returncode is not None:
        return
    send_to_child(child, number)
    try:
        async with asyncio.timeout(patience_s):
            await asyncio.shield(child.wait())
    except TimeoutError:
        send_to_child(child, signal.SIGKILL)
        await child.wait()
