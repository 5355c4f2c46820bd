"""A NetSuite customer is remembered, so that an account that is the same is recognised."""

from dataclasses import replace

from kernel.values import Document
from transform.domain import backwards
from transform.domain.decisions import Decision
from transform.domain.facts import Case, Facts, Policy
from transform.domain.likeness import WHOLE, Entry


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """As for any record of NetSuite, and the customer can be found from now on."""
    decision = backwards.decide(case, document, facts, policy)
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
