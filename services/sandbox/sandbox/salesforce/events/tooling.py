"""The configuration of events as the Tooling API shows and changes it."""

from collections.abc import Callable, Iterable, Mapping
from operator import eq, ne

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.events.definitions import MANAGED_PREFIX, ManagedSubscription
from sandbox.salesforce.events.status import StreamRefusal
from sandbox.salesforce.ids import is_id, make_id, normal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.tree import Both, Comparison, Condition, Literal, Path, Query

MANAGED = "ManagedEventSubscription"
CHANNEL = "PlatformEventChannel"
MEMBER = "PlatformEventChannelMember"
Record = dict[str, object]
SETTINGS: Mapping[str, str] = {
    "defaultReplay": "default_replay",
    "errorRecoveryReplay": "recovery_replay",
    "label": "label",
    "state": "state",
    "topicName": "topic",
    "version": "version",
}
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "state": ("RUN", "STOP"),
    "defaultReplay": ("LATEST", "EARLIEST"),
    "errorRecoveryReplay": ("LATEST", "EARLIEST"),
}


def query_events(desk: Desk, call: Call, query: Query) -> Answer:
    """A query of one of the objects in `SOURCES`; only fields, `=`, `!=`, AND, OR and LIMIT."""
    source = next(name for name in SOURCES if name.lower() == query.source.text.lower())
    found = [record for record in SOURCES[source](desk) if _holds(query.where, record)]
    kept = found[: query.limit] if query.limit is not None else found
    names = _selected(query, found)
    rows = [_row(call, source, record, names) for record in kept]
    return Answer(
        body={
            "size": len(rows),
            "totalSize": len(rows),
            "done": True,
            "queryLocator": None,
            "entityTypeName": source,
            "records": rows,
        }
    )


def is_of_events(soql: str) -> Query | None:
    """The query, when it asks for the configuration of events."""
    found = parse(soql)
    return found if found.source.text.lower() in {name.lower() for name in SOURCES} else None


