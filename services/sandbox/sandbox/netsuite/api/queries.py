"""The query service: SuiteQL over POST, a page at a time."""

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.wire import COLLECTION, Call, answer, page_links, page_of
from sandbox.netsuite.errors import NetSuiteError, bad_body, bad_parameter
from sandbox.netsuite.suiteql.register import SearchFailure
from sandbox.netsuite.suiteql.run import PARAMETERS_SINCE, ROWS_MAX, search
from sandbox.netsuite.values import Document, Value

TRANSIENT = "transient"


def handle(work: Work, call: Call, failure: SearchFailure) -> web.Response:
    if call.method != "POST":
        raise NetSuiteError(405, "METHOD_NOT_ALLOWED", "Use POST.")
    _check_prefer(call)
    limit, offset = page_of(call)
    if offset + limit > ROWS_MAX:
        raise bad_parameter(
            "offset", f"A search gives out at most {ROWS_MAX} rows; narrow it and search again."
        )
    body = call.body()
    query = body.get("q")
    if not isinstance(query, str) or not query.strip():
        raise bad_body("Provide the query in q.", "q")
    page = search(work.account, failure, query, _parameters(work, body), limit, offset)
    base = f"{call.base}/query/v1/suiteql"
    items: list[Value] = [{"links": [], **row} for row in page.rows]
    answered: Document = {
        "links": [*page_links(call, base, limit, offset, min(page.total, ROWS_MAX))],
        "count": len(items),
        "hasMore": offset + limit < page.total,
        "items": items,
        "offset": offset,
        "totalResults": page.total,
    }
    return answer(200, answered, COLLECTION)


def _check_prefer(call: Call) -> None:
    wanted = {part.strip().lower() for part in call.header("Prefer").split(",")}
    if TRANSIENT not in wanted:
        raise NetSuiteError(
            400,
            "INVALID_HEADER",
            "The required request header 'Prefer' is missing. Use 'Prefer: transient'.",
            {"errorHeader": "Prefer"},
        )


def _parameters(work: Work, body: Document) -> list[str]:
    """Bound parameters came with one release; before it the word is unknown."""
    sent = body.get("params")
    if sent is None:
        return []
    if work.account.profile.netsuite_release < PARAMETERS_SINCE:
        raise bad_body("Unknown property 'params'.", "params")
    if not isinstance(sent, list) or any(isinstance(one, dict | list) for one in sent):
        raise bad_body("Use a list of values.", "params")
    return ["" if one is None else str(one) for one in sent]
