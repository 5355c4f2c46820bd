"""Nonces that were used: as long as their timestamps are good, and over a restart."""

import sqlite3

SCHEMA = """
CREATE TABLE IF NOT EXISTS _nonce (
  token TEXT NOT NULL, timestamp TEXT NOT NULL, nonce TEXT NOT NULL, seen REAL NOT NULL,
  PRIMARY KEY (token, timestamp, nonce)) WITHOUT ROWID;
"""
COUNT_MAX = 200_000
"""How many are held before the old ones are looked for."""


class Nonces:
    """In memory, so that a request that was rolled back counts too; one row each for a restart."""

    def __init__(self, connection: sqlite3.Connection, *, good_s: float, now_s: float) -> None:
        """`good_s`: for how long a nonce that was used has to be known."""
        self._connection = connection
        self._good_s = good_s
        self._seen: dict[tuple[str, str, str], float] = {}
        self._forget(now_s)

    def take(self, token: str, timestamp: str, nonce: str, now_s: float) -> bool:
        """False when the three came together before."""
        key = (token, timestamp, nonce)
        if key in self._seen:
            return False
        if len(self._seen) >= COUNT_MAX:
            self._forget(now_s)
        self._seen[key] = now_s
        self._connection.execute(
            "INSERT OR REPLACE INTO _nonce (token, timestamp, nonce, seen) VALUES (?,?,?,?)",
            (*key, now_s),
        )
        return True

    def _forget(self, now_s: float) -> None:
        """What is kept is what the table has and what was rolled back and is still good."""
        oldest = now_s - self._good_s
        self._connection.execute("DELETE FROM _nonce WHERE seen < ?", (oldest,))
        rows = self._connection.execute("SELECT token, timestamp, nonce, seen FROM _nonce")
        held = {(row[0], row[1], row[2]): float(row[3]) for row in rows.fetchall()}
        self._seen = held | {key: seen for key, seen in self._seen.items() if seen >= oldest}
