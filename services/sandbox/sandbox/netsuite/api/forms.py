"""create-form and edit-form: the record as it would be saved, and nothing saved."""

from collections.abc import Callable, Mapping

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.view import shown, view_of
from sandbox.netsuite.api.wire import RESOURCE, Call, answer, write_of
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.kinds import ITEM, TRANSACTION, Kind
from sandbox.netsuite.records.render import render
from sandbox.netsuite.records.service import Write, create, update
from sandbox.netsuite.records.transforms import transform
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value

CREATE, EDIT = "create-form", "edit-form"
NOT_YET = frozenset({"id", "createdDate", "dateCreated", "lastModifiedDate", "tranId", "entityId"})
"""A record that is not saved has none of these."""
PLACEHOLDER = "form placeholder"
NAMED = ("customer", "vendor")
"""Record types that cannot be without a subsidiary."""
STAND_INS: Mapping[str, Document] = {
    "customer": {"companyName": PLACEHOLDER},
    "vendor": {"companyName": PLACEHOLDER},
    "contact": {"entityId": PLACEHOLDER},
}
"""What is required and missing is stood in for the trial and taken out of the answer."""


def create_form(work: Work, call: Call, kind: Kind) -> web.Response:
    write = write_of(call, work.account.catalog[kind.path])
    sent = call.body()
    stand_in = _stand_in(work, kind, sent)

    def make() -> Entry:
        return create(work, kind, {**sent, **stand_in}, write)

    address = _without_query(call)
    links: list[Value] = [_form(CREATE, "POST", address), _plain("create", "POST", address)]
    return _tried(work, call, kind, make, links, frozenset(stand_in))


def transform_form(work: Work, call: Call, source: Entry, target: Kind) -> web.Response:
    write = write_of(call, work.account.catalog[target.path])
    address = _without_query(call)
    links: list[Value] = [_form(CREATE, "POST", address), _plain("transform", "POST", address)]
    return _tried(
        work,
        call,
        target,
        lambda: transform(work, source, target, call.body(), write),
        links,
        frozenset(),
    )


def edit_form(work: Work, call: Call, entry: Entry) -> web.Response:
    write: Write = write_of(call, work.account.catalog[entry.kind.path])
    address = _without_query(call)
    above = address.rsplit("/", 1)[0]
    links: list[Value] = [
        _form(EDIT, "PATCH", address),
        _plain("edit", "PATCH", address),
        _plain("create", "POST", above),
        _form(CREATE, "POST", above, rel=CREATE),
    ]
    return _tried(
        work, call, entry.kind, lambda: update(work, entry, call.body(), write), links, frozenset()
    )


def _tried(
    work: Work,
    call: Call,
    kind: Kind,
    make: Callable[[], Entry],
    links: list[Value],
    hidden: frozenset[str],
) -> web.Response:
    """Saved, looked at and taken back: sequences and search tables too."""
    record = work.account.catalog[kind.path]
    connection, held = work.connection, len(work.mutations)
    connection.execute("SAVEPOINT form")
    try:
        entry = make()
        body = render(work, shown(work, entry), view_of(call, record))
    finally:
        connection.execute("ROLLBACK TO form")
        connection.execute("RELEASE form")
        del work.mutations[held:]
    kind_of_form = EDIT if call.method == "PATCH" else CREATE
    unsaved = NOT_YET if kind_of_form == CREATE else frozenset[str]()
    sent = call.body().keys()
    absent = hidden | unsaved | (_addressed_only(body) if unsaved else frozenset())
    filled: Document = {
        name: value for name, value in body.items() if name in sent or name not in absent
    }
    filled["links"] = links
    media = f"{RESOURCE}; type={kind_of_form}; charset=UTF-8"
    return answer(200, filled, media)


def _addressed_only(body: Document) -> frozenset[str]:
    """Parts of which only a link is told: what is not saved has no address."""
    return frozenset(
        name for name, value in body.items() if isinstance(value, dict) and list(value) == ["links"]
    )


def _stand_in(work: Work, kind: Kind, sent: Document) -> Document:
    """Values for what the record type cannot do without."""
    properties = work.account.catalog[kind.path].properties
    needed: Document = dict(STAND_INS.get(kind.name, {}))
    if kind.family == TRANSACTION and "item" in properties:
        needed["item"] = {"items": [{"item": str(_any_item(work)), "quantity": 1, "rate": 0}]}
    if "subsidiary" in properties and work.account.profile.one_world and kind.name in NAMED:
        needed["subsidiary"] = "1"
    return {name: value for name, value in needed.items() if name not in sent}


def _any_item(work: Work) -> int:
    row = work.connection.execute(
        "SELECT id FROM _record WHERE family = ? AND kind = 'serviceSaleItem' ORDER BY id LIMIT 1",
        (ITEM,),
    ).fetchone()
    if row is None:
        raise NetSuiteError(400, "USER_ERROR", "The account has no item to fill a form with.")
    return int(row[0])


def _without_query(call: Call) -> str:
    return call.address.partition("?")[0]


def _form(kind: str, method: str, address: str, rel: str = "self") -> Document:
    media = f"{RESOURCE}; type={kind}"
    return {"rel": rel, "method": method, "mediaType": media, "href": address}


def _plain(rel: str, method: str, address: str) -> Document:
    return {"rel": rel, "method": method, "href": address}
