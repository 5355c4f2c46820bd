"""One subscriber's stream: what it asked for, where it stands, and when it is spoken to."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from sandbox.salesforce.events.bus import Bus, Delivery, ReplayLost, replay_bytes, replay_number
from sandbox.salesforce.events.pubsub_api_pb2 import CommitReplayResponse
from sandbox.salesforce.events.status import StreamRefusal, refusal
from sandbox.salesforce.events.topics import Topic

PENDING_MAX = 100
SUBSCRIBE = "/eventbus.v1.PubSub/Subscribe"
BATCH_BYTES_MAX = 3_000_000
Request = TypeVar("Request")


@dataclass(slots=True)
class Subscription:
    """`wake` is set by the bus after a commit and by the client's next request."""

    bus: Bus
    wake: asyncio.Event
    topic: Topic | None = None
    position: int = 0
    pending: int = 0
    half_closed: bool = False
    refusal: StreamRefusal | None = None
    commits: deque[CommitReplayResponse] = field(default_factory=deque)
    """Answers to commits of a managed subscription, which travel with the next response."""

    async def listen(
        self, requests: AsyncIterator[Request], take: Callable[[Request], None]
    ) -> None:
        """Takes in the client's requests until it has no more."""
        try:
            async for request in requests:
                take(request)
                self.wake.set()
            self.half_closed = True
        except StreamRefusal as refused:
            self.refusal = refused
        finally:
            self.wake.set()

    def begin(self, topic: Topic, position: int) -> None:
        self.topic = topic
        self.position = position

    def ask(self, count: int) -> None:
        """More than the cap is silently as much as the cap."""
        self.pending = min(PENDING_MAX, self.pending + count)

    def next_batch(self) -> list[Delivery]:
        """As much as is asked for, there and not too large; moves the position."""
        if self.pending <= 0 or self.topic is None:
            return []
        batch: list[Delivery] = []
        size = 0
        enriching = self.topic.name if self.topic.enriches else ""
        for event in self.bus.read(self.topic.entities, self.position, self.pending, enriching):
            size += len(event.payload)
            if batch and size > BATCH_BYTES_MAX:
                break
            batch.append(event)
        if batch:
            self.position = batch[-1].replay
            self.pending -= len(batch)
        return batch

    def latest_replay_id(self) -> bytes:
        """When nothing is left to deliver, the end of the bus is a safe place to go on from."""
        return replay_bytes(self.position or self.bus.latest())


def checked_position(bus: Bus, topic: Topic, replay: bytes) -> int:
    """A subscriber's own place; refused when it cannot go on from there without a loss."""
    if not replay:
        raise refusal("subscription.fetch.replayid.validation.failed")
    try:
        position = replay_number(replay)
        bus.suffer(topic.name, SUBSCRIBE)
        bus.check(position)
    except ReplayLost:
        raise refusal("subscription.fetch.replayid.corrupted") from None
    return position
