"""Ingest jobs: made, filled with data, closed or stopped, and their three lists of results."""

from collections.abc import Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP

from sandbox.salesforce.bulk.answers import (
    check_results,
    chosen,
    created,
    delete_job,
    find_job,
    form_of,
    list_jobs,
    only_keys,
    sheet_answer,
    short,
    told,
    wrong_state,
)
from sandbox.salesforce.bulk.jobs import (
    ABORTED,
    ENDED,
    INGEST,
    OPEN,
    SUCCESSFUL,
    UNSUCCESSFUL,
    UPLOADED,
    Job,
)
from sandbox.salesforce.bulk.sheet import BadData, line, read_sheet
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, json_error
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.rest.call import Answer, Call, parse_json
from sandbox.salesforce.schema import SObject

OPERATIONS = ("insert", "delete", "hardDelete", "update", "upsert")
KEYS = (
    "object", "operation", "externalIdFieldName", "assignmentRuleId", "contentType",
    "columnDelimiter", "lineEnding", "concurrencyMode",
)  # fmt: skip
UPLOAD_BYTES_MAX = 150 * 1000 * 1000
MULTIPART_CHARACTERS_MAX = 100_000
SALES_PROFILE = make_id("00e", 2)
"""Its people may not delete for good."""


def create_ingest(desk: Desk, call: Call) -> Answer:
    """A body of JSON makes an open job; one of two parts brings the data along."""
    if call.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return _create_with_data(desk, call)
    job = _job(desk, call, call.json_object(), OPEN)
    desk.bulk.add(job)
    return Answer(body=created(job))


def _create_with_data(desk: Desk, call: Call) -> Answer:
    if len(call.body) > MULTIPART_CHARACTERS_MAX:
        text = f"The request body is larger than {MULTIPART_CHARACTERS_MAX} characters"
        raise Refusal("CLIENTINPUTERROR", f"ClientInputError : {text}")
    head = f"Content-Type: {call.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + call.body)
    parts = {_part_name(part): part for part in message.walk() if not part.is_multipart()}
    if "job" not in parts or "content" not in parts:
        text = "ClientInputError : The request needs the parts job and content"
        raise Refusal("CLIENTINPUTERROR", text)
    body = parse_json(_payload(parts["job"]))
    if not isinstance(body, dict):
        raise json_error("Cannot deserialize the part job at [line:1, column:1]")
    job = _job(desk, call, body, UPLOADED)
    desk.bulk.upload(job, _payload(parts["content"]))
    desk.bulk.add(job)
    return Answer(body=created(job))


def _part_name(part: "Message[str, str]") -> str:
    return str(part.get_param("name", "", "content-disposition"))


def _payload(part: "Message[str, str]") -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _job(desk: Desk, call: Call, body: Mapping[str, object], state: str) -> Job:
    only_keys(body, KEYS)
    operation = chosen(body, "operation", OPERATIONS)
    name = body.get("object")
    sobject = desk.org.metadata.view(call.user).find(name) if isinstance(name, str) else None
    if sobject is None:
        raise Refusal("INVALIDJOB", f"InvalidJob : Unable to find object: {name}")
    desk.usage.check_batches()
    if operation == "hardDelete":
        _check_hard_delete(desk, call.user)
    delimiter, line_ending = form_of(body)
    now = desk.org.now_s()
    return Job(
        id=desk.bulk.fresh_id(),
        kind=INGEST,
        operation=operation,
        object=sobject.name,
        user=call.user,
        created_s=now,
        modified_s=now,
        version=call.version,
        state=state,
        external_id=_external_id(sobject, operation, body),
        assignment=str(body.get("assignmentRuleId") or ""),
        origin=call.origin.replace("/api/rest/", "/api/bulk/"),
        delimiter=delimiter,
        line_ending=line_ending,
    )


