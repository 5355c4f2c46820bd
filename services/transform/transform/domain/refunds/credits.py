"""What was credited on a billed document by us, under way or done: the memory behind each limit."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kernel.records import RecordRef, System, external_id_of, salesforce
from kernel.values import Document

REQUEST = "NS_Refund_Request__c"
STEP = "Refund"
"""Stands for a request in external ids: `sf-<org>-Refund-<id>-cm`. Every document that a request
leads to is linked to such a step of its own."""
CREDIT, PAYOUT, RETURN = "cm", "rf", "rma"
RECEIPTS_MAX = 50
"""Of one return: whatever comes after is left to finance."""
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditedLine:
    """Of one line of the billed document: how much of it, before tax and the tax."""

    line: str
    quantity: Decimal
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Counts against the billed document from the decision on, before NetSuite has it."""

    step: RecordRef
    """The step that makes the document; one that finance entered stands for itself."""
    request: RecordRef
    billed: RecordRef
    gross: Decimal
    applied: Decimal = ZERO
    """Of it what settles the billed document."""
    payout: Decimal = ZERO
    """Of it what is to be paid back."""
    lines: tuple[CreditedLine, ...] = ()
    part_of: RecordRef | None = None
    """The step of the return whose receipt this credits: the return counts for all of it, so of
    this only what is applied counts anew."""
    voided: bool = False
    netsuite_id: str = ""
    """Of the document, once NetSuite has said it."""
    seen: Decimal = ZERO
    """Sum of the other credits of the billed document when this was decided: another sum by now
    means that somebody else was quicker, and it is decided again."""

    @property
    def is_entered(self) -> bool:
        """Finance entered it in NetSuite: it counts whatever was decided meanwhile."""
        return self.step.system is System.NETSUITE


def step_of(request: RecordRef, name: str) -> RecordRef:
    return salesforce(STEP, f"{request.id}-{name}")


def request_of_step(step: RecordRef) -> RecordRef:
    return salesforce(REQUEST, step.id.partition("-")[0])


def number_of(step: RecordRef, name: str) -> int:
    """Which receipt a step is for: 2 of `…-cm2`; 0 where the step is not of that name."""
    text = step.id.rpartition("-")[2]
    digits = text.removeprefix(name)
    return int(digits) if text.startswith(name) and digits.isdigit() else 0


def returned(whole: Credit, credits: Iterable[Credit]) -> tuple[Decimal, Decimal]:
    """Of a return how many have come back and are credited or being so, and how many may."""
    parts = (one for one in credits if one.part_of == whole.step and not one.voided)
    back = sum((line.quantity for part in parts for line in part.lines), ZERO)
    return back, sum((line.quantity for line in whole.lines), ZERO)


def receipt_steps(whole: Credit, credits: Iterable[Credit]) -> tuple[RecordRef, ...]:
    """The steps of a return's receipts so far, in the order in which they are made."""
    parts = [
        one
        for one in credits
        if one.part_of == whole.step and not one.voided and not one.is_entered
    ]
    names = (
        f"{name}{number}"
        for number, part in enumerate(parts, start=1)
        for name in (CREDIT, *((PAYOUT,) if part.payout else ()))
    )
    return tuple(step_of(whole.request, name) for name in names)


def receipts_of(request: RecordRef) -> RecordRef:
    """What the request of a return waits on: that all of it is back."""
    return step_of(request, "receipts")


def numbered_steps(request: RecordRef) -> frozenset[RecordRef]:
    """Every step that receipts of a return may have."""
    numbers = range(1, RECEIPTS_MAX + 1)
    return frozenset(step_of(request, f"{name}{n}") for n in numbers for name in (CREDIT, PAYOUT))


def return_step(document: Document, org_id: str) -> RecordRef | None:
    """The step of our own that made this return; None for one that somebody else entered."""
    external_id = document.fields.get("externalId")
    if not isinstance(external_id, str):
        return None
    request_id = external_id.removesuffix(f"-{RETURN}").rpartition("-")[2]
    step = step_of(salesforce(REQUEST, request_id), RETURN)
    return step if external_id_of(org_id, step) == external_id else None


def is_step(ref: RecordRef) -> bool:
    return ref.kind == STEP
