"""The SuiteQL statements ingest asks with: mapped columns only, checked ids, keyset pages."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ingest.domain.netsuite_columns import Column, Source
from ingest.domain.netsuite_fields import LISTS, SOURCES, can_be_read, column_of, readable
from ingest.domain.netsuite_transaction_fields import LINE, TRANSACTION_TYPES

STAMP = "YYYY-MM-DD HH24:MI:SS"
STAMP_PYTHON = "%Y-%m-%d %H:%M:%S"
IDS_MAX = 200
SETTLING = ("Payment", "DepAppl", "DepRefund")
"""Types of links by which one transaction settles or uses up another."""
LINKS = (
    "SELECT previousdoc, previoustype, nextdoc, nexttype, CASE WHEN linktype IN"
    f" ({', '.join(map(repr, SETTLING))}) THEN foreignamount ELSE 0 END AS settled, 0 AS made"
    " FROM nexttransactionlinelink"
)
MADE_FROM = (
    "SELECT m.createdfrom AS previousdoc, p.type AS previoustype, m.transaction AS nextdoc,"
    " t.type AS nexttype, 0 AS settled, 1 AS made FROM transactionline m"
    " JOIN transaction t ON t.id = m.transaction JOIN transaction p ON p.id = m.createdfrom"
    " WHERE m.mainline = 'T'"
)
"""A credit of an invoice that is paid already settles nothing of it: this alone links them."""
NOW = f"SELECT TO_CHAR(SYSDATE, '{STAMP}') AS now FROM dual"


@dataclass(frozen=True, slots=True)
class Page:
    """The last row of the page before, in the order (moment or number, id)."""

    first: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """One table in which changes show."""

    table: str
    id: str
    moment: str
    columns: tuple[str, ...]
    where: str = ""


TRANSACTIONS = Changes(
    table="transaction",
    id="id",
    moment="lastmodifieddate",
    columns=("id", "type", "entity", "lastmodifiedby AS by"),
    where=f"type IN ({', '.join(repr(name) for name in sorted(TRANSACTION_TYPES.values()))})",
)
CUSTOMERS = Changes(
    table="customer", id="id", moment="lastmodifieddate", columns=("id", "'customer' AS type")
)
ITEMS = Changes(table="item", id="id", moment="lastmodifieddate", columns=("id", "'item' AS type"))
DELETED = Changes(
    table="deletedrecord",
    id="recordid",
    moment="deleteddate",
    columns=("recordid AS id", "type", "deletedby AS by"),
)


def changed(changes: Changes, since: datetime, after: Page | None) -> str:
    """One page of rows changed since then, oldest first. `since` is the account's wall clock.

    Rows of one moment are told apart by id, so a page full of them is drained like any other.
    """
    moment, key = changes.moment, changes.id
    columns = ", ".join([*changes.columns, f"TO_CHAR({moment}, '{STAMP}') AS modified"])
    where = [changes.where] if changes.where else []
    where.append(f"{moment} >= {_instant(since.strftime(STAMP_PYTHON))}")
    if after:
        last, record_id = _instant(after.first), number(after.second)
        where.append(f"({moment} > {last} OR ({moment} = {last} AND {key} > {record_id}))")
    return (
        f"SELECT {columns} FROM {changes.table} WHERE {' AND '.join(where)}"
        f" ORDER BY {moment}, {key}"
    )


def transactions_of(customers: Collection[str], after: str) -> str:
    """One page of the customers' transactions behind this id, by id."""
    return (
        f"SELECT id, type FROM transaction WHERE {TRANSACTIONS.where}"
        f" AND entity IN ({_numbers(customers)}) AND id > {number(after or '0')} ORDER BY id"
    )


