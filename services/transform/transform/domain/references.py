"""Small records of NetSuite that decisions look up are kept, and what waited for one follows."""

from collections.abc import Callable, Mapping
from decimal import Decimal

from kernel.messages import Alert, Result, WriteCommand
from kernel.values import Document, Fields, Value, plain_number
from transform.domain.decisions import Decision, ended
from transform.domain.facts import FOLDED, LISTS, NAMES, Case, Facts, Policy, Reference, Wanted
from transform.domain.money_rules.dated_rates import alerts_of, rate_command, wanted_to_tell
from transform.domain.money_rules.rates import CURRENCY_RATE, key_of_rate
from transform.domain.money_rules.revisions import rate_told, revision_of, wanted_by_rate
from transform.domain.prices import book_command, book_target

PRICE_LEVEL = "priceLevel"


def _symbol(fields: Fields) -> str:
    return str(fields.get("symbol"))


def _id(fields: Fields) -> str:
    return str(fields.get("id"))


def _name(fields: Fields) -> str:
    return str(fields.get("name"))


KEYS: Mapping[str, Callable[[Fields], str]] = {
    "currency": _symbol,
    CURRENCY_RATE: key_of_rate,
    "accountingPeriod": _id,
    "index": _name,
    "employee": _id,
    PRICE_LEVEL: _id,
    "subsidiary": _id,
    "term": _id,
    "location": _id,
    "department": _id,
    "classification": _id,
    "paymentMethod": _id,
    "consolidatedRate": _id,
}
"""Kind → the key by which it is looked up."""
LARGE = frozenset({CURRENCY_RATE, "consolidatedRate", "employee"})
"""Kinds with so many records that a decision on one does not ask for all the others."""


def wanted(case: Case, policy: Policy) -> Wanted:
    kind = case.change.ref.kind
    if kind == CURRENCY_RATE:
        return wanted_by_rate(case) | wanted_to_tell(rate_told(case), policy)
    if kind == PRICE_LEVEL:
        book = book_target(case.change.ref.id)
        return Wanted(references=frozenset({kind}), targets=frozenset({book}))
    return Wanted() if kind in LARGE else Wanted(references=frozenset({kind}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    ref = case.change.ref
    plain = {name: _plain(value) for name, value in document.fields.items()}
    reference = Reference(
        kind=ref.kind,
        id=ref.id,
        key=KEYS[ref.kind](document.fields),
        fields={**plain, **(_folded(plain) if ref.kind in LISTS else {})},
    )
    raises = _alerts(case, reference, facts, policy)
    if sent := _command(case, reference, document, facts, policy):
        return Decision(case=case, commands=(sent,), references=(reference,), raises=raises)
    if facts.references.get((ref.kind, reference.key)) == reference:
        outcome = ended(case.cause, Result.UNCHANGED, "UNCHANGED", map_hash=policy.maps.hash)
        return Decision(case=case, outcome=outcome, raises=raises)
    outcome = ended(
        case.cause,
        Result.APPLIED,
        "REFERENCE_STORED",
        params={"kind": ref.kind, "id": ref.id},
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, outcome=outcome, references=(reference,), raises=raises)


def _command(
    case: Case, reference: Reference, document: Document, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """What Salesforce is told of it: a price level is a price book, a rate a dated rate."""
    match reference.kind:
        case "priceLevel":
            return book_command(case, document, facts, policy)
        case "currencyRate" if rate_told(case):
            return rate_command(case, reference, facts, policy)
    return None


def _alerts(case: Case, reference: Reference, facts: Facts, policy: Policy) -> tuple[Alert, ...]:
    if reference.kind != CURRENCY_RATE:
        return ()
    known = facts.references.get((reference.kind, reference.key)) == reference
    revised = () if known else revision_of(case, reference, facts)
    return (*revised, *alerts_of(case, reference, facts, policy))


def _folded(fields: Fields) -> Fields:
    """Its names without their case."""
    names = ((name, fields.get(name)) for name in NAMES)
    return {f"{name}{FOLDED}": text.casefold() for name, text in names if isinstance(text, str)}


def _plain(value: Value) -> bool | str | None:
    """Reference data is kept as JSON: numbers as texts, so that none is rounded."""
    if value is None or isinstance(value, bool):
        return value
    return plain_number(Decimal(value)) if isinstance(value, int | Decimal) else str(value)
