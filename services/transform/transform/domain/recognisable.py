"""A NetSuite customer is remembered, so that an account that is the same is recognised."""

from dataclasses import replace

from kernel.messages import ChangeKind, Result
from kernel.values import Document, Fields
from transform.domain import backwards, parents, survivors
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.likeness import WHOLE, Entry


def wanted(case: Case, policy: Policy) -> Wanted:
    is_gone = case.change.kind is ChangeKind.DELETE
    moved = frozenset({survivors.MOVED} if is_gone else ())
    return backwards.wanted(case, policy) | Wanted(references=moved)


def remove(case: Case, facts: Facts, policy: Policy) -> Decision | None:
    """None where nobody knows of another one that stands for it now."""
    survivor = survivors.by_deletion(case, facts, policy)
    if survivor.link:
        return Decision(
            case=case,
            commands=survivor.commands,
            links=(survivor.link,),
            unlinks=survivor.unlinks,
            closes=survivor.closes,
            merged=survivor.merged,
        )
    if survivor.unlinks:
        params: Fields = {"system": str(case.change.ref.system)}
        outcome = ended(case.cause, Result.FILTERED, "DELETED_AT_SOURCE", params=params)
        return Decision(
            case=case,
            outcome=outcome,
            unlinks=survivor.unlinks,
            closes=survivor.closes,
            merged=survivor.merged,
        )
    return None


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """As for any record of NetSuite, and the customer can be found from now on."""
    told = backwards.decide(case, document, facts, policy)
    decision = parents.following(told, document, facts, policy)
    ref = case.change.ref
    likeness = facts.likenesses.get(ref)
    own = Entry(ref=ref, fields=None, keys=likeness.keys if likeness else frozenset())
    # an account stands for its customer only until the customer can be found itself
    accounts = {link.source for link in (facts.links.get(ref), *decision.links) if link}
    stood_in = (
        Entry(ref=account, fields=None, keys=frozenset(), is_gone=True)
        for account in sorted(accounts)
    )
    nudges = () if facts.knows_all_customers else (WHOLE,)
    return replace(decision, entries=(own, *stood_in), nudges=nudges)
