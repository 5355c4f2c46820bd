"""One account against the customers that are known: what is proposed, and why."""

from collections.abc import Collection, Sequence
from typing import Protocol

from kernel.maps.filters import Filter
from kernel.values import Value
from transform.domain.adopting.proposals import Proposal, Standing, is_taken, proposal_of
from transform.domain.adopting.records import Account, Customer, Texts, account_of
from transform.domain.matching.judging import judge_profiles
from transform.domain.matching.profiles import Profile, profile_of


class Known(Protocol):
    """The customers, by whatever finds them."""

    def customer(self, customer_id: str) -> Customer | None: ...

    def customer_of_account(self, account_id: str) -> Customer | None: ...

    def candidates(self, profile: Profile) -> Sequence[tuple[Customer, Profile]]: ...


def proposed(row: Texts, filters: Collection[Filter], known: Known) -> Proposal:
    """For an account as Salesforce lists it."""
    account = account_of(row, held_back_by(row, filters))
    if account.held_back_by:
        return proposal_of(account, None, None, None)
    named = known.customer(account.customer_id) if account.customer_id else None
    claimed = known.customer_of_account(account.ref.id)
    if account.customer_id or claimed:
        return proposal_of(account, named, claimed, None)
    return _compared(account, known)


def held_back_by(row: Texts, filters: Collection[Filter]) -> str:
    """The name of the first filter that keeps it in Salesforce; empty for none."""
    fields = {name: _typed(text) for name, text in row.items()}
    return next((rule.name for rule in filters if rule.applies(fields, "")), "")


def _compared(account: Account, known: Known) -> Proposal:
    profile = profile_of(account.party)
    found = known.candidates(profile)
    judgement = judge_profiles(profile, [read for _, read in found])
    proposal = proposal_of(account, None, None, judgement)
    chosen = next((one for one, _ in found if one.id == proposal.customer_id), None)
    if chosen is None or not is_taken(chosen, account.ref.id):
        return proposal
    taken_by = f" Account {chosen.account()} has this customer."
    return Proposal(
        account_id=proposal.account_id,
        standing=Standing.REVIEW,
        customer_id=proposal.customer_id,
        score=proposal.score,
        why=proposal.why + taken_by,
    )


def _typed(text: str) -> Value:
    """Lists are texts throughout; filters ask for flags and for empty fields too."""
    return {"": None, "true": True, "false": False}.get(text, text)
