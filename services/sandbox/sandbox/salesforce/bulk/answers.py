"""Jobs and refusals as the Bulk API words them."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sandbox.salesforce.bulk.jobs import (
    COMPLETE,
    ENDED,
    INGEST,
    OPEN,
    PREFIX,
    QUERY,
    RUNNING,
    Job,
    Jobs,
)
from sandbox.salesforce.bulk.sheet import DELIMITERS, LINE_ENDINGS
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, json_error
from sandbox.salesforce.ids import is_id, make_id, normal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.values import show_datetime

JOBS_MAX = 1000
"""In one page of a list."""
TYPES = {QUERY: "V2Query", INGEST: "V2Ingest"}
CHUNKING_TOLD_SINCE = 60.0
Shown = dict[str, object]


def short(job: Job) -> Shown:
    """What changing a job's state answers."""
    body: Shown = {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user,
        "createdDate": show_datetime(job.created_s),
        "systemModstamp": show_datetime(job.modified_s),
        "state": job.state,
    }
    if job.external_id:
        body["externalIdFieldName"] = job.external_id
    if job.assignment:
        body["assignmentRuleId"] = job.assignment
    return body | {
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": Decimal(job.version),
    }


def created(job: Job) -> Shown:
    """A job that was just made, or is still open: where to put its data."""
    body = short(job)
    if job.kind == INGEST and job.state == OPEN:
        body["contentUrl"] = f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"
    return body | {"lineEnding": job.line_ending, "columnDelimiter": job.delimiter}


def listed(job: Job) -> Shown:
    body = created(job)
    form = {name: body.pop(name) for name in ("lineEnding", "columnDelimiter")}
    where = {"contentUrl": body.pop("contentUrl")} if "contentUrl" in body else {}
    return body | {"jobType": TYPES[job.kind]} | where | form


def told(job: Job) -> Shown:
    """All there is to say of one job."""
    body = listed(job)
    if job.kind == QUERY:
        if job.state in (COMPLETE, RUNNING) or job.processed:
            body["numberRecordsProcessed"] = job.processed
        body |= {"retries": 0, "totalProcessingTime": job.spent_ms}
        if float(job.version) >= CHUNKING_TOLD_SINCE:
            body["isPkChunkingSupported"] = True
    else:
        if job.state != OPEN:
            body["numberRecordsProcessed"] = job.processed
            body["numberRecordsFailed"] = job.failed
        body |= {
            "retries": 0,
            "totalProcessingTime": job.spent_ms,
            "apiActiveProcessingTime": job.spent_ms,
            "apexProcessingTime": 0,
        }
    return body | ({"errorMessage": job.error} if job.error else {})


def list_jobs(jobs: Jobs, call: Call, kind: str) -> Answer:
    """Pages of a thousand; the locator ends in the place of the first."""
    start = _place(call.query.get("queryLocator", ""))
    wanted = call.query.get("jobType", TYPES[kind])
    chunked = call.query.get("isPkChunkingEnabled", "").lower() == "true"
    none = chunked or wanted.lower() != TYPES[kind].lower()
    found = [] if none else jobs.all(kind, start, JOBS_MAX + 1)
    more = None
    if len(found) > JOBS_MAX:
        locator = f"{make_id('01g', 1)}-{start + JOBS_MAX}"
        more = f"/services/data/v{call.version}/jobs/{kind}?queryLocator={locator}"
    body = {
        "done": more is None,
        "records": [listed(job) for job in found[:JOBS_MAX]],
        "nextRecordsUrl": more,
    }
    return Answer(body=body)


def _place(locator: str) -> int:
    end = locator.rpartition("-")[2]
    if locator and not (end.isdigit() and len(end) < 12):
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(end or 0)


def find_job(desk: Desk, call: Call, kind: str) -> Job:
    identifier = call.parts["job"]
    job = None
    if is_id(identifier) and identifier.startswith(PREFIX):
        job = desk.bulk.find(normal(identifier))
    if job is None or job.kind != kind:
        message = f"InvalidJob : Unable to find a job with the id {identifier}"
        raise Refusal("INVALIDJOB", message, status=404)
    return job


def wrong_state(message: str) -> Refusal:
    return Refusal("INVALIDJOBSTATE", f"InvalidJobState : {message}")


def check_results(call: Call, job: Job) -> None:
    """Only of a job that has ended, and by the version that made it."""
    if call.version != job.version:
        message = (
            f"The API version {call.version} of the request differs from {job.version}, the one"
            " that the job was created with"
        )
        raise Refusal("CONFLICT", message, status=409)
    if job.state not in (ENDED if job.kind == INGEST else {COMPLETE}):
        message = f"The job {job.id} is not complete, its state is {job.state}"
        raise Refusal("JOB_NOT_COMPLETE", message, status=412)


def delete_job(desk: Desk, call: Call, kind: str) -> Answer:
    job = find_job(desk, call, kind)
    if job.state in (OPEN, RUNNING):
        raise wrong_state(f"Deleting a job in the state {job.state} not allowed")
    desk.bulk.remove(job)
    return Answer(status=204)


def sheet_answer(lines: Sequence[str], headers: Mapping[str, str] | None = None) -> Answer:
    content = "".join(lines).encode()
    return Answer(content=content, headers={"Content-Type": "text/csv", **(headers or {})})


def chosen(body: Mapping[str, object], key: str, known: Sequence[str], default: str = "") -> str:
    """One of the values that the key may have."""
    value = body.get(key)
    if value is None and default:
        return default
    if value is None:
        raise Refusal("INVALIDJOB", f"InvalidJob : {key} is missing")
    if value not in known:
        given = value if isinstance(value, str) else json.dumps(value, default=str)
        raise json_error(
            f'Cannot deserialize value of {key} from String "{given}": not one of the values'
            f" accepted: [{', '.join(known)}] at [line:1, column:1]"
        )
    return str(value)


def form_of(body: Mapping[str, object]) -> tuple[str, str]:
    """How the data of a job are written: delimiter and line ending."""
    chosen(body, "contentType", ("CSV",), "CSV")
    delimiter = chosen(body, "columnDelimiter", tuple(DELIMITERS), "COMMA")
    return delimiter, chosen(body, "lineEnding", tuple(LINE_ENDINGS), "LF")


def only_keys(body: Mapping[str, object], known: Sequence[str]) -> None:
    for key in body:
        if key not in known:
            raise json_error(f'Unrecognized field "{key}" at [line:1, column:1]')
