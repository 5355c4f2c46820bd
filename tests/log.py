"""The log as a test sees it: append messages, read all there is, wait until something is there."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from kernel.errors import PermanentError
from kernel.headers import headers_of
from kernel.messages import Coordinates, Message
from kernel.topics import key_of, topic_of
from runtime.fetch import CONSUMER_SETTINGS
from runtime.kafka import client_settings
from runtime.records import Record, record_of
from runtime.schemas import load_codec, schemas_directory

T = TypeVar("T")
CODEC = load_codec(schemas_directory())
WITHIN_S = 30.0
ANSWER_WITHIN_S, ATTEMPTS_MAX = 5.0, 60
QUICK: dict[str, Any] = {"fetch.wait.max.ms": 10, "enable.auto.commit": False, "group.id": "test"}


class LogClient:
    def __init__(self, bootstrap: str) -> None:
        self._settings = client_settings(bootstrap, "test")
        producing = {"partitioner": "murmur2_random", "acks": "all"}
        self._producer = Producer({**self._settings, **producing})
        self._readers: dict[str, _Reader] = {}

    def send(self, *messages: Message) -> None:
        for message in messages:
            headers = headers_sent(headers_of(message, CODEC, "test").items())
            value, key = CODEC.encode(message), key_of(message)
            self._producer.produce(topic_of(message), value, key, headers=headers)
        assert self._producer.flush(WITHIN_S) == 0

    def send_under_keys(self, message: Message, keys: Sequence[str]) -> None:
        """The same message once for each key, so that it lands in several partitions."""
        headers = headers_sent(headers_of(message, CODEC, "test").items())
        for key in keys:
            value = CODEC.encode(message)
            self._producer.produce(topic_of(message), value, key, headers=headers)
        assert self._producer.flush(WITHIN_S) == 0

    def send_bytes(self, topic: str, value: bytes, key: str = "k") -> None:
        self._producer.produce(topic, value, key)
        assert self._producer.flush(WITHIN_S) == 0

    def send_again(self, topic: str) -> None:
        """Every message of a topic once more, with its own bytes and headers."""
        for record in [record for record in self.records(topic) if _reads(record)]:
            headers = headers_sent(record.header_bytes)
            self._producer.produce(topic, record.value, record.key_bytes, headers=headers)
        assert self._producer.flush(WITHIN_S) == 0

    def rewind(self, group: str, member: str, topics: Sequence[str]) -> None:
        """Commit offset 0 of all that a group reads, in the place of its only member, which is to
        be killed then: its next life reads the topics whole."""
        consumer = Consumer(
            {
                **self._settings,
                **CONSUMER_SETTINGS,
                "group.id": group,
                "group.instance.id": member,
                "statistics.interval.ms": 0,
            }
        )
        try:
            consumer.subscribe(list(topics))
            wanted = {place for topic in topics for place in _places(consumer, topic)}
            eventually(lambda: (consumer.poll(0.1), _assigned(consumer) == wanted)[1])
            starts = [TopicPartition(topic, number, 0) for topic, number in sorted(wanted)]
            consumer.commit(offsets=starts, asynchronous=False)
        finally:
            consumer.close()

    def has_read_all(self, group: str, topics: Sequence[str]) -> bool:
        """Whether the group has committed to the end of each topic."""
        consumer = Consumer({**self._settings, "group.id": group, "enable.auto.commit": False})
        try:
            places = [TopicPartition(*p) for topic in topics for p in _places(consumer, topic)]
            committed = consumer.committed(places, timeout=ANSWER_WITHIN_S)
            return all(
                consumer.get_watermark_offsets(place, timeout=ANSWER_WITHIN_S)[1]
                <= max(place.offset, 0)
                for place in committed
            )
        finally:
            consumer.close()

    def records(self, topic: str) -> list[Record]:
        """Every record of a topic up to its end at this moment."""
        if topic not in self._readers:
            self._readers[topic] = _Reader({**self._settings, **QUICK}, topic)
        return self._readers[topic].read()

    def read(self, topic: str) -> list[tuple[Coordinates, Message]]:
        """Those that decode, with their places."""
        return [(r.coordinates, CODEC.decode(r.value)) for r in self.records(topic) if _reads(r)]

    def messages(self, topic: str) -> list[Message]:
        return [message for _, message in self.read(topic)]


def _places(consumer: Consumer, topic: str) -> set[tuple[str, int]]:
    told = consumer.list_topics(topic, timeout=ANSWER_WITHIN_S).topics[topic]
    return {(topic, number) for number in told.partitions}


def _assigned(consumer: Consumer) -> set[tuple[str, int]]:
    return {(place.topic, place.partition) for place in consumer.assignment()}


def headers_sent(
    pairs: Iterable[tuple[str, str | bytes | None]],
) -> list[tuple[str, str | bytes | None]]:
    return list(pairs)


class _Reader:
    """Reads a topic once and remembers what it read. A client that fails is replaced: what is
    tested is how the services get over a broker's bad moments, not how this one does."""

    def __init__(self, settings: dict[str, Any], topic: str) -> None:
        self._settings, self._topic = settings, topic
        self._consumer = Consumer(settings)
        self._next: dict[int, int] = {}
        self._found: list[Record] = []

    def read(self) -> list[Record]:
        failures: list[str] = []
        for _ in range(ATTEMPTS_MAX):
            try:
                self._read_on()
                return self._found
            except (KafkaException, SilentError) as error:
                failures.append(str(error))
                self._consumer.close()
                self._consumer = Consumer(self._settings)
                self._assign()
                time.sleep(0.5)
        raise AssertionError(f"{self._topic} cannot be read: {failures}")

    def _begin(self) -> None:
        told = self._consumer.list_topics(self._topic, timeout=ANSWER_WITHIN_S)
        self._next = dict.fromkeys(told.topics[self._topic].partitions, 0)
        self._assign()

    def _assign(self) -> None:
        places = [TopicPartition(self._topic, number, at) for number, at in self._next.items()]
        self._consumer.assign(places)

    def _read_on(self) -> None:
        if not self._next:
            self._begin()
        ends = {number: self._high(number) for number in self._next}
        while any(self._next[number] < high for number, high in ends.items()):
            message = self._consumer.poll(ANSWER_WITHIN_S)
            if message is None:
                raise SilentError(f"nothing more although the topic ends at {ends}")
            if message.error() is None:
                record = record_of(message)
                self._found.append(record)
                self._next[record.coordinates.partition] = record.coordinates.offset + 1

    def _high(self, number: int) -> int:
        partition = TopicPartition(self._topic, number)
        marks = self._consumer.get_watermark_offsets(partition, timeout=ANSWER_WITHIN_S)
        return int(marks[1])


class SilentError(Exception):
    """The broker says nothing although there is something to say."""


def _reads(record: Record) -> bool:
    try:
        CODEC.decode(record.value)
    except PermanentError:
        return False
    return True


def eventually(
    look: Callable[[], T | None],
    *,
    within_s: float = WITHIN_S,
    told: Callable[[], object] = lambda: "",
) -> T:
    """What `look` finds, once it finds something true; `told` says how it stands if it does not."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not seen within {within_s:g} s {told()}"
        time.sleep(0.05)


def never_more(look: Callable[[], Sequence[T]], expected: int, *, for_s: float = 1.0) -> None:
    """The count stays what it is while the others have time to spoil it."""
    deadline = time.monotonic() + for_s
    while time.monotonic() < deadline:
        assert len(look()) == expected
        time.sleep(0.1)
