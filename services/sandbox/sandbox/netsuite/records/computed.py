"""What a record shows that is kept elsewhere: a customer's balances, a currency's rate of today."""

from dataclasses import replace
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.ledger.balances import Sum, balances_of, in_primary
from sandbox.netsuite.rules.refunds import refundable_lines
from sandbox.netsuite.rules.settling import open_lines
from sandbox.netsuite.rules.spending import spendable_lines
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ONE, Document, lines, put_lines, ref_id


def with_computed(work: Work, entry: Entry) -> Entry:
    """A copy of the entry whose document has them."""
    match entry.kind.name:
        case "customer":
            return replace(entry, document=_customer(work, entry))
        case "currency":
            return replace(entry, document={**entry.document, "exchangeRate": _rate(work, entry)})
        case _:
            return entry


def with_choices(work: Work, entry: Entry) -> Entry:
    """A payment or credit as it is loaded for editing: with the invoices it could still meet."""
    if entry.kind.name == "customerRefund":
        return replace(entry, document={**entry.document, **_refundable(work, entry)})
    party = {
        "customerPayment": "customer",
        "creditMemo": "entity",
        "depositApplication": "customer",
    }.get(entry.kind.name)
    if party is None:
        return entry
    held = entry.document.get("apply")
    shown = [*(held if isinstance(held, list) else []), *open_lines(work, entry, party)]
    more = spendable_lines(work, entry) if entry.kind.name == "customerPayment" else {}
    return replace(entry, document={**entry.document, "apply": shown, **more})


def _refundable(work: Work, entry: Entry) -> Document:
    shown: Document = {}
    for name in ("apply", "deposit"):
        held = entry.document.get(name)
        own = held if isinstance(held, list) else []
        shown[name] = [*own, *refundable_lines(work, entry, name)]
    return shown


def _customer(work: Work, entry: Entry) -> Document:
    balances = balances_of(work, entry.id)
    document: Document = {**entry.document, **_shown(in_primary(work, entry, balances))}
    document["daysOverdue"] = balances.days_overdue or None
    listed: list[Document] = [
        {**line, **_shown(balances.of(ref_id(line, "currency")))}
        for line in lines(entry.document, "currencyList")
    ]
    put_lines(document, "currencyList", listed)
    return document


def _shown(owed: Sum) -> Document:
    return {
        "balance": owed.balance,
        "overdueBalance": owed.overdue,
        "unbilledOrders": owed.unbilled,
        "depositBalance": owed.deposits,
    }


def _rate(work: Work, entry: Entry) -> Decimal:
    row = work.connection.execute(
        "SELECT exchangerate FROM currency WHERE id = ?", (entry.id,)
    ).fetchone()
    return ONE if row is None or row[0] is None else Decimal(str(row[0]))
