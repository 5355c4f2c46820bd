"""The topics as files, made where they are missing and compared where they are not."""

import asyncio
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # its types do not re-export
    AdminClient,
    ConfigResource,
    NewTopic,
    ResourceType,
)

from kernel.errors import FatalError, RetryableError
from kernel.nodes import Node
from runtime import logs, names
from runtime.health import Health
from runtime.kafka import client_settings, reason_of
from runtime.tables import load
from runtime.waiting import eventually

PART = "kafka"
REQUEST_TIMEOUT_S = 3.0
SEEN_POLL_S = 0.02
BROKERS_DEFAULT = -1
"""Lets the cluster choose how many replicas a topic has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSpec:
    """What one file of schemas/topics says."""

    name: str
    schema: str
    partitions: int
    config: Mapping[str, str]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    key: str


def load_topics(directory: Path) -> tuple[TopicSpec, ...]:
    """Every topic of the directory by name; FatalError names the file and what is wrong in it."""
    paths = sorted(directory.glob("*.yaml"))
    if not paths:
        raise FatalError(f"{directory} holds no topic: install the schemas again")
    return tuple(_spec(path) for path in paths)


async def ensure_topics(bootstrap: str, specs: Sequence[TopicSpec], health: Health) -> None:
    """Wait for Kafka, make the topics that are missing and compare the others.

    FatalError names each partition count and each named setting that differs, and the remedy.
    """
    client = AdminClient(client_settings(bootstrap, "topics"))
    await eventually(PART, lambda: _ensured(client, specs), health=health)


async def _ensured(client: AdminClient, specs: Sequence[TopicSpec]) -> None:
    try:
        await asyncio.to_thread(_make_and_compare, client, specs)
    except KafkaException as error:
        raise RetryableError(reason_of(error)) from error


def _make_and_compare(client: AdminClient, specs: Sequence[TopicSpec]) -> None:
    partitions = _partitions(client)
    missing = [spec for spec in specs if spec.name not in partitions]
    if missing:
        _make(client, missing)
        partitions = _seen(client, specs)
    configs = _configs(client, specs)
    faults = [
        fault
        for spec in specs
        for fault in _differences(spec, partitions[spec.name], configs[spec.name])
    ]
    if faults:
        raise FatalError("; ".join(faults))


def _partitions(client: AdminClient) -> dict[str, int]:
    found = client.list_topics(timeout=REQUEST_TIMEOUT_S).topics
    return {name: len(topic.partitions) for name, topic in found.items() if not topic.error}


def _seen(client: AdminClient, specs: Sequence[TopicSpec]) -> dict[str, int]:
    """Once brokers tell everybody about the new topics, which is a moment after they are made."""
    deadline = time.monotonic() + REQUEST_TIMEOUT_S
    while time.monotonic() < deadline:
        partitions = _partitions(client)
        if all(spec.name in partitions for spec in specs):
            return partitions
        time.sleep(SEEN_POLL_S)
    raise RetryableError("the topics that were made are not known to all brokers yet")


def _make(client: AdminClient, specs: Sequence[TopicSpec]) -> None:
    if not specs:
        return
    wanted = [
        NewTopic(spec.name, spec.partitions, BROKERS_DEFAULT, config=dict(spec.config))
        for spec in specs
    ]
    made = client.create_topics(wanted, request_timeout=REQUEST_TIMEOUT_S)
    for name, future in made.items():
        try:
            future.result()
        except KafkaException as error:
            # another service made it in the same moment
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
        else:
            logs.info(names.TOPIC_CREATED, f"made topic {name}", topic=name)


def _configs(client: AdminClient, specs: Sequence[TopicSpec]) -> dict[str, dict[str, str]]:
    asked = [ConfigResource(ResourceType.TOPIC, spec.name) for spec in specs]
    answers = client.describe_configs(asked, request_timeout=REQUEST_TIMEOUT_S)
    return {
        resource.name: {name: entry.value for name, entry in future.result().items()}
        for resource, future in answers.items()
    }


def _differences(spec: TopicSpec, partitions: int, config: Mapping[str, str]) -> Iterator[str]:
    if partitions != spec.partitions:
        yield (
            f"topic {spec.name} has {partitions} partitions, not {spec.partitions}:"
            " order per key hangs on the count; make a new version of the topic and replay into it"
        )
    for name, wanted in spec.config.items():
        if config.get(name) != wanted:
            yield (
                f"topic {spec.name} has {name} = {config.get(name)}, not {wanted}:"
                f" set it with kafka-configs --alter --topic {spec.name}"
                f" --add-config {name}={wanted}"
            )


def _spec(path: Path) -> TopicSpec:
    try:
        entries = _mapping(load(path))
        return TopicSpec(
            name=_text(entries["name"]),
            schema=_text(entries["schema"]),
            partitions=int(_text(entries["partitions"])),
            config={name: _text(node) for name, node in _mapping(entries["config"]).items()},
            producers=tuple(map(_text, _sequence(entries["producers"]))),
            consumers=tuple(map(_text, _sequence(entries["consumers"]))),
            key=_text(entries["key"]),
        )
    except KeyError as error:
        raise FatalError(f"{path}: {error} is missing: restore the released file") from error
    except (TypeError, ValueError) as error:
        raise FatalError(f"{path}: {error}: restore the released file") from error


def _mapping(node: Node) -> Mapping[str, Node]:
    if not isinstance(node.value, dict):
        raise TypeError(f"line {node.line} is not a mapping")
    return node.value


def _sequence(node: Node) -> Sequence[Node]:
    if not isinstance(node.value, list):
        raise TypeError(f"line {node.line} is not a list")
    return node.value


def _text(node: Node) -> str:
    if node.value is None or isinstance(node.value, list | dict):
        raise TypeError(f"line {node.line} is not a single value")
    return str(node.value)
