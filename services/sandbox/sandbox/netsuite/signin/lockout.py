"""Five bad logins in a row lock a user out for half an hour."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

BAD_LOGINS_MAX = 5
LOCKED_FOR = timedelta(minutes=30)
SCHEMA = """
CREATE TABLE IF NOT EXISTS _lockout (
  user INTEGER PRIMARY KEY, bad INTEGER NOT NULL, since TEXT) WITHOUT ROWID;
"""


@dataclass(slots=True)
class _Count:
    bad: int = 0
    since: datetime | None = None


class Lockout:
    """Counts by user; business time decides when a lock ends, so that a test can move it on."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._counts = {
            int(row["user"]): _Count(row["bad"], _moment(row["since"]))
            for row in connection.execute("SELECT user, bad, since FROM _lockout").fetchall()
        }

    def locked(self, user: int, now: datetime) -> bool:
        count = self._counts.get(user)
        if count is None or count.since is None:
            return False
        if count.since <= now < count.since + LOCKED_FOR:
            return True
        self.good(user)
        return False

    def bad(self, user: int, now: datetime) -> None:
        count = self._counts.setdefault(user, _Count())
        count.bad += 1
        if count.bad >= BAD_LOGINS_MAX:
            count.since = now
        self._connection.execute(
            "INSERT OR REPLACE INTO _lockout (user, bad, since) VALUES (?,?,?)",
            (user, count.bad, count.since.isoformat() if count.since else None),
        )

    def good(self, user: int) -> None:
        if self._counts.pop(user, None) is not None:
            self._connection.execute("DELETE FROM _lockout WHERE user = ?", (user,))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
