"""What a request asked for when it was approved: an edit afterwards needs an approval anew.

The Salesforce package refuses such edits too, but a rule of the org can be switched off, and lines
are not below it. Remembered are two hashes: of who approved it when, and of what was asked for.
"""

from collections.abc import Mapping
from decimal import Decimal

from kernel.records import RecordRef
from kernel.values import plain_number, value_hash
from transform.domain.facts import Facts
from transform.domain.refunds.approval import is_approved
from transform.domain.refunds.credits import Credit
from transform.domain.refunds.request import Request
from transform.domain.refunds.steps import is_under_way, stands_for

APPROVAL, TERMS = "refund:approval", "refund:terms"
NOBODY = value_hash("")


def remembered(
    request: Request, own: Credit | None, facts: Facts
) -> Mapping[tuple[RecordRef, str], str]:
    """What is new of it. What a credit that is being entered or stands was made of stays."""
    known = {APPROVAL: _approval(request) if is_approved(request) else NOBODY}
    if not is_entered(own, facts) and not is_outdated(request, facts):
        known[TERMS] = _terms(request)
    return {
        (request.ref, name): digest
        for name, digest in known.items()
        if facts.applied.get((request.ref, name)) != digest
    }


def is_outdated(request: Request, facts: Facts) -> bool:
    """Whether the approval was given to something else: it is still the one that was seen."""
    same = facts.applied.get((request.ref, APPROVAL)) == _approval(request)
    return is_approved(request) and same and is_changed(request, facts)


def is_changed(request: Request, facts: Facts) -> bool:
    known = facts.applied.get((request.ref, TERMS))
    return known is not None and known != _terms(request)


def is_entered(own: Credit | None, facts: Facts) -> bool:
    """Whether its first document stands or is being made."""
    link = facts.links.get(own.step) if own else None
    return stands_for(link) or is_under_way(link)


def _approval(request: Request) -> str:
    return value_hash(f"{request.approved_by} {request.approved_at}")


def _terms(request: Request) -> str:
    lines = sorted((one.line, _text(one.quantity), _text(one.amount)) for one in request.lines)
    head = (_text(request.amount), request.currency, str(request.billed))
    return value_hash(repr((*head, request.reason, request.method, lines)))


def _text(value: Decimal | None) -> str:
    return "" if value is None else plain_number(value)
