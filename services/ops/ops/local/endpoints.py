"""Where the parts of a running stack are, for commands that talk to it."""

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ops.local.errors import UnreachableError
from ops.local.state import LOCK

Endpoints = Mapping[str, Any]


def endpoints_of(state: Path) -> Endpoints:
    """What `DIR/endpoints.json` says; a file that a killed stack left behind does not count."""
    path = state / "endpoints.json"
    if not path.exists() or not is_in_use(state):
        raise UnreachableError(
            f"no stack is ready in {state}: start one with `tallystick up`, "
            "or name the directory of one that runs with --state or TALLYSTICK_STATE"
        )
    found: Endpoints = json.loads(path.read_text())
    return found


def is_in_use(state: Path) -> bool:
    """Whether a living stack holds this directory."""
    try:
        with (state / LOCK).open() as lock:
            fcntl.flock(lock.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
