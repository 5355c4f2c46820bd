"""Which path and method lead to which endpoint."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property
from urllib.parse import unquote

from sandbox.salesforce.bulk.rest import BULK
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_allowed, not_found
from sandbox.salesforce.events import member_tooling
from sandbox.salesforce.events import rest as events
from sandbox.salesforce.events import tooling as event_tooling
from sandbox.salesforce.rest import (
    collections,
    composite,
    describe,
    graph,
    layouts,
    query,
    relationships,
    replication,
    resources,
    search,
    sobjects,
    tooling,
    tree,
)
from sandbox.salesforce.rest.call import Answer, Call, answer_of, placed

Endpoint = Callable[[Desk, Call], Answer]
VERSIONED = re.compile(r"^/services/data/v(\d{1,3}\.\d)(?=/|$)", re.IGNORECASE)
RETIRED_BELOW = 31
DEPRECATED_BELOW = 41
WARNING = (
    "299 - \"This API is deprecated and will be removed by Summer '28. Please see"
    ' https://help.salesforce.com/articleView?id=000381744 for details."'
)


@dataclass(frozen=True)
class Route:
    methods: tuple[str, ...]
    template: str
    endpoint: Endpoint

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return _pattern(self.template)


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "/?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a path leads: its version, and each route that fits with its variable parts."""

    version: str
    fitting: tuple[tuple[Route, re.Match[str]], ...]

    @property
    def template(self) -> str:
        """The path with its variable parts named, for logs."""
        return f"/services/data/{{version}}{self.fitting[0][0].template}" if self.fitting else "?"


def place_of(path: str) -> Place:
    version = VERSIONED.match(path)
    if version is None:
        return Place("", ())
    rest = path[version.end() :] or "/"
    found = ((route, route.pattern.match(rest)) for route in _candidates(rest))
    return Place(version[1], tuple((route, match) for route, match in found if match is not None))


def dispatch(desk: Desk, call: Call, place: Place | None = None) -> Answer:
    """Refusals become error answers here, so that composite calls get them as bodies."""
    try:
        return _dispatch(desk, call, place or place_of(call.path))
    except Refusal as refusal:
        return answer_of(placed(refusal, call.body))


def _dispatch(desk: Desk, call: Call, place: Place) -> Answer:
    if not place.version:
        raise not_found()
    version = float(place.version)
    _check_version(desk, version)
    route, parts = find(call.method, place)
    answer = route.endpoint(desk, replace(call, version=place.version, parts=parts))
    if version < DEPRECATED_BELOW:
        return replace(answer, headers={**answer.headers, "Warning": WARNING})
    return answer


def find(method: str, place: Place) -> tuple[Route, dict[str, str]]:
    for route, match in place.fitting:
        if method in route.methods:
            return route, {name: _decoded(value) for name, value in match.groupdict().items()}
    allowed = {name for route, _ in place.fitting for name in route.methods}
    raise not_allowed(method, sorted(allowed)) if allowed else not_found()


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


def _graphs(desk: Desk, call: Call) -> Answer:
    return graph.graphs(desk, call, dispatch)


def _batch(desk: Desk, call: Call) -> Answer:
    return composite.batch(desk, call, dispatch)


def _candidates(rest: str) -> tuple[Route, ...]:
    """Those with as many segments: a variable part holds no slash."""
    return _by_depth().get(_depth(rest), ())


def _depth(path: str) -> int:
    return path.strip("/").count("/")


@cache
def _by_depth() -> dict[int, tuple[Route, ...]]:
    found: dict[int, tuple[Route, ...]] = {}
    for route in routes():
        depth = _depth(route.template)
        found[depth] = (*found.get(depth, ()), route)
    return found


@cache
def routes() -> tuple[Route, ...]:
    return tuple(_routes())


READ, WRITE, CHANGE, REMOVE = ("GET", "HEAD"), ("POST",), ("PATCH",), ("DELETE",)
EITHER = ("GET", "POST")


def _routes() -> Iterator[Route]:
    """Fixed paths before those with variable parts."""
    yield from _general()
    yield from _composite_family()
    yield from _tooling()
    yield from _events()
    yield from _objects()
    yield from _records()


