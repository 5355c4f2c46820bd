"""What adopting proposes for one account, and what it writes where that is to link."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from transform.domain.adopting.records import (
    ID_OF_CUSTOMER,
    MARK,
    NUMBER_OF_CUSTOMER,
    Account,
    Customer,
    own_external_id,
)
from transform.domain.facts import Identity
from transform.domain.matching.parties import Finding, Judgement, Verdict


class Standing(StrEnum):
    LINKED = "linked"
    """Both name each other, or one the other and nobody else."""
    LINK = "to link"
    REVIEW = "to review"
    CREATE = "to create"
    """Has no customer; its first won opportunity makes one."""
    LEFT = "left alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Holds ids, no value of either record."""

    account_id: str
    standing: Standing
    customer_id: str = ""
    score: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writes:
    """What is missing on either side for the two to name each other; nothing else is touched."""

    customer: Mapping[str, str]
    account: Mapping[str, str]


STANDING_OF = {
    Verdict.LINK: Standing.LINK,
    Verdict.REVIEW: Standing.REVIEW,
    Verdict.CREATE: Standing.CREATE,
}


def proposal_of(
    account: Account, named: Customer | None, claimed: Customer | None, judgement: Judgement | None
) -> Proposal:
    """`named` is the customer that the account names, `claimed` the one that names the account;
    `judgement` was asked for where there is neither."""
    if account.held_back_by:
        return _left(account, f"the filter {account.held_back_by} keeps it in Salesforce")
    if account.customer_id or claimed:
        return _told(account, named, claimed)
    if judgement is None:
        return _left(account, "it could not be compared")
    return Proposal(
        account_id=account.ref.id,
        standing=STANDING_OF[judgement.verdict],
        customer_id=judgement.candidate.id if judgement.candidate else "",
        score=str(judgement.score) if judgement.candidate else "",
        why=_reasons(judgement),
    )


def _told(account: Account, named: Customer | None, claimed: Customer | None) -> Proposal:
    """One names the other: that stands above all likeness, unless it does not fit together."""
    if account.customer_id and named is None:
        return _left(account, f"it names customer {account.customer_id}, which is not there")
    chosen = named or claimed
    assert chosen is not None
    if named and claimed and named.id != claimed.id:
        return _left(account, f"it names customer {named.id}, and customer {claimed.id} names it")
    if chosen.account() not in {"", account.ref.id}:
        return _left(account, f"customer {chosen.id} names account {chosen.account()}")
    standing = Standing.LINKED if chosen.account() and account.customer_id else Standing.LINK
    return Proposal(
        account_id=account.ref.id,
        standing=standing,
        customer_id=chosen.id,
        score="1.00",
        why="one names the other by its id",
    )


def _left(account: Account, why: str) -> Proposal:
    return Proposal(account_id=account.ref.id, standing=Standing.LEFT, why=why)


def _reasons(judgement: Judgement) -> str:
    if judgement.candidate is None:
        return "no customer is like it"
    said = [item.sentence for item in judgement.evidence if item.finding is not Finding.DIFFERS]
    if judgement.others:
        others = ", ".join(match.candidate.id for match in judgement.others)
        said.append(f"Also like it: {others}.")
    return " ".join(said)


def is_taken(customer: Customer, account_id: str) -> bool:
    """Another account has this customer."""
    return customer.account() not in {"", account_id}


def writes_of(
    account_id: str, customer: Customer, account: Mapping[str, str], org_id: str, identity: Identity
) -> Writes:
    """`account` holds its identity fields as they stand. An external id that another application
    has given stays; then the field alone bears the mark."""
    own = own_external_id(org_id, account_id)
    is_free = identity is not Identity.FIELD and customer.external_id in {"", own}
    wanted = {"externalId": own} if is_free else {}
    if identity is not Identity.EXTERNAL_ID or not is_free:
        wanted[MARK] = account_id
    stands = {"externalId": customer.external_id, MARK: customer.mark}
    told = {ID_OF_CUSTOMER: customer.id, NUMBER_OF_CUSTOMER: customer.number}
    return Writes(
        customer={name: text for name, text in wanted.items() if stands[name] != text},
        account={name: text for name, text in told.items() if account.get(name, "") != text},
    )
