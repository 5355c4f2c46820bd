"""Which path and method lead to which endpoint."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import unquote

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_allowed, not_found
from sandbox.salesforce.events import rest as events
from sandbox.salesforce.events import tooling
from sandbox.salesforce.rest import (
    collections,
    composite,
    describe,
    query,
    resources,
    sobjects,
)
from sandbox.salesforce.rest.call import Answer, Call, answer_of

Endpoint = Callable[[Desk, Call], Answer]
VERSIONED = re.compile(r"^/services/data/v(\d{1,3}\.\d)(?=/|$)", re.IGNORECASE)
RETIRED_BELOW = 31
DEPRECATED_BELOW = 41
WARNING = (
    "299 - \"This API is deprecated and will be removed by Summer '28. Please see"
    ' https://help.salesforce.com/articleView?id=000381744 for details."'
)


@dataclass(frozen=True, slots=True)
class Route:
    methods: tuple[str, ...]
    template: str
    endpoint: Endpoint

    @property
    def pattern(self) -> re.Pattern[str]:
        return _pattern(self.template)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "/?$", re.IGNORECASE)


def dispatch(desk: Desk, call: Call) -> Answer:
    """Refusals become error answers here, so that composite calls get them as bodies."""
    try:
        return _dispatch(desk, call)
    except Refusal as refusal:
        return answer_of(refusal)


def _dispatch(desk: Desk, call: Call) -> Answer:
    version = VERSIONED.match(call.path)
    if version is None:
        raise not_found()
    _check_version(desk, float(version[1]))
    rest = call.path[version.end() :] or "/"
    route, parts = find(call.method, rest)
    inner = replace(call, version=version[1], parts=parts)
    answer = route.endpoint(desk, inner)
    if float(version[1]) < DEPRECATED_BELOW:
        return replace(answer, headers={**answer.headers, "Warning": WARNING})
    return answer


def find(method: str, rest: str) -> tuple[Route, dict[str, str]]:
    allowed: list[str] = []
    for route in routes():
        match = route.pattern.match(rest)
        if match is None:
            continue
        if method in route.methods:
            return route, {name: _decoded(value) for name, value in match.groupdict().items()}
        allowed += route.methods
    raise not_allowed(method, sorted(set(allowed))) if allowed else not_found()


def template_of(path: str) -> str:
    """The path with its variable parts named, for logs."""
    version = VERSIONED.match(path)
    rest = path[version.end() :] if version else path
    for route in routes():
        if route.pattern.match(rest or "/"):
            return f"/services/data/{{version}}{route.template}"
    return "?"


def _decoded(segment: str) -> str:
    """Some clients write a space as a plus."""
    return unquote(segment.replace("+", " "))


def _check_version(desk: Desk, version: float) -> None:
    if version > float(desk.org.profile.salesforce_api_version) or version < 20:
        raise not_found()
    if version < RETIRED_BELOW:
        message = (
            "The requested resource is no longer available: this version of the API was retired"
        )
        raise Refusal("GONE", message, status=410)


def _composite(desk: Desk, call: Call) -> Answer:
    return composite.composite(desk, call, dispatch)


def _batch(desk: Desk, call: Call) -> Answer:
    return composite.batch(desk, call, dispatch)


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_routes())


def _routes() -> Iterator[Route]:
    """Fixed paths before those with variable parts."""
    read, write, change, remove = ("GET", "HEAD"), ("POST",), ("PATCH",), ("DELETE",)
    yield Route(read, "/", resources.resources)
    yield Route(read, "/limits", resources.limits)
    yield Route(read, "/limits/recordCount", resources.record_count)
    yield Route(read, "/recent", resources.recent)
    yield Route(read, "/query", query.query)
    yield Route(read, "/queryAll", query.query_all)
    yield Route(read, "/query/{locator}", query.query_more)
    yield Route(read, "/queryAll/{locator}", query.query_more)
    yield Route(write, "/composite", _composite)
    yield Route(write, "/composite/batch", _batch)
    yield Route(write, "/composite/sobjects", collections.insert_records)
    yield Route(change, "/composite/sobjects", collections.update_records)
    yield Route(remove, "/composite/sobjects", collections.delete_records)
    yield Route(("GET", "POST"), "/composite/sobjects/{object}", collections.retrieve_records)
    yield Route(change, "/composite/sobjects/{object}/{field}", collections.upsert_records)
    yield Route(read, "/sobjects", describe.describe_global)
    yield Route(read, "/sobjects/{object}", describe.object_basics)
    yield Route(write, "/sobjects/{event}__e", events.create_event)
    yield Route(read, "/sobjects/{event}__e/eventSchema", events.event_schema_of)
    yield Route(read, "/event/eventSchema/{schema}", events.event_schema_by_id)
    yield Route(read, "/tooling/query", tooling.tooling_query)
    yield Route(write, f"/tooling/sobjects/{tooling.MANAGED}", tooling.create_managed)
    yield Route(read, f"/tooling/sobjects/{tooling.MANAGED}/{{id}}", tooling.read_managed)
    yield Route(change, f"/tooling/sobjects/{tooling.MANAGED}/{{id}}", tooling.change_managed)
    yield Route(remove, f"/tooling/sobjects/{tooling.MANAGED}/{{id}}", tooling.delete_managed)
    yield Route(write, "/sobjects/{object}", sobjects.create_record)
    yield Route(read, "/sobjects/{object}/describe", describe.describe_object)
    yield Route(write, "/sobjects/{object}/Id", sobjects.create_by_id_field)
    yield Route(read, "/sobjects/{object}/{id}", sobjects.read_record)
    yield Route(change, "/sobjects/{object}/{id}", sobjects.update_record)
    yield Route(remove, "/sobjects/{object}/{id}", sobjects.delete_record)
    yield Route(read, "/sobjects/{object}/{field}/{value}", sobjects.read_by_external_id)
    yield Route(change, "/sobjects/{object}/{field}/{value}", sobjects.upsert_record)
    yield Route(remove, "/sobjects/{object}/{field}/{value}", sobjects.delete_by_external_id)
