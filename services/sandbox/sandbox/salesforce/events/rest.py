"""Platform events over REST: publishing one, and reading event schemas."""

import json
from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal, not_found
from sandbox.salesforce.events.capture import event_value
from sandbox.salesforce.events.definitions import EVENT_SUFFIX, EventDefinition
from sandbox.salesforce.ids import to_18
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.values import Stored, store

SERIAL = "xx0000000001"
"""Events are no records: the id of each is the same."""


def create_event(desk: Desk, call: Call) -> Answer:
    """POST …/sobjects/Name__e: taken in, with its id in place of an error's message."""
    made = _definition(desk, call)
    values = _values(made, call.json_object())
    with desk.transaction(call):
        body = {
            "CreatedDate": desk.org.now_s() * 1000,
            "CreatedById": call.user,
            **{entry.name: event_value(entry, values) for entry in made.fields},
        }
        identifier, mutation = desk.publishing.publish_values(made.name, body)
        call.mutations.append(mutation)
    queued = {"statusCode": "OPERATION_ENQUEUED", "message": identifier, "fields": []}
    answer = {"id": to_18(made.prefix + SERIAL), "success": True, "errors": [queued]}
    return Answer(status=201, body=answer)


def event_schema_of(desk: Desk, call: Call) -> Answer:
    """GET …/sobjects/Name__e/eventSchema."""
    schema = desk.publishing.topics.platform(_definition(desk, call).name)
    if schema is None:
        raise not_found()
    return _schema(schema.id, schema.text)


def event_schema_by_id(desk: Desk, call: Call) -> Answer:
    """GET …/event/eventSchema/{id}."""
    found = desk.publishing.topics.schema(call.parts["schema"])
    if found is None:
        raise not_found()
    return _schema(*found)


def _schema(identifier: str, text: str) -> Answer:
    return Answer(body={**json.loads(text), "uuid": identifier})


def _definition(desk: Desk, call: Call) -> EventDefinition:
    wanted = f"{call.parts['event']}{EVENT_SUFFIX}".lower()
    for name, made in desk.publishing.topics.definitions.events.items():
        if name.lower() == wanted:
            return made
    raise not_found()


def _values(made: EventDefinition, body: Mapping[str, object]) -> dict[str, Stored]:
    known = {entry.name.lower(): entry for entry in made.fields}
    values: dict[str, Stored] = {
        entry.name: 0 if entry.type == "boolean" else None for entry in made.fields
    }
    for name, value in body.items():
        if name.lower() == "attributes":
            continue
        entry = known.get(name.lower())
        if entry is None:
            message = f"No such column '{name}' on sobject of type {made.name}"
            raise Refusal("INVALID_FIELD", message)
        values[entry.name] = store(entry, value)
    missing = [entry.name for entry in made.fields if entry.required and values[entry.name] is None]
    if missing:
        message = f"Required fields are missing: [{', '.join(missing)}]"
        raise Refusal("REQUIRED_FIELD_MISSING", message, fields=missing)
    return values
