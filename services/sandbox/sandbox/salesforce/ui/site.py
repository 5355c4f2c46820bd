"""The pages of the Salesforce half: who works here, and which page an address shows."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal

from aiohttp import web

from sandbox.frame import EXCHANGE
from sandbox.pages import Entry, Guard, Site, link, search_form, tag
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.routes import dispatch
from sandbox.salesforce.setup import ADMIN_USER, INTEGRATION_USER, SALES_USER
from sandbox.salesforce.ui import deals, record
from sandbox.salesforce.ui.api import Kind, Org
from sandbox.salesforce.ui.layout import LISTED, NEW
from sandbox.salesforce.ui.show import list_content
from sandbox.visit import MissingPageError, Pages, Reply, Shown, Visit, address, said_by

PEOPLE: Mapping[str, str] = {
    "sales": "Sales, who closes deals",
    "admin": "Administrator, who keeps the catalogue",
    "integration": "Integration, as which Tallystick writes",
}
USERS = {"sales": SALES_USER, "admin": ADMIN_USER, "integration": INTEGRATION_USER}
CLIENT = "SfdcInternalAPI/"
"""How change events name what was done in the vendor's own pages."""
SITE = Site(
    system="salesforce",
    name="Salesforce stand-in",
    links=[
        ("Opportunities", address("Opportunity")),
        ("Accounts", address("Account")),
        ("Contacts", address("Contact")),
        ("Products", address("Product2")),
        ("Prices", address("PricebookEntry")),
        ("Orders", address("Order")),
        ("More", address("objects")),
    ],
)


def open_pages(desk: Desk) -> Pages:
    guard = Guard()

    def show(visit: Visit, request: web.Request) -> Reply:
        user = USERS[visit.person]
        exchange = request[EXCHANGE]
        exchange.actor = desk.username(user)
        exchange.template = "/ui"
        version = desk.org.profile.salesforce_api_version
        org = Org(_sender(desk, request, user, version))
        return _reply(org, guard, visit, f"/services/data/v{version}")

    return Pages(site=SITE, people=PEOPLE, show=show, guard=guard)


def _sender(
    desk: Desk, request: web.Request, user: str, version: str
) -> Callable[[str, str, Mapping[str, str], object], Answer]:
    def send(method: str, path: str, query: Mapping[str, str], body: object) -> Answer:
        call = Call(
            method=method,
            path=f"/services/data/v{version}{path}",
            parts={},
            query=query,
            headers={"sforce-call-options": f"client={CLIENT}"},
            body=b"" if body is None else _json(body),
            base=f"{request.scheme}://{request.host}",
            version=version,
            user=user,
            mutations=request[EXCHANGE].mutations,
            channel="soap",
        )
        return dispatch(desk, call)

    return send


def _json(body: object) -> bytes:
    """Numbers with all their digits: a marked text becomes the number it holds."""
    text = json.dumps(body, default=_marked)
    return text.replace('"\\u0000', "").replace('\\u0000"', "").encode()


def _marked(value: object) -> str:
    return f"\0{value:f}\0" if isinstance(value, Decimal) else str(value)


def _reply(org: Org, guard: Guard, visit: Visit, base: str) -> Reply:
    match visit.parts:
        case []:
            return address("Opportunity")
        case ["objects"]:
            return _objects(org)
        case ["Opportunity", "new"]:
            return deals.new_deal(org, guard, visit, base)
        case [name, "new"]:
            return record.new(org, guard, visit, org.kind(name))
        case [name]:
            return _list(org, org.kind(name), visit)
        case [name, identifier]:
            return record.shown(org, guard, visit, org.kind(name), identifier)
        case [name, identifier, "edit"]:
            return record.edit(org, guard, visit, org.kind(name), identifier)
        case [name, identifier, "delete"]:
            return record.delete(org, guard, visit, org.kind(name), identifier)
        case ["Opportunity", identifier, "win" | "lines" as action] if visit.form is not None:
            act = deals.win if action == "win" else deals.add_line
            done = act(org, visit.form, identifier)
            if isinstance(done, str):
                return done
            said = said_by(done)
            return record.shown(org, guard, visit, org.kind("Opportunity"), identifier, said)
    raise MissingPageError("Choose a list above.")


def _list(org: Org, kind: Kind, visit: Visit) -> Shown:
    found, neighbours = list_content(org, kind, visit)
    asked = Entry(name="search", label="Search by name", value=visit.search, kind="search")
    make = link(f"New {kind.label.lower()}", address(kind.name, "new"))
    content = [
        tag("p", make, class_="actions") if kind.name in NEW and kind.createable else None,
        search_form(address(kind.name), asked),
        found,
        neighbours,
    ]
    said = "It is deleted." if visit.done == "deleted" else ""
    return Shown(title=kind.plural, content=content, current=address(kind.name), said=said)


def _objects(org: Org) -> Shown:
    kinds = [kind for kind in (org.find(name) for name in LISTED) if kind is not None]
    items = [tag("li", link(kind.plural, address(kind.name))) for kind in kinds]
    return Shown(title="All lists", content=tag("ul", items), current=address("objects"))
