"""What the tests of the runtime ask of Kafka, and the member processes they start and kill."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    KafkaError,
    Message,
    Producer,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient

from runtime.consume import Consumption, Record

REPOSITORY = Path(__file__).parents[3]
WITHIN_S = 40.0


def fill(bootstrap: str, topic: str, records: Iterable[tuple[str | None, bytes]]) -> None:
    """Append (key, value) pairs; all are acknowledged when this returns."""
    producer = Producer(
        {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 5}
    )
    refused: list[object] = []

    def delivered(error: KafkaError | None, _: Message) -> None:
        if error:
            refused.append(error)

    for key, value in records:
        producer.produce(topic, value, key, on_delivery=delivered)
        producer.poll(0)
    assert producer.flush(WITHIN_S) == 0
    assert refused == []


def numbered(keys: int, each: int, size: int = 0) -> Iterator[tuple[str, bytes]]:
    """`each` values a key, numbered from 0, the keys taking turns."""
    for number in range(each):
        for key in range(keys):
            yield f"key-{key}", str(number).encode().ljust(size)


def committed(bootstrap: str, group: str, topic: str, partitions: int) -> dict[int, int]:
    """Partition → committed offset; -1001 where there is none."""
    client = AdminClient({"bootstrap.servers": bootstrap})
    asked = ConsumerGroupTopicPartitions(
        group, [TopicPartition(topic, n) for n in range(partitions)]
    )
    answer = client.list_consumer_group_offsets([asked])[group].result(WITHIN_S)
    return {item.partition: item.offset for item in answer.topic_partitions}


def consumption(bootstrap: str, topic: str, **more: Any) -> Consumption:
    settings = {"batch_max": 100, "slots": 4, **more}
    return Consumption(
        bootstrap=bootstrap, group=topic, instance_id="one", topics=(topic,), **settings
    )


async def until(holds: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "did not happen in time"
        await asyncio.sleep(0.02)


async def never_broken(record: Record, error: Exception) -> None:
    raise AssertionError(f"{record.coordinates} broke: {error}")


@dataclass(frozen=True, slots=True)
class Handled:
    """A line that a member wrote for a record it handled. `at` is the machine's monotonic time."""

    at: float
    pid: int
    key: str
    partition: int
    offset: int
    value: str


class Member:
    """A process that consumes and writes down what it handled."""

    def __init__(self, directory: Path, **settings: object) -> None:
        self._directory = directory
        self._environment = {
            **os.environ,
            "HEALTH_FILE": str(directory / "health.json"),
            "MEMBER_FILE": str(directory / "handled"),
            "MEMBER_NAME": directory.name,
            **{name: str(value) for name, value in settings.items()},
        }
        self._process: subprocess.Popen[bytes] | None = None
        directory.mkdir(exist_ok=True)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    def start(self) -> None:
        with (self._directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.integration.runtime.member"],
                cwd=REPOSITORY,
                env=self._environment,
                stderr=log,
            )

    def handled(self) -> list[Handled]:
        path = self._directory / "handled"
        text = path.read_text() if path.exists() else ""
        complete = text[: text.rfind("\n") + 1]
        return [Handled(**json.loads(line)) for line in complete.splitlines()]

    def begun(self) -> int:
        """How many records it began to handle."""
        return len((self._directory / "handled.begun").read_text().splitlines())

    def log(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self._directory / "log").read_text().splitlines()]

    def ready(self) -> tuple[bool, dict[str, str]]:
        """What /ready says; not ready while the process does not answer."""
        with suppress(OSError, ValueError):
            address = json.loads((self._directory / "health.json").read_text())["health"]
            return _ready(f"{address}/ready")
        return False, {}

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ended(self) -> int:
        """The exit code."""
        return await asyncio.to_thread(self.process.wait, WITHIN_S)

    async def until_handled(self, count: int) -> None:
        await until(lambda: len(self.handled()) >= count)


@contextmanager
def ending(members: Sequence[Member]) -> Iterator[None]:
    """Whatever the test does, its processes end with it."""
    try:
        yield
    finally:
        for member in members:
            with suppress(AssertionError):
                if member.process.poll() is None:
                    member.process.kill()
                member.process.wait(WITHIN_S)


def _ready(url: str) -> tuple[bool, dict[str, str]]:
    try:
        with urlopen(url, timeout=2) as answer:
            body = json.load(answer)
    except HTTPError as error:
        with error:
            body = json.load(error)
    except URLError:
        return False, {}
    return body["ready"], body["parts"]
