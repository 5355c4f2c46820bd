"""One SQLite file a vendor, used from the event loop's thread in short transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def open_database(path: Path | str, schema: str = "") -> sqlite3.Connection:
    """A connection in WAL mode whose commits survive the death of the process."""
    connection = sqlite3.connect(path, isolation_level=None, cached_statements=1024)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    if schema:
        connection.executescript(schema)
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; inside another transaction it is a savepoint."""
    nested = connection.in_transaction
    connection.execute("SAVEPOINT part" if nested else "BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK TO part" if nested else "ROLLBACK")
        if nested:
            connection.execute("RELEASE part")
        raise
    connection.execute("RELEASE part" if nested else "COMMIT")
