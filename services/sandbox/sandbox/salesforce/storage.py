"""The org's tables: one a standard or custom object, made from its schema, and a few of our own."""

import sqlite3

from sandbox.salesforce.haversine import register
from sandbox.salesforce.schema import ID_TYPES, TEXT_TYPES, Field, Schema, SObject

OWN = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS session (
  token TEXT PRIMARY KEY, user TEXT NOT NULL, used REAL NOT NULL, life_s REAL NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS locator (
  id TEXT PRIMARY KEY, user TEXT NOT NULL, soql TEXT NOT NULL, every INTEGER NOT NULL,
  size INTEGER NOT NULL, ids TEXT NOT NULL, made INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS event (
  replay INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, entity TEXT NOT NULL,
  schema TEXT NOT NULL, payload BLOB NOT NULL, made INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS event_by_entity ON event (entity, replay);
CREATE TABLE IF NOT EXISTS held_event (
  serial INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, entity TEXT NOT NULL,
  schema TEXT NOT NULL, payload BLOB NOT NULL, due REAL NOT NULL, behind_next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS match_key (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, website TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS match_key_by_name ON match_key (name);
CREATE INDEX IF NOT EXISTS match_key_by_website ON match_key (website);
CREATE TABLE IF NOT EXISTS purged (
  object TEXT NOT NULL, id TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (object, id));
CREATE TABLE IF NOT EXISTS recycled (
  object TEXT NOT NULL, id TEXT NOT NULL, root TEXT NOT NULL, PRIMARY KEY (object, id));
CREATE INDEX IF NOT EXISTS recycled_by_root ON recycled (root);
CREATE TABLE IF NOT EXISTS refresh_token (
  token TEXT PRIMARY KEY, user TEXT NOT NULL, live INTEGER NOT NULL DEFAULT 1);
CREATE TABLE IF NOT EXISTS refreshed (token TEXT PRIMARY KEY, source TEXT NOT NULL);
"""
COUNTED_BY_NAME = frozenset({"Account", "Contact", "Opportunity", "Product2", "User"})


def prepare(connection: sqlite3.Connection, schema: Schema) -> None:
    """Makes what is missing; a field added to the package since appears, empty."""
    register(connection)
    connection.executescript(OWN)
    for sobject in schema.objects.values():
        columns = ", ".join(column_of(field) for field in sobject.stored)
        connection.execute(
            f'CREATE TABLE IF NOT EXISTS "{sobject.name}" ({columns}, _version INTEGER NOT NULL)'
        )
        _add_columns(connection, sobject)
        for statement in _indexes(sobject):
            connection.execute(statement)


def column_of(field: Field) -> str:
    if field.name == "Id":
        return '"Id" TEXT PRIMARY KEY'
    if field.type in ID_TYPES:
        return f'"{field.name}" TEXT'
    if field.type in TEXT_TYPES:
        collation = "BINARY" if field.case_sensitive else "NOCASE"
        return f'"{field.name}" TEXT COLLATE {collation}'
    return f'"{field.name}" {"TEXT" if field.type == "date" else "INTEGER"}'


def _add_columns(connection: sqlite3.Connection, sobject: SObject) -> None:
    rows = connection.execute(f'PRAGMA table_info("{sobject.name}")')
    present = {row["name"] for row in rows}
    for field in sobject.stored:
        if field.name not in present:
            default = " DEFAULT 0" if field.type == "boolean" else ""
            connection.execute(
                f'ALTER TABLE "{sobject.name}" ADD COLUMN {column_of(field)}{default}'
            )


def _indexes(sobject: SObject) -> list[str]:
    statements = []
    for field in sobject.stored:
        name = f'"{sobject.name}_{field.name}"'
        column = f'"{sobject.name}" ("{field.name}")'
        alive = f'"{field.name}" IS NOT NULL'
        if sobject.has("IsDeleted"):
            alive += ' AND "IsDeleted" = 0'
        if field.unique:
            statements.append(f"CREATE UNIQUE INDEX IF NOT EXISTS {name} ON {column} WHERE {alive}")
        elif _is_looked_up(sobject, field):
            statements.append(f"CREATE INDEX IF NOT EXISTS {name} ON {column}")
    return statements


def _is_looked_up(sobject: SObject, field: Field) -> bool:
    """What people and clients filter by: parents, external ids, names, change times."""
    audit = field.name in ("CreatedById", "LastModifiedById", "OwnerId")
    return (
        (field.type == "reference" and not audit and (field.createable or field.custom))
        or field.external_id
        or field.name in ("SystemModstamp", "IsoCode", "Username")
        or (field.name == "Name" and sobject.name in COUNTED_BY_NAME)
    )


class Counters:
    """Numbers that only grow and outlive a restart: ids, versions, commits, replay positions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def take(self, name: str, count: int = 1) -> int:
        """The first of `count` fresh numbers; the very first is 1."""
        row = self._connection.execute(
            "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name)"
            " DO UPDATE SET value = value + excluded.value RETURNING value",
            (name, count),
        ).fetchone()
        return int(row[0]) - count + 1

    def at_least(self, name: str, value: int) -> None:
        """The next number is above this one."""
        if self.read(name) < value:
            self.take(name, value - self.read(name))

    def read(self, name: str) -> int:
        row = self._connection.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])
