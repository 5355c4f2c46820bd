"""How records, lists and ledger entries of the account look on its pages."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sandbox.netsuite.kinds import KINDS, TRANSACTION
from sandbox.netsuite.ui.api import (
    Books,
    Row,
    amount_of,
    id_of,
    mapping,
    named,
    quoted,
    sublist,
    title_of_kind,
)
from sandbox.netsuite.ui.layout import APPLY_COLUMNS, HIDDEN, LINE_COLUMNS, Listing
from sandbox.pages import (
    Column,
    Content,
    Html,
    facts,
    link,
    money,
    pager,
    section,
    state,
    table,
    tag,
)
from sandbox.visit import LIST_ROWS, RefusedError, Visit, address

RELATED_ROWS = 25
NOTES_MAX = 40
COUNTS = frozenset({"Quantity#", "Fulfilled#", "Billed#"})
FLAGS = {"T": "Yes", "F": "No"}


def list_content(books: Books, kind: str, listing: Listing, visit: Visit) -> list[Content]:
    """The table of one page, and the links to its neighbours."""
    conditions = [listing.where] if listing.where else []
    if visit.search and listing.searched:
        wanted = quoted(visit.search.upper())
        hits = [f"INSTR(UPPER({column}), {wanted}) > 0" for column in listing.searched]
        conditions.append(f"({' OR '.join(hits)})")
    found = _selected(books, listing, conditions, LIST_ROWS + 1, visit.page_number)
    here = address(kind, search=visit.search)
    joined = f"{here}&page=" if "?" in here else f"{here}?page="
    empty = f"None has “{visit.search}” in its name." if visit.search else "There are none."
    shown = listing_table(kind, plural(kind), listing, found[:LIST_ROWS], empty=empty)
    return [shown, pager(joined, visit.page_number, more=len(found) > LIST_ROWS)]


def _selected(
    books: Books, listing: Listing, conditions: Sequence[str], limit: int, page: int = 1
) -> list[Row]:
    """Pages are cut out of one wider answer, as an offset must be a multiple of its limit."""
    columns = ", ".join(f"{expression} AS {alias}" for alias, _, expression in listing.columns)
    prefix = f"{listing.source.split()[1]}." if " " in listing.source else ""
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    amounts = listing.source == "transaction t" and books.currencies
    extra = ", c.symbol AS symbol" if amounts else ""
    joined = " LEFT JOIN currency c ON c.id = t.currency" if extra else ""
    sql = (
        f"SELECT {prefix}id, {columns}{extra} FROM {listing.source}{joined}{where}"
        f" ORDER BY {listing.order}"
    )
    skip = (page - 1) * LIST_ROWS
    first = books.query(sql, LIST_ROWS, skip)
    if limit <= LIST_ROWS or len(first) < LIST_ROWS:
        return first
    return [*first, *books.query(sql, LIST_ROWS, skip + LIST_ROWS)[:1]]


def listing_table(
    kind: str, caption: str, listing: Listing, found: Iterable[Row], *, empty: str = ""
) -> Html:
    heads = [_column(label) for _, label, _ in listing.columns]
    body = [_cells(kind, listing, row) for row in found]
    return table(caption, heads, body, empty=empty or "There are none.")


def _column(label: str) -> Column:
    return Column(label.removesuffix("#"), number=label.endswith("#"))


def _cells(kind: str, listing: Listing, row: Row) -> list[Content]:
    cells: list[Content] = []
    for alias, label, _ in listing.columns:
        value = str(row.get(alias, ""))
        if label.endswith("#") and value:
            symbol = str(row.get("symbol", ""))
            value = money(amount_of(value), symbol) if symbol else number(value)
        cells.append(FLAGS.get(value, value))
    return [link(cells[0] or str(row["id"]), address(kind, str(row["id"]))), *cells[1:]]


def number(value: object) -> str:
    """`1,250.00`; what has more decimals keeps them."""
    amount = amount_of(value)
    places = -int(amount.as_tuple().exponent)
    return f"{amount:,.{max(2, places)}f}"


NAMES = "tranId companyName itemId periodName acctName symbol name entityId id".split()


def title_of(kind: str, record: Row) -> str:
    own = next((str(record[name]) for name in NAMES if record.get(name)), "")
    return f"{title_of_kind(kind)} {own}"


def lead_of(books: Books, record: Row) -> Content:
    total = money(amount_of(record["total"]), books.symbol(record)) if "total" in record else ""
    who = named(record.get("entity") or record.get("customer"))
    text = " · ".join(part for part in (who, total) if part)
    status = named(record.get("status"))
    return [text, " · " if text and status else None, state(status) if status else None]


def record_facts(books: Books, kind: str, record: Row) -> Html:
    titles = books.properties(kind)
    shown: list[tuple[str, Content]] = []
    for name, value in record.items():
        if name in HIDDEN or (isinstance(value, dict) and "items" in value):
            continue
        title = titles[name].title if name in titles else name
        shown.append((title, _fact(value)))
    return section("Details", facts([("Internal id", str(record["id"])), *shown]))


def _fact(value: object) -> Content:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float | Decimal):
        return number(value)
    text = named(value)
    where = _record_address(value)
    return link(text, where) if where else text


def _record_address(value: object) -> str:
    """Of a reference to a record that has a page."""
    links = mapping(value).get("links")
    first = mapping(links[0]) if isinstance(links, list) and links else {}
    parts = str(first.get("href", "")).rsplit("/", 2)
    return address(*parts[1:]) if len(parts) == 3 and parts[1] in KINDS else ""


def lines(record: Row) -> list[Html]:
    found = [("item", "Lines", LINE_COLUMNS), ("apply", "Applications", APPLY_COLUMNS)]
    return [
        section(title, _lines_table(title, columns, applied(sublist(record, name))))
        for name, title, columns in found
        if sublist(record, name)
    ]


def applied(found: list[Row]) -> list[Row]:
    return [row for row in found if row.get("apply") is not False]


def _lines_table(title: str, columns: Sequence[tuple[str, str]], found: list[Row]) -> Html:
    used = [(name, label) for name, label in columns if any(row.get(name) for row in found)]
    body = [[_line_cell(label, row.get(name)) for name, label in used] for row in found]
    return table(title, [_column(label) for _, label in used], body)


def _line_cell(label: str, value: object) -> Content:
    if value is None:
        return ""
    if not label.endswith("#"):
        return _fact(value)
    return f"{amount_of(value).normalize():f}" if label in COUNTS else number(value)


def gl_impact(books: Books, kind: str, record: Row) -> Html | None:
    """The double entry of a posting transaction, with its totals."""
    if kind not in KINDS or not KINDS[kind].posting:
        return None
    found = books.query(
        "SELECT a.acctnumber AS number, a.fullname AS name, a.id, l.debit, l.credit"
        " FROM transactionaccountingline l JOIN account a ON a.id = l.account"
        f" WHERE l.transaction = {record['id']} ORDER BY l.transactionline"
    )
    body: list[list[Content]] = [
        [
            link(f"{row.get('number', '')} {row['name']}", address("account", str(row["id"]))),
            number(row["debit"]) if "debit" in row else "",
            number(row["credit"]) if "credit" in row else "",
        ]
        for row in found
    ]
    sums = [_sum(found, side) for side in ("debit", "credit")]
    heads: list[Column | str] = ["Account", Column("Debit", True), Column("Credit", True)]
    total: list[Content] = ["Total", *(number(one) for one in sums)]
    caption = f"Entries in {_base_currency(books, record)}"
    return section("GL impact", table(caption, heads, body, total=total if body else ()))


def _sum(found: Iterable[Row], side: str) -> Decimal:
    return sum((amount_of(row.get(side, 0)) for row in found), Decimal())


def _base_currency(books: Books, record: Row) -> str:
    """Of the subsidiary, or of the account when it has none."""
    subsidiary = id_of(record.get("subsidiary"))
    try:
        if subsidiary:
            found = books.query(
                "SELECT c.symbol FROM subsidiary s JOIN currency c ON c.id = s.currency"
                f" WHERE s.id = {int(subsidiary)}"
            )
        else:
            found = books.query("SELECT symbol FROM currency WHERE isbasecurrency = 'T'")
    except (RefusedError, ValueError):
        return "base currency"
    return str(found[0]["symbol"]) if found else "base currency"


def related(books: Books, kind: str, record: Row) -> list[Html]:
    """What a transaction came from and what came of it, or what a customer has."""
    identifier = str(record["id"])
    if kind == "customer":
        return _documents(books, "Transactions", f"t.entity = {identifier}")
    if kind not in KINDS or KINDS[kind].family != TRANSACTION:
        return []
    earlier = _linked(books, "previous", "next", identifier)
    later = _linked(books, "next", "previous", identifier)
    parts = (("Came from", earlier), ("Led to", later))
    return [
        part
        for title, ids in parts
        if ids
        for part in _documents(books, title, f"t.id IN ({', '.join(ids)})")
    ]


def _linked(books: Books, side: str, other: str, identifier: str) -> list[str]:
    found = books.query(
        f"SELECT DISTINCT {side}doc AS doc FROM nexttransactionlink WHERE {other}doc = {identifier}"
    )
    return [str(row["doc"]) for row in found][:RELATED_ROWS]


def _documents(books: Books, title: str, condition: str) -> list[Html]:
    symbol = ", c.symbol" if books.currencies else ""
    joined = " LEFT JOIN currency c ON c.id = t.currency" if books.currencies else ""
    found = books.query(
        "SELECT t.id, t.recordtype, t.tranid, TO_CHAR(t.trandate, 'YYYY-MM-DD') AS day,"
        f" t.foreigntotal{symbol}, BUILTIN.DF(t.status) AS status FROM transaction t"
        f"{joined} WHERE {condition} ORDER BY t.id DESC",
        RELATED_ROWS,
    )
    heads: list[Column | str] = ["Number", "Type", "Date", Column("Amount", True), "Status"]
    body: list[list[Content]] = [
        [
            link(
                str(row.get("tranid") or row["id"]), address(str(row["recordtype"]), str(row["id"]))
            ),
            title_of_kind(str(row["recordtype"])),
            str(row.get("day", "")),
            money(amount_of(row.get("foreigntotal", 0)), str(row.get("symbol", ""))),
            str(row.get("status", "")),
        ]
        for row in found
    ]
    return [section(title, table(title, heads, body))]


def notes(books: Books, kind: str, identifier: str) -> Html | None:
    """Who changed what; the newest first."""
    family = KINDS[kind].family if kind in KINDS else ""
    if family not in (TRANSACTION, "entity"):
        return None
    found = books.query(
        "SELECT TO_CHAR(date, 'YYYY-MM-DD HH24:MI') AS at, BUILTIN.DF(name) AS who, field,"
        f" oldvalue, newvalue FROM systemnote WHERE recordid = {identifier} ORDER BY id DESC",
        NOTES_MAX,
    )
    heads = ["When", "Who", "Field", "Before", "After"]
    names = ("at", "who", "field", "oldvalue", "newvalue")
    body = [[str(row.get(name, "")) for name in names] for row in found]
    return tag("details", tag("summary", "System notes"), table("System notes", heads, body))


def plural(kind: str) -> str:
    title = title_of_kind(kind)
    if title.endswith("y") and not title.endswith("ay"):
        return f"{title[:-1]}ies"
    return f"{title}es" if title.endswith("s") else f"{title}s"
