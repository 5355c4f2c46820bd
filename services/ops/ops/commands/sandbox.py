"""`tallystick sandbox`: only the stand-ins of Salesforce and NetSuite, in the foreground."""

from typing import Annotated

import typer

from ops.commands.up import Fresh, State
from ops.local.foreground import run_in_foreground, say
from ops.local.options import Options, callers_environment, state_directory
from ops.local.stack import Stack


def sandbox(
    state: State = None,
    fresh: Fresh = False,
    seed: Annotated[
        str | None, typer.Option(help="What a new state holds: demo, empty or a JSON file.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            help="How the two systems are set up, such as `salesforce-v66,legacy-tax`; a wrong"
            " name lists them all."
        ),
    ] = None,
) -> None:
    """Start stand-ins for Salesforce and NetSuite that behave like them on the wire."""
    environment = callers_environment()
    options = Options(
        state=state_directory(state, environment),
        fresh=fresh,
        only=frozenset({"sandbox"}),
        seed=seed,
        profile=profile,
        environment=environment,
        say=say,
    )
    run_in_foreground(options, _greet)


async def _greet(stack: Stack) -> None:
    for name in ("salesforce", "netsuite"):
        addresses = stack.endpoints[name]
        assert isinstance(addresses, dict)
        say(f"{name:<18}{addresses['https']}  {addresses['http']}")
        say(f"{'  pages':<18}{addresses['http']}/ui")
    say(f"{'admin':<18}{stack.endpoints['sandbox_admin']}")
    say("Ctrl-C ends both.")