def tooling_query(desk: Desk, call: Call) -> Answer:
    soql = call.query.get("q", "")
    if not soql.strip():
        raise Refusal("MALFORMED_QUERY", "A query string has to be specified")
    query = is_of_events(soql)
    if query is None:
        name = parse(soql).source.text
        raise Refusal("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return query_events(desk, call, query)


def create_managed(desk: Desk, call: Call) -> Answer:
    """POST {"FullName": …, "Metadata": {…}}."""
    body = call.json_object()
    name = str(body.get("FullName") or body.get("DeveloperName") or "")
    if not name:
        message = "Required fields are missing: [FullName]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=["FullName"])
    settings = _settings(desk, body)
    if "topic" not in settings:
        message = "Required fields are missing: [topicName]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=["topicName"])
    if any(made.name == name for made in desk.managed.all()):
        message = f"The developer name {name} is in use already"
        raise Refusal("DUPLICATE_DEVELOPER_NAME", message, fields=["FullName"])
    identifier = make_id(MANAGED_PREFIX, desk.org.counters.take("id managed") + 1000)
    desk.managed.add(ManagedSubscription(id=identifier, name=name, **{"label": name, **settings}))
    return Answer(status=201, body={"id": identifier, "success": True, "errors": []})


def read_managed(desk: Desk, call: Call) -> Answer:
    made = _made(desk, call)
    record = next(row for row in _managed(desk) if row["Id"] == made.id)
    return Answer(body=_row(call, MANAGED, record, list(record)))


def change_managed(desk: Desk, call: Call) -> Answer:
    made = _made(desk, call)
    desk.managed.change(made.id, **_settings(desk, call.json_object()))
    desk.bus.wake()
    return Answer(status=204)


def delete_managed(desk: Desk, call: Call) -> Answer:
    desk.managed.remove(_made(desk, call).id)
    desk.bus.wake()
    return Answer(status=204)


def _made(desk: Desk, call: Call) -> ManagedSubscription:
    identifier = call.parts["id"]
    if is_id(identifier):
        for made in desk.managed.all():
            if made.id == normal(identifier):
                return made
    raise not_found()


def _settings(desk: Desk, body: Mapping[str, object]) -> dict[str, str]:
    wish = body.get("Metadata")
    if not isinstance(wish, Mapping):
        message = "Required fields are missing: [Metadata]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=["Metadata"])
    found: dict[str, str] = {}
    for key, value in wish.items():
        if key not in SETTINGS or not isinstance(value, str):
            raise Refusal("INVALID_FIELD", f"{key}: {value} is not a setting of {MANAGED}")
        if key in ALLOWED and value not in ALLOWED[key]:
            raise Refusal("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"{key}: bad value: {value}")
        found[SETTINGS[key]] = value
    try:
        if "topic" in found:
            desk.publishing.topics.find(found["topic"])
    except StreamRefusal:
        message = f"The topic {found['topic']} does not exist"
        raise Refusal("INVALID_CROSS_REFERENCE_KEY", message, fields=["topicName"]) from None
    return found


def _managed(desk: Desk) -> list[Record]:
    return [
        {
            "Id": made.id,
            "DeveloperName": made.name,
            "MasterLabel": made.label,
            "Language": "en_US",
            "FullName": made.name,
            "Metadata": {
                "defaultReplay": made.default_replay,
                "errorRecoveryReplay": made.recovery_replay,
                "label": made.label,
                "state": made.state,
                "topicName": made.topic,
                "urls": None,
                "version": made.version,
            },
        }
        for made in desk.managed.all()
    ]


def _channels(desk: Desk) -> list[Record]:
    made = desk.publishing.topics.definitions.channels.values()
    return [
        {
            "Id": make_id("0YL", serial),
            "DeveloperName": channel.name.removesuffix("__chn"),
            "MasterLabel": channel.label,
            "ChannelType": channel.kind,
            "FullName": channel.name,
            "Metadata": {"channelType": channel.kind, "label": channel.label},
        }
        for serial, channel in enumerate(made, start=1)
    ]


def _members(desk: Desk) -> list[Record]:
    """Of the standard channel and of the custom ones."""
    return [
        {
            "Id": made.id,
            "DeveloperName": f"{made.channel.removesuffix('__chn')}_{made.event}",
            "EventChannel": made.channel,
            "SelectedEntity": made.event,
            "FullName": f"{made.channel}_{made.event}",
            "Metadata": {
                "enrichedFields": [
                    {"name": name} for name in _enriched(desk, made.channel, made.event)
                ],
                "eventChannel": made.channel,
                "selectedEntity": made.event,
            },
        }
        for made in desk.channels.members()
    ]


def _enriched(desk: Desk, channel: str, entity: str) -> tuple[str, ...]:
    made = desk.publishing.topics.definitions.channels.values()
    return next((found.enriched.get(entity, ()) for found in made if found.name == channel), ())


SOURCES: Mapping[str, Callable[[Desk], list[Record]]] = {
    MANAGED: _managed,
    CHANNEL: _channels,
    MEMBER: _members,
}


def _selected(query: Query, records: Iterable[Record]) -> list[str]:
    known = {name.lower(): name for record in records for name in record}
    names: list[str] = []
    for item in query.items:
        if not isinstance(item.expression, Path):
            raise Refusal("MALFORMED_QUERY", "only fields can be selected from this object")
        names.append(known.get(item.expression.text.lower(), item.expression.text))
    return names


def _row(call: Call, source: str, record: Record, names: list[str]) -> Record:
    url = f"/services/data/v{call.version}/tooling/sobjects/{source}/{record['Id']}"
    chosen = {name: _of(record, name) for name in names}
    return {"attributes": {"type": source, "url": url}, **chosen}


def _of(record: Record, name: str) -> object:
    if name not in record:
        raise Refusal("INVALID_FIELD", f"No such column '{name}' on this entity")
    return record[name]


def _holds(condition: Condition | None, record: Record) -> bool:
    if condition is None:
        return True
    if isinstance(condition, Both):
        held = [_holds(item, record) for item in condition.items]
        return all(held) if condition.operator == "AND" else any(held)
    if not isinstance(condition, Comparison):
        return not _holds(condition.item, record)
    left, value = condition.left, condition.value
    compare = {"=": eq, "!=": ne}.get(condition.operator)
    if compare is None or not isinstance(left, Path) or not isinstance(value, Literal):
        raise Refusal("MALFORMED_QUERY", "this object is filtered by = and != only")
    name = next((key for key in record if key.lower() == left.text.lower()), left.text)
    wanted = value.text[1:-1] if value.kind == "string" else value.text
    if name == "Id" and is_id(wanted):
        wanted = normal(wanted)
    return bool(compare(str(_of(record, name)).lower(), wanted.lower()))
