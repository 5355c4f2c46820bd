"""Two accounts became one, and each had a customer: people say whether NetSuite merges those too.

Nothing is ever merged by us. Finance is asked, or the two stay two; and once NetSuite tells that
one of them is gone, the account that is left goes on with the other.
"""

from decimal import Decimal

from kernel.identity import alert_id, review_id
from kernel.messages import EPOCH, Alert, AlertState, Outcome, Result
from kernel.records import RecordRef
from kernel.values import Document, Fields
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Cause, Facts, Link, LinkStatus, Policy, Reference
from transform.domain.matching.parties import Evidence, Finding
from transform.domain.owners import netsuite_side
from transform.domain.reviews import About, Action, Review

MOVED = "moved"
"""Kind of reference data: a customer that gives way to another one, should it go."""
ASKED = "MERGE_WANTED"
ALIKE = Decimal(1)


def decide(case: Case, link: Link, other: Link, facts: Facts, policy: Policy) -> Decision:
    """On an account that was merged away: its own link, and that of the account that stays."""
    if other.status is LinkStatus.RESERVED:
        said = _says(link, other)
        outcome = _outcome(case, Result.PARKED, "MERGE_WAITS", said, other.source, policy)
        return Decision(case=case, outcome=outcome)
    named = review_of(link, other)
    held = next((one for one in facts.reviews.get(link.source, ()) if one.id == named), None)
    review = held or _opened(case, link, other, facts)
    said = _says(link, other, review)
    match review.action:
        case Action.KEEP | Action.MERGED:
            code = "CUSTOMERS_KEPT" if review.action is Action.KEEP else "CUSTOMERS_MERGED"
            outcome = _outcome(case, Result.UNCHANGED, code, said, None, policy)
            return Decision(case=case, outcome=outcome, clears=(_subject(review.id),))
        case Action.MERGE:
            outcome = _outcome(case, Result.REVIEW, ASKED, said, review.awaited, policy)
            return Decision(case=case, outcome=outcome, raises=(_alert(case, review, said),))
    outcome = _outcome(case, Result.REVIEW, "MERGE_SUSPECT", said, review.awaited, policy)
    reviews = () if held else (review,)
    return Decision(case=case, outcome=outcome, reviews=reviews, references=_notes(link, other))


def review_of(link: Link, other: Link) -> str:
    """Of the account that was merged away and the customer of the one that stays."""
    return review_id(link.source, netsuite_side(other))


def answered(cause: Cause, link: Link, other: Link, policy: Policy) -> Outcome:
    """How the change ends that waited for an answer, once NetSuite has made the two one."""
    return ended(
        cause,
        Result.APPLIED,
        "CUSTOMERS_MERGED",
        params=_says(link, other),
        path=(f"{netsuite_side(link)} and {netsuite_side(other)} are one in NetSuite now",),
        map_hash=policy.maps.hash,
    )


def _notes(link: Link, other: Link) -> tuple[Reference, ...]:
    """Whichever of the two NetSuite takes away, the other one is left."""
    pair = ((link, other), (other, link))
    return tuple(
        Reference(
            kind=MOVED,
            id=gone.netsuite_id,
            key=gone.netsuite_id,
            fields={"to": left.netsuite_id},
        )
        for gone, left in pair
    )


def _opened(case: Case, link: Link, other: Link, facts: Facts) -> Review:
    mine, theirs = netsuite_side(link), netsuite_side(other)
    sentence = f"Salesforce account {link.source.id} was merged into {other.source.id}"
    return Review(
        id=review_of(link, other),
        account=link.source,
        candidate=theirs,
        about=About.MERGE,
        score=ALIKE,
        evidence=(Evidence("account", Finding.AGREES, sentence),),
        event_id=case.change.id,
        fields=facts.bodies.get(mine, Document({"entityId": link.netsuite_id})).fields,
    )


def _says(link: Link, other: Link, review: Review | None = None) -> Fields:
    said: Fields = {
        "record": f"Account {link.source.id}",
        "master": f"Account {other.source.id}",
        "customer": link.netsuite_id,
        "other": other.netsuite_id,
    }
    if review is None:
        return said
    who: Fields = {"actor": review.actor, "reason": review.reason} if review.action else {}
    return {**said, "review": review.id, **who}


def _outcome(
    case: Case, result: Result, code: str, said: Fields, waits_on: RecordRef | None, policy: Policy
) -> Outcome:
    return ended(
        case.cause,
        result,
        code,
        params=said,
        path=(f"{said['record']} was merged into {said['master']}; both have a customer",),
        waits_on=waits_on,
        map_hash=policy.maps.hash,
    )


def _subject(review: str) -> str:
    return f"merge:{review}"


def _alert(case: Case, review: Review, said: Fields) -> Alert:
    """The message to finance."""
    subject = _subject(review.id)
    moments = [capture.committed_at for capture in case.change.captures]
    return Alert(
        id=alert_id(subject, AlertState.RAISED, case.change.id),
        subject=subject,
        state=AlertState.RAISED,
        code=ASKED,
        params=said,
        since=max(moments, default=EPOCH),
    )
