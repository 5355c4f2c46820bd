"""What NetSuite said of a refund's documents, told on the request it was made for."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kernel.messages import Outcome, Version, WriteCommand
from kernel.parts import UNAPPLY
from kernel.records import RecordRef, System
from kernel.sentences import say
from kernel.values import Document, Fields, Sealed, Value
from transform.domain import last_sync
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Cause, Facts, Policy
from transform.domain.refunds.commands import SYNC_MESSAGE, SYNC_STATUS, VOIDING
from transform.domain.refunds.credits import (
    CREDIT,
    PAYOUT,
    RETURN,
    Credit,
    is_step,
    number_of,
    request_of_step,
    returned,
    step_of,
)
from transform.domain.refunds.request import CANCELLED

WRITES_BACK: Mapping[str, Mapping[str, str]] = {
    "creditMemo": {"tranId": "Credit_Memo_Number__c", "applied": "Applied__c"},
    "customerRefund": {"tranId": "Customer_Refund_Number__c", "total": "Refunded__c"},
    "cashRefund": {"tranId": "Customer_Refund_Number__c", "total": "Refunded__c"},
    "returnAuthorization": {"tranId": "Return_Number__c"},
}
"""By kind: field of the document → field of the request. NetSuite owns all of them."""
PAID_OUT, STOP = "Paid_Out__c", "refund stop"
MESSAGE_LENGTH_MAX = 2_000
ZERO = Decimal(0)
PAYS_OUT = frozenset({"customerRefund", "cashRefund"})


def tells(command: WriteCommand) -> bool:
    return is_step(command.source)


def voided_by(command: WriteCommand) -> RecordRef | None:
    """The step whose credit this command undid."""
    return command.source if is_step(command.source) and command.part == VOIDING else None


def undoes(command: WriteCommand) -> bool:
    """Whether it takes back what stands by its own id, a payment's use or a credit."""
    return is_step(command.source) and command.part in {UNAPPLY, VOIDING}


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
    moment = last_sync.moment_of(version)
    if moment is not None:
        to_write = Document({**to_write.fields, last_sync.FIELD: moment})
    return command(
        cause,
        source=ended.target,
        target=request,
        part=f"refund {ended.target.kind}",
        version=version,
        document=to_write,
        map_hash=policy.maps.hash,
    )


def told_of_stop(
    cause: Cause, outcome: Outcome, ended: WriteCommand, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """Why a document of a return was refused, on the request: what led to it is a change of
    NetSuite's own, which nobody in Salesforce sees."""
    if not is_step(ended.source) or cause.ref.system is not System.NETSUITE:
        return None
    request = request_of_step(ended.source)
    message = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
    to_write = changed_only(Document({SYNC_STATUS: "Held", SYNC_MESSAGE: message}), request, facts)
    if is_empty(to_write):
        return None
    return command(
        cause,
        source=cause.ref,
        target=request,
        part=STOP,
        version=cause.version,
        document=to_write,
        map_hash=policy.maps.hash,
    )


def _word(value: Sealed) -> str:
    is_detail = value.path == "detail"
    return "(the command `tallystick trace` shows the reason)" if is_detail else "(see the record)"


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
    return {**found, **_how_far(ended, credits)}


def _how_far(ended: WriteCommand, credits: Sequence[Credit]) -> Mapping[str, Value]:
    """Of a return how much has come back by now, until all of it has."""
    request = request_of_step(ended.source)
    whole = next((one for one in credits if one.step == step_of(request, RETURN)), None)
    if whole is None or ended.source == whole.step:
        return {}
    back, all_of_it = returned(whole, credits)
    if back >= all_of_it:
        return {}
    params: Fields = {"name": request.id, "back": back, "whole": all_of_it}
    return {SYNC_STATUS: "Waiting", SYNC_MESSAGE: say("RETURN_AWAITS_RECEIPT", params)}


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
