"""`tallystick verify`: prove that every record is stored and every change has its one outcome."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.commands.up import State
from ops.reach import NotWellError, ask, find_place
from ops.render.page import ending_with_codes, tell, tell_json, width
from ops.render.shapes import Verification
from ops.render.verdict import verdict

COUNT_WITHIN_S = 600.0
WAIT_S, WAIT_MAX_S = 10.0, 300.0

Json = Annotated[bool, typer.Option("--json", help="Print facts as JSON.")]


def verify(
    state: State = None,
    wait: Annotated[
        float,
        typer.Option(
            min=0.0, max=WAIT_MAX_S, help="Seconds to let the store reach the end of the log first."
        ),
    ] = WAIT_S,
    as_json: Json = False,
) -> None:
    """Prove offsets = rows and that every change has exactly one outcome, or name what is missing.

    Exit code 0: all of it holds. 1: something is missing or wrong, and is named.
    """
    with ending_with_codes():
        auditor = find_place(state).auditor
        found: Verification = ask(
            auditor, "/verify", within_s=COUNT_WITHIN_S + wait, wait_s=str(wait)
        )
        if as_json:
            tell_json(found)
        else:
            tell(verdict(found, datetime.now(UTC), width()))
        if not found["holds"]:
            raise NotWellError
