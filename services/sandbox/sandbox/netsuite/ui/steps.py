"""The steps of order to cash as forms: one document becomes the next; and a new rate."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sandbox.netsuite.ui.api import (
    Books,
    Row,
    amount_of,
    id_of,
    name_of_kind,
    named,
    sublist,
    title_of_kind,
)
from sandbox.netsuite.ui.forms import choices, numeral
from sandbox.netsuite.ui.layout import STEPS, Step
from sandbox.netsuite.ui.record import answered
from sandbox.netsuite.ui.show import title_of
from sandbox.pages import Content, Entry, Guard, control, money, tag
from sandbox.visit import Complaint, MissingPageError, RefusedError, Reply, Visit, address

NEW_LINES = 4
BANKS = "accttype = 'Bank'"
WITH_QUANTITIES = frozenset("invoice itemfulfillment cashsale".split())
PLACES: Mapping[str, str] = {"itemfulfillment": "From location", "itemreceipt": "To location"}
MONEY_OUT = frozenset({"customerrefund", "cashrefund"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One step from one record."""

    kind: str
    record: Row
    step: Step

    @property
    def target(self) -> str:
        return self.step.target

    @property
    def identifier(self) -> str:
        return str(self.record["id"])

    @property
    def open(self) -> Decimal:
        return amount_of(self.record.get("amountRemaining", self.record.get("unapplied", 0)))


def take(
    books: Books, guard: Guard, visit: Visit, kind: str, identifier: str, target: str
) -> Reply:
    step = next((one for one in STEPS.get(kind, ()) if one.target == target), None)
    if step is None:
        raise MissingPageError(f"A {title_of_kind(kind)} does not lead there.")
    plan = Plan(kind=kind, record=books.record(kind, identifier), step=step)
    values: Mapping[str, str] = {"tranDate": books.today}
    complaints: list[Complaint] = []
    if visit.form is not None:
        values = visit.form
        try:
            return address(target, _done(books, plan, values), done="made")
        except RefusedError as error:
            complaints = error.complaints
    title = f"{step.label}: {title_of(kind, plan.record)}"
    form = guard.form(
        address(kind, identifier, "to", target),
        _head(books, plan, values),
        submit=f"Create {title_of_kind(target).lower()}",
        more=_rows(books, plan, values),
    )
    return answered(title, kind, form, complaints)


def _done(books: Books, plan: Plan, form: Mapping[str, str]) -> str:
    body = _body(plan, form)
    if plan.step.alone:
        return books.create(name_of_kind(plan.target), body)
    kind, target = name_of_kind(plan.kind), name_of_kind(plan.target)
    return books.transform(kind, plan.identifier, target, body)


def _head(books: Books, plan: Plan, values: Mapping[str, str]) -> list[Entry]:
    def entry(name: str, label: str, kind: str = "text", hint: str = "", usual: str = "") -> Entry:
        value = values.get(name, usual)
        return Entry(name=name, label=label, value=value, kind=kind, hint=hint)

    found = [entry("tranDate", "Date", "date"), entry("memo", "Memo")]
    if plan.target in ("customerpayment", "customerrefund", "depositapplication"):
        found.insert(
            0, entry("amount", "Amount", usual=f"{plan.open:f}", hint=_open_hint(books, plan))
        )
    if plan.target in ("customerpayment", *MONEY_OUT):
        accounts = choices(books, "account", "fullname", BANKS)
        usual = "" if plan.target == "customerpayment" else (accounts[:1] or [("", "")])[0][0]
        empty = [("", "Undeposited funds")] if plan.target == "customerpayment" else [("", "–")]
        account = values.get("account", usual)
        found.append(
            Entry(
                name="account",
                label="Bank account",
                kind="choice",
                value=account,
                options=[*empty, *accounts],
            )
        )
    if plan.target == "creditmemo" and plan.kind == "invoice":
        hint = "Empty: the whole invoice."
        found.insert(0, entry("amount", "Amount to credit, without tax", hint=hint))
    if plan.target in PLACES:
        label = PLACES[plan.target]
        found.append(entry("location", label, hint="The location's id.", usual="1"))
    if plan.kind == "customer":
        currency = id_of(plan.record.get("currency"))
        found += [
            Entry(
                name="currency",
                label="Currency",
                kind="choice",
                value=values.get("currency", currency),
                options=choices(books, "currency", "symbol"),
            ),
            entry("otherRefNum", "The customer's order number"),
        ]
    return found


def _open_hint(books: Books, plan: Plan) -> str:
    return f"{money(plan.open, books.symbol(plan.record))} is open."


def _rows(books: Books, plan: Plan, values: Mapping[str, str]) -> Content:
    """What of each line; or the lines of a new document."""
    if plan.kind == "salesorder" and plan.target in WITH_QUANTITIES:
        return [
            _fieldset(
                f"Line {line['line']}: {named(line.get('item'))}",
                [_quantity_entry(plan, line, values)],
            )
            for line in sublist(plan.record, "item")
        ]
    if plan.kind != "customer":
        return None
    items = choices(books, "item", "itemid", "isinactive = 'F'")
    return [
        _fieldset(f"Line {at + 1}", _new_line(items, str(at), values)) for at in range(NEW_LINES)
    ]


def _fieldset(title: str, held: list[Entry]) -> Content:
    inner = tag("div", [control(entry) for entry in held], class_="fields")
    return tag("fieldset", tag("legend", title), inner, class_="whole")


