"""`tallystick demo`: a fresh stack and a story told live on it."""

import asyncio
import sys
import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.commands.up import State
from ops.demo.double import a_double_stops
from ops.demo.stage import INDENT, Stage, open_stage
from ops.demo.story import (
    Practice,
    a_deal_is_won,
    an_item_is_missing,
    duplicates,
    netsuite_bills_it,
    practice_deal,
    the_writer_is_killed,
)
from ops.local.errors import LocalError
from ops.local.foreground import run_in_foreground, say
from ops.local.options import Options, callers_environment, state_directory
from ops.local.stack import Stack, running_stack
from ops.reach import NotWellError, ask
from ops.render.page import width
from ops.render.shapes import Verification
from ops.render.verdict import verdict

SCENES = (
    a_deal_is_won,
    netsuite_bills_it,
    the_writer_is_killed,
    an_item_is_missing,
    a_double_stops,
)
ENDED_WITHIN_S = 30.0
VERIFY_WITHIN_S = 120.0
LOOK_EVERY_S = 0.2


def demo(
    state: State = None,
    once: Annotated[
        bool, typer.Option("--once", help="End by itself; exit code 0 only if all of it held.")
    ] = False,
) -> None:
    """Show on real parts how a won deal becomes an order, is billed, paid and told back.

    Starts everything afresh, tells the story, then stays up until Ctrl-C.
    """
    options = Options(
        state=state_directory(state, callers_environment()),
        fresh=True,
        environment=callers_environment(),
        say=say,
    )
    say("1. The parts come up")
    if once:
        _once(options)
    else:
        run_in_foreground(options, _tell_and_invite)


def _once(options: Options) -> None:
    async def run() -> None:
        async with running_stack(options) as stack:
            await asyncio.to_thread(_tell, stack)

    try:
        asyncio.run(run())
    except LocalError as error:
        print(f"tallystick: {error}", file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(1) from None


def _tell(stack: Stack) -> Practice:
    started = time.monotonic()
    with open_stage(stack, say) as stage:
        for scene in SCENES:
            scene(stage)
        _close(stage)
        stage.tell(f"The story took {time.monotonic() - started:.1f} s.")
        return practice_deal(stage)


def _close(stage: Stage) -> None:
    stage.say("")
    stage.say("7. The books are closed")
    found = _when_all_ended(stage.stack)
    for line in verdict(found, datetime.now(UTC), width() - len(INDENT)):
        stage.tell(line)
    count = duplicates(stage)
    stage.tell(f"Duplicates in NetSuite: {count}.")
    if count or not found["holds"]:
        raise NotWellError("the story ended with something missing or double")


def _when_all_ended(stack: Stack) -> Verification:
    """The verification once nothing is in flight any more, or the last one there was time for."""
    auditor = str(stack.endpoints["services"]["auditor"]["health"])
    deadline = time.monotonic() + ENDED_WITHIN_S
    while True:
        found: Verification = ask(auditor, "/verify", within_s=VERIFY_WITHIN_S, wait_s="10")
        in_flight = found["conservation"]["states"].get("in_flight", 0)
        if not in_flight or time.monotonic() > deadline:
            return found
        time.sleep(LOOK_EVERY_S)


async def _tell_and_invite(stack: Stack) -> None:
    """A story that did not hold leaves its stack up: that is where to look for the cause."""
    try:
        practice = await asyncio.to_thread(_tell, stack)
    except LocalError as error:
        say(f"{INDENT}The story broke off: {error}")
        say(f"All of it stays up; the logs are in {stack.logs}. Ctrl-C ends all of it.")
    else:
        _invite(stack, practice)


def _invite(stack: Stack, practice: Practice) -> None:
    state = stack.state.directory
    named = "" if state == state_directory(None, callers_environment()) else f" --state {state}"
    say("")
    say("All of it stays up. Try, in another terminal:")
    say(f"{INDENT}tallystick status{named}")
    say(f"{INDENT}tallystick trace{named} {practice.told_id}")
    say(f"{INDENT}tallystick verify{named}")
    say(f"Kill the writer, it comes back:  kill -9 {stack.pid('netsuite-writer')}")
    say(f'Close another deal, "{practice.name}" of {practice.account}:')
    say(practice.curl)
    say("")
    for name in ("salesforce", "netsuite"):
        say(f"{name:<10} {stack.endpoints[name]['http']}")
    say(f"Everything else: {stack.state.endpoints}")
    say("Ctrl-C ends all of it.")
