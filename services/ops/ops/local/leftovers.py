"""Children of a stack that was killed: recorded while they run, recognised and ended later."""

import asyncio
import json
import signal
from pathlib import Path

from ops.local.process import Identity, end, identity_of

PATIENCE_S = 5.0
SUFFIX = ".pid.json"


def record(run: Path, name: str, pid: int, stop_signal: signal.Signals) -> None:
    """Remember a child that has just been started; one that has ended already is not kept."""
    identity = identity_of(pid)
    if identity is not None:
        text = {"pid": pid, "started": identity.started, "stop_signal": stop_signal.name}
        (run / f"{name}{SUFFIX}").write_text(json.dumps(text))


def forget(run: Path, name: str) -> None:
    (run / f"{name}{SUFFIX}").unlink(missing_ok=True)


async def end_leftovers(run: Path) -> list[str]:
    """End every recorded child that still runs and return the names of those parts.

    A record whose start time is not that of the process with its pid belongs to one that has
    ended; the process that now has the pid is not touched.
    """
    paths = _records(run)
    ended = await asyncio.gather(*(_end_recorded(path) for path in paths))
    for path in paths:
        path.unlink(missing_ok=True)
    names = [path.name.removesuffix(SUFFIX) for path in paths]
    return [name for name, was_running in zip(names, ended, strict=True) if was_running]


def _records(run: Path) -> list[Path]:
    return sorted(run.glob(f"*{SUFFIX}"))


async def _end_recorded(path: Path) -> bool:
    recorded = _read(path)
    return recorded is not None and await end(*recorded, patience_s=PATIENCE_S)


def _read(path: Path) -> tuple[Identity, signal.Signals] | None:
    """None when the writer was killed in the middle of its line."""
    try:
        kept = json.loads(path.read_text())
        identity = Identity(pid=int(kept["pid"]), started=str(kept["started"]))
        return identity, signal.Signals[kept["stop_signal"]]
    except (ValueError, KeyError, TypeError):
        return None
