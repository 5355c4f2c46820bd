"""Small records of NetSuite that maps look up are kept, and what waited for one follows."""

from kernel.messages import Result
from kernel.values import Document
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Reference, Wanted

KEY_FIELDS = {"currency": "symbol"}
"""Kind → the field by which maps look it up."""


def wanted(case: Case, policy: Policy) -> Wanted:
    return Wanted(references=frozenset({case.change.ref.kind}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    ref = case.change.ref
    reference = Reference(
        kind=ref.kind,
        id=ref.id,
        key=str(document.fields.get(KEY_FIELDS[ref.kind])),
        fields=document.fields,
    )
    if facts.references.get((ref.kind, reference.key)) == reference:
        outcome = ended(case.cause, Result.UNCHANGED, "UNCHANGED", map_hash=policy.maps.hash)
        return Decision(case=case, outcome=outcome)
    outcome = ended(
        case.cause,
        Result.APPLIED,
        "REFERENCE_STORED",
        params={"kind": ref.kind, "id": ref.id},
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, outcome=outcome, references=(reference,))
