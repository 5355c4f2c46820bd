"""What was billed or received, as NetSuite tells it, and how much of it is left to give back."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from kernel.money import Money
from kernel.records import RecordRef
from kernel.values import Document, Fields, Value
from transform.domain.refunds.credits import Credit, CreditedLine

ZERO = Decimal(0)
CREDIT_TYPES = frozenset({"creditMemo", "Credit Memo", "CustCred"})
"""How an application's type names a credit memo: by record, by label, by SuiteQL."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledLine:
    key: str
    item: str
    quantity: Decimal
    net: Decimal
    tax: Decimal
    description: Value
    sales_line: str

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """Another document that settles this one, or that this one settles."""

    doc: str
    type: str
    amount: Decimal
    number: str = ""

    @property
    def label(self) -> str:
        return f"{self.type} {self.number or self.doc}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """An invoice, cash sale, payment, deposit or credit memo."""

    ref: RecordRef
    number: str
    currency: str
    rate: Decimal | None
    """Base units for one unit of the currency, as it was booked."""
    base: str
    """The currency of the books that it is in; empty where NetSuite did not say it."""
    subsidiary: str
    total: Decimal
    remaining: Decimal
    """What is open of an invoice, or not yet used of money received."""
    lines: tuple[BilledLine, ...]
    applications: tuple[Application, ...]

    @property
    def label(self) -> str:
        return f"{self.ref.kind} {self.number or self.ref.id}"

    def money(self, amount: Decimal) -> Money:
        return Money(amount, self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What is left of a billed document for one request, all others counted as done."""

    creditable: Decimal
    open: Decimal
    seen: Decimal
    """Sum of what our other credits take."""


def billed_of(ref: RecordRef, document: Document) -> Billed:
    fields = document.fields
    total = _number(fields.get("total"))
    open_amounts = (fields.get(name) for name in ("amountRemaining", "amountUnapplied"))
    remaining = next((one for one in open_amounts if one is not None), None)
    return Billed(
        ref=ref,
        number=_text(fields.get("tranId")),
        currency=_text(fields.get("currency.refName")),
        rate=_number(fields["exchangeRate"]) if fields.get("exchangeRate") else None,
        base=_text(fields.get("baseCurrency")),
        subsidiary=_text(fields.get("subsidiary.id")),
        total=total,
        remaining=total if remaining is None else _number(remaining),
        lines=tuple(_line(line) for line in document.lines.get("item", ())),
        applications=tuple(
            Application(
                doc=_text(line.get("doc")),
                type=_text(line.get("type")),
                amount=_number(line.get("amount")),
                number=_text(line.get("refNum")),
            )
            for line in document.lines.get("apply", ())
        ),
    )


def left_of(billed: Billed, others: Iterable[Credit]) -> Left:
    """Our own credits count as decided, whether NetSuite shows them yet or not; what finance
    entered counts as NetSuite tells it, of the credit or of the document that it settles."""
    ours = tuple(others)
    known = {credit.netsuite_id for credit in ours}
    foreign = [one for one in billed.applications if one.doc not in known]
    credited = sum((one.amount for one in foreign if one.type in CREDIT_TYPES), ZERO)
    entered = {credit.netsuite_id for credit in ours if credit.is_entered}
    shown = {one.doc: one.amount for one in billed.applications if one.doc in entered}
    settled = sum((*(one.amount for one in foreign), *shown.values()), ZERO)
    seen = sum((credit.gross for credit in ours if not credit.part_of), ZERO)
    applied = sum((one.applied for one in ours if one.netsuite_id not in shown), ZERO)
    return Left(
        creditable=max(billed.total - credited - seen, ZERO),
        open=max(billed.total - settled - applied, ZERO),
        seen=seen,
    )


def unused_of(billed: Billed, others: Iterable[Credit]) -> Left:
    """The same for money that was received: a payment, a deposit, an open credit memo."""
    ours = tuple(others)
    known = {credit.netsuite_id for credit in ours}
    seen = sum((credit.gross for credit in ours), ZERO)
    used = sum((one.amount for one in billed.applications if one.doc not in known), ZERO)
    unused = max(min(billed.remaining, billed.total - used - seen), ZERO)
    return Left(creditable=unused, open=ZERO, seen=seen)


def unclear(billed: Billed, others: Iterable[Credit]) -> Credit | None:
    """Another credit that is under way while NetSuite shows one that nobody knows: it may be the
    same one, and until it has its id nobody can tell what is left."""
    ours = tuple(others)
    known = {credit.netsuite_id for credit in ours}
    has_unknown = any(
        one.type in CREDIT_TYPES and one.doc not in known for one in billed.applications
    )
    return next((one for one in ours if has_unknown and not one.netsuite_id), None)


def credited_lines(others: Iterable[Credit]) -> dict[str, CreditedLine]:
    """By line: how much of it our credits take."""
    found: dict[str, CreditedLine] = {}
    whole = (credit for credit in others if not credit.part_of)
    for line in (line for credit in whole for line in credit.lines):
        before = found.get(line.line)
        found[line.line] = line if before is None else CreditedLine(
            line=line.line,
            quantity=before.quantity + line.quantity,
            net=before.net + line.net,
            tax=before.tax + line.tax,
        )  # fmt: skip
    return found


def _line(line: Fields) -> BilledLine:
    """Tax goes the way its amount goes: searches do not agree on the sign."""
    net = _number(line.get("amount"))
    return BilledLine(
        key=_text(line.get("line")),
        item=_text(line.get("item.id")),
        quantity=_number(line.get("quantity")),
        net=net,
        tax=_number(line.get("taxAmount")).copy_abs().copy_sign(net),
        description=line.get("description"),
        sales_line=_text(line.get("custcol_sf_line_id")),
    )


def _text(value: Value) -> str:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return str(value) if is_number or isinstance(value, str) else ""


def _number(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return ZERO
    return Decimal(value)
