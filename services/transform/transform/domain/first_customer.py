"""How an account comes by its customer: the one that stands there already, a new one, or neither
before a person has looked."""

from dataclasses import dataclass, replace

from kernel.identity import review_id
from kernel.messages import Result, Version, WriteCommand
from kernel.records import RecordRef, external_id_of
from kernel.values import Document, Fields, Value
from transform.domain.decisions import command
from transform.domain.facts import Case, Facts, Identity, Link, Policy
from transform.domain.likeness import CUSTOMER, WHOLE, Candidate, Entry, Likeness, distinct
from transform.domain.marks import MARK
from transform.domain.matching.judging import judge
from transform.domain.matching.parties import Evidence, Finding, Judgement, Verdict
from transform.domain.reviews import Action, Review, lessons_of

MAP = "account-to-customer"
IDENTITY_PART = "identity"
MATCHING = "matching"
"""Who decided where it was no person."""

READS_BACK = ("id", "entityId", "lastModifiedDate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """An account that needs its customer, as it was read along with what needs it."""

    account: RecordRef
    fields: Fields
    """The account's own, sealed."""
    version: Version
    says: Fields
    """What every sentence about the needing record says first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What is to be done. Without a code the customer stands, and what needs it can go at once."""

    path: tuple[str, ...]
    link: Link | None = None
    """To be reserved: to the customer that stands, or for the one to be made."""
    commands: tuple[WriteCommand, ...] = ()
    entries: tuple[Entry, ...] = ()
    reviews: tuple[Review, ...] = ()
    code: str = ""
    params: Fields | None = None
    waits_on: RecordRef | None = None
    result: Result = Result.PARKED
    creates: bool = False


def settle(case: Case, need: Need, facts: Facts, policy: Policy) -> Settled:
    reviews = facts.reviews.get(need.account, ())
    rejected = next((item for item in reviews if item.action is Action.REJECT), None)
    if rejected:
        return _rejected(rejected, need)
    likeness = facts.likenesses.get(need.account)
    candidates = distinct(likeness.candidates) if likeness else ()
    marked = next((item for item in candidates if _bears_mark(item, need, policy)), None)
    if marked and marked.is_free:
        return _linked(case, need, marked, ("the customer bears the account's id",), policy)
    told = next((item for item in candidates if _is_told(item, reviews)), None)
    if told and told.is_free:
        return _linked(case, need, told, _said(reviews), policy)
    if not policy.checks_duplicates:
        return _created(case, need, likeness, ("accounts are not compared here",))
    if not facts.knows_all_customers:
        params: Fields = {**need.says, "record": f"{case.change.ref.kind} {case.change.ref.id}"}
        path = ("not all customers of NetSuite are known yet",)
        return Settled(path=path, code="WAITS_FOR_REFERENCES", params=params, waits_on=WHOLE)
    if likeness is None:
        return _created(case, need, None, ("nothing is left to recognise the account by",))
    return _judged(case, need, likeness, candidates, reviews, policy)


def _judged(
    case: Case,
    need: Need,
    likeness: Likeness,
    candidates: tuple[Candidate, ...],
    reviews: tuple[Review, ...],
    policy: Policy,
) -> Settled:
    lessons = lessons_of(reviews, candidates)
    judgement = judge(likeness.party, [item.party for item in candidates], lessons)
    chosen = next((item for item in candidates if item.ref == judgement.candidate), None)
    path = _path(judgement, reviews)
    if judgement.verdict is Verdict.CREATE or chosen is None:
        return _created(case, need, likeness, path)
    if judgement.verdict is Verdict.LINK and chosen.is_free:
        linked = _linked(case, need, chosen, path, policy)
        review = _review(case, need, chosen, judgement)
        return replace(linked, reviews=(replace(review, action=Action.LINK, actor=MATCHING),))
    before = next((item for item in reviews if item.candidate in chosen.names), None)
    return _held(case, need, chosen, judgement, before, path)


def _is_told(candidate: Candidate, reviews: tuple[Review, ...]) -> bool:
    """Somebody said that this one it is."""
    return any(item.action is Action.LINK and item.candidate in candidate.names for item in reviews)


def _said(reviews: tuple[Review, ...]) -> tuple[str, ...]:
    return tuple(
        f"review {item.id}: {item.actor} decided {item.action}"
        for item in reviews
        if item.is_settled
    )


def _path(judgement: Judgement, reviews: tuple[Review, ...]) -> tuple[str, ...]:
    near = f" {judgement.candidate}" if judgement.candidate else ""
    verdict = f"matching says {judgement.verdict}{near}, score {judgement.score}"
    return (*_said(reviews), verdict, *(item.sentence for item in judgement.evidence))


def _bears_mark(candidate: Candidate, need: Need, policy: Policy) -> bool:
    own = external_id_of(policy.org_id, need.account)
    fields = candidate.fields
    return candidate.customer == candidate.ref and (
        fields.get(MARK) == need.account.id or fields.get("externalId") == own
    )


def _linked(
    case: Case, need: Need, chosen: Candidate, path: tuple[str, ...], policy: Policy
) -> Settled:
    """Only the identity is written; the customer's own fields stay as they are."""
    link = Link(source=need.account, kind=CUSTOMER, external_id="", netsuite_id=chosen.ref.id)
    sent = identity_command(case, need.account, chosen.ref, chosen.fields, need.version, policy)
    path = (*path, f"{need.account} is linked to {chosen.ref}")
    return Settled(path=path, link=link, commands=(sent,))


def identity_command(
    case: Case,
    account: RecordRef,
    customer: RecordRef,
    fields: Fields,
    version: Version,
    policy: Policy,
) -> WriteCommand:
    """Marks a customer that stands there, with these fields, as the account's."""
    return command(
        case.cause,
        source=account,
        target=customer,
        part=IDENTITY_PART,
        version=version,
        document=Document(_identity(account, fields, policy)),
        reads_back=READS_BACK,
        map_hash=policy.maps.hash,
    )


def _identity(account: RecordRef, fields: Fields, policy: Policy) -> dict[str, Value]:
    """An external id that another application has given stays: then the field alone marks it."""
    own = external_id_of(policy.org_id, account)
    given = fields.get("externalId")
    is_free = policy.identity is not Identity.FIELD and given in {None, "", own}
    mark: dict[str, Value] = {}
    if policy.identity is not Identity.EXTERNAL_ID or not is_free:
        mark[MARK] = account.id
    return {**mark, "externalId": own} if is_free else mark


def _created(case: Case, need: Need, likeness: Likeness | None, path: tuple[str, ...]) -> Settled:
    """The account's keys are taken at once, so that its double meets it."""
    entries = (
        (
            Entry(
                ref=need.account,
                fields=need.fields,
                keys=likeness.keys,
                horizon=likeness.horizon,
            ),
        )
        if likeness
        else ()
    )
    return Settled(
        path=(*path, "create the customer from the account read along"),
        entries=entries,
        creates=True,
        code="WAITS_FOR_CUSTOMER",
        params=need.says,
        waits_on=need.account,
    )


def _held(
    case: Case,
    need: Need,
    chosen: Candidate,
    judgement: Judgement,
    before: Review | None,
    path: tuple[str, ...],
) -> Settled:
    review = before or _review(case, need, chosen, judgement)
    params: Fields = {
        **need.says,
        "number": chosen.fields.get("entityId"),
        "candidate": _name_of(chosen),
        "other": chosen.holder.id if chosen.holder else chosen.ref.id,
        "review": review.id,
        **({"actor": before.actor, "reason": before.reason} if before else {}),
    }
    code = "DUPLICATE_SUSPECT" if chosen.is_free else "DUPLICATE_ACCOUNT"
    if before and before.action is Action.MERGE:
        code = "MERGE_ASKED"
    return Settled(
        path=path,
        reviews=() if before else (review,),
        code=code,
        params=params,
        waits_on=need.account,
        result=Result.REVIEW,
    )


def _review(case: Case, need: Need, chosen: Candidate, judgement: Judgement) -> Review:
    return Review(
        id=review_id(need.account, chosen.ref),
        account=need.account,
        candidate=chosen.ref,
        score=judgement.score,
        evidence=(*_taken(chosen), *judgement.evidence),
        event_id=case.change.id,
        fields=need.fields,
    )


def _taken(chosen: Candidate) -> tuple[Evidence, ...]:
    if chosen.holder is None:
        return ()
    sentence = f"the customer belongs to Salesforce account {chosen.holder.id}"
    return (Evidence("other account", Finding.CONTRADICTS, sentence),)


def _name_of(chosen: Candidate) -> Value:
    """Sealed, as it was read."""
    names = ("companyName", "lastName", "Name")
    return next((value for name in names if (value := chosen.fields.get(name))), None)


def _rejected(review: Review, need: Need) -> Settled:
    params: Fields = {**need.says, "actor": review.actor, "reason": review.reason,
                      "review": review.id}  # fmt: skip
    path = (f"review {review.id}: {review.actor} decided {review.action}",)
    return Settled(path=path, code="ACCOUNT_REJECTED", params=params, result=Result.REJECTED)
