"""Channel names: one an object, and one for all changes."""

from sandbox.salesforce.events.bus import ALL_CHANGES
from sandbox.salesforce.events.status import StreamRefusal, invalid, no_topic
from sandbox.salesforce.schema import Schema, SObject

DATA = "/data/"


def captured_object(schema: Schema, topic: str) -> SObject | None:
    """The object of an object's channel, None for the channel of all changes."""
    if not topic:
        raise invalid("topic.validation.empty", "The topic name is empty.")
    if topic == ALL_CHANGES:
        return None
    found = schema.by_event(topic.removeprefix(DATA)) if topic.startswith(DATA) else None
    if found is None or not found.capture:
        raise no_topic(topic)
    return found


def entities_of(schema: Schema, topic: str) -> list[str] | None:
    """Names of the objects whose events the topic carries; None is all."""
    found = captured_object(schema, topic)
    return None if found is None else [found.name]


def first_topic(name: str, earlier: str) -> str:
    """Later requests of a stream may leave the topic out but not change it."""
    if earlier and name and name != earlier:
        raise mismatch(earlier, name)
    return earlier or name


def mismatch(earlier: str, name: str) -> StreamRefusal:
    text = f"The topic name {name} differs from {earlier}, the one of the first request."
    return invalid("subscription.fetch.topic.mismatch", text)
