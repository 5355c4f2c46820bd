"""Asynchronous requests: jobs and their tasks as they are submitted and asked about."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.allowed import find_kind
from sandbox.netsuite.api.wire import (
    COLLECTION,
    FAULT,
    RESOURCE,
    SINGULAR,
    Call,
    answer,
    respond,
    warned,
)
from sandbox.netsuite.errors import NetSuiteError, bad_body, bad_header, bad_parameter, not_found
from sandbox.netsuite.values import Document, Value, dump

SCHEMA = """
CREATE TABLE IF NOT EXISTS _job (
  id INTEGER PRIMARY KEY, user INTEGER NOT NULL, key TEXT, parallel INTEGER NOT NULL,
  origin TEXT NOT NULL, searches INTEGER NOT NULL, UNIQUE (user, key));
CREATE TABLE IF NOT EXISTS _task (
  job INTEGER NOT NULL, number INTEGER NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  query TEXT NOT NULL, headers TEXT NOT NULL, body BLOB NOT NULL, progress TEXT NOT NULL,
  started TEXT, ended TEXT, status INTEGER, location TEXT, media TEXT, result BLOB,
  PRIMARY KEY (job, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _task_warning (
  job INTEGER NOT NULL, number INTEGER NOT NULL, properties TEXT NOT NULL,
  PRIMARY KEY (job, number)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS _task_progress ON _task (progress);
"""
RESPOND, PROCESSING_MODE = "respond-async", "batch-processing"
PARALLEL, SEQUENTIAL = "parallel", "sequential"
KEY_HEADER = "X-NetSuite-Idempotency-Key"
KEY_MAX = 255
RECORDS_MAX = 100
SEQUENTIAL_SINCE = "2026.2"
PENDING, PROCESSING, SUCCEEDED, FAILED = "pending processing succeeded failed".split()
ENDED = (SUCCEEDED, FAILED)
KEPT_HEADERS = (
    "Accept",
    "X-NetSuite-PropertyNameValidation",
    "X-NetSuite-PropertyValueValidation",
)
OF_THE_BATCH = frozenset({"ids", "expandrecords"})
IDS = re.compile(r"\s*(eid:'[^']*'|eid:[^,]*|[^,]*)\s*(?:,|$)")
REPEATED = (
    "A request with the same idempotency key is already submitted. "
    'See the "Location" header for a link to the previously submitted job'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """One request of a job."""

    method: str
    path: str
    query: str
    body: bytes


def wants_job(call: Call) -> bool:
    return RESPOND in call.preferences() and call.parts[:1] in (["record"], ["query"])


def submit(work: Work, call: Call) -> web.Response:
    """Taken down and answered at once; the worker does it after the commit."""
    key = _key(call)
    earlier = _job_of_key(work, key) if key else None
    if earlier is not None:
        return _repeated(work, call, earlier)
    planned = list(_plan(work, call))
    job = work.store.count("job")
    parallel = _is_parallel(work, call)
    work.connection.execute(
        "INSERT INTO _job (id, user, key, parallel, origin, searches) VALUES (?,?,?,?,?,?)",
        (job, work.user.id, key or None, parallel, call.origin, call.parts[0] == "query"),
    )
    headers = dump([[name, call.header(name)] for name in KEPT_HEADERS if call.header(name)])
    work.connection.executemany(
        "INSERT INTO _task (job, number, method, path, query, headers, body, progress)"
        " VALUES (?,?,?,?,?,?,?,?)",
        [
            (job, number, one.method, one.path, one.query, headers, one.body, PENDING)
            for number, one in enumerate(planned, start=1)
        ],
    )
    return respond(202, None, SINGULAR, _applied(work, call, job))


def _key(call: Call) -> str:
    key = call.header(KEY_HEADER).strip()
    if len(key) > KEY_MAX:
        raise bad_header(KEY_HEADER, f"The idempotency key has more than {KEY_MAX} characters.")
    return key


def _job_of_key(work: Work, key: str) -> int | None:
    row = work.connection.execute(
        "SELECT id FROM _job WHERE user = ? AND key = ?", (work.user.id, key)
    ).fetchone()
    return None if row is None else int(row["id"])


def _applied(work: Work, call: Call, job: int) -> dict[str, str]:
    relative = work.account.behaviour.relative_job_location
    base = call.base.removeprefix(call.origin) if relative else call.base
    return {"Preference-Applied": RESPOND, "Location": f"{base}/async/v1/job/{job}"}


def _repeated(work: Work, call: Call, job: int) -> web.Response:
    """Documented with one status and seen with another: the account's behaviour decides."""
    status = work.account.behaviour.repeated_key_status
    body = json.loads(NetSuiteError(status, "IDEMPOTENCY_ERROR", REPEATED).body())
    body["title"] = "Conflict"
    return respond(status, dump(body), FAULT, _applied(work, call, job), reason="Conflict")


def _is_parallel(work: Work, call: Call) -> bool:
    mode = call.preferences().get(PROCESSING_MODE, "")
    if mode not in ("", PARALLEL, SEQUENTIAL):
        raise bad_header("Prefer", f"Invalid value {mode} of {PROCESSING_MODE}.")
    if mode:
        return mode == PARALLEL
    return work.account.profile.netsuite_release < SEQUENTIAL_SINCE


def _plan(work: Work, call: Call) -> Iterator[Planned]:
    if call.parts[0] == "record" and len(call.parts) == 3:
        find_kind(work, call.parts[2])
        if call.sends_collection() and call.method in ("POST", "PATCH", "PUT"):
            yield from _items(call)
            return
        if call.query("ids") or call.flag("expandRecords") or call.method == "DELETE":
            yield from _by_ids(call)
            return
    yield Planned(method=call.method, path=call.path, query=call.query_string, body=call.raw)


def _items(call: Call) -> Iterator[Planned]:
    items = call.body().get("items")
    if not isinstance(items, list) or not items:
        raise bad_body("Send the records as a list in items.", "items")
    _check_count(len(items), "items")
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            raise bad_body("Each record is an object.", f"items[{at}]")
        key = "" if call.method == "POST" else f"/{_record_key(item)}"
        yield Planned(
            method=call.method,
            path=call.path.rstrip("/") + key,
            query=_own_query(call),
            body=dump(item).encode(),
        )


def _record_key(item: Document) -> str:
    """The internal id wins."""
    identifier, external_id = item.get("id"), item.get("externalId")
    if identifier is not None:
        return quote(str(identifier), safe="")
    return f"eid:{quote(str(external_id or ''), safe='')}"


def _by_ids(call: Call) -> Iterator[Planned]:
    keys = _ids(call.query("ids"))
    if call.method not in ("GET", "DELETE"):
        raise bad_parameter("ids", "Use ids with GET and DELETE.")
    if not keys:
        raise bad_parameter("ids", "Name the records by their internal or external ids.")
    if call.method == "GET" and not call.flag("expandRecords"):
        raise bad_parameter("expandRecords", "Use expandRecords=true to get records by ids.")
    _check_count(len(keys), "ids")
    for key in keys:
        path = f"{call.path.rstrip('/')}/{quote(key, safe=':')}"
        yield Planned(method=call.method, path=path, query=_own_query(call), body=b"")


def _ids(text: str) -> list[str]:
    """`1,2,eid:x,eid:'x y'`."""
    found: list[str] = []
    at = 0
    while at < len(text):
        match = IDS.match(text, at)
        if match is None:
            raise bad_parameter("ids", f"Invalid value {text[:100]}.")
        key = match[1].strip()
        if key.startswith("eid:"):
            key = f"eid:{key[4:].strip(chr(39))}"
        if key:
            found.append(key)
        at = match.end()
    return found


def _own_query(call: Call) -> str:
    """The query without what only the batch needs."""
    return urlencode([pair for pair in call.pairs() if pair[0].lower() not in OF_THE_BATCH])


def _check_count(count: int, where: str) -> None:
    if count > RECORDS_MAX:
        raise NetSuiteError(
            400,
            "INVALID_REQUEST",
            f"A batch has at most {RECORDS_MAX} records; this one has {count}.",
            {"errorPath" if where == "items" else "errorQueryParam": where},
        )


def handle(work: Work, call: Call) -> web.Response:
    """Jobs, tasks and results; everybody sees only what they submitted."""
    if call.method != "GET":
        raise NetSuiteError(405, "METHOD_NOT_ALLOWED", "Use GET.")
    match call.parts[2:]:
        case ["job", job]:
            return answer(200, _job(work, call, _find_job(work, job)))
        case ["job", job, "task"]:
            return answer(200, _tasks(work, call, _find_job(work, job)), COLLECTION)
        case ["job", job, "task", number]:
            return answer(200, _task(work, call, _find_job(work, job), number))
        case ["job", job, "task", number, "result"]:
            return _result(work, call, _find_job(work, job), number)
    raise not_found()


def _find_job(work: Work, text: str) -> sqlite3.Row:
    row: sqlite3.Row | None = work.connection.execute(
        "SELECT id, searches FROM _job WHERE id = ? AND user = ?", (_number(text), work.user.id)
    ).fetchone()
    if row is None:
        raise not_found()
    return row


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else -1


def _job(work: Work, call: Call, job: sqlite3.Row) -> Document:
    """`succeeded` says that all of it ran, not that all of it worked."""
    states = {
        row["progress"]
        for row in work.connection.execute(
            "SELECT DISTINCT progress FROM _task WHERE job = ?", (job["id"],)
        ).fetchall()
    }
    done = states <= set(ENDED)
    progress = SUCCEEDED if done else PENDING if states == {PENDING} else PROCESSING
    at = f"{call.base}/async/v1/job/{job['id']}"
    return {
        "links": _links(at),
        "completed": done,
        "id": str(job["id"]),
        "progress": progress,
        "task": {"links": _links(f"{at}/task")},
    }


def _tasks(work: Work, call: Call, job: sqlite3.Row) -> Document:
    at = f"{call.base}/async/v1/job/{job['id']}/task"
    rows = work.connection.execute(
        "SELECT number FROM _task WHERE job = ? ORDER BY number", (job["id"],)
    ).fetchall()
    items: list[Value] = [{"links": _links(f"{at}/{row['number']}")} for row in rows]
    return {"links": _links(at), "count": len(items), "items": items}


def _task(work: Work, call: Call, job: sqlite3.Row, number: str) -> Document:
    row = _find_task(work, job, number)
    at = f"{call.base}/async/v1/job/{job['id']}/task/{row['number']}"
    done = row["progress"] in ENDED
    related: list[Value] = [{"rel": "related", "href": f"{at}/result"}] if done else []
    body: Document = {
        "links": [*related, *_links(at)],
        "completed": done,
        "id": str(row["number"]),
        "progress": row["progress"],
    }
    for name, column in (("startTime", "started"), ("endTime", "ended")):
        if row[column]:
            body[name] = row[column]
    return body


def _result(work: Work, call: Call, job: sqlite3.Row, number: str) -> web.Response:
    if job["searches"] and "transient" not in call.preferences():
        raise bad_header("Prefer", "The required request header 'Prefer' is missing.")
    row = _find_task(work, job, number)
    if row["progress"] not in ENDED:
        raise NetSuiteError(404, "NOT_FOUND", "The task has no result yet.")
    headers = {"Location": row["location"]} if row["location"] else {}
    headers |= warned(_warnings_of(work, job, row["number"]))
    text = None if row["result"] is None else bytes(row["result"]).decode()
    return respond(row["status"], text, row["media"] or SINGULAR, headers)


def _warnings_of(work: Work, job: sqlite3.Row, number: int) -> list[str]:
    row = work.connection.execute(
        "SELECT properties FROM _task_warning WHERE job = ? AND number = ?", (job["id"], number)
    ).fetchone()
    return [] if row is None else [str(row["properties"])]


def _find_task(work: Work, job: sqlite3.Row, number: str) -> sqlite3.Row:
    row: sqlite3.Row | None = work.connection.execute(
        "SELECT * FROM _task WHERE job = ? AND number = ?", (job["id"], _number(number))
    ).fetchone()
    if row is None:
        raise not_found()
    return row


def _links(address: str) -> list[Value]:
    return [{"rel": "self", "href": address}]


def headers_of_task(row: Mapping[str, object] | sqlite3.Row) -> list[tuple[str, str]]:
    """What the request of a task is made with."""
    pairs = [(str(name), str(value)) for name, value in json.loads(str(row["headers"]))]
    return [*pairs, ("Content-Type", f"{RESOURCE}; type=singular"), ("Prefer", "transient")]
