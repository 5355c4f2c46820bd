"""Small programs that stand for a part, so that supervision can be tested by itself."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from ops.local.child import Part

LIVES = """
import pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(__import__("os").getpid()))
time.sleep(60)
"""
DIES = "import sys; print('no settings: SYNC_DSN', flush=True); sys.exit(int(sys.argv[2]))"
REFUSES_TO_END = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)" + LIVES


def a_part(directory: Path, code: str = LIVES, *more: str, name: str = "part") -> Part:
    """Ready when this very process has written its pid."""
    written = directory / f"{name}.ready"
    return Part(
        name=name,
        command=(sys.executable, "-S", "-c", code, str(written), *more),
        environment={},
        is_ready=_says_its_pid(written),
        ready_within_s=10.0,
    )


def pid_in(written: Path) -> int:
    """0 while nothing is written there."""
    return int(written.read_text() or 0) if written.exists() else 0


def _says_its_pid(written: Path) -> Callable[[int], Awaitable[bool]]:
    async def is_ready(pid: int) -> bool:
        return pid_in(written) == pid

    return is_ready
