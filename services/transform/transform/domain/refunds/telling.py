"""What NetSuite said of a refund's documents, told on the request it was made for."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kernel.messages import Version, WriteCommand
from kernel.records import RecordRef
from kernel.values import Document, Value
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Cause, Facts, Policy
from transform.domain.refunds.commands import VOIDING
from transform.domain.refunds.credits import (
    CREDIT,
    PAYOUT,
    Credit,
    is_step,
    number_of,
    request_of_step,
)
from transform.domain.refunds.request import CANCELLED

WRITES_BACK: Mapping[str, Mapping[str, str]] = {
    "creditMemo": {"tranId": "Credit_Memo_Number__c", "applied": "Applied__c"},
    "customerRefund": {"tranId": "Customer_Refund_Number__c", "total": "Refunded__c"},
    "cashRefund": {"tranId": "Customer_Refund_Number__c", "total": "Refunded__c"},
    "returnAuthorization": {"tranId": "Return_Number__c"},
}
"""By kind: field of the document → field of the request. NetSuite owns all of them."""
PAID_OUT = "Paid_Out__c"
ZERO = Decimal(0)
PAYS_OUT = frozenset({"customerRefund", "cashRefund"})


def tells(command: WriteCommand) -> bool:
    return is_step(command.source)


def voided_by(command: WriteCommand) -> RecordRef | None:
    """The step whose credit this command undid."""
    return command.source if is_step(command.source) and command.part == VOIDING else None


def told(
    cause: Cause,
    ended: WriteCommand,
    read_back: Document,
    version: Version,
    facts: Facts,
    policy: Policy,
) -> WriteCommand | None:
    """None where the request shows it already."""
    request = request_of_step(ended.source)
    earlier = [one for one in facts.credits if one.request == request and not one.voided]
    to_write = changed_only(Document(_fields(ended, read_back, earlier)), request, facts)
    if is_empty(to_write):
        return None
    return command(
        cause,
        source=ended.target,
        target=request,
        part=f"refund {ended.target.kind}",
        version=version,
        document=to_write,
        map_hash=policy.maps.hash,
    )


def _fields(
    ended: WriteCommand, read_back: Document, credits: Sequence[Credit]
) -> dict[str, Value]:
    if ended.part == VOIDING:  # that it was done may have been written after it was cancelled
        number = read_back.fields.get("tranId")
        message = f"The request was cancelled: credit memo {number} was unapplied and voided."
        said = {"NS_Sync_Status__c": "Synced", "NS_Sync_Message__c": message}
        return {"Applied__c": 0, "Status__c": CANCELLED, **said}
    writes_back = WRITES_BACK.get(ended.target.kind, {})
    found = {
        field: read_back.fields.get(name)
        for name, field in writes_back.items()
        if name in read_back.fields
    }
    if ended.target.kind in PAYS_OUT:
        found[PAID_OUT] = True
    for field, before in _before(ended, credits).items():
        if field in found:
            found[field] = _number(found[field]) + before
    return found


def _before(ended: WriteCommand, credits: Sequence[Credit]) -> Mapping[str, Decimal]:
    """What earlier receipts of the same return have brought: one follows the other."""
    credit, payout = number_of(ended.source, CREDIT), number_of(ended.source, PAYOUT)
    own = credit or payout
    parts = [one for one in credits if 0 < number_of(one.step, CREDIT) < own]
    return {
        "Applied__c": sum((one.applied for one in parts), ZERO),
        "Refunded__c": sum((one.payout for one in parts), ZERO),
    }


def _number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ZERO
    return Decimal(value)
