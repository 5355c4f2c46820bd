"""Pairs that a person has to look at, what people decided, and what that teaches.

Either an account and a customer that may be the same, or two customers whose accounts were merged.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from kernel.messages import Operation, OperationKind
from kernel.records import RecordRef, netsuite
from kernel.values import Fields
from transform.domain.likeness import Candidate
from transform.domain.matching.parties import Evidence, Lesson


class Action(StrEnum):
    LINK = "link"
    """The two are one: the account gets this customer."""
    CREATE = "create"
    """They are different: the account gets a customer of its own."""
    REJECT = "reject"
    """The account is not to be synced."""
    MERGE = "merge"
    """Somebody is asked to merge them first; the review stays open."""
    KEEP = "keep"
    """Two customers stay two, although their accounts are one now."""
    MERGED = "merged"
    """NetSuite has told that the two customers are one: nobody has to say it."""


class About(StrEnum):
    """What a review asks."""

    DUPLICATE = "duplicate"
    """Is the account this customer, or this other account?"""
    MERGE = "merge"
    """Shall the two customers of merged accounts be merged in NetSuite?"""


ANSWERS = {
    About.DUPLICATE: frozenset({Action.LINK, Action.CREATE, Action.REJECT, Action.MERGE}),
    About.MERGE: frozenset({Action.KEEP, Action.MERGE}),
}
"""What a person can say."""
SETTLING = frozenset(Action) - {Action.MERGE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """An account and what it may be the same as. One pair has one review, for ever."""

    id: str
    account: RecordRef
    candidate: RecordRef
    about: About = About.DUPLICATE
    score: Decimal
    evidence: tuple[Evidence, ...]
    event_id: str
    """The change that brought it up first."""
    fields: Fields = field(default_factory=dict)
    """The account's as they were read then, sealed; of two customers the first one's."""
    action: Action | None = None
    """What was decided, or asked for last."""
    actor: str = ""
    reason: str = ""
    operation_id: str = ""

    @property
    def is_settled(self) -> bool:
        return self.action in SETTLING

    @property
    def awaited(self) -> RecordRef:
        """What changes wait on until this is settled. The accounts of a merge have their customers
        already."""
        return netsuite("mergeReview", self.id) if self.about is About.MERGE else self.account


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What an operation says about a review."""

    review: str
    action: Action
    operation: Operation


def ruling_of(operation: Operation) -> Ruling | None:
    """None for an operation that is not about a review, or not readable as one."""
    named, action = operation.selection.get("review"), operation.selection.get("action")
    if operation.kind is not OperationKind.LINK or not isinstance(named, str):
        return None
    if action not in ANSWERS[About.DUPLICATE] | ANSWERS[About.MERGE]:
        return None
    return Ruling(review=named, action=Action(str(action)), operation=operation)


def lessons_of(
    reviews: Collection[Review], candidates: Collection[Candidate]
) -> tuple[Lesson, ...]:
    """What people said of these pairs. A rejected account says nothing about who it is."""
    return tuple(
        Lesson(
            party=review.account,
            candidate=candidate.ref,
            are_same=review.action is Action.LINK,
        )
        for review in reviews
        for candidate in candidates
        if review.action in {Action.LINK, Action.CREATE} and review.candidate in candidate.names
    )
