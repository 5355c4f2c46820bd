"""What channels select, as the Tooling API lets it be changed."""

from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.events.channels import Member
from sandbox.salesforce.events.definitions import EVENT_SUFFIX, STANDARD_CHANNEL
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.rest.call import Answer, Call


def create_member(desk: Desk, call: Call) -> Answer:
    """POST {"FullName": …, "Metadata": {"eventChannel": …, "selectedEntity": …}}."""
    wish = call.json_object().get("Metadata")
    found = wish if isinstance(wish, Mapping) else {}
    channel, event = _text(found, "eventChannel"), _text(found, "selectedEntity")
    if found.get("enrichedFields"):
        message = "Enriched fields are set by a deployment of metadata only"
        raise Refusal("INVALID_FIELD", message, fields=["enrichedFields"])
    kind = _kind(desk, channel)
    if not kind:
        raise _unknown("eventChannel", channel)
    if not (_is_change(desk, event) if kind == "data" else _is_event(desk, event)):
        raise _unknown("selectedEntity", event)
    if any((made.channel, made.event) == (channel, event) for made in desk.channels.members()):
        message = f"duplicate value found: {channel} selects {event} already"
        raise Refusal("DUPLICATE_VALUE", message, fields=())
    identifier = desk.channels.add(channel, event)
    return Answer(status=201, body={"id": identifier, "success": True, "errors": []})


def delete_member(desk: Desk, call: Call) -> Answer:
    desk.channels.remove(_made(desk, call.parts["id"]))
    return Answer(status=204)


def _made(desk: Desk, identifier: str) -> Member:
    if is_id(identifier):
        for made in desk.channels.members():
            if made.id == normal(identifier):
                return made
    raise not_found()


def _text(wish: Mapping[str, object], name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not value:
        message = f"Required fields are missing: [{name}]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=[name])
    return value


def _kind(desk: Desk, channel: str) -> str:
    if channel == STANDARD_CHANNEL:
        return "data"
    made = desk.channels.definitions.channels.values()
    return next((found.kind for found in made if found.name == channel), "")


def _is_change(desk: Desk, event: str) -> bool:
    found = desk.org.schema.by_event(event)
    return found is not None and found.capture


def _is_event(desk: Desk, event: str) -> bool:
    return event.endswith(EVENT_SUFFIX) and event in desk.channels.definitions.events


def _unknown(name: str, value: str) -> Refusal:
    message = f"{name}: {value} does not exist or cannot be selected"
    return Refusal("INVALID_CROSS_REFERENCE_KEY", message, fields=[name])
