"""The thread that owns the Kafka consumer: polls, pauses, commits, and speaks to the event loop."""

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Protocol, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from kernel.errors import FatalError
from runtime import logs, names
from runtime.held import Partition, Room
from runtime.kafka import Presence, client_settings, is_fatal, reason_of
from runtime.records import Record, record_of, size_of

T = TypeVar("T")
Starts = Callable[[Collection[Partition]], Awaitable[Mapping[Partition, int]]]
DRAIN_MAX = 500
POLL_S, POLL_PAUSED_S = 0.1, 0.02
FULL_PATIENCE_S = 0.25
"""A room that empties within this time is waited for; pausing would throw away what is fetched."""
ANSWER_POLL_S = 0.2
FINAL_COMMIT_WITHIN_S = 1.0

CONSUMER_SETTINGS: Mapping[str, object] = MappingProxyType(
    {
        "partition.assignment.strategy": "cooperative-sticky",
        "session.timeout.ms": 8_000,
        "heartbeat.interval.ms": 500,  # how soon a member hears of a rebalance
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "fetch.min.bytes": 1,
        "fetch.wait.max.ms": 50,
        "fetch.queue.backoff.ms": 10,
        "fetch.error.backoff.ms": 100,
        "fetch.max.bytes": 1_048_576,
        "max.partition.fetch.bytes": 262_144,
        "queued.max.messages.kbytes": 2_048,
        "statistics.interval.ms": 5_000,
    }
)

OVERTAKEN = frozenset({KafkaError.ILLEGAL_GENERATION, KafkaError.REBALANCE_IN_PROGRESS})
REFUSALS = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)


