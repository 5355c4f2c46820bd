"""The pages of the NetSuite half: who works here, and which page an address shows."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from aiohttp import web

from sandbox.database import transaction
from sandbox.frame import EXCHANGE
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.dispatch import dispatch
from sandbox.netsuite.api.wire import ROOT, Call, headers_of
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.kinds import KINDS
from sandbox.netsuite.principals import USERS, User
from sandbox.netsuite.timing import today
from sandbox.netsuite.ui import record, steps
from sandbox.netsuite.ui.api import Answer, Books
from sandbox.netsuite.ui.layout import listed, listing_of
from sandbox.netsuite.ui.show import list_content, plural
from sandbox.pages import Entry, Guard, Site, link, search_form, tag
from sandbox.visit import MissingPageError, Pages, Reply, Shown, Visit, address, said_by

PEOPLE: Mapping[str, str] = {
    "finance": "Finance, who bills and books",
    "administrator": "Administrator, who keeps lists and periods",
    "integration": "Integration, as which Tallystick writes",
    "viewer": "Sales viewer, who has no SuiteAnalytics",
}
SITE = Site(
    system="netsuite",
    name="NetSuite stand-in",
    links=[
        ("Sales orders", address("salesorder")),
        ("Invoices", address("invoice")),
        ("Payments", address("customerpayment")),
        ("Credit memos", address("creditmemo")),
        ("Customers", address("customer")),
        ("Rates", address("currencyrate")),
        ("Periods", address("accountingperiod")),
        ("More", address("lists")),
    ],
)


def open_pages(desk: Desk) -> Pages:
    guard = Guard()

    def show(visit: Visit, request: web.Request) -> Reply:
        user = USERS[visit.person]
        exchange = request[EXCHANGE]
        exchange.actor = user.actor
        exchange.template = "/ui"
        day = today(desk.frame.clock.now()).isoformat()
        books = Books(
            _sender(desk, request, user), day, currencies=desk.frame.profile.multi_currency
        )
        return _reply(books, guard, visit)

    return Pages(site=SITE, people=PEOPLE, show=show, guard=guard)


def _sender(
    desk: Desk, request: web.Request, user: User
) -> Callable[[str, str, Mapping[str, str], bytes], Answer]:
    """Each call is a part of the page's transaction that can fail alone."""

    def send(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        where, _, query = path.partition("?")
        call = Call(
            method=method,
            path=f"{ROOT}{where}",
            query_string=query,
            origin=f"{request.scheme}://{request.host}",
            headers=headers_of(list(headers.items())),
            raw=body,
        )
        work = desk.begin(user)
        try:
            with transaction(desk.account.connection):
                response = dispatch(desk, work, call)
        except NetSuiteError as error:
            return Answer(status=error.status, body=_read(error.body().encode()))
        request[EXCHANGE].mutations.extend(work.mutations)
        location = response.headers.get("Location", "")
        held = response.body if isinstance(response.body, bytes) else b""
        return Answer(status=response.status, body=_read(held), location=location)

    return send


def _read(body: bytes) -> object:
    found: object = json.loads(body, parse_float=Decimal) if body else None
    return found


def _reply(books: Books, guard: Guard, visit: Visit) -> Reply:
    match visit.parts:
        case []:
            return address("salesorder")
        case ["lists"]:
            return _lists()
        case ["currencyrate", "new"]:
            return steps.new_rate(books, guard, visit)
        case [kind]:
            return _list(books, _known(kind), visit)
        case [kind, identifier]:
            return record.shown(books, guard, visit, _known(kind), identifier)
        case [kind, identifier, "edit"]:
            return record.edit(books, guard, visit, _known(kind), identifier)
        case [kind, identifier, "delete"]:
            return record.delete(books, guard, visit, _known(kind), identifier)
        case [kind, identifier, "to", target]:
            return steps.take(books, guard, visit, _known(kind), identifier, target)
        case [kind, identifier, "approve" | "switch" as action] if visit.form is not None:
            if action == "approve":
                done = record.approve(books, _known(kind), identifier)
            else:
                done = record.switch(books, visit, identifier)
            if isinstance(done, str):
                return done
            return record.shown(books, guard, visit, _known(kind), identifier, said_by(done))
    raise MissingPageError("Choose a list above.")


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise MissingPageError(f"This account keeps no records of the type {kind}.")
    return kind


def _list(books: Books, kind: str, visit: Visit) -> Shown:
    listing = listing_of(kind, currencies=books.currencies)
    if listing is None:
        raise MissingPageError(f"There is no list of {plural(kind).lower()}.")
    asked = Entry(name="search", label="Search", value=visit.search, kind="search")
    make = kind == "currencyrate"
    content = [
        tag("p", link("New exchange rate", address(kind, "new")), class_="actions")
        if make
        else None,
        search_form(address(kind), asked),
        list_content(books, kind, listing, visit),
    ]
    said = "It is deleted." if visit.done == "deleted" else ""
    return Shown(title=plural(kind), content=content, current=address(kind), said=said)


def _lists() -> Shown:
    items = [tag("li", link(plural(kind), address(kind))) for kind in listed()]
    return Shown(title="All lists", content=tag("ul", items), current=address("lists"))
