"""`tallystick trace`: the story of one record."""

import sys
from datetime import UTC, datetime
from typing import Annotated, cast
from urllib.parse import quote

import typer

from ops.commands.up import State
from ops.commands.verify import Json as AsJson
from ops.local.errors import WrongUsageError
from ops.reach import NotWellError, Place, ask, find_place
from ops.render.page import ending_with_codes, tell, tell_json, width
from ops.render.shapes import Answer, Json, Story
from ops.render.story import candidates_lines, story_lines
from ops.render.values import Opened, sealed_in
from ops.unsealing import CLOSED, opened

ANSWER_WITHIN_S = 60.0


def trace(
    ref: Annotated[
        str,
        typer.Argument(
            help="system:kind:id, as in salesforce:Opportunity:006… or netsuite:salesOrder:12,"
            " or a bare id."
        ),
    ],
    state: State = None,
    sealed: Annotated[bool, typer.Option("--sealed", help="Leave personal values closed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Tell the story of one record: captured, decided, written, confirmed, told, ended.

    Exit code 1: nothing is known of it. 2: several records have this id. JSON keeps personal
    values sealed.
    """
    with ending_with_codes():
        place = find_place(state)
        path = f"/trace/{quote(ref, safe=':')}"
        answer: Answer = ask(place.auditor, path, within_s=ANSWER_WITHIN_S)
        story = answer["story"]
        if as_json:
            tell_json(answer)
        elif story:
            shown = CLOSED if sealed else _opened(story, place)
            tell(story_lines(story, shown, datetime.now(UTC), width()))
        else:
            tell(candidates_lines(ref, answer["candidates"]))
        if not story:
            raise WrongUsageError if answer["candidates"] else NotWellError


def _opened(story: Story, place: Place) -> Opened:
    values, why = opened(set(sealed_in(cast(Json, story))), place)
    if why:
        print(f"tallystick: {why}", file=sys.stderr)
    return values