def linked(ids: Collection[str], after: Page | None) -> str:
    """Every pair of transactions, one made from or settling the other, with an end among the ids:
    one row a pair, with how much of the earlier one the later one settles, and whether it says
    that it was made from it."""
    some = _numbers(ids)
    where = ""
    if after:
        first, second = number(after.first), number(after.second)
        where = f" WHERE previousdoc > {first} OR (previousdoc = {first} AND nextdoc > {second})"
    return (
        "SELECT previousdoc, MAX(previoustype) AS previoustype, nextdoc, MAX(nexttype) AS nexttype,"
        f" SUM(settled) AS settled, MAX(made) AS made FROM ({LINKS} WHERE previousdoc IN ({some})"
        f" OR nextdoc IN ({some}) UNION ALL {MADE_FROM} AND m.transaction IN ({some})"
        f" UNION ALL {MADE_FROM} AND m.createdfrom IN ({some})){where}"
        " GROUP BY previousdoc, nextdoc ORDER BY previousdoc, nextdoc"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is read of one source: each path under a short name, as a column of the answer."""

    source: Source
    columns: Mapping[str, tuple[str, Column]] = field(default_factory=dict)
    """By the name in the answer: the path and its column."""


def selection(
    source: Source, paths: Iterable[str], *, one_world: bool, currency: str = ""
) -> Selection:
    """`currency` is that of an account that has one."""
    found = (
        (path, column_of(source, path, one_world=one_world, currency=currency))
        for path in sorted(paths)
    )
    known = [(path, column) for path, column in found if column]
    return Selection(source=source, columns={f"c{place}": item for place, item in enumerate(known)})


def documents(chosen: Selection, ids: Collection[str] | None, after: str = "") -> str:
    """Whole rows of these ids, of all rows where none are named; ordered by id."""
    source = chosen.source
    columns = [f"{source.key} AS id", f"TO_CHAR({source.modified}, '{STAMP}') AS modified"]
    columns += _selected(chosen)
    where = [source.where] if source.where else []
    if ids is not None:
        where.append(f"{source.key} IN ({_numbers(ids)})")
    if after:
        where.append(f"{source.key} > {number(after)}")
    text = f"SELECT {', '.join(columns)} FROM {' '.join([source.table, *_joins(chosen)])}"
    if where:
        text += f" WHERE {' AND '.join(where)}"
    return f"{text} ORDER BY {source.key}"


def lines(chosen: Selection, ids: Collection[str], after: Page | None) -> str:
    """The lines of these transactions, ordered by transaction and line."""
    where = [LINE.where, f"{LINE.key} IN ({_numbers(ids)})"]
    if after:
        first, second = number(after.first), number(after.second)
        where.append(f"({LINE.key} > {first} OR ({LINE.key} = {first} AND l.id > {second}))")
    columns = ", ".join([f"{LINE.key} AS id", *_selected(chosen)])
    return (
        f"SELECT {columns} FROM {LINE.table} WHERE {' AND '.join(where)} ORDER BY {LINE.key}, l.id"
    )


def probe(source: Source) -> str:
    """A search that costs nothing and is refused where the table is not there."""
    return f"SELECT {source.key} FROM {source.table} WHERE {source.key} = 1"


def probe_of(chosen: Selection) -> str:
    """The same, refused too where one of its columns is not there."""
    return documents(chosen, ["1"])


def faults_of(kind: str, paths: Iterable[str], lists: Mapping[str, Iterable[str]]) -> list[str]:
    """Every mapped field or list of a NetSuite document that cannot be read, with what can."""
    if kind not in SOURCES:
        return [f"netsuite {kind} cannot be read: use one of {', '.join(sorted(SOURCES))}"]
    faults = _unknown(kind, "", paths)
    for name, fields in lists.items():
        if name not in LISTS.get(kind, frozenset()):
            faults.append(f"netsuite {kind} has no list {name} that can be read")
        else:
            faults += _unknown(kind, name, fields)
    return faults


def can_read(kind: str, path: str) -> bool:
    source = SOURCES.get(kind)
    return source is not None and column_of(source, path, one_world=True) is not None


def chunks(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_MAX] for start in range(0, len(ids), IDS_MAX)]


def _unknown(kind: str, name: str, paths: Iterable[str]) -> list[str]:
    known = ", ".join(readable(kind, name))
    prefix = f"{kind}.{name}." if name else f"{kind}."
    return [
        f"netsuite {prefix}{path} cannot be read: use one of {known}, or a custom field"
        for path in sorted(paths)
        if not can_be_read(kind, path, name)
    ]


def _selected(chosen: Selection) -> list[str]:
    columns = [f"{column.sql} AS {name}" for name, (_, column) in chosen.columns.items()]
    return [*chosen.source.always, *columns]


def _joins(chosen: Selection) -> list[str]:
    """In the order of the source's list, each once."""
    wanted = {name for _, column in chosen.columns.values() for name in column.joins}
    return [text for name, text in chosen.source.joins.items() if name in wanted]


def _instant(text: str) -> str:
    datetime.strptime(text, STAMP_PYTHON)
    return f"TO_DATE('{text}', '{STAMP}')"


def _numbers(ids: Collection[str]) -> str:
    return ", ".join(map(number, ids))


def number(text: str) -> str:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is not a NetSuite id: digits only")
    return text
