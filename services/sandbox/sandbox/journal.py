"""The append-only account of every request and every record it changed: the oracle of tests."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sandbox.clock import Clock

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (seq INTEGER PRIMARY KEY AUTOINCREMENT, entry TEXT NOT NULL);
CREATE TRIGGER IF NOT EXISTS journal_is_not_updated BEFORE UPDATE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_not_deleted BEFORE DELETE ON journal
  BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
"""
READ_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One record changed. `operation` is create, update or delete; images are JSON values."""

    record: str
    id: str
    operation: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None


class Journal:
    """Call `write` inside the transaction that holds the mutations."""

    def __init__(self, connection: sqlite3.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        connection.executescript(SCHEMA)

    def write(
        self,
        *,
        actor: str,
        method: str,
        path: str,
        status: int,
        effect: str | None = None,
        mutations: Sequence[Mutation] = (),
    ) -> int:
        """Returns the entry's seq. `status` 0 means that no answer was sent."""
        entry = {
            "time": self._clock.now().isoformat().replace("+00:00", "Z"),
            "actor": actor,
            "method": method,
            "path": path,
            "status": status,
            "effect": effect,
            "mutations": [_plain(mutation) for mutation in mutations],
        }
        text = json.dumps(entry, default=_text, ensure_ascii=False, separators=(",", ":"))
        cursor = self._connection.execute("INSERT INTO journal (entry) VALUES (?)", (text,))
        return int(cursor.lastrowid or 0)

    def read(self, after: int, limit: int = READ_MAX) -> Iterator[dict[str, object]]:
        rows = self._connection.execute(
            "SELECT seq, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
        ).fetchall()
        for row in rows:
            yield {"seq": row["seq"], **json.loads(row["entry"])}


def _plain(mutation: Mutation) -> dict[str, object]:
    return {
        "record": mutation.record,
        "id": mutation.id,
        "operation": mutation.operation,
        "before": mutation.before,
        "after": mutation.after,
    }


def _text(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)