def _general() -> Iterator[Route]:
    yield Route(READ, "/", resources.resources)
    yield Route(READ, "/limits", resources.limits)
    yield Route(READ, "/limits/recordCount", resources.record_count)
    yield Route(READ, "/recent", resources.recent)
    yield Route(READ, "/quickActions", resources.nothing)
    yield Route(READ, "/tabs", resources.nothing)
    yield Route(READ, "/search", search.search)
    yield Route(EITHER, "/parameterizedSearch", search.parameterized_search)
    yield Route(READ, "/query", query.query)
    yield Route(READ, "/queryAll", query.query_all)
    yield Route(READ, "/query/{locator}", query.query_more)
    yield Route(READ, "/queryAll/{locator}", query.query_more)
    for methods, template, endpoint in BULK:
        yield Route(methods, template, endpoint)


def _composite_family() -> Iterator[Route]:
    yield Route(WRITE, "/composite", _composite)
    yield Route(READ, "/composite", resources.composite_resources)
    yield Route(WRITE, "/composite/batch", _batch)
    yield Route(WRITE, "/composite/graph", _graphs)
    yield Route(WRITE, "/composite/tree/{object}", tree.create_tree)
    yield Route(WRITE, "/composite/sobjects", collections.insert_records)
    yield Route(CHANGE, "/composite/sobjects", collections.update_records)
    yield Route(REMOVE, "/composite/sobjects", collections.delete_records)
    yield Route(EITHER, "/composite/sobjects/{object}", collections.retrieve_records)
    yield Route(CHANGE, "/composite/sobjects/{object}/{field}", collections.upsert_records)


def _tooling() -> Iterator[Route]:
    managed = f"/tooling/sobjects/{event_tooling.MANAGED}"
    yield Route(READ, "/tooling", tooling.tooling_resources)
    yield Route(READ, "/tooling/query", tooling.tooling_query)
    yield Route(READ, "/tooling/sobjects", tooling.tooling_objects)
    yield Route(WRITE, managed, event_tooling.create_managed)
    yield Route(READ, f"{managed}/{{id}}", event_tooling.read_managed)
    yield Route(CHANGE, f"{managed}/{{id}}", event_tooling.change_managed)
    yield Route(REMOVE, f"{managed}/{{id}}", event_tooling.delete_managed)
    member = f"/tooling/sobjects/{event_tooling.MEMBER}"
    yield Route(WRITE, member, member_tooling.create_member)
    yield Route(REMOVE, f"{member}/{{id}}", member_tooling.delete_member)
    yield Route(READ, "/tooling/sobjects/{object}/describe", tooling.tooling_describe)


def _events() -> Iterator[Route]:
    yield Route(WRITE, "/sobjects/{event}__e", events.create_event)
    yield Route(READ, "/sobjects/{event}__e/eventSchema", events.event_schema_of)
    yield Route(READ, "/event/eventSchema/{schema}", events.event_schema_by_id)


def _objects() -> Iterator[Route]:
    yield Route(READ, "/sobjects", describe.describe_global)
    yield Route(READ, "/sobjects/{object}", describe.object_basics)
    yield Route(READ, "/sobjects/{object}/describe", describe.describe_object)
    yield Route(READ, "/sobjects/{object}/describe/layouts", layouts.layouts)
    yield Route(READ, "/sobjects/{object}/describe/layouts/{type}", layouts.layout)
    yield Route(READ, "/sobjects/{object}/describe/compactLayouts", layouts.compact_layouts)
    yield Route(READ, "/sobjects/{object}/describe/approvalLayouts", layouts.approval_layouts)
    yield Route(READ, "/sobjects/{object}/listviews", layouts.list_views)
    yield Route(READ, "/sobjects/{object}/quickActions", layouts.quick_actions)
    yield Route(READ, "/sobjects/{object}/deleted", replication.deleted)
    yield Route(READ, "/sobjects/{object}/updated", replication.updated)


def _records() -> Iterator[Route]:
    yield Route(WRITE, "/sobjects/{object}", sobjects.create_record)
    yield Route(WRITE, "/sobjects/{object}/Id", sobjects.create_by_id_field)
    yield Route(READ, "/sobjects/{object}/{id}", sobjects.read_record)
    yield Route(CHANGE, "/sobjects/{object}/{id}", sobjects.update_record)
    yield Route(REMOVE, "/sobjects/{object}/{id}", sobjects.delete_record)
    yield Route(READ, "/sobjects/{object}/{field}/{value}", relationships.read_below)
    yield Route(CHANGE, "/sobjects/{object}/{field}/{value}", sobjects.upsert_record)
    yield Route(REMOVE, "/sobjects/{object}/{field}/{value}", sobjects.delete_by_external_id)