class Sink(Protocol):
    """What the thread tells the event loop. Every method runs there."""

    def arrived(self, records: Sequence[tuple[Record, int]]) -> None: ...

    def assigned(self, partitions: Sequence[Partition]) -> None: ...

    async def release(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        """Finish what is in hand and return the offsets to commit."""
        ...

    def lost(self, partitions: Sequence[Partition]) -> None: ...

    def committed(self, offsets: Mapping[Partition, int]) -> None: ...

    def ends(self, offsets: Mapping[Partition, tuple[int, int]]) -> None:
        """Of each partition the end of the log and the committed offset."""
        ...

    def connected(self) -> None: ...

    def away(self, why: str) -> None: ...


class Fetcher:
    def __init__(
        self,
        *,
        bootstrap: str,
        group: str,
        instance_id: str,
        topics: Sequence[str],
        silent_max_s: float,
        room: Room,
        sink: Sink,
        starts: Starts | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._topics, self._room, self._sink = topics, room, sink
        self._starts, self._loop = starts, loop
        self._settings = {
            **client_settings(bootstrap, group),
            **CONSUMER_SETTINGS,
            "group.id": group,
            "group.instance.id": instance_id,
            "max.poll.interval.ms": int(silent_max_s * 1000),
            "on_commit": self._on_commit,
            "error_cb": self._on_error,
            "stats_cb": self._on_statistics,
        }
        self._closing = threading.Event()
        self._to_commit: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._assigned: set[Partition] = set()
        self._presence = Presence(
            lambda why: self._tell(sink.away, why), lambda: self._tell(sink.connected)
        )
        self._unanswered = 0
        self._failure: FatalError | None = None
        self._consumer: Consumer
        self.ended: asyncio.Future[None] = loop.create_future()

    def start(self) -> None:
        threading.Thread(target=self._run, name="fetch", daemon=True).start()

    def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Asked by the event loop, done by the thread within a tenth of a second."""
        self._to_commit = dict(offsets)

    def close(self, offsets: Mapping[Partition, int]) -> None:
        """Commit these and leave; `ended` is done then."""
        self._to_commit = dict(offsets)
        self._closing.set()

    def _run(self) -> None:
        try:
            self._consumer = Consumer(self._settings)
            self._consumer.subscribe(
                list(self._topics),
                on_assign=self._on_assign,
                on_revoke=self._on_revoke,
                on_lost=self._on_lost,
            )
            while not self._closing.is_set():
                self._turn()
            self._leave()
        except KafkaException as error:
            self._end(FatalError(f"the Kafka consumer cannot go on: {reason_of(error)}"))
        except Exception as error:  # whatever ends this thread must end the process
            self._end(error)
        else:
            self._end(None)

    def _turn(self) -> None:
        self._start_commit()
        self._throttle()
        self._presence.ask(self._consumer)
        message = self._consumer.poll(POLL_PAUSED_S if self._paused else POLL_S)
        if self._failure:
            raise self._failure
        if message is not None:
            # the first record wakes us at once, the others are those that came with it
            self._pass_on([message, *self._consumer.consume(DRAIN_MAX - 1, 0)])

    def _pass_on(self, messages: Sequence[Message]) -> None:
        records = []
        for message in messages:
            error = message.error()
            if error is not None:
                self._on_error(error)
                continue
            record = record_of(message)
            where = record.coordinates
            if (where.topic, where.partition) in self._assigned:
                records.append((record, size_of(message)))
        if records:
            self._room.take(
                ((item.coordinates.topic, item.coordinates.partition), size)
                for item, size in records
            )
            self._tell(self._sink.arrived, records)

    def _throttle(self) -> None:
        """Full: wait a little, then pause who holds more than a share. Half empty: resume."""
        if self._room.is_full():
            if not self._paused:
                self._room.await_half(FULL_PATIENCE_S)
            if self._room.is_full():
                self._pause(self._room.over(1.0) - self._paused)
        if self._paused:
            self._resume(self._paused - self._room.over(0.5))

    def _pause(self, partitions: set[Partition]) -> None:
        if partitions:
            self._consumer.pause(_named(partitions))
            self._paused |= partitions

    def _resume(self, partitions: set[Partition]) -> None:
        if partitions:
            self._consumer.resume(_named(partitions))
            self._paused -= partitions

    @property
    def paused(self) -> int:
        return len(self._paused)

    def _start_commit(self) -> None:
        offsets, self._to_commit = self._to_commit, {}
        wanted = {name: offset for name, offset in offsets.items() if name in self._assigned}
        if not wanted:
            return
        try:
            self._consumer.commit(offsets=_positioned(wanted), asynchronous=True)
            self._unanswered += 1
        except KafkaException as error:
            logs.warning(names.COMMIT_FAILED, reason_of(error))

    def _leave(self) -> None:
        """The last commit gets a moment; without an answer its records come again."""
        if self._assigned:
            self._consumer.pause(_named(self._assigned))
        self._unanswered = 0
        self._start_commit()
        deadline = time.monotonic() + FINAL_COMMIT_WITHIN_S
        while self._unanswered and time.monotonic() < deadline:
            self._consumer.poll(POLL_PAUSED_S)
        self._consumer.close()

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        named = [(item.topic, item.partition) for item in partitions]
        starts = self._ask(_given(self._starts, named), {}) if self._starts and named else {}
        for partition in named:
            self._room.open_for(partition)
        self._assigned.update(named)
        consumer.incremental_assign(
            [
                TopicPartition(item.topic, item.partition, offset)
                if (offset := starts.get((item.topic, item.partition))) is not None
                else item
                for item in partitions
            ]
        )
        self._tell(self._sink.assigned, named)

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        named = [(item.topic, item.partition) for item in partitions]
        if not self._closing.is_set():
            offsets = self._ask(self._sink.release(named), {})
            try:
                if offsets:
                    consumer.commit(offsets=_positioned(offsets), asynchronous=False)
            except KafkaException as error:
                logs.warning(names.COMMIT_FAILED, reason_of(error))
        self._forget(named)
        consumer.incremental_unassign(partitions)

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """The group went on without us: others have these records already."""
        named = [(item.topic, item.partition) for item in partitions]
        self._tell(self._sink.lost, named)
        self._forget(named)
        consumer.incremental_unassign(partitions)

    def _forget(self, partitions: Sequence[Partition]) -> None:
        for partition in partitions:
            self._room.close_for(partition)
        self._assigned.difference_update(partitions)
        self._paused.difference_update(partitions)

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self._unanswered = max(0, self._unanswered - 1)
        failed = error or next((item.error for item in partitions if item.error), None)
        if failed:
            # a rebalance came in between: the next one carries the new generation
            say = logs.info if failed.code() in OVERTAKEN else logs.warning
            say(names.COMMIT_FAILED, failed.str())
            return
        done = {(item.topic, item.partition): item.offset for item in partitions}
        self._tell(self._sink.committed, done)

    def _on_error(self, error: KafkaError) -> None:
        if is_fatal(error):
            self._failure = FatalError(
                f"the Kafka consumer cannot go on: {error.str()}: is there another process with"
                " the same GROUP_INSTANCE_ID?"
            )
        elif error.code() in REFUSALS:
            self._failure = FatalError(
                f"Kafka refuses this consumer: {error.str()}: grant it to read its topics and to"
                " use its group"
            )
        else:
            self._presence.heard(error)

    def _on_statistics(self, text: str) -> None:
        statistics = json.loads(text)
        is_joined = statistics.get("cgrp", {}).get("join_state") == "steady"
        if is_joined and not self._presence.is_away:
            self._tell(self._sink.connected)
        ends = {
            (topic, part["partition"]): (part["hi_offset"], part["committed_offset"])
            for topic, entry in statistics.get("topics", {}).items()
            for part in entry["partitions"].values()
            if (topic, part["partition"]) in self._assigned
        }
        self._tell(self._sink.ends, ends)

    def _tell(self, what: Callable[..., None], *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what, *arguments)

    def _ask(self, question: Coroutine[object, object, T], instead: T) -> T:
        """The loop's answer, however long it takes; `instead` once this consumer shall close."""
        answer = asyncio.run_coroutine_threadsafe(question, self._loop)
        while not self._closing.is_set():
            with suppress(TimeoutError):
                return answer.result(ANSWER_POLL_S)
        answer.cancel()
        return instead

    def _end(self, error: Exception | None) -> None:
        def end() -> None:
            if self.ended.done():
                return
            if error:
                self.ended.set_exception(error)
            else:
                self.ended.set_result(None)

        self._tell(end)


async def _given(
    starts: Starts | None, partitions: Collection[Partition]
) -> Mapping[Partition, int]:
    return await starts(partitions) if starts else {}


def _named(partitions: Collection[Partition]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic, number in partitions]


def _positioned(offsets: Mapping[Partition, int]) -> list[TopicPartition]:
    return [TopicPartition(topic, number, offset) for (topic, number), offset in offsets.items()]
