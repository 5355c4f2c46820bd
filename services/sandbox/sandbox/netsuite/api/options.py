"""select-options: what the fields of a record could be set to."""

import re
from collections.abc import Iterator
from urllib.parse import quote

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.wire import RESOURCE, Call, answer, page_links, page_of
from sandbox.netsuite.catalog import Property, RecordType, Shape, spelled
from sandbox.netsuite.errors import bad_parameter
from sandbox.netsuite.kinds import FORMS, STATIC_NAMES, Kind
from sandbox.netsuite.records.references import target_family, target_kind
from sandbox.netsuite.records.render import ENUM_NAMES
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import Document, Value

TYPE = "select-options"
MEDIA = f"{RESOURCE}; type={TYPE}"
FIELDS_MAX = 50
FILTER = re.compile(r'\s*([\w.]+)\s+(CONTAIN|IS|START_WITH)\s+("[^"]*"|[^,"\s]+)\s*(?:,|$)', re.I)
Choice = tuple[str, str]
"""Id and name."""


def handle(work: Work, call: Call, kind: Kind, entry: Entry | None) -> web.Response:
    """`entry` when an existing record is asked about; the answer is the same here."""
    call.body()
    record = work.account.catalog[kind.path]
    names = call.names("fields")
    if not names or len(names) > FIELDS_MAX:
        raise bad_parameter("fields", "Name the fields whose options are wanted.")
    filters = _filters(call.query("q"))
    body: Document = {"links": [_link(call, "self", call.address)]}
    for name in names:
        options = _options(work, call, _field(record, name), name, filters)
        body[name] = {"_selectOptions": options}
    return answer(200, body, f"{MEDIA}; charset=UTF-8")


def _field(record: RecordType, name: str) -> Property:
    """A body field, or a line's field as sublist.field."""
    first, _, inner = name.partition(".")
    item = record.properties.get(record.own_name(first))
    if item is not None and inner:
        item = item.inner.get(spelled(item.inner, inner))
    if item is None or item.shape not in (Shape.REFERENCE, Shape.ENUMERATION, Shape.MULTISELECT):
        raise bad_parameter("fields", f"The field {name[:100]} has no select options.")
    return item


def _filters(query: str) -> dict[str, tuple[str, str]]:
    """Operator and text by field, all in lower case; they look at names and not at ids."""
    found: dict[str, tuple[str, str]] = {}
    at = 0
    while query[at:].strip():
        match = FILTER.match(query, at)
        if match is None:
            raise bad_parameter("q", "Invalid search query. Provide a valid search query.")
        found[match[1].lower()] = (match[2].upper(), match[3].strip('"').lower())
        at = match.end()
    return found


def _options(
    work: Work, call: Call, item: Property, name: str, filters: dict[str, tuple[str, str]]
) -> Document:
    limit, offset = page_of(call)
    chosen = [
        choice for choice in _choices(work, item) if _passes(choice, filters.get(name.lower()))
    ]
    page = chosen[offset : offset + limit]
    items: list[Value] = [{"id": identifier, "refName": shown} for identifier, shown in page]
    address = f"{call.address.partition('?')[0]}?fields={quote(name)}"
    links = page_links(call, address, limit, offset, len(chosen))
    return {
        "links": [_link(call, str(link["rel"]), _own(link, address, call)) for link in links],
        "items": items,
        "count": len(items),
        "offset": offset,
        "hasMore": offset + limit < len(chosen),
        "totalResults": len(chosen),
    }


def _own(link: Document, address: str, call: Call) -> str:
    """Each field pages by itself: its links name only it."""
    if link["rel"] != "self":
        return str(link["href"])
    paging = [f"{name}={call.query(name)}" for name in ("limit", "offset") if call.query(name)]
    return "&".join([address, *paging])


def _link(call: Call, rel: str, address: str) -> Document:
    return {"rel": rel, "method": call.method, "mediaType": MEDIA, "href": address}


def _passes(choice: Choice, wanted: tuple[str, str] | None) -> bool:
    if wanted is None:
        return True
    operator, text = wanted
    name = choice[1].lower()
    match operator:
        case "IS":
            return name == text
        case "START_WITH":
            return name.startswith(text)
        case _:
            return text in name


def _choices(work: Work, item: Property) -> Iterator[Choice]:
    if item.shape is Shape.ENUMERATION:
        names = ENUM_NAMES.get(item.name, {})
        for value in item.values or tuple(names):
            yield value, names.get(value, value)
        return
    if item.name == "customForm":
        yield from FORMS.values()
        return
    static = STATIC_NAMES.get(item.target.lower())
    if static is not None:
        yield from static.items()
        return
    family, kind = target_family(item), target_kind(item)
    rows = work.connection.execute(
        "SELECT id, name FROM _record WHERE family = ? AND (? = '' OR kind = ?)"
        " AND coalesce(json_extract(body, '$.isInactive'), 0) = 0 ORDER BY name, id",
        (family, kind.name if kind else "", kind.name if kind else ""),
    ).fetchall()
    for row in rows:
        yield str(row["id"]), str(row["name"])