def _external_id(sobject: SObject, operation: str, body: Mapping[str, object]) -> str:
    name = body.get("externalIdFieldName")
    if operation != "upsert":
        return ""
    if not name:
        message = (
            f"InvalidJob : External ID was blank for {sobject.name}. An External ID must be"
            " specified for upsert."
        )
        raise Refusal("INVALIDJOB", message)
    field = sobject.field(str(name))
    if field is None or not (field.id_lookup or field.external_id):
        message = (
            f"InvalidJob : Field name provided, {name} does not match an External ID, Salesforce"
            f" Id, or indexed field for {sobject.name}"
        )
        raise Refusal("INVALIDJOB", message)
    return field.name


def _check_hard_delete(desk: Desk, user: str) -> None:
    profile = desk.org.value('SELECT "ProfileId" FROM "User" WHERE "Id" = ?', user)
    if profile == SALES_PROFILE:
        message = (
            "FeatureNotEnabled : hardDelete operation requires special user profile permission,"
            " please contact your system administrator"
        )
        raise Refusal("FEATURENOTENABLED", message)


def upload(desk: Desk, call: Call) -> Answer:
    """The data of a job, once and in one piece."""
    job = find_job(desk, call, INGEST)
    if job.state != OPEN:
        raise wrong_state(f"Uploading data to a Job in the state {job.state} not allowed")
    if desk.bulk.content(job) is not None:
        message = (
            f"ClientInputError : Found multiple contents for job: <{job.id}>, please 'Close' /"
            " 'Abort' / 'Delete' the current Job then create a new Job and make sure you only do"
            " 'PUT' once on a given Job."
        )
        raise Refusal("CLIENTINPUTERROR", message)
    if len(call.body) > UPLOAD_BYTES_MAX:
        message = f"ClientInputError : The data are larger than {UPLOAD_BYTES_MAX} bytes"
        raise Refusal("CLIENTINPUTERROR", message)
    desk.bulk.upload(job, call.body)
    desk.bulk.change(job, charset=_charset(call))
    return Answer(status=201)


def _charset(call: Call) -> str:
    head = Message()
    head["Content-Type"] = call.headers.get("content-type", "text/csv")
    return head.get_content_charset("utf-8")


def list_ingests(desk: Desk, call: Call) -> Answer:
    return list_jobs(desk.bulk, call, INGEST)


def read_ingest(desk: Desk, call: Call) -> Answer:
    return Answer(body=told(find_job(desk, call, INGEST)))


def change_ingest(desk: Desk, call: Call) -> Answer:
    """Closes an open job, so that it is worked on, or stops one that has not ended."""
    job = find_job(desk, call, INGEST)
    state = chosen(call.json_object(), "state", (UPLOADED, ABORTED))
    verb = "Closing" if state == UPLOADED else "Aborting"
    if job.state in ENDED or (state == UPLOADED and job.state != OPEN):
        raise wrong_state(f"{verb} already {job.state.removeprefix('Job')} Job not allowed")
    return Answer(body=short(desk.bulk.change(job, state=state)))


def delete_ingest(desk: Desk, call: Call) -> Answer:
    return delete_job(desk, call, INGEST)


def successful_results(desk: Desk, call: Call) -> Answer:
    return _results(desk, call, SUCCESSFUL, ("sf__Id", "sf__Created"))


def failed_results(desk: Desk, call: Call) -> Answer:
    return _results(desk, call, UNSUCCESSFUL, ("sf__Id", "sf__Error"))


def _results(desk: Desk, call: Call, name: str, columns: tuple[str, ...]) -> Answer:
    job = find_job(desk, call, INGEST)
    check_results(call, job)
    lines = desk.bulk.lines(job, name)
    return sheet_answer([line(job, (*columns, *job.header)), *lines])


def unprocessed_records(desk: Desk, call: Call) -> Answer:
    """What a stopped or failed job did not come to, as it was uploaded."""
    job = find_job(desk, call, INGEST)
    check_results(call, job)
    content = desk.bulk.content(job) or b""
    try:
        sheet = read_sheet(job, content)
        rows = [line(job, row) for row in sheet.rows][job.processed :]
    except BadData:
        return sheet_answer([content.decode("utf-8", "replace")])
    return sheet_answer([line(job, sheet.header), *rows] if sheet.header else [])
