"""`tallystick reviews`: accounts that may be a customer already, and what a person says of them."""

import sys
import time
from typing import Annotated, cast
from urllib.parse import quote

import typer

from kernel.messages import OperationKind
from ops.commands.up import State
from ops.commands.verify import Json as AsJson
from ops.local.errors import UnreachableError, WrongUsageError
from ops.operations import asked, put_into_log
from ops.reach import NotWellError, Place, ask, find_place, setting_of
from ops.render.page import ending_with_codes, tell, tell_json, width
from ops.render.reviews import decided_lines, is_merge, is_settled, list_lines, show_lines
from ops.render.shapes import Json, Review
from ops.render.values import Opened, sealed_in
from ops.unsealing import CLOSED, opened

ANSWER_WITHIN_S, OBEYED_WITHIN_S = 10.0, 60.0
LOOK_EVERY_S = 0.2
MERGE = "merge"

Named = Annotated[str, typer.Argument(metavar="ID", help="Of the review; its first letters do.")]
Reason = Annotated[str, typer.Option("--reason", help="Why: it is kept with the decision.")]
Actor = Annotated[str, typer.Option("--as", help="Who decides, if not the one who is logged in.")]
Within = Annotated[
    float, typer.Option("--within", min=1.0, max=600.0, help="Seconds to wait until it is done.")
]
Sealed = Annotated[bool, typer.Option("--sealed", help="Leave personal values closed.")]

app = typer.Typer(
    help="Decide whether an account and a NetSuite customer are the same.", no_args_is_help=True
)


@app.command("list")
def list_reviews(
    state: State = None,
    settled: Annotated[bool, typer.Option("--all", help="Settled ones too.")] = False,
    sealed: Sealed = False,
    as_json: AsJson = False,
) -> None:
    """List what waits for a decision. Exit code 0, also where nothing does."""
    with ending_with_codes():
        place = find_place(state)
        query = {"all": "1"} if settled else {}
        answer = ask(_transform(place), "/reviews", within_s=ANSWER_WITHIN_S, **query)
        if as_json:
            tell_json(answer)
        else:
            shown = CLOSED if sealed else _opened(answer, place)
            tell(list_lines(answer["reviews"], answer["open"], shown, width()))


@app.command("show")
def show(
    named: Named, state: State = None, sealed: Sealed = False, as_json: AsJson = False
) -> None:
    """Show both records side by side, what speaks for and against, and what was decided."""
    with ending_with_codes():
        place = find_place(state)
        review = _review(named, place)
        if as_json:
            tell_json(review)
        else:
            shown = CLOSED if sealed else _opened(cast(Json, review), place)
            tell(show_lines(review, shown, width()))


@app.command("link")
def link(
    named: Named,
    state: State = None,
    reason: Reason = "",
    actor: Actor = "",
    within: Within = OBEYED_WITHIN_S,
    as_json: AsJson = False,
) -> None:
    """They are the same: the account gets this customer, and what waited follows."""
    _decide(named, "link", state, reason, actor, within, as_json)


@app.command("create")
def create(
    named: Named,
    state: State = None,
    reason: Reason = "",
    actor: Actor = "",
    within: Within = OBEYED_WITHIN_S,
    as_json: AsJson = False,
) -> None:
    """They are different: the account gets a customer of its own, and what waited follows."""
    _decide(named, "create", state, reason, actor, within, as_json)


@app.command("reject")
def reject(
    named: Named,
    state: State = None,
    reason: Reason = "",
    actor: Actor = "",
    within: Within = OBEYED_WITHIN_S,
    as_json: AsJson = False,
) -> None:
    """The account is not to be synced: what waited ends as rejected."""
    _decide(named, "reject", state, reason, actor, within, as_json)


