"""Small records of NetSuite that maps look up are kept, and what waited for one follows."""

from decimal import Decimal

from kernel.messages import Result
from kernel.values import Document, Value, plain_number
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy, Reference, Wanted

KEY_FIELDS = {"currency": "symbol", "index": "name"}
"""Kind → the field by which maps look it up."""


def wanted(case: Case, policy: Policy) -> Wanted:
    return Wanted(references=frozenset({case.change.ref.kind}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    ref = case.change.ref
    reference = Reference(
        kind=ref.kind,
        id=ref.id,
        key=str(document.fields.get(KEY_FIELDS[ref.kind])),
        fields={name: _plain(value) for name, value in document.fields.items()},
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


def _plain(value: Value) -> bool | str | None:
    """Reference data is kept as JSON: numbers as texts, so that none is rounded."""
    if value is None or isinstance(value, bool):
        return value
    return plain_number(Decimal(value)) if isinstance(value, int | Decimal) else str(value)
