"""Processes are told apart by pid and start time."""

import asyncio
import os
import signal
import sys

from ops.local.process import Identity, end, end_child, identity_of, is_running, send

SLEEPS = "import time; time.sleep(60)"
IGNORES_SIGTERM = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print(1, flush=True); time.sleep(60)"
)


async def started(code: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-S", "-c", code, stdout=asyncio.subprocess.PIPE
    )


def test_a_process_is_itself_and_only_itself() -> None:
    mine, parents = identity_of(os.getpid()), identity_of(os.getppid())
    assert mine is not None
    assert is_running(mine)
    assert mine != parents


async def test_a_process_that_was_reaped_or_only_waits_for_it_does_not_run() -> None:
    child = await started("pass")
    identity = identity_of(child.pid) or Identity(pid=child.pid, started="ended already")
    await child.wait()
    assert not is_running(identity)
    assert identity_of(child.pid) is None


async def test_ending_is_asked_for_first_and_forced_when_it_is_refused() -> None:
    polite, stubborn = await started(SLEEPS), await started(IGNORES_SIGTERM)
    assert stubborn.stdout is not None
    await stubborn.stdout.readline()
    await end_child(polite, signal.SIGTERM, patience_s=10)
    await end_child(stubborn, signal.SIGTERM, patience_s=0.1)
    assert polite.returncode == -signal.SIGTERM
    assert stubborn.returncode == -signal.SIGKILL


async def test_a_process_that_got_the_pid_of_another_is_not_touched() -> None:
    child = await started(SLEEPS)
    truth = identity_of(child.pid)
    assert truth is not None
    recorded = Identity(pid=child.pid, started=truth.started + "0")
    assert not send(recorded, signal.SIGKILL)
    assert not await end(recorded, signal.SIGKILL, patience_s=1)
    assert is_running(truth)
    await end_child(child, signal.SIGKILL, patience_s=10)
