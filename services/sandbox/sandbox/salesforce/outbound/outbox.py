"""The queue of outbound messages: filled with the change, emptied by acknowledgement."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.outbound.rules import Rule
from sandbox.salesforce.work import Change

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbound_rule (name TEXT PRIMARY KEY, id TEXT NOT NULL, rule TEXT);
CREATE TABLE IF NOT EXISTS outbound_message (
  serial INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, rule TEXT NOT NULL,
  record TEXT NOT NULL, made REAL NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  failed INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS outbound_due ON outbound_message (failed, due);
"""
ACTION_PREFIX, MESSAGE_PREFIX = "04k", "04l"
BATCH_MAX = 100
LIFE_S = 24 * 3600
RETRY_MAX_S = 2 * 3600
LISTED_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    serial: int
    id: str
    rule: str
    record: str
    made_s: float
    due_s: float
    attempts: int
    error: str
    failed: bool


class Outbox:
    """Times are those of the sandbox's clock. `note` belongs into the change's transaction."""

    def __init__(self, org: Org) -> None:
        self._org = org
        org.connection.executescript(SCHEMA)
        rows = org.connection.execute("SELECT id, rule FROM outbound_rule ORDER BY id")
        self.rules = {row["id"]: _rule(row["rule"]) for row in rows}
        """By the id of the action."""

    def replace(self, rules: Iterable[Rule]) -> None:
        """A rule that is known by its name keeps its id; messages of gone rules go too."""
        rows = self._org.connection.execute("SELECT name, id FROM outbound_rule")
        known = {row["name"]: row["id"] for row in rows}
        self._org.connection.execute("DELETE FROM outbound_rule")
        found: dict[str, Rule] = {}
        for rule in rules:
            identifier = known.get(rule.name) or self._fresh(ACTION_PREFIX)
            found[identifier] = rule
            self._org.connection.execute(
                "INSERT INTO outbound_rule VALUES (?, ?, ?)",
                (rule.name, identifier, json.dumps(asdict(rule))),
            )
        marks = ", ".join("?" * len(found))
        self._org.connection.execute(
            f"DELETE FROM outbound_message WHERE rule NOT IN ({marks})", [*found]
        )
        self.rules = found

    def note(self, changes: Sequence[Change]) -> None:
        if not self.rules:
            return
        now = self.now_s()
        for change in changes:
            for action, rule in self.rules.items():
                if rule.wants(change):
                    self._org.connection.execute(
                        "INSERT INTO outbound_message (id, rule, record, made, due)"
                        " VALUES (?, ?, ?, ?, ?)",
                        (self._fresh(MESSAGE_PREFIX), action, change.id, now, now),
                    )

    def due(self) -> dict[str, list[Message]]:
        """For each rule what should be sent now, at most as much as one message holds."""
        found: dict[str, list[Message]] = {}
        for action in self.rules:
            rows = self._org.connection.execute(
                "SELECT * FROM outbound_message WHERE failed = 0 AND due <= ? AND rule = ?"
                " ORDER BY due, serial LIMIT ?",
                (self.now_s(), action, BATCH_MAX),
            )
            if messages := list(map(_message, rows)):
                found[action] = messages
        return found

    def waiting(self) -> bool:
        return self._org.value("SELECT 1 FROM outbound_message WHERE failed = 0 LIMIT 1") == 1

    def listed(self) -> Iterator[Message]:
        rows = self._org.connection.execute(
            "SELECT * FROM outbound_message ORDER BY serial LIMIT ?", (LISTED_MAX,)
        )
        return map(_message, rows)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        self._org.connection.executemany(
            "DELETE FROM outbound_message WHERE serial = ?",
            [(message.serial,) for message in messages],
        )

    def postpone(self, rule: Rule, messages: Sequence[Message], error: str) -> None:
        """Later each time, until a day has passed."""
        now = self.now_s()
        for message in messages:
            pause_s = min(RETRY_MAX_S, rule.retry_s * 2**message.attempts)
            failed = now - message.made_s >= LIFE_S
            self._org.connection.execute(
                "UPDATE outbound_message SET attempts = attempts + 1, due = ?, failed = ?,"
                " error = ? WHERE serial = ?",
                (now + pause_s, failed, error, message.serial),
            )

    def now_s(self) -> float:
        return self._org.clock.now().timestamp()

    def _fresh(self, prefix: str) -> str:
        return make_id(prefix, self._org.counters.take(f"id {prefix}"))


def _rule(text: str) -> Rule:
    values = json.loads(text)
    return Rule(**{**values, "fields": tuple(values["fields"])})


def _message(row: sqlite3.Row) -> Message:
    return Message(
        serial=row["serial"],
        id=row["id"],
        rule=row["rule"],
        record=row["record"],
        made_s=row["made"],
        due_s=row["due"],
        attempts=row["attempts"],
        error=row["error"],
        failed=bool(row["failed"]),
    )
