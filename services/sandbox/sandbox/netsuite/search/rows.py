"""Turns record properties into cells of the search tables: names meet in lower case."""

from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias

from sandbox.netsuite.account import Work
from sandbox.netsuite.tables import Column, Type
from sandbox.netsuite.timing import day, local_minute
from sandbox.netsuite.values import Document, Value, text

Cell: TypeAlias = "int | float | str | None"
Row: TypeAlias = dict[str, Cell]


def row_of(work: Work, table: str, document: Document) -> Row:
    """The cells of every property that has a column of its name."""
    columns = work.account.tables[table]
    row: Row = {}
    for name, value in document.items():
        column = columns.get(name.lower())
        if column is not None and not isinstance(value, list):
            row[column.name] = cell(column, value)
    return row


def cell(column: Column, value: Value) -> Cell:
    if isinstance(value, dict):
        value = text(value, "id") or None
    if value is None or isinstance(value, list):
        return None
    if isinstance(value, bool):
        return "T" if value else "F"
    if column.type is Type.DATE:
        held = str(value)
        return local_minute(held) if held.endswith("Z") else day(held[:10])
    if column.storage == "INTEGER":
        return _whole(value)
    if column.storage == "REAL":
        return float(value) if isinstance(value, int | Decimal) else None
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _whole(value: object) -> Cell:
    held = str(value)
    return int(held) if held.lstrip("-").isdigit() else None


def put(work: Work, table: str, row: Mapping[str, Cell]) -> None:
    columns = work.account.tables[table]
    known = [name for name in row if name in columns]
    names = ", ".join(f'"{name}"' for name in known)
    marks = ",".join("?" * len(known))
    work.connection.execute(
        f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({marks})',
        [row[name] for name in known],
    )


def remove(work: Work, table: str, column: str, identifier: int) -> None:
    work.connection.execute(f'DELETE FROM "{table}" WHERE "{column}" = ?', (identifier,))
