"""The query service: SuiteQL over POST, a page at a time."""

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.wire import COLLECTION, Call, answer, page_links, page_of
from sandbox.netsuite.errors import (
    bad_body,
    bad_header,
    bad_parameter,
    not_allowed,
    not_your_action,
)
from sandbox.netsuite.roles import rights_of
from sandbox.netsuite.suiteql.run import PARAMETERS_SINCE, ROWS_MAX, search
from sandbox.netsuite.values import Document, Value

TRANSIENT = "transient"
PARAMETERS_MAX = 1000


def handle(desk: Desk, work: Work, call: Call) -> web.Response:
    if call.method != "POST":
        raise not_allowed("Use POST.")
    if TRANSIENT not in call.preferences():
        raise bad_header(
            "Prefer", "The required request header 'Prefer' is missing. Use 'Prefer: transient'."
        )
    if not rights_of(work.user).searches:
        raise not_your_action()
    limit, offset = page_of(call)
    if offset + limit > ROWS_MAX:
        raise bad_parameter(
            "offset", f"A search gives out at most {ROWS_MAX} rows; narrow it and search again."
        )
    body = call.body()
    query = body.get("q")
    if not isinstance(query, str) or not query.strip():
        raise bad_body("Provide the query in q.", "q")
    page = search(
        work.account,
        desk.failure,
        query,
        _parameters(work, body),
        limit,
        offset,
        tables=desk.metadata.tables,
        rights=rights_of(work.user),
    )
    base = f"{call.base}/query/v1/suiteql"
    items: list[Value] = [{"links": [], **row} for row in page.rows]
    reach = min(page.total, ROWS_MAX)
    answered: Document = {
        "links": [*page_links(call, base, limit, offset, reach)],
        "count": len(items),
        "hasMore": offset + limit < reach,
        "items": items,
        "offset": offset,
        "totalResults": page.total,
    }
    return answer(200, answered, COLLECTION)


def _parameters(work: Work, body: Document) -> list[str]:
    """Bound parameters came with one release; before it the word is unknown."""
    sent = body.get("params")
    if sent is None:
        return []
    if work.account.profile.netsuite_release < PARAMETERS_SINCE:
        raise bad_body("Unknown property 'params'.", "params")
    fits = isinstance(sent, list) and len(sent) <= PARAMETERS_MAX
    if not isinstance(sent, list) or not fits or any(isinstance(one, dict | list) for one in sent):
        raise bad_body("Use a list of values.", "params")
    return [_bound(one) for one in sent]


def _bound(value: Value) -> str:
    if isinstance(value, bool):
        return "T" if value else "F"
    return "" if value is None else str(value)
