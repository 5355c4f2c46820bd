"""Query jobs: made, watched, stopped, and read page by page."""

import base64
import binascii
from dataclasses import replace

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
from sandbox.salesforce.bulk.jobs import ABORTED, ENDED, QUERY, RESULTS, UPLOADED, Job
from sandbox.salesforce.bulk.sheet import line
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.plan import ChildPlan, Plan, make_plan
from sandbox.salesforce.soql.tree import Query
from sandbox.salesforce.usage import QUERY_JOBS

OPERATIONS = ("query", "queryAll")
KEYS = (
    "operation", "query", "contentType", "columnDelimiter", "lineEnding", "concurrencyMode",
    "object", "externalIdFieldName",
)  # fmt: skip
PAGE = 50_000
"""Records of a page when the caller names no number."""
PAGES_TOLD = 5
UNSUPPORTED = frozenset(
    "accepteventrelation casestatus contractstatus orderstatus partnerrole recentlyviewed"
    " solutionstatus taskpriority taskstatus undecidedeventrelation".split()
)


def create_query(desk: Desk, call: Call) -> Answer:
    body = call.json_object()
    only_keys(body, KEYS)
    operation = chosen(body, "operation", OPERATIONS)
    soql = body.get("query")
    if not isinstance(soql, str) or not soql.strip():
        raise Refusal("API_ERROR", "A query string has to be specified")
    plan = planned(desk, call.user, soql)
    desk.usage.check_query_jobs()
    delimiter, line_ending = form_of(body)
    now = desk.org.now_s()
    job = Job(
        id=desk.bulk.fresh_id(),
        kind=QUERY,
        operation=operation,
        object=plan.sobject.name,
        user=call.user,
        created_s=now,
        modified_s=now,
        version=call.version,
        state=UPLOADED,
        soql=soql,
        delimiter=delimiter,
        line_ending=line_ending,
    )
    desk.bulk.add(job)
    desk.usage.take(QUERY_JOBS)
    return Answer(body=created(job))


def planned(desk: Desk, user: str, soql: str) -> Plan:
    """Refuses what only the other query resources know."""
    query = parse(soql)
    name = query.source.text
    if name.lower() in UNSUPPORTED:
        raise Refusal("INVALIDENTITY", f"Entity '{name}' is not supported by the Bulk API.")
    plan = make_plan(desk.org, soql, user, query)
    if plan.aggregate or plan.counts_only:
        raise _not_in_bulk("Aggregate Relationships")
    if any(isinstance(output, ChildPlan) for output in plan.outputs):
        raise _not_in_bulk("Nested queries")
    if any(not isinstance(output, ChildPlan) and output.parts for output in plan.outputs):
        raise Refusal("INVALID_FIELD", "Selecting compound data not supported in Bulk Query")
    if _has_offset(query):
        raise _not_in_bulk("OFFSET")
    return plan


def _has_offset(query: Query) -> bool:
    return query.offset > 0


def _not_in_bulk(what: str) -> Refusal:
    message = f"{what} not supported in Bulk V2 Query with CSV content type"
    return Refusal("FUNCTIONALITY_NOT_ENABLED", message)


def list_queries(desk: Desk, call: Call) -> Answer:
    return list_jobs(desk.bulk, call, QUERY)


def read_query(desk: Desk, call: Call) -> Answer:
    return Answer(body=told(find_job(desk, call, QUERY)))


def stop_query(desk: Desk, call: Call) -> Answer:
    job = find_job(desk, call, QUERY)
    chosen(call.json_object(), "state", (ABORTED,))
    if job.state in ENDED:
        raise wrong_state(f"Aborting already {job.state.removeprefix('Job')} Job not allowed")
    return Answer(body=short(desk.bulk.change(job, state=ABORTED)))


def delete_query(desk: Desk, call: Call) -> Answer:
    return delete_job(desk, call, QUERY)


def query_results(desk: Desk, call: Call) -> Answer:
    """One page with the locator of the next, which is the word null at the end."""
    job = find_job(desk, call, QUERY)
    check_results(call, job)
    start = _offset(call.query.get("locator", ""))
    size = _page_size(call)
    total = desk.bulk.count(job, RESULTS)
    if start > total:
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    lines = desk.bulk.lines(job, RESULTS, start, size)
    following = start + len(lines)
    headers = {
        "Sforce-Locator": locator_of(following) if following < total else "null",
        "Sforce-NumberOfRecords": str(len(lines)),
    }
    return sheet_answer([line(job, job.header), *lines], headers)


def result_pages(desk: Desk, call: Call) -> Answer:
    """Up to five pages at a time, which may be read at once."""
    job = find_job(desk, call, QUERY)
    check_results(call, replace(job))
    start = _offset(call.query.get("locator", ""))
    total = desk.bulk.count(job, RESULTS)
    root = f"/services/data/v{call.version}/jobs/query/{job.id}"
    end = max(total, 1)
    starts = list(range(start, end, PAGE))
    following = starts[PAGES_TOLD] if len(starts) > PAGES_TOLD else None
    body: dict[str, object] = {
        "resultPages": [
            {"resultUrl": f"{root}/results?locator={locator_of(at)}"} for at in starts[:PAGES_TOLD]
        ]
    }
    if following is not None:
        body["nextRecordsUrl"] = f"{root}/resultPages?locator={locator_of(following)}"
    return Answer(body=body | {"done": following is None})


def locator_of(offset: int) -> str:
    return base64.b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str) -> int:
    if not locator or locator == "null":
        return 0
    try:
        text = base64.b64decode(locator + "=" * (-len(locator) % 4), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        text = ""
    if not text.isdigit() or len(text) > 12:
        raise Refusal("INVALID_QUERY_LOCATOR", "invalid query locator")
    return int(text)


def _page_size(call: Call) -> int:
    given = call.query.get("maxRecords", "")
    if not given:
        return PAGE
    if not given.isdigit() or not 0 < int(given) < 2**31:
        raise Refusal("API_ERROR", f"maxRecords must be a number above 0, not {given}")
    return int(given)
