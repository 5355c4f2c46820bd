"""The real parts, once for all integration tests: Kafka and PostgreSQL."""

import asyncio
import base64
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]  # not re-exported

from ops.local.databases import ROLES
from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from runtime.clock import Clock
from runtime.health import Health
from runtime.process import Context
from runtime.telemetry import open_telemetry

ANSWER_WITHIN_S = 20.0
MakeTopic = Callable[..., str]


@pytest.fixture(scope="session")
def real_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Those that KAFKA_BOOTSTRAP and the DSNs name, else parts of our own."""
    state = tmp_path_factory.mktemp("real") / "state"
    with stack_in_thread(Options(state=state, only=frozenset({"kafka", "postgres"}))) as stack:
        yield stack


@pytest.fixture(scope="session")
def kafka(real_parts: Stack) -> str:
    """Where Kafka listens. Tests keep apart by the names of their topics and groups."""
    endpoint = real_parts.endpoints["kafka"]
    assert isinstance(endpoint, dict)
    return str(endpoint["bootstrap"])


@pytest.fixture(scope="session")
def postgres(real_parts: Stack) -> Mapping[str, str]:
    """Role → DSN. Tests keep apart by the names of their schemas."""
    return {role: real_parts.dsn(role) for roles in ROLES.values() for role in roles}


@pytest.fixture(scope="session")
def kek_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The one key-encryption key of every test that seals into the shared PostgreSQL."""
    path = tmp_path_factory.mktemp("kek") / "kek"
    path.write_text(base64.b64encode(b"k" * 32).decode())
    return path


@pytest.fixture
def unique() -> str:
    """Starts the names of whatever a test makes in the shared parts."""
    return f"t{uuid.uuid4().hex[:12]}"


@pytest.fixture
def make_topic(kafka: str, unique: str) -> MakeTopic:
    """Makes a topic and returns its name, which starts with `unique`."""
    return topic_maker(kafka, unique)


@pytest.fixture
async def ctx() -> Context:
    """What a process shares, for parts that run inside a test."""
    stop = asyncio.Event()
    return Context(
        service="test",
        stop=stop,
        health=Health(stop),
        telemetry=open_telemetry("test", "0"),
        clock=Clock(),
    )


def topic_maker(bootstrap: str, prefix: str) -> MakeTopic:
    client = AdminClient({"bootstrap.servers": bootstrap})

    def make(name: str = "records", partitions: int = 3) -> str:
        topic = f"{prefix}.{name}"
        client.create_topics([NewTopic(topic, partitions, 1)])[topic].result(ANSWER_WITHIN_S)
        return topic

    return make