@app.command("ask-merge")
def ask_merge(
    named: Named,
    state: State = None,
    reason: Reason = "",
    actor: Actor = "",
    within: Within = OBEYED_WITHIN_S,
    as_json: AsJson = False,
) -> None:
    """Somebody must merge the two, in NetSuite or before: the review stays open and says so."""
    _decide(named, MERGE, state, reason, actor, within, as_json)


@app.command("keep")
def keep(
    named: Named,
    state: State = None,
    reason: Reason = "",
    actor: Actor = "",
    within: Within = OBEYED_WITHIN_S,
    as_json: AsJson = False,
) -> None:
    """Two accounts were merged: their two customers stay two."""
    _decide(named, "keep", state, reason, actor, within, as_json)


def _decide(
    named: str,
    action: str,
    state: State,
    reason: str,
    actor: str,
    within_s: float,
    as_json: bool,
) -> None:
    """Exit code 1: it was settled before. 3: it is in the log and not obeyed yet."""
    with ending_with_codes():
        place = find_place(state)
        review = _review(named, place)
        if is_settled(review):
            raise _TooLateError(_settled(review))
        if other := _other_question(review, action):
            raise WrongUsageError(other)
        if action == "link" and (other := _cannot_link(review)):
            raise WrongUsageError(other)
        if not place.bootstrap:
            raise WrongUsageError("KAFKA_BOOTSTRAP is not set")
        selection = {"review": review["id"], "action": action}
        operation = asked(OperationKind.LINK, selection, reason=reason, actor=actor)
        put_into_log(operation, place.bootstrap)
        after = _obeyed(review["id"], operation.id, place, within_s)
        if as_json:
            tell_json(after)
        else:
            tell(decided_lines(after, action, width()))


class _TooLateError(NotWellError):
    """Somebody settled it before; nothing was changed."""


def _obeyed(review_id: str, operation_id: str, place: Place, within_s: float) -> Review:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        review = _review(review_id, place)
        if review["operation_id"] == operation_id:
            return review
        if is_settled(review):
            raise _TooLateError(_settled(review))
        time.sleep(LOOK_EVERY_S)
    raise UnreachableError(
        f"the decision is in the log as {operation_id}, but transform has not obeyed it within"
        f" {within_s:g} s; it will: see `tallystick status`"
    )


def _review(named: str, place: Place) -> Review:
    path = f"/reviews/{quote(named, safe='')}"
    found = ask(_transform(place), path, within_s=ANSWER_WITHIN_S)["reviews"]
    if not found:
        raise WrongUsageError(f"there is no review {named}: see `tallystick reviews list --all`")
    if len(found) > 1:
        raise WrongUsageError(f"several reviews begin with {named}: give more of its id")
    return cast(Review, found[0])


def _transform(place: Place) -> str:
    address = place.health_of("transform")
    if address:
        return address.rstrip("/")
    if place.state:
        raise UnreachableError(f"no transform runs in {place.state}: see `tallystick status`")
    raise WrongUsageError(f"{setting_of('transform')} is not set: the health address of transform")


def _settled(review: Review) -> str:
    by = f"{review['actor']} settled review {review['id']} before: {review['action']}"
    return f"{by}{', ' + review['reason'] if review['reason'] else ''}; nothing was changed"


def _other_question(review: Review, action: str) -> str:
    if is_merge(review) and action not in {"keep", MERGE}:
        return "this review asks about two customers of merged accounts: say keep or ask-merge"
    if not is_merge(review) and action == "keep":
        return "this review asks about an account: say link, create, reject or ask-merge"
    return ""


def _cannot_link(review: Review) -> str:
    if review["candidate"].startswith("salesforce:"):
        return "the other record is an account of Salesforce: merge the two there, or say create"
    if review["holder"]:
        return (
            f"the customer belongs to {review['holder']}: merge the two accounts in Salesforce,"
            " or say create"
        )
    return ""


def _opened(answer: Json, place: Place) -> Opened:
    values, why = opened(set(sealed_in(answer)), place)
    if why:
        print(f"tallystick: {why}", file=sys.stderr)
    return values
