"""Keeps records: their documents, ids, external ids and names."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeVar, cast

from sandbox.netsuite.kinds import ENTITY, KINDS, TRANSACTION, Kind
from sandbox.netsuite.values import Document, dump, load_document

T = TypeVar("T")
FLUID = frozenset({TRANSACTION, ENTITY})
"""Families that change all the time; all others are lists."""
REMEMBERED_MAX = 10_000
FIRST_IDS = {"transaction": 801, "entity": 601, "item": 201}
"""Ranges that do not meet, so that a mixed-up id is seen."""
FIRST_NUMBERS = {"salesorder": 1001, "invoice": 1001, "creditmemo": 1001, "customer": 77}
RECKONED = {"consolidatedexchangerate": "_consolidated"}
"""Families whose records are a view of others."""
COLUMNS = "family, id, kind, externalid, name, body, created, modified, creator, modifier"
INSERT = (
    "INSERT INTO _record (kind, externalid, name, body, created, modified, creator, modifier,"
    " family, id) VALUES (?,?,?,?,?,?,?,?,?,?)"
)
UPDATE = (
    "UPDATE _record SET kind = ?, externalid = ?, name = ?, body = ?, created = ?, modified = ?,"
    " creator = ?, modifier = ? WHERE family = ? AND id = ?"
)


def table_of(family: str) -> str:
    """Where the records of a family stand."""
    return RECKONED.get(family, "_record")


class DuplicateError(Exception):
    """The external id or another unique value is taken."""


@dataclass(slots=True, kw_only=True)
class Entry:
    """One record. `created` and `modified` are stamps of whole minutes, UTC."""

    kind: Kind
    id: int
    external_id: str | None
    document: Document
    name: str = ""
    created: str = ""
    modified: str = ""
    creator: int = 0
    modifier: int = 0
    is_new: bool = field(default=False)


class Store:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._remembered: dict[object, object] = {}
        self._is_changing = False

    def load(self, family: str, identifier: int) -> Entry | None:
        row = self._connection.execute(
            f"SELECT {COLUMNS} FROM {table_of(family)} WHERE family = ? AND id = ?",
            (family, identifier),
        ).fetchone()
        return None if row is None else _entry(row)

    def by_external_id(self, family: str, external_id: str) -> Entry | None:
        row = self._connection.execute(
            f"SELECT {COLUMNS} FROM _record WHERE family = ? AND externalid = ?",
            (family, external_id),
        ).fetchone()
        return None if row is None else _entry(row)

    def all(self, kind: str) -> Iterator[Entry]:
        rows = self._connection.execute(
            f"SELECT {COLUMNS} FROM _record WHERE kind = ? ORDER BY id", (kind,)
        ).fetchall()
        return (_entry(row) for row in rows)

    def name(self, family: str, identifier: int) -> str:
        row = self._connection.execute(
            "SELECT name FROM _record WHERE family = ? AND id = ?", (family, identifier)
        ).fetchone()
        return "" if row is None else str(row[0])

    def kind_and_name(self, family: str, identifier: int) -> tuple[Kind | None, str]:
        """None and empty when there is no such record."""
        if family in FLUID:
            return self._kind_and_name(family, identifier)
        return self.remembered(
            (family, identifier), lambda: self._kind_and_name(family, identifier)
        )

    def _kind_and_name(self, family: str, identifier: int) -> tuple[Kind | None, str]:
        row = self._connection.execute(
            "SELECT kind, name FROM _record WHERE family = ? AND id = ?", (family, identifier)
        ).fetchone()
        return (None, "") if row is None else (KINDS[str(row[0]).lower()], str(row[1]))

    def remembered(self, key: object, ask: Callable[[], T]) -> T:
        """What `ask` finds out of lists (currencies, subsidiaries, items, …), asked once."""
        if self._is_changing:
            return ask()
        if key not in self._remembered:
            if len(self._remembered) >= REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[key] = ask()
        return cast(T, self._remembered[key])

    def forget(self) -> None:
        """A list changes: until that is committed or undone nothing is remembered."""
        self._remembered.clear()
        self._is_changing = True

    def settle(self) -> None:
        """Nothing is under way."""
        self._is_changing = False

    def kind(self, family: str, identifier: int) -> Kind | None:
        row = self._connection.execute(
            "SELECT kind FROM _record WHERE family = ? AND id = ?", (family, identifier)
        ).fetchone()
        return None if row is None else KINDS[str(row[0]).lower()]

    def save(self, entry: Entry) -> None:
        if entry.kind.family not in FLUID:
            self.forget()
        values = (
            entry.kind.name,
            entry.external_id,
            entry.name,
            dump(entry.document),
            entry.created,
            entry.modified,
            entry.creator,
            entry.modifier,
            entry.kind.family,
            entry.id,
        )
        self._refusing_duplicates(INSERT if entry.is_new else UPDATE, values)

    def delete(self, entry: Entry) -> None:
        if entry.kind.family not in FLUID:
            self.forget()
        self._connection.execute(
            "DELETE FROM _record WHERE family = ? AND id = ?", (entry.kind.family, entry.id)
        )
        self._connection.execute(
            "DELETE FROM _unique WHERE id = ? AND scope LIKE ?",
            (entry.id, f"{entry.kind.family}:%"),
        )

    def claim(self, entry: Entry, scope: str, value: str) -> None:
        """Make `value` this record's own within the scope; empty gives it up."""
        full = f"{entry.kind.family}:{scope}"
        if not entry.is_new:
            self._connection.execute(
                "DELETE FROM _unique WHERE scope = ? AND id = ?", (full, entry.id)
            )
        if value:
            self._refusing_duplicates(
                "INSERT INTO _unique (scope, value, id) VALUES (?,?,?)",
                (full, value.casefold(), entry.id),
            )

    def next_id(self, family: str) -> int:
        return self.count(f"id:{family}", FIRST_IDS.get(family, 1))

    def next_number(self, kind: Kind) -> str:
        first = FIRST_NUMBERS.get(kind.path, 1)
        return f"{kind.prefix}{self.count(f'number:{kind.path}', first)}"

    def reserve(self, family: str, identifier: int) -> None:
        """A seed chose this id: the sequence goes on behind it."""
        upto = max(identifier + 1, FIRST_IDS.get(family, 1))
        self._connection.execute(
            "INSERT INTO _sequence (name, next) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET next = max(next, excluded.next)",
            (f"id:{family}", upto),
        )

    def count(self, name: str, first: int = 1) -> int:
        return self.count_many(name, 1, first).start

    def count_many(self, name: str, many: int, first: int = 1) -> range:
        """The next `many` numbers at once."""
        row = self._connection.execute(
            "INSERT INTO _sequence (name, next) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET next = next + ? RETURNING next",
            (name, first + many, many),
        ).fetchone()
        return range(int(row[0]) - many, int(row[0]))

    def _refusing_duplicates(self, statement: str, values: Sequence[object]) -> None:
        try:
            self._connection.execute(statement, values)
        except sqlite3.IntegrityError as error:
            raise DuplicateError(str(error)) from error


def _entry(row: sqlite3.Row) -> Entry:
    return Entry(
        kind=KINDS[str(row["kind"]).lower()],
        id=row["id"],
        external_id=row["externalid"],
        document=load_document(row["body"]),
        name=row["name"],
        created=row["created"],
        modified=row["modified"],
        creator=row["creator"],
        modifier=row["modifier"],
    )
