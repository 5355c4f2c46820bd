"""One transaction of the org: what it read, changed and undid, until it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from sandbox.database import transaction
from sandbox.salesforce.derived import formula_values, summary_value, write_formulas
from sandbox.salesforce.org import Org
from sandbox.salesforce.schema import NO_FEEDS, Schema, SObject
from sandbox.salesforce.values import Stored

MODIFIED = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateWish:
    """The caller's `Sforce-Duplicate-Rule-Header`."""

    allow_save: bool = False
    include_details: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A record before and after; `before` None is a new one, `after` None a gone one."""

    sobject: SObject
    id: str
    before: dict[str, Stored] | None
    after: dict[str, Stored] | None

    @property
    def existed(self) -> bool:
        return self.before is not None and not self.before.get("IsDeleted")

    @property
    def exists(self) -> bool:
        return self.after is not None and not self.after.get("IsDeleted")


@lru_cache(maxsize=256)
def _insertion(table: str, names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    marks = ", ".join("?" * len(names))
    return f'INSERT INTO "{table}" ({columns}, _version) VALUES ({marks}, ?)'


@dataclass(slots=True)
class Work:
    """Writes go through here, so that each is stamped, journaled and captured."""

    org: Org
    user: str
    origin: str = ""
    duplicates: DuplicateWish = field(default_factory=DuplicateWish)
    api_version: float = 68.0
    at_s: int = field(init=False)
    """The one time of all its stamps, in seconds, so that equal changes stay equal."""
    _log: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at_s = self.org.now_s()

    @property
    def view(self) -> Schema:
        """The schema as the user of this transaction sees it."""
        return self.org.metadata.view(self.user)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """A part that can fail alone: its writes and its log are undone together."""
        mark = len(self._log)
        try:
            with transaction(self.org.connection):
                yield
        except BaseException:
            del self._log[mark:]
            raise

    def insert(self, sobject: SObject, row: dict[str, Stored]) -> None:
        if sobject.formulas:
            row |= formula_values(self.org, self.user, sobject, row)
        version = self.org.counters.take("version")
        names = tuple(name for name in row if name != "_version")
        values = [row[name] for name in names]
        self.org.connection.execute(_insertion(sobject.name, names), [*values, version])
        self._note(sobject, str(row["Id"]), None, row)

    def update(self, sobject: SObject, before: dict[str, Stored], after: dict[str, Stored]) -> None:
        """Writes what differs, and the stamps of the change."""
        stamped = self._stamped(sobject, before, after)
        if sobject.formulas:
            stamped |= formula_values(self.org, self.user, sobject, stamped)
        changed = [name for name, value in stamped.items() if value != before.get(name)]
        version = self.org.counters.take("version")
        settings = ", ".join(f'"{name}" = ?' for name in changed)
        self.org.connection.execute(
            f'UPDATE "{sobject.name}" SET {settings}{"," if settings else ""} _version = ?'
            ' WHERE "Id" = ?',
            [*(stamped[name] for name in changed), version, before["Id"]],
        )
        self._note(sobject, str(before["Id"]), before, stamped)

    def erase(self, sobject: SObject, before: dict[str, Stored]) -> None:
        """Gone for good, past the recycle bin."""
        identifier = str(before["Id"])
        self.org.connection.execute(f'DELETE FROM "{sobject.name}" WHERE "Id" = ?', (identifier,))
        self.org.connection.execute(
            "INSERT OR REPLACE INTO purged (object, id, at) VALUES (?, ?, ?)",
            (sobject.name, identifier, self.at_s),
        )
        self._note(sobject, identifier, before, None)

    def row(self, name: str, identifier: Stored) -> dict[str, Stored] | None:
        """A record that is there, not deleted."""
        found = self.org.row(name, identifier)
        return None if found is None or found.get("IsDeleted") else found

    def changes(self) -> list[Change]:
        """The net change of each record, in the order of first touch."""
        net: dict[tuple[str, str], Change] = {}
        for change in self._log:
            key = (change.sobject.name, change.id)
            first = net.get(key)
            net[key] = Change(
                sobject=change.sobject,
                id=change.id,
                before=change.before if first is None else first.before,
                after=change.after,
            )
        return [change for change in net.values() if change.existed or change.exists]

    def _stamped(
        self, sobject: SObject, before: dict[str, Stored], after: dict[str, Stored]
    ) -> dict[str, Stored]:
        now = max(self.at_s, int(before.get("SystemModstamp") or 0))
        stamps: dict[str, Stored] = dict(zip(MODIFIED, (now, self.user, now), strict=True))
        return after | {name: value for name, value in stamps.items() if sobject.has(name)}

    def _note(
        self,
        sobject: SObject,
        identifier: str,
        before: dict[str, Stored] | None,
        after: dict[str, Stored] | None,
    ) -> None:
        self._log.append(Change(sobject=sobject, id=identifier, before=before, after=after))
        feeds = self.org.schema.feeds.get(sobject.name, NO_FEEDS)
        for parent, total in feeds.summaries:
            self._roll_up(parent, total, before or {}, after or {})
        if before is not None and after is not None:
            for child, reference, shown in feeds.formulas:
                if before.get(shown) != after.get(shown):
                    self._show_in_children(child, reference, identifier)

    def _roll_up(
        self, parent: str, field: str, before: dict[str, Stored], after: dict[str, Stored]
    ) -> None:
        """The parents of a changed child take its new sum, and a stamp where that differs."""
        sobject = self.org.schema.of(parent)
        found = sobject.field(field)
        if found is None or found.summary is None:
            return
        key = found.summary.key
        for identifier in sorted({str(row[key]) for row in (before, after) if row.get(key)}):
            row = self.row(parent, identifier)
            value = summary_value(self.org, found.summary, identifier)
            if row is not None and row[field] != value:
                self.update(sobject, row, row | {field: value})

    def _show_in_children(self, child: str, reference: str, parent: str) -> None:
        sobject = self.org.schema.of(child)
        rows = self.org.connection.execute(
            f'SELECT * FROM "{child}" WHERE "{reference}" = ?', (parent,)
        ).fetchall()
        for row in rows:
            write_formulas(self.org, self.user, sobject, dict(row))
