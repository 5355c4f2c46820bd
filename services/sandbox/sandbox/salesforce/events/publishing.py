"""Takes platform events into the bus: from gRPC, one request or many, and from REST."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.database import transaction
from sandbox.journal import Mutation
from sandbox.salesforce.events.bus import Bus, replay_bytes
from sandbox.salesforce.events.capture import EVENT_BYTES_MAX
from sandbox.salesforce.events.entrance import Entrance, Visit
from sandbox.salesforce.events.platform_schema import PayloadError, PlatformSchema
from sandbox.salesforce.events.pubsub_api_pb2 import (
    Error,
    ErrorCode,
    ProducerEvent,
    PublishRequest,
    PublishResponse,
    PublishResult,
)
from sandbox.salesforce.events.status import refusal
from sandbox.salesforce.events.topics import Topic, Topics
from sandbox.salesforce.org import Org


@dataclass(frozen=True, slots=True, kw_only=True)
class Publishing:
    org: Org
    bus: Bus
    topics: Topics
    entrance: Entrance

    def topic(self, request: PublishRequest, earlier: Topic | None = None) -> Topic:
        """Of a request of its own, or of a later one in a stream, which may leave it out."""
        name = request.topic_name or (earlier.name if earlier else "")
        if not name:
            raise refusal("publish.topic.validation.empty")
        if earlier is not None and name != earlier.name:
            text = (
                f"The topic name {name} differs from {earlier.name}, the one of the first request."
            )
            raise refusal("publish.topic.mismatch", text)
        found = earlier or self.topics.find(name)
        if found.platform is None:
            text = f"Events cannot be published to {name}."
            raise refusal("topic.meta.permission", text)
        return found

    def publish(self, visit: Visit, request: PublishRequest, topic: Topic) -> PublishResponse:
        """One result an event, in order: a place in the bus, or what is wrong with the event."""
        schema = topic.platform
        if schema is None or not request.events:
            raise refusal("publish.event.count.invalid")
        for event in request.events:
            _check_schema(schema, event)
        mutations: list[Mutation] = []
        with transaction(self.org.connection):
            results = [self._one(topic, schema, event, mutations) for event in request.events]
            self.entrance.write(visit, mutations)
        self.bus.wake()
        return PublishResponse(results=results, schema_id=schema.id, rpc_id=visit.rpc_id)

    def publish_values(self, name: str, values: Mapping[str, object]) -> tuple[str, Mutation]:
        """An event whose values are right already; inside the caller's transaction. Returns the
        event's id."""
        schema = self.topics.platform(name)
        if schema is None:
            raise KeyError(name)
        identifier = str(uuid.uuid4())
        self.bus.take(name, identifier, schema.id, schema.write(values))
        return identifier, _mutation(name, identifier, values)

    def _one(
        self,
        topic: Topic,
        schema: PlatformSchema,
        event: ProducerEvent,
        mutations: list[Mutation],
    ) -> PublishResult:
        identifier = event.id or str(uuid.uuid4())
        try:
            if len(event.payload) > EVENT_BYTES_MAX:
                raise PayloadError(f"The event is larger than {EVENT_BYTES_MAX} bytes.")
            values = schema.read(event.payload)
        except PayloadError as error:
            failed = Error(code=ErrorCode.PUBLISH, msg=str(error))
            return PublishResult(error=failed, correlation_key=identifier)
        name = schema.definition.name
        replay = self.bus.take(name, identifier, schema.id, event.payload)
        mutations.append(_mutation(name, identifier, values))
        return PublishResult(replay_id=replay_bytes(replay), correlation_key=identifier)


def _check_schema(schema: PlatformSchema, event: ProducerEvent) -> None:
    if event.schema_id != schema.id:
        text = (
            f"The schema ID {event.schema_id} is not a schema of {schema.definition.name};"
            f" use {schema.id}."
        )
        raise refusal("schema.validation.failed", text)


def _mutation(name: str, identifier: str, values: Mapping[str, object]) -> Mutation:
    return Mutation(record=name, id=identifier, operation="create", before=None, after=values)
