"""What an order must satisfy before anything is written: each fault names field, value, remedy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kernel.messages import Result
from kernel.money import Money, minor_units
from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields, Value
from transform.domain.conversions import Row, item_id, net_rate, product_of
from transform.domain.decisions import Decision, ended
from transform.domain.facts import Case, Facts, Policy
from transform.domain.money_rules.books import digits_of

LINES = "OpportunityLineItems"
ZERO = Decimal(0)
HALF = Decimal("0.5")
NUMBER = (Decimal, int)
ROOT_TYPES: Mapping[str, tuple[type, ...]] = {
    "Amount": NUMBER,
    "CloseDate": (date,),
    "CurrencyIsoCode": (str,),
}
LINE_TYPES: Mapping[str, tuple[type, ...]] = dict.fromkeys(
    ("Quantity", "UnitPrice", "TotalPrice", "Discount"), NUMBER
)
WORDS = {Decimal: "number", date: "date", str: "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a document cannot be sent. `waits_on` None means: until the document itself changes."""

    code: str
    params: Fields
    waits_on: RecordRef | None = None
    result: Result = Result.PARKED


def held(case: Case, fault: Fault, policy: Policy) -> Decision:
    """The end of a change that its fault keeps from going on."""
    waits_on = fault.waits_on or case.change.ref
    outcome = ended(
        case.cause,
        fault.result,
        fault.code,
        params=fault.params,
        path=(f"check failed: {fault.code}",),
        waits_on=None if fault.result.is_final else waits_on,
        map_hash=policy.maps.hash,
    )
    return Decision(case=case, outcome=outcome)


def fault_of_order(ref: RecordRef, document: Document, facts: Facts) -> Fault | None:
    """The first fault in the order in which a person would mend them."""
    return next(_faults(ref, document, facts), None)


def _faults(ref: RecordRef, document: Document, facts: Facts) -> Iterator[Fault]:
    yield from _faults_of_type(ref, document)
    fields = document.fields
    named: Fields = {"account": fields.get("Account.Name"), "name": fields.get("Name")}
    lines = document.lines.get(LINES, ())
    if not fields.get("AccountId"):
        yield Fault(code="ACCOUNT_MISSING", params=named)
    currency = fields.get("CurrencyIsoCode")
    if not isinstance(currency, str):
        yield Fault(code="CURRENCY_MISSING", params={"record": f"{ref.kind} {ref.id}"})
        return
    if not lines:
        yield Fault(code="NO_LINES", params=named)
    for line in lines:
        yield from _faults_of_line(line, named, currency, facts)
    yield from _faults_of_total(fields.get("Amount"), lines, named, currency)
    yield from _faults_of_currency(ref, currency, facts)


def _faults_of_type(ref: RecordRef, document: Document) -> Iterator[Fault]:
    """A value that no person can have entered: the source or the event is broken."""
    for fields, expected in (
        (document.fields, ROOT_TYPES),
        *((line, LINE_TYPES) for line in document.lines.get(LINES, ())),
    ):
        for name, types in expected.items():
            value = fields.get(name)
            if value is not None and (type(value) not in types):
                yield _wrong_type(ref, name, value, types)


def _wrong_type(ref: RecordRef, name: str, value: Value, types: tuple[type, ...]) -> Fault:
    params: Fields = {
        "record": f"{ref.kind} {ref.id}",
        "field": name,
        "value": value,
        "expected": f"a {WORDS[types[0]]}",
    }
    return Fault(code="WRONG_TYPE", params=params, result=Result.DEAD)


def _faults_of_currency(ref: RecordRef, currency: str, facts: Facts) -> Iterator[Fault]:
    found = facts.references.get(("currency", currency))
    read_at_all = any(kind == "currency" for kind, _ in facts.references)
    if found is None or found.fields.get("isInactive") is True:
        yield Fault(
            code="CURRENCY_UNKNOWN" if read_at_all else "WAITS_FOR_REFERENCES",
            params={"record": f"{ref.kind} {ref.id}", "currency": currency},
            waits_on=netsuite("currency", currency),
        )


def _faults_of_line(line: Fields, named: Fields, currency: str, facts: Facts) -> Iterator[Fault]:
    row = Row(fields=line)
    about = {**named, "product": line.get("Product2.Name")}
    quantity, total = _number(line.get("Quantity")), _number(line.get("TotalPrice"))
    rate = _number(net_rate(line.get("UnitPrice"), row, facts))
    if quantity is None or quantity <= ZERO:
        yield Fault(code="QUANTITY_ZERO", params={**about, "value": quantity})
        return
    if total is None or rate is None or not _agrees(total, quantity, rate, currency):
        expected = None if rate is None else Money(quantity * rate, currency)
        params = {**about, "value": _money(total, currency), "expected": expected}
        yield Fault(code="LINE_TOTAL_MISMATCH", params=params)
        return
    digits = digits_of(currency, facts)
    if total != round(total, digits):
        unpayable = _unpayable(named, "TotalPrice", total, currency, digits)
        yield Fault(code="MINOR_UNIT", params=unpayable)
    if not item_id(line.get("Product2.NS_Item_Id__c"), row, facts):
        yield Fault(code="ITEM_UNMAPPED", params=about, waits_on=product_of(row))


def _faults_of_total(
    amount: Value, lines: tuple[Fields, ...], named: Fields, currency: str
) -> Iterator[Fault]:
    total = sum((_number(line.get("TotalPrice")) or ZERO for line in lines), ZERO)
    if _number(amount) != total:
        params = {**named, "value": _money(amount, currency), "expected": Money(total, currency)}
        yield Fault(code="TOTAL_MISMATCH", params=params)


def _agrees(total: Decimal, quantity: Decimal, rate: Decimal, currency: str) -> bool:
    """Salesforce rounds the unit price to its minor unit, so a line of n may be off by n halves."""
    half = HALF.scaleb(-minor_units(currency))
    return abs(total - quantity * rate) <= half * (quantity + 1)


def _unpayable(named: Fields, field: str, value: Decimal, currency: str, digits: int) -> Fields:
    return {**named, "field": field, "value": value, "currency": currency, "digits": digits}


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    return Decimal(value)


def _money(value: Value, currency: str) -> Value:
    number = _number(value)
    return value if number is None else Money(number, currency)
