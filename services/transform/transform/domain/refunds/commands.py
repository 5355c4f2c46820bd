"""The documents that a plan asks NetSuite for, one command each."""

from dataclasses import dataclass
from decimal import Decimal

from kernel.messages import WriteCommand
from kernel.parts import UNAPPLY
from kernel.records import RecordRef, external_id_of, netsuite
from kernel.refunds import Reason
from kernel.values import Document, Fields, Value
from transform.domain.conversions import named_id
from transform.domain.decisions import command, news_for
from transform.domain.facts import Case, Facts, Policy
from transform.domain.mapping import mapped
from transform.domain.refunds.credits import CREDIT, PAYOUT, RETURN, Credit, step_of
from transform.domain.refunds.lines import CreditLine
from transform.domain.refunds.planning import Plan
from transform.domain.refunds.request import DONE, Request

MAP = "refund-request-to-credit"
STATUS, SYNC_STATUS, SYNC_MESSAGE = "Status__c", "NS_Sync_Status__c", "NS_Sync_Message__c"
PART, VOIDING = "refund", "void"
CREDIT_MEMO, CUSTOMER_REFUND, CASH_REFUND = "creditMemo", "customerRefund", "cashRefund"
DEPOSIT = "customerDeposit"
PAYMENT_METHOD = "paymentMethod"
AUTHORIZATION, PENDING_RECEIPT = "returnAuthorization", "B"
READS_BACK = {
    CREDIT_MEMO: ("id", "tranId", "total", "applied", "lastModifiedDate"),
    CUSTOMER_REFUND: ("id", "tranId", "total", "lastModifiedDate"),
    CASH_REFUND: ("id", "tranId", "total", "lastModifiedDate"),
    AUTHORIZATION: ("id", "tranId", "total", "lastModifiedDate"),
}
ONE = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Who asks for a document, why, and what the rules of the map say of it."""

    case: Case
    request: Request
    reason: Reason
    document: Document
    facts: Facts
    policy: Policy


def credit_command(order: Order, plan: Plan) -> WriteCommand:
    """The credit memo of an invoice, applied to it as far as the plan says."""
    head = {**_head(order, plan.billed.ref), **_dated(plan)}
    lists: dict[str, tuple[Fields, ...]] = {
        "item": tuple(_line(line, order.reason) for line in plan.lines)
    }
    if plan.left.open:
        lists["apply"] = (_application(plan.billed.ref, plan.applied),)
    return _command(order, CREDIT_MEMO, CREDIT, Document(head, lists))


def cash_refund_command(order: Order, plan: Plan) -> WriteCommand:
    """Revenue, tax and money of a cash sale, all at once."""
    head = {**_head(order, plan.billed.ref), **_dated(plan)}
    lists = {"item": tuple(_line(line, order.reason) for line in plan.lines)}
    return _command(order, CASH_REFUND, PAYOUT, Document(head, lists))


def return_command(order: Order, plan: Plan) -> WriteCommand:
    """Says which goods may come back. The request is approved, so they may come at once."""
    dated = {name: value for name, value in _dated(plan).items() if name != "exchangeRate"}
    head = {**_head(order, plan.billed.ref), **dated, "orderStatus.id": PENDING_RECEIPT}
    lists = {"item": tuple(_line(line, order.reason) for line in plan.lines)}
    return _command(order, AUTHORIZATION, RETURN, Document(head, lists))


def payout_command(order: Order, source: RecordRef, amount: Decimal, dates: Fields) -> WriteCommand:
    """Money back for a credit memo, a payment or a deposit."""
    head = {**_head(order, source), **dates}
    if order.policy.reasons.bank:
        head["account.id"] = order.policy.reasons.bank
    if order.reason.payment_method:
        method = named_id(PAYMENT_METHOD, order.reason.payment_method, order.facts)
        head["paymentOption.id"] = method
    name = "deposit" if source.kind == DEPOSIT else "apply"
    lists = {name: (_application(source, amount),)}
    return _command(order, CUSTOMER_REFUND, PAYOUT, Document(head, lists))


def unapply_command(order: Order, plan: Plan) -> WriteCommand:
    """The payment settles less, so that so much of it can be paid back."""
    lines: tuple[Fields, ...] = tuple(
        {"doc.id": lift.of.doc, "amount": lift.stays} for lift in plan.lifts
    )
    return command(
        order.case.cause,
        source=step_of(order.request.ref, PAYOUT),
        target=plan.billed.ref,
        part=UNAPPLY,
        version=order.case.change.version,
        document=Document({}, {"apply": lines}),
        map_hash=order.policy.maps.hash,
    )


def void_command(order: Order, credit: Credit) -> WriteCommand:
    """The credit memo is unapplied and voided; what it settled is open again."""
    return command(
        order.case.cause,
        source=credit.step,
        target=netsuite(CREDIT_MEMO, credit.netsuite_id),
        part=VOIDING,
        version=order.case.change.version,
        document=Document({"voided": True}),
        reads_back=("id", "tranId", "status.refName", "lastModifiedDate"),
        map_hash=order.policy.maps.hash,
    )


def done_command(
    case: Case, request: RecordRef, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """Tells the request that all of it is done; None where it says so already."""
    fields: Fields = {STATUS: DONE, SYNC_STATUS: "Synced", SYNC_MESSAGE: None}
    return news_for(request, Document(fields), case, facts, policy, part=PART)


def dates_of(plan: Plan) -> Fields:
    """Of a document without lines: its rate is that of its own day."""
    return {name: value for name, value in _dated(plan).items() if name != "exchangeRate"}


def step_target(request: RecordRef, kind: str, step: str, policy: Policy) -> RecordRef:
    external_id = external_id_of(policy.org_id, step_of(request, step))
    return netsuite(kind, f"eid:{external_id}")


def _command(order: Order, kind: str, step: str, document: Document) -> WriteCommand:
    return command(
        order.case.cause,
        source=step_of(order.request.ref, step),
        target=step_target(order.request.ref, kind, step, order.policy),
        part=PART,
        version=order.case.change.version,
        document=document,
        reads_back=READS_BACK[kind],
        map_hash=order.policy.maps.hash,
    )


def _head(order: Order, source: RecordRef) -> dict[str, Value]:
    """What it is made from, and what the map says of every document of a request."""
    rules = mapped(order.policy.maps.named(MAP), order.document, order.facts).fields
    filled = {name: value for name, value in rules.items() if value is not None}
    return {"createdFrom.id": source.id, "createdFrom.type": source.kind, **filled}


def _dated(plan: Plan) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if plan.day is not None:
        found["tranDate"] = plan.day
    if plan.original_day is not None:
        found["custbody_sf_original_date"] = plan.original_day.isoformat()
    if plan.rate is not None and plan.rate != ONE:
        found["exchangeRate"] = plan.rate
    return found


def _line(line: CreditLine, reason: Reason) -> Fields:
    """`createdFrom.line` and `taxAmount` say to the writer whose tax codes this tax has."""
    found: dict[str, Value] = {
        "createdFrom.line": line.of.key,
        "item.id": reason.item or line.of.item,
        "quantity": line.quantity or ONE,
        "price.id": "-1",
        "amount": line.net,
        "taxAmount": line.tax,
    }
    if line.of.sales_line:
        found["custcol_sf_line_id"] = line.of.sales_line
    if line.of.description is not None:
        found["description"] = line.of.description
    return found


def _application(doc: RecordRef, amount: Decimal) -> Fields:
    if not amount:
        return {"doc.id": doc.id, "apply": False}
    return {"doc.id": doc.id, "apply": True, "amount": amount}
