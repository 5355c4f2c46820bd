"""What a signed-in caller of the SOAP API may do with records."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from xml.etree import ElementTree

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.json_text import java_double
from sandbox.salesforce.merging import merge
from sandbox.salesforce.records import identified
from sandbox.salesforce.recycling import bring_back, purge
from sandbox.salesforce.rest import collections
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.query import asker_of
from sandbox.salesforce.signin.people import user_by_id
from sandbox.salesforce.soap.envelope import (
    Request,
    SoapFault,
    local,
    nil,
    reply,
    tag,
    text_of,
    texts_of,
)
from sandbox.salesforce.soap.login import user_info
from sandbox.salesforce.soql.run import run_more, run_query
from sandbox.salesforce.work import Work

SOBJECTS = ' xmlns:sf="urn:sobject.partner.soap.sforce.com"'
MERGES_MAX = 10
LOSERS_MAX = 2
Result = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    desk: Desk
    call: Call
    request: Request
    kind: str
    session: str

    @property
    def element(self) -> ElementTree.Element:
        return self.request.operation

    def answer(self, results: str) -> Answer:
        name = f"{self.request.name}Response"
        content = f"<{name}>{results}</{name}>" if results else f"<{name}/>"
        return reply(self.kind, content, SOBJECTS)


def _save(operation: Operation, save: Callable[[Desk, Call], Answer], **parts: str) -> Answer:
    """Through the collection call that does the same."""
    records = [_record(child) for child in operation.element if local(child) == "sObjects"]
    all_or_none = operation.request.header("AllOrNoneHeader", "allOrNone") == "true"
    body = {"allOrNone": all_or_none, "records": records}
    call = replace(operation.call, body=json.dumps(body).encode(), parts=parts)
    return _results(operation, save(operation.desk, call))


def _record(element: ElementTree.Element) -> dict[str, object]:
    found: dict[str, object] = {"attributes": {"type": text_of(element, "type")}}
    for child in element:
        name = local(child)
        if name == "fieldsToNull":
            found[(child.text or "").strip()] = None
        elif len(child):
            found[name] = {local(part): part.text for part in child if local(part) != "type"}
        elif name != "type":
            found[name] = child.text
    return found


def _results(operation: Operation, answer: Answer) -> Answer:
    rows = answer.body if isinstance(answer.body, list) else []
    return operation.answer("".join(_result(row) for row in rows))


def _result(row: Result, more: str = "") -> str:
    """Parts in alphabetical order."""
    created = row.get("created")
    identifier = row.get("id")
    errors = row.get("errors")
    return (
        "<result>"
        + (tag("created", str(created).lower()) if created is not None else "")
        + "".join(_error(error) for error in (errors if isinstance(errors, list) else []))
        + (tag("id", str(identifier)) if identifier else nil("id"))
        + more
        + tag("success", str(row.get("success")).lower())
        + "</result>"
    )


def _error(error: Mapping[str, object]) -> str:
    fields = error.get("fields")
    names = fields if isinstance(fields, list) else []
    content = "".join(tag("fields", str(name)) for name in names)
    content += tag("message", str(error["message"])) + tag("statusCode", str(error["statusCode"]))
    return f"<errors>{content}</errors>"


def _by_ids(operation: Operation, act: Callable[[Work, str], str]) -> Answer:
    """Each id on its own; `act` returns the id to tell."""
    results = []
    with operation.desk.transaction(operation.call) as work:
        for identifier in texts_of(operation.element, "ids")[: collections.RECORDS_MAX]:
            results.append(_attempt(work, partial(_acted, work, act, identifier)))
    return operation.answer("".join(_result(row) for row in results))


def _acted(work: Work, act: Callable[[Work, str], str], identifier: str) -> str:
    return act(work, _checked(identifier))


def _attempt(work: Work, act: Callable[[], str]) -> Result:
    try:
        with work.attempt():
            return {"id": act(), "success": True, "errors": []}
    except Refusal as refusal:
        return {"id": None, "success": False, "errors": [refusal.row()]}


def _checked(identifier: str) -> str:
    if not is_id(identifier):
        raise Refusal("MALFORMED_ID", f"malformed id {identifier}", fields=())
    return normal(identifier)


def _delete(operation: Operation) -> Answer:
    ids = ",".join(texts_of(operation.element, "ids"))
    all_or_none = operation.request.header("AllOrNoneHeader", "allOrNone")
    call = replace(operation.call, query={"ids": ids, "allOrNone": all_or_none})
    return _results(operation, collections.delete_records(operation.desk, call))


def _undelete(operation: Operation) -> Answer:
    def act(work: Work, identifier: str) -> str:
        bring_back(work, identifier)
        return identifier

    return _by_ids(operation, act)


def _empty_bin(operation: Operation) -> Answer:
    def act(work: Work, identifier: str) -> str:
        purge(work, identifier)
        return identifier

    return _by_ids(operation, act)


def _merge(operation: Operation) -> Answer:
    requests = [child for child in operation.element if local(child) == "request"]
    if len(requests) > MERGES_MAX:
        raise SoapFault("EXCEEDED_ID_LIMIT", f"at most {MERGES_MAX} merges in one call")
    results = []
    for request in requests:
        master = next((child for child in request if local(child) == "masterRecord"), None)
        if master is None:
            raise SoapFault("soapenv:Client", "masterRecord is missing")
        losers = texts_of(request, "recordToMergeIds")
        related: list[str] = []
        with operation.desk.transaction(operation.call) as work:
            row = _attempt(work, partial(_merged, work, master, losers, related))
        merged = [normal(loser) for loser in losers] if row["success"] else []
        more = "".join(tag("mergedRecordIds", loser) for loser in merged)
        results.append(_merge_result(row, more, related))
    return operation.answer("".join(results))


def _merged(work: Work, master: ElementTree.Element, losers: list[str], related: list[str]) -> str:
    body = _record(master)
    identifier = str(body.pop("Id", None) or body.pop("id", None) or "")
    if not 1 <= len(losers) <= LOSERS_MAX:
        raise Refusal("INVALID_NUMBER_OF_RECORDS", "one or two records can be merged", fields=())
    view = identified(work, _checked(identifier))
    related += merge(work, view, identifier, [_checked(loser) for loser in losers], body)
    return normal(identifier)


def _merge_result(row: Result, more: str, related: list[str]) -> str:
    text = _result(row, more)
    updated = "".join(tag("updatedRelatedIds", identifier) for identifier in related)
    return text.replace("</result>", f"{updated}</result>") if row["success"] else text


def _retrieve(operation: Operation) -> Answer:
    fields = text_of(operation.element, "fieldList").split(",")
    body = {"ids": texts_of(operation.element, "ids"), "fields": fields}
    parts = {"object": text_of(operation.element, "sObjectType")}
    call = replace(operation.call, body=json.dumps(body).encode(), parts=parts)
    answer = collections.retrieve_records(operation.desk, call)
    rows = answer.body if isinstance(answer.body, list) else []
    wanted = {"attributes", *(name.strip().lower() for name in fields)}
    texts = (nil("result") if row is None else _retrieved(row, wanted) for row in rows)
    return operation.answer("".join(texts))


def _retrieved(row: Result, wanted: set[str]) -> str:
    """REST adds the id to the fields asked for, SOAP has it of its own."""
    chosen = {key: value for key, value in row.items() if key.lower() in wanted}
    return _sobject("result", chosen, str(row["Id"]))


def _query(operation: Operation, *, every: bool) -> Answer:
    asker = asker_of(operation.desk, operation.call)
    return _page(
        operation, run_query(asker, text_of(operation.element, "queryString"), every=every)
    )


def _query_more(operation: Operation) -> Answer:
    locator = text_of(operation.element, "queryLocator")
    return _page(operation, run_more(asker_of(operation.desk, operation.call), locator, "query"))


def _page(operation: Operation, page: Result) -> Answer:
    following = page.get("nextRecordsUrl")
    locator = tag("queryLocator", str(following).rpartition("/")[2]) if following else ""
    content = (
        tag("done", str(page["done"]).lower())
        + (locator or nil("queryLocator"))
        + "".join(_records(page))
        + tag("size", str(page["totalSize"]))
    )
    return operation.answer(f'<result xsi:type="QueryResult">{content}</result>')


def _records(page: Result) -> Iterator[str]:
    rows = page["records"]
    for row in rows if isinstance(rows, list) else []:
        yield _sobject("records", row)


def _sobject(name: str, row: Result, known_id: str = "") -> str:
    """The type, the id of the schema itself, then the fields that were asked for."""
    attributes = row.get("attributes")
    kind = str(attributes["type"]) if isinstance(attributes, Mapping) else ""
    identifier = row.get("Id") or known_id
    content = tag("sf:type", kind)
    content += tag("sf:Id", str(identifier)) if identifier else nil("sf:Id")
    for key, value in row.items():
        if key != "attributes":
            content += _value(f"sf:{key}", value)
    return f'<{name} xsi:type="sf:sObject">{content}</{name}>'


def _value(name: str, value: object) -> str:
    if value is None:
        return nil(name)
    if isinstance(value, bool):
        return tag(name, str(value).lower())
    if isinstance(value, Decimal):
        return tag(name, java_double(value))
    if isinstance(value, Mapping) and "records" in value:
        page = tag("done", str(value["done"]).lower()) + nil("queryLocator")
        page += "".join(_records(value)) + tag("size", str(value["totalSize"]))
        return f'<{name} xsi:type="QueryResult">{page}</{name}>'
    if isinstance(value, Mapping) and "attributes" in value:
        return _sobject(name, value)
    if isinstance(value, Mapping):
        parts = "".join(_value(key, entry) for key, entry in value.items())
        return f"<{name}>{parts}</{name}>"
    text = str(value)
    return tag(name, text.replace("+0000", "Z") if text.endswith(".000+0000") else text)


def _upsert(operation: Operation) -> Answer:
    kind = next(
        (text_of(child, "type") for child in operation.element if local(child) == "sObjects"), ""
    )
    field = text_of(operation.element, "externalIDFieldName")
    return _save(operation, collections.upsert_records, object=kind, field=field)


def _user_info(operation: Operation) -> Answer:
    user = user_by_id(operation.desk.org, operation.call.user)
    content = user_info(operation.desk, user) if user else ""
    return operation.answer(f"<result>{content}</result>")


def _timestamp(operation: Operation) -> Answer:
    now = f"{operation.desk.org.clock.now():%Y-%m-%dT%H:%M:%S.000Z}"
    return operation.answer(f"<result>{tag('timestamp', now)}</result>")


def _logout(operation: Operation) -> Answer:
    operation.desk.sessions.revoke(operation.session)
    return operation.answer("")


OPERATIONS: Mapping[str, Callable[[Operation], Answer]] = {
    "create": lambda operation: _save(operation, collections.insert_records),
    "update": lambda operation: _save(operation, collections.update_records),
    "upsert": _upsert,
    "delete": _delete,
    "undelete": _undelete,
    "emptyRecycleBin": _empty_bin,
    "merge": _merge,
    "retrieve": _retrieve,
    "query": lambda operation: _query(operation, every=False),
    "queryAll": lambda operation: _query(operation, every=True),
    "queryMore": _query_more,
    "getUserInfo": _user_info,
    "getServerTimestamp": _timestamp,
    "logout": _logout,
}
