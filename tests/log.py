"""The log as a test sees it: append messages, read all there is, wait until something is there."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition

from kernel.errors import PermanentError
from kernel.headers import headers_of
from kernel.messages import Coordinates, Message
from kernel.topics import key_of, topic_of
from runtime.kafka import client_settings
from runtime.records import Record, record_of
from runtime.schemas import load_codec, schemas_directory

T = TypeVar("T")
CODEC = load_codec(schemas_directory())
WITHIN_S = 30.0
QUICK = {"fetch.wait.max.ms": 10, "enable.auto.commit": False, "group.id": "test"}


class LogClient:
    def __init__(self, bootstrap: str) -> None:
        self._settings = client_settings(bootstrap, "test")
        producing = {"partitioner": "murmur2_random", "acks": "all"}
        self._producer = Producer({**self._settings, **producing})
        self._readers: dict[str, _Reader] = {}

    def send(self, *messages: Message) -> None:
        for message in messages:
            headers = list(headers_of(message, CODEC, "test").items())
            value, key = CODEC.encode(message), key_of(message)
            self._producer.produce(topic_of(message), value, key, headers=headers)
        assert self._producer.flush(WITHIN_S) == 0

    def send_bytes(self, topic: str, value: bytes, key: str = "k") -> None:
        self._producer.produce(topic, value, key)
        assert self._producer.flush(WITHIN_S) == 0

    def send_again(self, topic: str) -> None:
        """Every message of a topic once more, with its own bytes and headers."""
        for record in [record for record in self.records(topic) if _reads(record)]:
            headers = [(name, value) for name, value in record.header_bytes]
            self._producer.produce(topic, record.value, record.key_bytes, headers=headers)
        assert self._producer.flush(WITHIN_S) == 0

    def records(self, topic: str) -> list[Record]:
        """Every record of a topic up to its end at this moment."""
        if topic not in self._readers:
            consumer = Consumer({**self._settings, **QUICK})
            self._readers[topic] = _Reader(consumer, topic)
        return self._readers[topic].read()

    def read(self, topic: str) -> list[tuple[Coordinates, Message]]:
        """Those that decode, with their places."""
        return [(r.coordinates, CODEC.decode(r.value)) for r in self.records(topic) if _reads(r)]

    def messages(self, topic: str) -> list[Message]:
        return [message for _, message in self.read(topic)]


class _Reader:
    """Reads a topic once and remembers what it read."""

    def __init__(self, consumer: Consumer, topic: str) -> None:
        self._consumer = consumer
        numbers = consumer.list_topics(topic, timeout=WITHIN_S).topics[topic].partitions
        self._partitions = [TopicPartition(topic, number, 0) for number in numbers]
        self._next = dict.fromkeys(numbers, 0)
        self._found: list[Record] = []
        consumer.assign(self._partitions)

    def read(self) -> list[Record]:
        ends = {partition.partition: self._high(partition) for partition in self._partitions}
        while any(self._next[number] < high for number, high in ends.items()):
            message = self._consumer.poll(WITHIN_S)
            assert message is not None, f"nothing more although the topic ends at {ends}"
            if message.error() is None:
                record = record_of(message)
                self._found.append(record)
                self._next[record.coordinates.partition] = record.coordinates.offset + 1
        return self._found

    def _high(self, partition: TopicPartition) -> int:
        """A partition that was made a moment ago may have no leader yet."""

        def ask() -> tuple[int, int] | None:
            try:
                return self._consumer.get_watermark_offsets(partition, timeout=WITHIN_S)
            except KafkaException:
                return None

        return int(eventually(ask)[1])


def _reads(record: Record) -> bool:
    try:
        CODEC.decode(record.value)
    except PermanentError:
        return False
    return True


def eventually(look: Callable[[], T | None], *, within_s: float = WITHIN_S) -> T:
    """What `look` finds, once it finds something true."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"not seen within {within_s:g} s"
        time.sleep(0.05)


def never_more(look: Callable[[], Sequence[T]], expected: int, *, for_s: float = 1.0) -> None:
    """The count stays what it is while the others have time to spoil it."""
    deadline = time.monotonic() + for_s
    while time.monotonic() < deadline:
        assert len(look()) == expected
        time.sleep(0.1)
