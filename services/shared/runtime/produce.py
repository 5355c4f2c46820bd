"""Send messages to the log and wait until Kafka has them: the one place that builds a producer."""

import asyncio
import functools
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from kernel.codec import Codec
from kernel.errors import FatalError, PermanentError, RetryableError
from kernel.headers import BACKFILL, CORRELATION, LANE, TRACEPARENT, headers_of
from kernel.messages import Coordinates, Message
from kernel.topics import key_of, topic_of
from runtime import names
from runtime.kafka import Presence, client_settings, is_fatal
from runtime.process import Context
from runtime.telemetry import Telemetry

PART = "kafka:producer"
NO_PARENTS: Mapping[str, str] = MappingProxyType({})
DELIVERY_TIMEOUT_S = 30.0
FLUSH_TIMEOUT_S = 1.0
POLL_S = 0.1
QUEUE_FULL_PAUSE_S = 0.01

PRODUCER_SETTINGS: Mapping[str, object] = MappingProxyType(
    {
        "enable.idempotence": True,
        "acks": "all",
        "partitioner": "murmur2_random",  # as Java and Faust place keys
        "linger.ms": 0,
        "compression.type": "lz4",
        "delivery.timeout.ms": int(DELIVERY_TIMEOUT_S * 1000),
        "message.max.bytes": 1_048_588,
        "queue.buffering.max.messages": 20_000,
        "queue.buffering.max.kbytes": 65_536,
    }
)
TOO_LARGE = frozenset({KafkaError.MSG_SIZE_TOO_LARGE, KafkaError.INVALID_MSG_SIZE})


class Log:
    """Sends messages under their keys and headers."""

    def __init__(
        self,
        producer: Producer,
        codec: Codec,
        service: str,
        telemetry: Telemetry,
        presence: Presence,
    ) -> None:
        self._producer, self._codec = producer, codec
        self._service, self._telemetry, self._presence = service, telemetry, presence
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="produce", daemon=True)
        self._thread.start()

    async def send(
        self,
        messages: Sequence[Message],
        *,
        parents: Mapping[str, str] = NO_PARENTS,
        backfill: Collection[str] = frozenset(),
        bodies: Sequence[bytes] = (),
    ) -> list[Coordinates]:
        """Where each message stands, once all are acknowledged by every in-sync replica.

        `parents` gives, by correlation id (the change's event id), the traceparent of the step
        that caused the message; `bodies` the messages as they are encoded, by whoever did that
        already; `backfill` names the events whose messages may wait.
        RetryableError where Kafka is away: some may have arrived, and
        sending all again does no harm. PermanentError for a message that is too large,
        FatalError where the client cannot go on.
        """
        if not messages:
            return []
        started = time.monotonic()
        batch = _Batch(len(messages), asyncio.get_running_loop())
        for number, message in enumerate(messages):
            body = bodies[number] if bodies else self._codec.encode(message)
            await self._enqueue(message, body, batch, number, parents, backfill)
        coordinates = await batch.done
        self._telemetry.observe(names.PRODUCE_SECONDS, time.monotonic() - started)
        for topic, count in Counter(item.topic for item in coordinates).items():
            self._telemetry.count(names.RECORDS_PRODUCED, count, topic=topic)
        return coordinates

    async def close(self) -> None:
        """Give what is still under way a few seconds, then stop."""
        await asyncio.to_thread(self._producer.flush, FLUSH_TIMEOUT_S)
        self._closing.set()
        await asyncio.to_thread(self._thread.join, FLUSH_TIMEOUT_S)

    async def _enqueue(
        self,
        message: Message,
        body: bytes,
        batch: "_Batch",
        number: int,
        parents: Mapping[str, str],
        backfill: Collection[str],
    ) -> None:
        headers = headers_of(message, self._codec, self._service)
        if headers[CORRELATION] in backfill:
            headers[LANE] = BACKFILL
        headers[TRACEPARENT] = self._traceparent(headers[CORRELATION], parents)
        topic, key = topic_of(message), key_of(message)
        delivered = functools.partial(batch.delivered, number)
        deadline = time.monotonic() + DELIVERY_TIMEOUT_S
        while True:
            try:
                self._producer.produce(
                    topic, body, key, on_delivery=delivered, headers=list(headers.items())
                )
                return
            except BufferError:
                if time.monotonic() > deadline:
                    raise RetryableError("Kafka does not take records fast enough") from None
                await asyncio.sleep(QUEUE_FULL_PAUSE_S)
            except KafkaException as error:
                raise _translated(error.args[0], f"{topic} {message.id}") from error

    def _traceparent(self, event_id: str, parents: Mapping[str, str]) -> str:
        if event_id in parents:
            return parents[event_id]
        with self._telemetry.span(names.SPAN_PRODUCE, event_id) as span:
            return span.traceparent

    def _serve(self) -> None:
        """Delivery reports and errors arrive in this thread."""
        while not self._closing.is_set():
            self._producer.poll(POLL_S)
            self._presence.ask(self._producer)


class _Batch:
    """The messages of one send and what became of each."""

    def __init__(self, size: int, loop: asyncio.AbstractEventLoop) -> None:
        self.done: asyncio.Future[list[Coordinates]] = loop.create_future()
        self._loop, self._left = loop, size
        self._coordinates: dict[int, Coordinates] = {}
        self._error: Exception | None = None

    def delivered(self, number: int, error: KafkaError | None, message: KafkaMessage) -> None:
        topic, partition, offset = message.topic(), message.partition(), message.offset()
        if error or topic is None or partition is None or offset is None:
            self._error = self._error or _translated(error, f"a record of {topic}")
        else:
            self._coordinates[number] = Coordinates(topic, partition, offset)
        self._left -= 1
        if not self._left and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._finish)

    def _finish(self) -> None:
        if self.done.done():
            return  # whoever waited was cancelled
        if self._error:
            self.done.set_exception(self._error)
        else:
            ordered = [self._coordinates[number] for number in sorted(self._coordinates)]
            self.done.set_result(ordered)


def open_log(bootstrap: str, codec: Codec, service: str, telemetry: Telemetry, ctx: Context) -> Log:
    """A log whose producer says on `ctx.health` when Kafka is away."""
    health, loop = ctx.health, asyncio.get_running_loop()
    health.declare(PART)
    health.well(PART)

    def tell(what: Callable[..., None], *arguments: str) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(what, *arguments)

    presence = Presence(
        lambda why: tell(health.waiting, PART, why), lambda: tell(health.well, PART)
    )
    settings = {**client_settings(bootstrap, service), **PRODUCER_SETTINGS}
    producer = Producer({**settings, "error_cb": presence.heard})
    return Log(producer, codec, service, telemetry, presence)


def _translated(error: KafkaError | None, what: str) -> Exception:
    if error is None:
        return RetryableError(f"Kafka did not say where {what} stands")
    if is_fatal(error):
        return FatalError(f"the Kafka producer cannot go on: {error.str()}")
    if error.code() in TOO_LARGE:
        return PermanentError(f"{what} is larger than the topic takes: {error.str()}")
    return RetryableError(f"Kafka did not take {what}: {error.str()}")
