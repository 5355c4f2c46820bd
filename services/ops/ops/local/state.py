"""The state directory of one stack: who uses it and what stands in it."""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ops.local.errors import WrongUsageError
from ops.local.ports import free_port, is_free

MARKER = "tallystick.state"
LOCK = "lock"
PORTS = ("kafka", "kafka-controller", "postgres")
PORTS_FILE = "ports.json"
OURS = ("endpoints.json", "health", "kafka", "logs", "postgres", "run", "sandbox", "secrets")
"""All that a stack writes into its directory; a fresh start wipes this and nothing else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Paths inside one state directory that this process holds. `id` never changes."""

    directory: Path
    id: str

    @property
    def endpoints(self) -> Path:
        return self.directory / "endpoints.json"

    @property
    def logs(self) -> Path:
        return self.directory / "logs"

    @property
    def run(self) -> Path:
        return self.directory / "run"

    @property
    def health(self) -> Path:
        return self.directory / "health"

    @property
    def secrets(self) -> Path:
        return self.directory / "secrets"


@contextlib.contextmanager
def held_state(directory: Path) -> Iterator[State]:
    """Hold the directory for one stack; the kernel lets go of it when this process ends."""
    directory = directory.absolute()
    _check_that_it_is_ours(directory)
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK).open("a+") as lock:
        _lock(lock.fileno(), directory)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield _named(directory)
        finally:
            lock.truncate(0)


def lay_out(state: State, *, fresh: bool) -> None:
    """Make the folders; `fresh` forgets all that an earlier stack wrote here."""
    if fresh:
        for name in OURS:
            _remove(state.directory / name)
    for path in (state.logs, state.run, state.health, state.secrets):
        path.mkdir(exist_ok=True)
    state.secrets.chmod(0o700)
    state.endpoints.unlink(missing_ok=True)
    _choose_ports(state)


def port_of(state: State, name: str) -> int:
    """One of PORTS, as chosen when this start laid out its folders."""
    return _ports(state)[name]


def _ports(state: State) -> dict[str, int]:
    path = state.run / PORTS_FILE
    kept: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def _choose_ports(state: State) -> None:
    """Free ports, the same at every start of this state as long as nobody else takes them."""
    kept = _ports(state)
    chosen = {name: kept[name] for name in PORTS if name in kept and is_free(kept[name])}
    while missing := set(PORTS) - set(chosen):
        port = free_port()
        if port not in chosen.values():
            chosen[missing.pop()] = port
    write_whole(state.run / PORTS_FILE, json.dumps(chosen))


def write_whole(path: Path, text: str, *, mode: int = 0o644) -> None:
    """A reader sees the old text or the new one, never a part."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
    new.replace(path)


def _check_that_it_is_ours(directory: Path) -> None:
    if not directory.exists() or (directory / MARKER).exists():
        return
    if not directory.is_dir() or set(os.listdir(directory)) - {LOCK}:
        raise WrongUsageError(
            f"{directory} is not a state directory of Tallystick and is not empty: "
            "name a new or an empty directory with --state"
        )


def _lock(handle: int, directory: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = (directory / LOCK).read_text()
        raise WrongUsageError(
            f"{directory} is in use by the stack of process {pid}: "
            f"end that one (kill {pid}) or name another directory with --state"
        ) from None


def _named(directory: Path) -> State:
    marker = directory / MARKER
    if not marker.exists():
        write_whole(marker, secrets.token_hex(6))
    return State(directory=directory, id=marker.read_text().strip())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
