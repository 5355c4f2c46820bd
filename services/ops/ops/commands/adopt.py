"""`tallystick adopt`: take over two systems that hold years of data, without one duplicate."""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from ops.checks.settings import environment_of
from ops.commands.up import State
from ops.commands.verify import Json as AsJson
from ops.local.errors import LocalError, PartFailedError, WrongUsageError
from ops.reach import find_place
from ops.render.adoption import AdoptionPage
from ops.render.page import ending_with_codes

PROGRAM = "transform.adopting"
DEFAULT_DIRECTORY = Path("adoption")
PROPOSE, APPLY = "dry-run", "apply"
WRONG_SETTINGS, STOPPED = 2, 130


class StoppedError(LocalError):
    """A person asked to end; what was done is kept."""

    exit_code = STOPPED


def adopt(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read both systems and propose; write nothing.")
    ] = False,
    apply: Annotated[
        bool, typer.Option("--apply", help="Link what the proposal says is to link.")
    ] = False,
    directory: Annotated[
        Path, typer.Option(help="Where the proposal is kept, and gone on with.")
    ] = DEFAULT_DIRECTORY,
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Find for each account the customer that NetSuite has already, and let both name each other.

    Only their identity is written, never a business field. Ctrl-C loses nothing: the same command
    goes on. Exit code 2: a setting is wrong; 3: it failed; 130: stopped.
    """
    with ending_with_codes():
        if dry_run is apply:
            raise WrongUsageError("say either --dry-run or --apply")
        place = find_place(state)
        settings = {
            **environment_of(place),
            "ADOPT_MODE": APPLY if apply else PROPOSE,
            "ADOPT_DIRECTORY": str(directory.absolute()),
        }
        _follow(settings, directory, as_json)


def _follow(settings: Mapping[str, str], directory: Path, as_json: bool) -> None:
    why = ""
    with _started(settings) as process, AdoptionPage(is_shown=not as_json) as page:
        assert process.stdout is not None
        for line in process.stdout:
            if as_json:
                print(line, end="", flush=True)
            told: dict[str, Any] = json.loads(line)
            why = str(told.get("why", "")) if told["step"] == "failed" else why
            page.take(told)
    code = process.returncode
    if code == WRONG_SETTINGS:
        raise WrongUsageError("settings are missing or wrong; each is named above")
    if code == STOPPED:
        raise StoppedError(
            f"stopped. What was read and written is kept in {directory}: the same command goes on"
            " from there"
        )
    if code:
        raise PartFailedError(why or f"the adoption ended with {code}; its words stand above")


@contextmanager
def _started(settings: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Ctrl-C reaches it as it reaches us; it ends by itself and says what is kept."""
    if importlib.util.find_spec(PROGRAM.partition(".")[0]) is None:
        raise WrongUsageError("transform is not installed here: run this where it is")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", PROGRAM],
            env={**os.environ, **settings},
            stdout=subprocess.PIPE,
            text=True,
            restore_signals=True,
            preexec_fn=_hear_interrupts,  # an ignored signal would stay ignored in it
        )
        with process:
            yield process
    finally:
        signal.signal(signal.SIGINT, before)


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
