"""The Tooling API as far as clients ask it: its objects, their columns, and queries."""

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.events.tooling import SOURCES as OF_EVENTS
from sandbox.salesforce.events.tooling import query_events
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.catalogue import EMPTY, SOURCES, catalogue_query, source_of
from sandbox.salesforce.rest.query import asker_of
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.run import run_query


def tooling_resources(desk: Desk, call: Call) -> Answer:
    root = f"/services/data/v{call.version}/tooling"
    names = ("sobjects", "query", "queryAll", "search")
    return Answer(body={name: f"{root}/{name}" for name in names})


def tooling_query(desk: Desk, call: Call) -> Answer:
    """Events, the catalogue, and every ordinary object."""
    soql = call.query.get("q", "")
    if not soql.strip():
        raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
    query = parse(soql)
    name = query.source.text
    if name.lower() in {source.lower() for source in OF_EVENTS}:
        return query_events(desk, call, query)
    found = catalogue_query(desk, call, soql, query)
    if found is None:
        page = dict(run_query(asker_of(desk, call), soql, every=False))
        sobject = desk.org.metadata.view(call.user).find(name)
        return _answer(page, sobject.name if sobject else name)
    entity, page = found
    return _answer(page, entity)


def tooling_objects(desk: Desk, call: Call) -> Answer:
    base = f"/services/data/v{call.version}/tooling/sobjects"
    names = sorted({*EMPTY, *SOURCES, *OF_EVENTS})
    objects = [
        {
            "name": name,
            "label": name,
            "queryable": True,
            "urls": {"sobject": f"{base}/{name}", "describe": f"{base}/{name}/describe"},
        }
        for name in names
    ]
    return Answer(body={"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects})


def tooling_describe(desk: Desk, call: Call) -> Answer:
    found = source_of(desk, call.user, call.parts["object"])
    if found is None:
        raise not_found()
    name, columns, _ = found
    fields = [{"name": column, "label": column} for column in columns]
    return Answer(body={"name": name, "label": name, "queryable": True, "fields": fields})


def _answer(page: dict[str, object], entity: str) -> Answer:
    records = page.get("records")
    size = len(records) if isinstance(records, list) else 0
    head = {"size": size, "totalSize": page["totalSize"], "done": page["done"]}
    following = {key: page[key] for key in ("nextRecordsUrl",) if key in page}
    tail = {"queryLocator": None, "entityTypeName": entity, "records": records}
    return Answer(body={**head, **following, **tail})
