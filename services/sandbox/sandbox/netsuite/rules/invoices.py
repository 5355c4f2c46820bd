"""Invoices: from an order or on their own, open until what is applied to them adds up."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import invalid_field, user_error
from sandbox.netsuite.kinds import INVOICE, RETURN
from sandbox.netsuite.ledger.billing import billed_of
from sandbox.netsuite.ledger.facts import RECEIVABLE, SALES, special_account
from sandbox.netsuite.ledger.open_items import applications_to
from sandbox.netsuite.ledger.postings import write_postings
from sandbox.netsuite.rules.header import prepare_header, refuse_unmodelled
from sandbox.netsuite.rules.lines import prepare_lines
from sandbox.netsuite.rules.orders import MOVED, UNMODELLED, billable, order_of, sales_postings
from sandbox.netsuite.rules.settling import reopen, show_open
from sandbox.netsuite.rules.tax import prepare_tax
from sandbox.netsuite.store import Entry
from sandbox.netsuite.timing import add_days
from sandbox.netsuite.values import ZERO, Document, lines, number, ref, ref_id, text, to, whole

OVER_BILLED = "The quantity of line {line} exceeds what is left of the sales order to bill."


def prepare_invoice(work: Work, entry: Entry, before: Document | None) -> None:
    document = entry.document
    refuse_unmodelled(document, UNMODELLED)
    money = prepare_header(work, entry, before)
    receivables(work, document, "account")
    _due(work, document, before)
    prepare_lines(work, entry, before, money)
    prepare_tax(work, document, before, money)
    settled = sum((one.amount for one in applications_to(work, entry.id)), ZERO)
    if settled and before is not None and ref(before, "account") != ref(document, "account"):
        raise invalid_field(ref(document, "account"), "account", "account")
    if number(document, "total") < settled:
        raise user_error("The total cannot be less than what has been applied.", "item")
    show_open(document, INVOICE, number(document, "total") - settled)


def settle_invoice(work: Work, entry: Entry) -> tuple[set[int], set[int]]:
    """Bill the order's lines, open the item, post.

    Returns the orders whose billing changed and the payments and credits to be posted again.
    """
    orders = bill(work, entry)
    sources = reopen(work, entry, number(entry.document, "total"))
    postings = sales_postings(
        work, entry, RECEIVABLE, SALES, head_account=ref_id(entry.document, "account")
    )
    write_postings(work, entry, postings)
    return orders, sources


def receivables(work: Work, document: Document, name: str) -> None:
    if not ref(document, name):
        customer = work.store.load(
            "entity", ref_id(document, "entity") or ref_id(document, "customer")
        )
        own = ref_id(customer.document, "receivablesAccount") if customer else 0
        document[name] = to(own if own > 0 else special_account(work, RECEIVABLE))
    row = work.connection.execute(
        "SELECT accttype FROM account WHERE id = ?", (ref_id(document, name),)
    ).fetchone()
    if row is None or row[0] != RECEIVABLE:
        raise invalid_field(ref(document, name), name, name)


def _due(work: Work, document: Document, before: Document | None) -> None:
    """Terms come from the customer, the due date from the terms."""
    if before is None and not ref(document, "terms"):
        customer = work.store.load("entity", ref_id(document, "entity"))
        if customer is not None and ref(customer.document, "terms"):
            document["terms"] = customer.document["terms"]
    moved = before is not None and (
        ref(before, "terms") != ref(document, "terms")
        or text(before, "tranDate") != text(document, "tranDate")
    )
    sent = before is not None and text(before, "dueDate") != text(document, "dueDate")
    if not text(document, "dueDate") or (moved and not sent):
        term = work.store.load("term", ref_id(document, "terms"))
        days = whole(term.document, "daysUntilNetDue") if term else 0
        document["dueDate"] = add_days(text(document, "tranDate"), days)


def bill(work: Work, entry: Entry) -> set[int]:
    """Note what the document bills or credits of which order; returns the orders."""
    rows = work.connection.execute(
        "SELECT DISTINCT sales_order FROM _billing WHERE invoice = ?", (entry.id,)
    ).fetchall()
    touched = {int(row[0]) for row in rows}
    work.connection.execute("DELETE FROM _billing WHERE invoice = ?", (entry.id,))
    for line in lines(entry.document, "item"):
        order = ref_id(line, "orderDoc")
        if order:
            _bill_line(work, entry.id, line, order)
            touched.add(order)
    return touched


def _bill_line(work: Work, invoice: int, line: Document, order: int) -> None:
    entry = order_of(work, order)
    order_line = whole(line, "orderLine")
    ordered = {whole(one, "line"): one for one in lines(entry.document, "item")} if entry else {}
    billed = billed_of(work, order).get(order_line, (ZERO, ZERO))[0]
    left = number(ordered.get(order_line, {}), "quantity") - billed
    if entry is not None and entry.kind.name == RETURN and order_line in ordered:
        returned = {**ordered[order_line], "quantityBilled": billed}
        left = billable(work, returned, MOVED[RETURN])
    if number(line, "quantity") > left:
        raise user_error(OVER_BILLED.format(line=order_line), "item")
    work.connection.execute(
        "INSERT INTO _billing (invoice, invoice_line, sales_order, order_line, quantity, amount)"
        " VALUES (?,?,?,?,?,?)",
        (
            invoice,
            whole(line, "line"),
            order,
            order_line,
            str(number(line, "quantity")),
            str(number(line, "amount")),
        ),
    )
