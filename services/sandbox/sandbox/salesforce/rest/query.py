"""The query resources: query, queryAll, their further pages, and what columns a query has."""

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.catalogue import catalogue_query
from sandbox.salesforce.soql.columns import column_metadata, explain
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.run import PAGE_MAX, PAGE_MIN, Asker, run_more, run_query

DEFINITIONS = frozenset({"entitydefinition", "fielddefinition"})


def query(desk: Desk, call: Call) -> Answer:
    return _query(desk, call, every=False)


def query_all(desk: Desk, call: Call) -> Answer:
    return _query(desk, call, every=True)


def query_more(desk: Desk, call: Call) -> Answer:
    path = "queryAll" if "queryall" in call.path.lower() else "query"
    return Answer(body=run_more(asker_of(desk, call), call.parts["locator"], path))


def _query(desk: Desk, call: Call, *, every: bool) -> Answer:
    asker = asker_of(desk, call)
    if call.query.get("explain"):
        return Answer(body=explain(asker, call.query["explain"]))
    soql = call.query.get("q", "")
    if not soql.strip():
        raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
    if call.query.get("columns", "").lower() == "true":
        return Answer(body=column_metadata(asker, soql))
    try:
        return Answer(body=run_query(asker, soql, every=every))
    except Refusal as refusal:
        found = _of_metadata(desk, call, soql) if refusal.code == "INVALID_TYPE" else None
        if found is None:
            raise
        return found


def _of_metadata(desk: Desk, call: Call, soql: str) -> Answer | None:
    """Definitions of objects and fields can be asked for here too."""
    query = parse(soql)
    if query.source.text.lower() not in DEFINITIONS:
        return None
    found = catalogue_query(desk, call, soql, query)
    return None if found is None else Answer(body=found[1])


def asker_of(desk: Desk, call: Call) -> Asker:
    wanted = call.option("sforce-query-options", "batchSize")
    size = int(wanted) if wanted.isdigit() else PAGE_MAX
    page = min(PAGE_MAX, max(PAGE_MIN, size))
    return Asker(org=desk.org, user=call.user, version=call.version, page=page)
