"""How far each service is behind the end of the topics it reads, asked of Kafka."""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition, admin

from ops.local.errors import UnreachableError
from runtime.kafka import client_settings, reason_of
from runtime.topics import TopicSpec

ANSWER_WITHIN_S = 5.0
OFFSET_SPEC: Any = admin.OffsetSpec  # type: ignore[attr-defined]  # imported there, not listed


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Records of one topic that a service has not finished."""

    service: str
    topic: str
    records: int


def kafka_admin(bootstrap: str) -> admin.AdminClient:
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # what goes wrong is told as a sentence
    return admin.AdminClient(client_settings(bootstrap, "ops"))


def lags(bootstrap: str, specs: Sequence[TopicSpec], services: Collection[str]) -> list[Lag]:
    """UnreachableError where Kafka does not answer."""
    client = kafka_admin(bootstrap)
    try:
        known = client.list_topics(timeout=ANSWER_WITHIN_S).topics
        parts = [
            TopicPartition(spec.name, number)
            for spec in specs
            if spec.name in known
            for number in known[spec.name].partitions
        ]
        ends = _ends(client, parts)
        return [
            Lag(service=service, topic=topic, records=records)
            for service in services
            for topic, records in _of(client, service, specs, ends).items()
        ]
    except KafkaException as error:
        raise UnreachableError(
            f"no Kafka answers at {bootstrap} ({reason_of(error)}):"
            " start it, or correct the address"
        ) from None


def _of(
    client: admin.AdminClient,
    service: str,
    specs: Sequence[TopicSpec],
    ends: Mapping[tuple[str, int], int],
) -> dict[str, int]:
    topics = {spec.name for spec in specs if service in spec.consumers}
    parts = [TopicPartition(topic, number) for topic, number in ends if topic in topics]
    if not parts:
        return {}
    asked = ConsumerGroupTopicPartitions(service, parts)
    answers = client.list_consumer_group_offsets([asked], request_timeout=ANSWER_WITHIN_S)
    found = answers[service].result().topic_partitions
    behind = dict.fromkeys(sorted(topics), 0)
    for part in found:
        end = ends[part.topic, part.partition]
        behind[part.topic] += max(0, end - max(part.offset, 0))
    return behind


def _ends(client: admin.AdminClient, parts: Sequence[TopicPartition]) -> dict[tuple[str, int], int]:
    if not parts:
        return {}
    asked = {part: OFFSET_SPEC.latest() for part in parts}
    answers = client.list_offsets(asked, request_timeout=ANSWER_WITHIN_S)
    return {
        (part.topic, part.partition): answer.result().offset for part, answer in answers.items()
    }
