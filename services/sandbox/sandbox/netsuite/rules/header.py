"""What every transaction of a customer must have at its head: who, where, in what, when."""

from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, missing, user_error
from sandbox.netsuite.kinds import ENTITY, FORMS, FULFILMENT, JOURNAL, RECEIPT, REQUEST
from sandbox.netsuite.ledger.facts import (
    Currency,
    base_currency,
    check_period,
    currency,
    exchange_rate,
    period_on,
)
from sandbox.netsuite.rules.places import places_belong
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ONE, Document, flag, lines, number, ref, ref_id, text, to

RATE_DECIMALS_MAX = 8
FIXED = ("currency", "subsidiary")
IN_BASE = frozenset({FULFILMENT, RECEIPT, REQUEST})
"""What moves goods or asks for it is valued in the currency of the books."""
OTHER_MODULES = IN_BASE | {JOURNAL}
"""Posted although receivables are locked."""


def prepare_header(
    work: Work, entry: Entry, before: Document | None, party: str = "entity"
) -> Currency:
    """Fill in and check; returns the currency of the transaction."""
    document = entry.document
    customer = _customer(work, entry, before, party)
    _subsidiary(work, document, customer)
    if entry.kind.name in IN_BASE:
        document["currency"] = to(base_currency(work, ref_id(document, "subsidiary")))
        money = currency(work, ref_id(document, "currency"))
    else:
        money = _currency(work, document, customer)
    unmoved(document, before, party, *FIXED)
    places_belong(work, document, document, before, "")
    date_and_number(work, entry, before)
    return money


def date_and_number(work: Work, entry: Entry, before: Document | None) -> None:
    """Date, period, exchange rate, and once the numbers."""
    document = entry.document
    if not text(document, "tranDate"):
        document["tranDate"] = work.today.isoformat()
    _period(work, entry, before)
    _rate(work, document, before)
    if before is None:
        _number(work, entry)


def _customer(work: Work, entry: Entry, before: Document | None, party: str) -> Entry:
    identifier = ref_id(entry.document, party)
    if not identifier:
        raise missing("Customer")
    customer = work.store.load(ENTITY, identifier)
    if customer is None or customer.kind.name != "customer":
        raise invalid_field(identifier, party, party)
    if before is None and flag(customer.document, "isInactive"):
        raise invalid_field(identifier, party, party)
    return customer


def _subsidiary(work: Work, document: Document, customer: Entry) -> None:
    if not work.account.profile.one_world:
        document.pop("subsidiary", None)
        return
    own = ref(customer.document, "subsidiary")
    if not ref(document, "subsidiary"):
        document["subsidiary"] = to(own)
    if ref(document, "subsidiary") != own:
        raise invalid_field(ref(document, "subsidiary"), "subsidiary", "subsidiary")


def _currency(work: Work, document: Document, customer: Entry) -> Currency:
    allowed = {ref(line, "currency") for line in lines(customer.document, "currencyList")}
    allowed.add(ref(customer.document, "currency"))
    if not ref(document, "currency"):
        document["currency"] = to(ref(customer.document, "currency"))
    if ref(document, "currency") not in allowed:
        raise invalid_field(ref(document, "currency"), "currency", "currency")
    return currency(work, ref_id(document, "currency"))


def unmoved(document: Document, before: Document | None, *names: str) -> None:
    """A saved transaction keeps its customer, subsidiary and currency."""
    for name in names:
        if before is not None and ref(before, name) != ref(document, name):
            raise invalid_field(ref(document, name), name, name)


def _period(work: Work, entry: Entry, before: Document | None) -> None:
    """A posting transaction has an open period; what it had before must be open too."""
    document = entry.document
    if not entry.kind.posting:
        return
    moved = before is not None and text(before, "tranDate") != text(document, "tranDate")
    chosen = before is None or ref(before, "postingPeriod") != ref(document, "postingPeriod")
    if not ref(document, "postingPeriod") or (moved and not chosen):
        document["postingPeriod"] = to(period_on(work, text(document, "tranDate")))
    own = entry.kind.name not in OTHER_MODULES
    check_period(work, ref_id(document, "postingPeriod"), receivables=own)
    if before is not None:
        check_period(work, ref_id(before, "postingPeriod"), receivables=own)


def _rate(work: Work, document: Document, before: Document | None) -> None:
    """Defaults when the transaction is made; later only a sent rate changes it."""
    base = base_currency(work, ref_id(document, "subsidiary"))
    foreign = ref_id(document, "currency")
    if base == foreign:
        document["exchangeRate"] = ONE
    elif document.get("exchangeRate") is None:
        document["exchangeRate"] = exchange_rate(work, base, foreign, text(document, "tranDate"))
    rate = number(document, "exchangeRate")
    if rate <= 0 or _decimals(rate) > RATE_DECIMALS_MAX:
        raise invalid_field(rate, "exchangeRate", "exchangeRate")
    document["primaryBookBaseCurrency"] = to(base)


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) and exponent < 0 else 0


def _number(work: Work, entry: Entry) -> None:
    document, kind = entry.document, entry.kind
    if not text(document, "tranId"):
        document["tranId"] = work.store.next_number(kind)
    count = work.store.count(f"transactionnumber:{kind.path}")
    document["_key"] = work.store.count("uniquekey")
    document["transactionNumber"] = f"{kind.abbreviation}{count}"
    document["source"] = {"id": "restWebServices", "refName": "REST Web Services"}
    document.setdefault("customForm", to(FORMS[kind.name][0]))


def refuse_unmodelled(document: Document, names: tuple[str, ...]) -> None:
    """Amounts that this account cannot reckon with are refused, never dropped."""
    for name in names:
        value = document.get(name)
        if value not in (None, False, 0, "", []):
            raise user_error(
                f"This account does not use {name}; leave it out or put the amount on a line.",
                name,
            )
