"""One subscriber's stream: what it asked for, where it stands, and when it is spoken to."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from sandbox.salesforce.events.bus import Bus, Delivery, ReplayLost, replay_bytes, replay_number
from sandbox.salesforce.events.pubsub_api_pb2 import FetchRequest, ReplayPreset
from sandbox.salesforce.events.status import StreamRefusal, invalid, replay_lost
from sandbox.salesforce.events.topics import entities_of, first_topic
from sandbox.salesforce.schema import Schema

PENDING_MAX = 100
BATCH_BYTES_MAX = 3_000_000


@dataclass(slots=True)
class Subscription:
    """`wake` is set by the bus after a commit and by the client's next request."""

    bus: Bus
    wake: asyncio.Event
    topic: str = ""
    entities: list[str] | None = None
    position: int = 0
    pending: int = 0
    half_closed: bool = False
    refusal: StreamRefusal | None = None
    _seen_first: bool = field(default=False)

    async def listen(self, requests: AsyncIterator[FetchRequest], schema: Schema) -> None:
        """Takes in the client's requests until it has no more."""
        try:
            async for request in requests:
                self.take(request, schema)
                self.wake.set()
            self.half_closed = True
        except StreamRefusal as refusal:
            self.refusal = refusal
        finally:
            self.wake.set()

    def take(self, request: FetchRequest, schema: Schema) -> None:
        if request.num_requested <= 0:
            text = "The number of requested events must be greater than 0."
            raise invalid("subscription.fetch.requested.events.invalid", text)
        self.topic = first_topic(request.topic_name, self.topic)
        if not self._seen_first:
            self.entities = entities_of(schema, self.topic)
            self.position = self._start(request)
            self._seen_first = True
        self.pending = min(PENDING_MAX, self.pending + request.num_requested)

    def next_batch(self) -> list[Delivery]:
        """As much as is asked for, there and not too large; moves the position."""
        if self.pending <= 0:
            return []
        batch: list[Delivery] = []
        size = 0
        for event in self.bus.read(self.entities, self.position, self.pending):
            size += len(event.payload)
            if batch and size > BATCH_BYTES_MAX:
                break
            batch.append(event)
        if batch:
            self.position = batch[-1].replay
            self.pending -= len(batch)
        return batch

    def _start(self, request: FetchRequest) -> int:
        if request.replay_preset == ReplayPreset.EARLIEST:
            return self.bus.earliest()
        if request.replay_preset == ReplayPreset.LATEST:
            return self.bus.latest()
        if not request.replay_id:
            text = "The replay preset CUSTOM needs a replay id."
            raise invalid("subscription.fetch.replayid.validation.failed", text)
        try:
            position = replay_number(request.replay_id)
            self.bus.check(position)
        except ReplayLost:
            raise replay_lost() from None
        return position

    def latest_replay_id(self) -> bytes:
        """When nothing is left to deliver, the end of the bus is a safe place to go on from."""
        return replay_bytes(self.position or self.bus.latest())
