"""The bulk jobs of the org: what was asked, how far each has come, and the rows it made."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org

SCHEMA = """
CREATE TABLE IF NOT EXISTS bulk_job (
  serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, job TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bulk_content (id TEXT PRIMARY KEY, content BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS bulk_lines (
  id TEXT NOT NULL, list TEXT NOT NULL, first INTEGER NOT NULL, size INTEGER NOT NULL,
  lines TEXT NOT NULL, PRIMARY KEY (id, list, first)) WITHOUT ROWID;
"""
PREFIX = "750"
QUERY, INGEST = "query", "ingest"
OPEN, UPLOADED, RUNNING = "Open", "UploadComplete", "InProgress"
COMPLETE, FAILED, ABORTED = "JobComplete", "Failed", "Aborted"
ENDED = frozenset({COMPLETE, FAILED, ABORTED})
RESULTS, SUCCESSFUL, UNSUCCESSFUL = "results", "successful", "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """`header` are the names of the columns; times are seconds, durations milliseconds."""

    id: str
    kind: str
    operation: str
    object: str
    user: str
    created_s: int
    modified_s: int
    version: str
    state: str
    line_ending: str = "LF"
    delimiter: str = "COMMA"
    external_id: str = ""
    assignment: str = ""
    soql: str = ""
    origin: str = ""
    charset: str = "utf-8"
    header: tuple[str, ...] = ()
    processed: int = 0
    failed: int = 0
    spent_ms: int = 0
    error: str = ""


class Jobs:
    """Kept in the org's database, so that a job goes on where it stood when the process ended."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.submitted = False
        """Whether jobs wait that the worker has not been told of."""
        org.connection.executescript(SCHEMA)

    def fresh_id(self) -> str:
        return make_id(PREFIX, self._org.counters.take("id bulk job"))

    def add(self, job: Job) -> None:
        self._org.connection.execute(
            "INSERT INTO bulk_job (id, kind, job) VALUES (?, ?, ?)", (job.id, job.kind, _text(job))
        )
        self.submitted = self.submitted or job.state == UPLOADED

    def change(self, job: Job, **values: object) -> Job:
        """The job with new values, stored."""
        changed = _with(job, {**values, "modified_s": self._org.now_s()})
        self._org.connection.execute(
            "UPDATE bulk_job SET job = ? WHERE id = ?", (_text(changed), job.id)
        )
        self.submitted = self.submitted or changed.state == UPLOADED
        return changed

    def find(self, identifier: str) -> Job | None:
        """By an id of 18 characters."""
        found = self._org.value("SELECT job FROM bulk_job WHERE id = ?", identifier)
        return None if found is None else _job(str(found))

    def all(self, kind: str, start: int, limit: int) -> list[Job]:
        rows = self._org.connection.execute(
            "SELECT job FROM bulk_job WHERE kind = ? ORDER BY serial LIMIT ? OFFSET ?",
            (kind, limit, start),
        )
        return [_job(row[0]) for row in rows]

    def unfinished(self) -> list[Job]:
        rows = self._org.connection.execute(
            "SELECT job FROM bulk_job WHERE json_extract(job, '$.state') IN (?, ?) ORDER BY serial",
            (UPLOADED, RUNNING),
        )
        return [_job(row[0]) for row in rows]

    def remove(self, job: Job) -> None:
        for table in ("bulk_job", "bulk_content", "bulk_lines"):
            self._org.connection.execute(f"DELETE FROM {table} WHERE id = ?", (job.id,))

    def upload(self, job: Job, content: bytes) -> None:
        self._org.connection.execute("INSERT INTO bulk_content VALUES (?, ?)", (job.id, content))

    def content(self, job: Job) -> bytes | None:
        row = self._org.connection.execute(
            "SELECT content FROM bulk_content WHERE id = ?", (job.id,)
        ).fetchone()
        return None if row is None else bytes(row[0])

    def write_lines(self, job: Job, name: str, lines: Sequence[str]) -> None:
        """Behind those that are there."""
        if not lines:
            return
        self._org.connection.execute(
            "INSERT INTO bulk_lines VALUES (?, ?, ?, ?, ?)",
            (job.id, name, self.count(job, name), len(lines), json.dumps(lines)),
        )

    def count(self, job: Job, name: str) -> int:
        last = self._org.value(
            "SELECT first + size FROM bulk_lines WHERE id = ? AND list = ?"
            " ORDER BY first DESC LIMIT 1",
            job.id,
            name,
        )
        return int(last or 0)

    def lines(self, job: Job, name: str, start: int = 0, limit: int = 2**62) -> list[str]:
        rows = self._org.connection.execute(
            "SELECT first, lines FROM bulk_lines WHERE id = ? AND list = ? AND first < ?"
            " AND first + size > ? ORDER BY first",
            (job.id, name, min(start + limit, 2**62), start),
        )
        return list(chain.from_iterable(_part(row, start, limit) for row in rows))


def _part(row: Sequence[object], start: int, limit: int) -> Iterator[str]:
    first = int(str(row[0]))
    lines = json.loads(str(row[1]))
    yield from lines[max(0, start - first) : max(0, start + limit - first)]


def _text(job: Job) -> str:
    return json.dumps({name: getattr(job, name) for name in Job.__dataclass_fields__})


def _job(text: str) -> Job:
    values = json.loads(text)
    return Job(**{**values, "header": tuple(values["header"])})


def _with(job: Job, values: dict[str, object]) -> Job:
    return replace(job, **values)  # type: ignore[arg-type]  # names and types are the callers'
