"""The search resources: SOSL, and the same without its syntax."""

from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.query import asker_of
from sandbox.salesforce.soql.run import run_query
from sandbox.salesforce.soql.sosl import (
    DEFAULT_OBJECTS,
    GROUPS,
    LIMIT_MAX,
    Search,
    Wanted,
    check_term,
    malformed,
    parse_sosl,
    soql_of,
)

FLAT_BELOW = 37.0
"""Before this version the answer is a bare list."""


def search(desk: Desk, call: Call) -> Answer:
    text = call.query.get("q", "")
    if not text.strip():
        raise malformed("A search string has to be specified")
    return _answer(desk, call, parse_sosl(text))


def parameterized_search(desk: Desk, call: Call) -> Answer:
    """By GET in the query string, by POST as JSON."""
    wish = call.json_object() if call.method == "POST" else _from_query(call.query)
    term = wish.get("q")
    if not isinstance(term, str) or not term.strip():
        raise Refusal("MISSING_ARGUMENT", "q parameter is missing")
    group = str(wish.get("in") or "ALL").upper()
    if group not in GROUPS:
        raise Refusal("INVALID_SEARCH_SCOPE", f"in: {group} is no search group")
    fields = _texts(wish.get("fields"))
    default = _count(wish.get("defaultLimit"), LIMIT_MAX)
    wanted = tuple(_wanted(entry, fields, default) for entry in _list(wish.get("sobjects")))
    found = Search(
        term=term,
        group=group,
        wanted=wanted or tuple(Wanted(name=name, fields=fields) for name in DEFAULT_OBJECTS),
        limit=_count(wish.get("overallLimit"), LIMIT_MAX),
    )
    return _answer(desk, call, found)


def _from_query(query: Mapping[str, str]) -> dict[str, object]:
    sobjects = [
        {"name": name, "fields": _split(query.get(f"{name}.fields", "")),
         "where": query.get(f"{name}.where", ""), "limit": query.get(f"{name}.limit")}
        for name in _split(query.get("sobject", ""))
    ]  # fmt: skip
    return {**query, "sobjects": sobjects, "fields": _split(query.get("fields", ""))}


def _wanted(entry: object, fields: tuple[str, ...], default: int) -> Wanted:
    wish = entry if isinstance(entry, Mapping) else {"name": entry}
    return Wanted(
        name=str(wish.get("name")),
        fields=_texts(wish.get("fields")) or fields,
        where=str(wish.get("where") or ""),
        rest=f"LIMIT {_count(wish.get('limit'), default)}",
    )


def _answer(desk: Desk, call: Call, wish: Search) -> Answer:
    check_term(wish.term)
    wanted = wish.wanted or tuple(Wanted(name=name) for name in DEFAULT_OBJECTS)
    records: list[object] = []
    for entry in wanted:
        records += _found(desk, call, wish, entry)
    kept = records[: wish.limit]
    if call.api_version < FLAT_BELOW:
        return Answer(body=kept)
    return Answer(body={"searchRecords": kept})


def _found(desk: Desk, call: Call, wish: Search, entry: Wanted) -> list[object]:
    sobject = desk.org.metadata.view(call.user).find(entry.name)
    if sobject is None:
        raise Refusal("INVALID_TYPE", f"sObject type '{entry.name}' is not supported.")
    soql = soql_of(wish, entry, sobject)
    rows = run_query(asker_of(desk, call), soql, every=False)["records"] if soql else []
    return list(rows) if isinstance(rows, list) else []


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(entry) for entry in value) if isinstance(value, list) else ()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _split(text: str) -> list[str]:
    return [entry.strip() for entry in text.split(",") if entry.strip()]


def _count(value: object, default: int) -> int:
    text = str(value if value is not None else default)
    return min(int(text), LIMIT_MAX) if text.isdigit() else default
