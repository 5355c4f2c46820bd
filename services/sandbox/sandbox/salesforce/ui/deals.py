"""What sales people do: make a deal with its products, add one, and win it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from sandbox.pages import Content, Entry, Guard, Html, control, money, section, tag
from sandbox.salesforce.ui.api import (
    Field,
    Kind,
    Org,
    Row,
    quoted,
    value_at,
)
from sandbox.salesforce.ui.forms import entries, sent, typed
from sandbox.salesforce.ui.layout import CLOSED_WON
from sandbox.visit import Complaint, RefusedError, Reply, Shown, Visit, address, said_by

LINES = 4
PRICES_MAX = 300
LINE = "OpportunityLineItem"
HEAD = "Name AccountId StageName CloseDate CurrencyIsoCode NS_PO_Number__c".split()


def win_button(guard: Guard, identifier: str) -> Html:
    return guard.button(address("Opportunity", identifier, "win"), "Close won")


def win(org: Org, form: Mapping[str, str], identifier: str) -> str | list[Complaint]:
    try:
        org.change("Opportunity", identifier, {"StageName": CLOSED_WON})
    except RefusedError as error:
        return error.complaints
    return address("Opportunity", identifier, done="won")


def add_line(org: Org, form: Mapping[str, str], identifier: str) -> str | list[Complaint]:
    try:
        org.create(LINE, {"OpportunityId": identifier, **_line(form, "0")})
    except RefusedError as error:
        return error.complaints
    return address("Opportunity", identifier, done="line")


def line_form(org: Org, guard: Guard, deal: Row) -> Content:
    """One more product for a deal that is not closed."""
    kind = org.find(LINE)
    if deal.get("IsClosed") or kind is None or not kind.createable:
        return None
    prices = _prices(org, str(deal.get("CurrencyIsoCode") or ""), str(deal["Pricebook2Id"] or ""))
    form = guard.form(
        address("Opportunity", str(deal["Id"]), "lines"),
        _line_entries(prices, "0", {}),
        submit="Add product",
        scope="line-",
    )
    return section("Add a product", form, level=3)


def new_deal(org: Org, guard: Guard, visit: Visit, base: str) -> Reply:
    kind = org.kind("Opportunity")
    fields = [kind.fields[name] for name in HEAD if kind.has(name)]
    values = {"CloseDate": f"{datetime.now(UTC):%Y-%m-%d}", **visit.query}
    complaints: list[Complaint] = []
    if visit.form is not None:
        values = dict(visit.form)
        try:
            return address("Opportunity", _made(org, fields, values, base), done="made")
        except RefusedError as error:
            complaints = error.complaints
    return Shown(
        title="New opportunity",
        lead="The products of one deal come from one price book, in the deal's currency.",
        content=_deal_form(org, guard, kind, fields, values, complaints),
        current=address("Opportunity"),
        problem=said_by(complaints),
        status=400 if complaints else 200,
    )


def _deal_form(
    org: Org,
    guard: Guard,
    kind: Kind,
    fields: list[Field],
    values: Mapping[str, str],
    complaints: list[Complaint],
) -> Html:
    held = list(entries(org, fields, values, complaints))
    prices = _prices(org, "", "")
    lines = [
        tag(
            "fieldset",
            tag("legend", f"Product {at + 1}"),
            tag(
                "div",
                [control(one) for one in _line_entries(prices, str(at), values)],
                class_="fields",
            ),
            class_="whole",
        )
        for at in range(LINES)
    ]
    return guard.form(address("Opportunity", "new"), held, submit="Create", more=lines)


def _made(org: Org, fields: list[Field], form: Mapping[str, str], base: str) -> str:
    records: list[tuple[str, Row]] = [("Opportunity", sent(fields, form, {}))]
    for at in range(LINES):
        if form.get(f"PricebookEntryId{at}"):
            records.append((LINE, {"OpportunityId": "@{r0.id}", **_line(form, str(at))}))
    return org.create_together(records, base)


def _line(form: Mapping[str, str], suffix: str) -> dict[str, object]:
    price = typed("double", form.get(f"UnitPrice{suffix}", "").strip())
    line: dict[str, object] = {
        "PricebookEntryId": form.get(f"PricebookEntryId{suffix}") or None,
        "Quantity": typed("double", form.get(f"Quantity{suffix}", "").strip()),
    }
    return line if price is None else {**line, "UnitPrice": price}


def _line_entries(
    prices: list[tuple[str, str]], suffix: str, values: Mapping[str, str]
) -> list[Entry]:
    def value(name: str, usual: str = "") -> str:
        return values.get(f"{name}{suffix}", usual)

    return [
        Entry(
            name=f"PricebookEntryId{suffix}",
            label="Product and list price",
            kind="choice",
            value=value("PricebookEntryId"),
            options=[("", "–"), *prices],
        ),
        Entry(name=f"Quantity{suffix}", label="Quantity", value=value("Quantity", "1")),
        Entry(
            name=f"UnitPrice{suffix}",
            label="Sales price",
            value=value("UnitPrice"),
            hint="Empty: the list price.",
        ),
    ]


def _prices(org: Org, currency: str, book: str) -> list[tuple[str, str]]:
    """Entries of the price books that deals are made from, as choices."""
    kind = org.find("PricebookEntry")
    if kind is None:
        return []
    has_currency = kind.has("CurrencyIsoCode")
    where = ["IsActive = true"]
    where.append(f"Pricebook2Id = {quoted(book)}" if book else "Pricebook2.IsActive = true")
    if currency and has_currency:
        where.append(f"CurrencyIsoCode = {quoted(currency)}")
    code = ", CurrencyIsoCode" if has_currency else ""
    rows = org.query(
        f"SELECT Id, Name, UnitPrice{code}, Pricebook2.Name FROM PricebookEntry"
        f" WHERE {' AND '.join(where)} ORDER BY Name, Id LIMIT {PRICES_MAX}"
    )
    return [(str(row["Id"]), _price(row)) for row in rows]


def _price(row: Row) -> str:
    amount = money(Decimal(str(row["UnitPrice"])), str(row.get("CurrencyIsoCode") or ""))
    return f"{row['Name']}, {amount} ({value_at(row, 'Pricebook2.Name')})"
