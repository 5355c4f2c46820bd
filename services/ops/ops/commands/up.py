"""`tallystick up`: start the whole stack on this machine and keep it in the foreground."""

from pathlib import Path
from typing import Annotated

import typer

from ops.local.foreground import run_in_foreground, say
from ops.local.options import PARTS, Options, callers_environment, state_directory
from ops.local.stack import Stack

State = Annotated[
    Path | None,
    typer.Option(help="Where everything is kept. Default: $TALLYSTICK_STATE, else .tallystick"),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Forget all that the state directory holds.")]


def up(
    state: State = None,
    fresh: Fresh = False,
    only: Annotated[
        str, typer.Option(help=f"Start these parts alone, as in a,b. There are: {', '.join(PARTS)}")
    ] = "",
    no_sandbox: Annotated[
        bool,
        typer.Option(
            "--no-sandbox", help="Talk to the real systems that the environment's settings name."
        ),
    ] = False,
) -> None:
    """Start Kafka, PostgreSQL, both vendors' sandboxes and every service; Ctrl-C ends them."""
    environment = callers_environment()
    options = Options(
        state=state_directory(state, environment),
        fresh=fresh,
        only=frozenset(name.strip() for name in only.split(",") if name.strip()),
        sandbox=not no_sandbox,
        environment=environment,
        say=say,
    )
    run_in_foreground(options, _greet)


async def _greet(_: Stack) -> None:
    say("Ctrl-C ends all of it.")
