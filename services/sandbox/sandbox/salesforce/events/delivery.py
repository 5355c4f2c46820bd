"""Speaks to a subscriber: events as they come, signs of life when none do, and the end."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.faults import Fault
from sandbox.frame import Frame
from sandbox.salesforce.events.bus import Delivery, replay_bytes
from sandbox.salesforce.events.entrance import Entrance, ServicerContext, refusal_of
from sandbox.salesforce.events.pubsub_api_pb2 import ConsumerEvent, ProducerEvent
from sandbox.salesforce.events.subscription import Subscription

Response = Callable[[Subscription, list[ConsumerEvent]], object]
"""Makes the call's own kind of message of what is to be said now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivering:
    frame: Frame
    entrance: Entrance
    context: ServicerContext
    response: Response

    async def run(self, subscription: Subscription) -> None:
        """Until the client has gone, has asked for nothing for too long, or is refused."""
        profile = self.frame.profile
        while True:
            subscription.wake.clear()
            if subscription.refusal is not None:
                raise subscription.refusal
            batch = subscription.next_batch()
            if batch or subscription.commits:
                self.entrance.check_token(self.context)
                await self._send(subscription, batch)
                continue
            if subscription.half_closed and subscription.pending <= 0:
                return
            owed = subscription.pending > 0
            if await _woken(
                subscription.wake, profile.keep_alive_s if owed else profile.idle_end_s
            ):
                continue
            if not owed:
                return
            self.entrance.check_token(self.context)
            await self.context.write(self.response(subscription, []))

    async def _send(self, subscription: Subscription, batch: list[Delivery]) -> None:
        """A fault of method STREAM cuts the stream before or after what is about to be sent."""
        fault = self._fault(subscription)
        if fault is not None and fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and fault.effect == "token_dead":
            self.entrance.kill_token(self.context)
            self.entrance.check_token(self.context)
        elif fault is not None and fault.effect != "drop_after_commit":
            raise refusal_of(fault)
        await self.context.write(self.response(subscription, [consumed(event) for event in batch]))
        if fault is not None and fault.effect == "drop_after_commit":
            raise refusal_of(fault)

    def _fault(self, subscription: Subscription) -> Fault | None:
        topic = subscription.topic.name if subscription.topic else ""
        return self.frame.faults.match("salesforce", "STREAM", topic)


def consumed(event: Delivery) -> ConsumerEvent:
    return ConsumerEvent(
        event=ProducerEvent(id=event.id, schema_id=event.schema_id, payload=event.payload),
        replay_id=replay_bytes(event.replay),
    )


async def _woken(wake: asyncio.Event, wait_s: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await wake.wait()
    return wake.is_set()