def _quantity_entry(plan: Plan, line: Row, values: Mapping[str, str]) -> Entry:
    name = f"quantity{line['line']}"
    return Entry(
        name=name,
        label="Quantity",
        value=values.get(name, f"{_left(plan, line).normalize():f}"),
        hint=f"{amount_of(line.get('quantity', 0)).normalize():f} ordered.",
    )


def _left(plan: Plan, line: Row) -> Decimal:
    """What of a line is still to come."""
    done = "quantityFulfilled" if plan.target == "itemfulfillment" else "quantityBilled"
    return amount_of(line.get("quantity", 0)) - amount_of(line.get(done, 0))


def _new_line(items: list[tuple[str, str]], suffix: str, values: Mapping[str, str]) -> list[Entry]:
    def value(name: str, usual: str = "") -> str:
        return values.get(f"{name}{suffix}", usual)

    return [
        Entry(
            name=f"item{suffix}",
            label="Item",
            kind="choice",
            value=value("item"),
            options=[("", "–"), *items],
        ),
        Entry(name=f"quantity{suffix}", label="Quantity", value=value("quantity", "1")),
        Entry(
            name=f"rate{suffix}", label="Rate", value=value("rate"), hint="Empty: the item's price."
        ),
    ]


def _body(plan: Plan, form: Mapping[str, str]) -> dict[str, object]:
    body: dict[str, object] = {
        name: form[name].strip()
        for name in ("tranDate", "memo", "otherRefNum")
        if form.get(name, "").strip()
    }
    for name in ("account", "currency"):
        if form.get(name):
            body[name] = {"id": form[name]}
    if plan.target in PLACES and form.get("location"):
        body["inventoryLocation"] = {"id": form["location"]}
    if plan.kind == "salesorder" and plan.target in WITH_QUANTITIES:
        body |= _partial(plan, form)
    elif plan.kind == "customer":
        body["item"] = {"items": _new_items(form)}
    elif form.get("amount", "").strip():
        body |= _with_amount(plan, numeral(form["amount"].strip()))
    if plan.step.alone:
        body["customer"] = {"id": id_of(plan.record.get("entity") or plan.record.get("customer"))}
    return body


def _partial(plan: Plan, form: Mapping[str, str]) -> dict[str, object]:
    """Only when it is not simply all that is left."""
    wanted = [
        {"orderLine": line["line"], "quantity": numeral(form.get(f"quantity{line['line']}") or "0")}
        for line in sublist(plan.record, "item")
    ]
    left = [_left(plan, line) for line in sublist(plan.record, "item")]
    if [one["quantity"] for one in wanted] == left:
        return {}
    return {"item": {"items": wanted}}


def _new_items(form: Mapping[str, str]) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for at in range(NEW_LINES):
        if not form.get(f"item{at}"):
            continue
        line: dict[str, object] = {
            "item": {"id": form[f"item{at}"]},
            "quantity": numeral(form.get(f"quantity{at}", "1").strip() or "1"),
        }
        if form.get(f"rate{at}", "").strip():
            line["rate"] = numeral(form[f"rate{at}"].strip())
        found.append(line)
    return found


def _with_amount(plan: Plan, amount: object) -> dict[str, object]:
    """The money of a payment, a refund or a partial credit, and what it is applied to."""
    if plan.target == "creditmemo":
        first = sublist(plan.record, "item")[0]
        item = {"id": id_of(first.get("item"))}
        return {"item": {"items": [{"item": item, "quantity": 1, "rate": amount}]}}
    applied = {"doc": {"id": plan.identifier}, "apply": True, "amount": amount}
    if plan.target == "customerpayment":
        at_most = min(amount, plan.open) if isinstance(amount, Decimal) else amount
        return {"payment": amount, "apply": {"items": [{**applied, "amount": at_most}]}}
    return {"apply": {"items": [applied]}}


def new_rate(books: Books, guard: Guard, visit: Visit) -> Reply:
    """The rate of a currency from a day on."""
    values: Mapping[str, str] = {"effectiveDate": books.today}
    complaints: list[Complaint] = []
    if visit.form is not None:
        values = visit.form
        try:
            return address("currencyrate", books.create("currencyRate", _rate(values)), done="made")
        except RefusedError as error:
            complaints = error.complaints
    currencies = choices(books, "currency", "symbol")
    names = (("transactionCurrency", "One of this currency"), ("baseCurrency", "In this currency"))
    picked = [
        Entry(name=name, label=label, kind="choice", value=values.get(name, ""), options=currencies)
        for name, label in names
    ]
    rest = [
        Entry(name="exchangeRate", label="Is worth", value=values.get("exchangeRate", "")),
        Entry(
            name="effectiveDate",
            label="From",
            kind="date",
            value=values.get("effectiveDate", ""),
        ),
    ]
    form = guard.form(address("currencyrate", "new"), [*picked, *rest], submit="Create rate")
    return answered("New exchange rate", "currencyrate", form, complaints)


def _rate(form: Mapping[str, str]) -> dict[str, object]:
    return {
        "baseCurrency": {"id": form.get("baseCurrency", "")},
        "transactionCurrency": {"id": form.get("transactionCurrency", "")},
        "exchangeRate": numeral(form.get("exchangeRate", "").strip()),
        "effectiveDate": form.get("effectiveDate", ""),
    }
