"""How values, records and lists of the org look on its pages."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from sandbox.pages import Column, Content, Html, facts, link, money, pager, section, state, table
from sandbox.salesforce.ui.api import Field, Kind, Org, Row, pattern, quoted, value_at
from sandbox.salesforce.ui.layout import LAYOUTS, SYSTEM_FIELDS, layout_of
from sandbox.visit import LIST_ROWS, Visit, address

NUMBERS = frozenset("int double currency percent".split())
RELATED_ROWS = 20
CURRENCY = "CurrencyIsoCode"
STATES = frozenset(
    "StageName Status NS_Billing_Status__c NS_Sync_Status__c NS_SO_Status__c Status__c".split()
)


def list_content(org: Org, kind: Kind, visit: Visit) -> tuple[Content, Content]:
    """The table of one page, and the links to its neighbours."""
    layout = layout_of(kind.name)
    fields = columns_of(org, kind)
    where = ""
    if visit.search and kind.has(layout.search):
        where = f" WHERE {layout.search} LIKE {pattern(visit.search)}"
    start = (visit.page_number - 1) * LIST_ROWS
    rows = rows_of(org, kind, fields, where, LIST_ROWS + 1, f" OFFSET {start}" if start else "")
    here = address(kind.name, search=visit.search)
    joined = f"{here}&page=" if "?" in here else f"{here}?page="
    empty = f"None has “{visit.search}” in its name." if visit.search else "There are none."
    shown = record_table(org, kind, kind.plural, rows[:LIST_ROWS], empty=empty)
    return shown, pager(joined, visit.page_number, more=len(rows) > LIST_ROWS)


def columns_of(org: Org, kind: Kind) -> dict[str, Field]:
    """The columns that this person may see, with the field each one ends in."""
    found: dict[str, Field] = {}
    for path in layout_of(kind.name).columns.split():
        head, _, tail = path.partition(".")
        if not tail and kind.has(head):
            found[path] = kind.fields[head]
        parent = next((one for one in kind.fields.values() if one.relationship == head), None)
        target = org.find(parent.targets[0]) if tail and parent and parent.targets else None
        if parent and target and target.has(tail):
            found[path] = parent
    return found


def rows_of(
    org: Org, kind: Kind, fields: Mapping[str, Field], where: str, limit: int, rest: str = ""
) -> list[Row]:
    names = ["Id", *fields, *([CURRENCY] if kind.has(CURRENCY) else [])]
    asked = ", ".join(dict.fromkeys(names))
    order = ", ".join(part for part in layout_of(kind.name).order.split(", "))
    return org.query(f"SELECT {asked} FROM {kind.name}{where} ORDER BY {order} LIMIT {limit}{rest}")


def record_table(
    org: Org, kind: Kind, caption: str, rows: Iterable[Row], *, empty: str = "There are none."
) -> Html:
    """The first column leads to the record."""
    fields = columns_of(org, kind)
    heads = [
        Column(field.title.removeprefix("NS "), number=field.type in NUMBERS)
        for field in fields.values()
    ]
    return table(caption, heads, [_cells(kind, fields, row) for row in rows], empty=empty)


def _cells(kind: Kind, fields: Mapping[str, Field], row: Row) -> list[Content]:
    cells = [_cell(path, field, row) for path, field in fields.items()]
    return [link(cells[0] or str(row["Id"]), address(kind.name, str(row["Id"]))), *cells[1:]]


def _cell(path: str, field: Field, row: Row) -> Content:
    if field.type == "reference":
        return str(value_at(row, path) or "")
    return plain(field, row.get(path), row)


def plain(field: Field, value: object, row: Row) -> Content:
    """A value of the record itself, as people read it."""
    if value is None or value == "":
        return None
    if field.type == "currency" and isinstance(value, int | float | Decimal):
        return money(Decimal(str(value)), str(row.get(CURRENCY) or ""))
    if field.type == "percent":
        return f"{Decimal(str(value)):f} %"
    if field.type in NUMBERS:
        return f"{Decimal(str(value)):f}"
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if field.type == "datetime":
        return f"{str(value)[:10]} {str(value)[11:19]} UTC"
    if isinstance(value, Mapping):
        parts = ("street", "postalCode", "city", "state", "country")
        return ", ".join(str(value[part]) for part in parts if value.get(part)) or None
    return state(str(value)) if field.name in STATES else str(value)


def title_of(org: Org, kind: Kind, row: Row) -> str:
    return str(row.get(kind.name_field) or row["Id"])


def lead_of(org: Org, kind: Kind, row: Row) -> str:
    amount = next((name for name in ("Amount", "TotalAmount", "Total__c") if kind.has(name)), "")
    parts = [
        kind.label,
        named(org, str(row.get("AccountId") or "")),
        plain(kind.fields[amount], row.get(amount), row) if amount else None,
        row.get("StageName") or row.get("Status"),
    ]
    return " · ".join(str(part) for part in parts if part)


def named(org: Org, identifier: str) -> str:
    """The name of the record with this id, empty when the person may not see it."""
    found = org.find(org.kind_of_id(identifier)) if identifier else None
    if found is None or found.name_field == "Id":
        return ""
    rows = org.query(f"SELECT {found.name_field} FROM {found.name} WHERE Id = {quoted(identifier)}")
    return str(rows[0][found.name_field] or "") if rows else ""


def record_facts(org: Org, kind: Kind, row: Row) -> list[Html]:
    """What stands in the record, its NetSuite half, and the bookkeeping, in three parts."""
    own: list[tuple[str, Content]] = []
    netsuite: list[tuple[str, Content]] = []
    system: list[tuple[str, Content]] = [("Id", str(row["Id"]))]
    for name, field in kind.fields.items():
        value = _linked(org, field, row)
        if name in SYSTEM_FIELDS:
            system += [(field.title, value)] if value and name != "Id" else []
        elif name.startswith("NS_"):
            netsuite.append((field.title.removeprefix("NS "), value))
        elif value and row.get(name) is not False and not _part_of_address(kind, name):
            own.append((field.title, value))
    parts = [section("Details", facts(own))]
    if netsuite:
        parts.append(section("NetSuite", facts(netsuite)))
    return [*parts, section("System", facts(system))]


def _part_of_address(kind: Kind, name: str) -> bool:
    """Shown as a whole already."""
    endings = ("Street", "City", "State", "PostalCode", "Country", "Code", "Latitude", "Longitude")
    return any(name.endswith(end) and kind.has(f"{name[: -len(end)]}Address") for end in endings)


def _linked(org: Org, field: Field, row: Row) -> Content:
    value = row.get(field.name)
    if field.type != "reference" or not value:
        return plain(field, value, row)
    target = org.kind_of_id(str(value))
    shown = named(org, str(value)) or str(value)
    return link(shown, address(target, str(value))) if target in LAYOUTS else shown


def related(org: Org, kind: Kind, identifier: str) -> list[Html]:
    """A list for each kind of record that points here; lines are shown elsewhere."""
    found: list[Html] = []
    for child in kind.children:
        other = org.find(child.object)
        shown = child.object in LAYOUTS or child.object.endswith("__c")
        if other is None or not shown or layout_of(other.name).line_of == child.field:
            continue
        if not other.has(child.field):
            continue
        where = f" WHERE {child.field} = {quoted(identifier)}"
        rows = rows_of(org, other, columns_of(org, other), where, RELATED_ROWS + 1)
        if rows:
            more = f"The first {RELATED_ROWS} are shown." if len(rows) > RELATED_ROWS else None
            part = record_table(org, other, other.plural, rows[:RELATED_ROWS])
            found.append(section(other.plural, part, more))
    return found
