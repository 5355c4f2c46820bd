"""Reads single records of the log again: what waits is decided on from its original event."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from confluent_kafka import Consumer, KafkaException, TopicPartition

from kernel.codec import Codec
from kernel.errors import RetryableError
from kernel.messages import ChangeEvent, Coordinates
from runtime.kafka import client_settings, reason_of

TIME_OUT_S = 10.0
POLL_S = 0.5
KEPT_MAX = 2_000


class KafkaEventLog:
    """One reader without a group. The events read last are kept: most of what waits is released
    within moments."""

    def __init__(self, bootstrap: str, codec: Codec) -> None:
        self._consumer = Consumer(
            {
                **client_settings(bootstrap, "transform-events"),
                "group.id": "transform-events",  # the client wants a name; nothing is committed
                "enable.auto.commit": False,
                "fetch.wait.max.ms": 20,
                "queued.max.messages.kbytes": 4_096,
            }
        )
        self._codec = codec
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[Coordinates, ChangeEvent] = OrderedDict()

    async def read(self, places: Sequence[Coordinates]) -> Mapping[Coordinates, ChangeEvent]:
        """RetryableError where Kafka does not answer in time."""
        async with self._lock:
            for place in places:
                if place not in self._kept:
                    self.keep(place, await asyncio.to_thread(self._fetch, place))
            return {place: self._kept[place] for place in places}

    def keep(self, place: Coordinates, event: ChangeEvent) -> None:
        self._kept[place] = event
        while len(self._kept) > KEPT_MAX:
            self._kept.popitem(last=False)

    async def close(self) -> None:
        async with self._lock:
            await asyncio.to_thread(self._consumer.close)

    def _fetch(self, place: Coordinates) -> ChangeEvent:
        deadline = time.monotonic() + TIME_OUT_S
        try:
            self._consumer.assign([TopicPartition(place.topic, place.partition, place.offset)])
            while time.monotonic() < deadline:
                found = self._consumer.poll(POLL_S)
                if found is None or found.error() is not None:
                    continue
                if found.offset() == place.offset:
                    return self._event(place, found.value())
        except KafkaException as error:
            raise RetryableError(f"{place} cannot be read: {reason_of(error)}") from error
        raise RetryableError(f"{place} was not read within {TIME_OUT_S:g} s")

    def _event(self, place: Coordinates, value: bytes | str | None) -> ChangeEvent:
        message = self._codec.decode(value.encode() if isinstance(value, str) else value)
        if not isinstance(message, ChangeEvent):
            raise RetryableError(f"{place} holds no change")
        return message
