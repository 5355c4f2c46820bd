"""What these tests ask of a broker and a server."""

import uuid
from collections.abc import Mapping
from typing import Any

import psycopg
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from ops.local.stack import Stack

PLATFORM = frozenset({"kafka", "postgres"})
ANSWER_WITHIN_S = 20.0


def bootstrap_of(stack: Stack) -> str:
    return str(section(stack, "kafka")["bootstrap"])


def section(stack: Stack, name: str) -> Mapping[str, Any]:
    found = stack.endpoints[name]
    assert isinstance(found, dict)
    return found


def cluster_id(bootstrap: str) -> str:
    client = AdminClient({"bootstrap.servers": bootstrap})
    return str(client.describe_cluster(request_timeout=ANSWER_WITHIN_S).result().cluster_id)


def write_records(bootstrap: str, topic: str, count: int) -> None:
    """Each one acknowledged by the broker when this returns."""
    client = AdminClient({"bootstrap.servers": bootstrap})
    client.create_topics([NewTopic(topic, 1, 1)])[topic].result(ANSWER_WITHIN_S)
    refused: list[object] = []
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})

    def delivered(error: object, _: object) -> None:
        if error:
            refused.append(error)

    for number in range(count):
        producer.produce(topic, str(number), on_delivery=delivered)
    assert producer.flush(ANSWER_WITHIN_S) == 0
    assert refused == []


def read_records(bootstrap: str, topic: str, count: int) -> list[str]:
    """As many as that, from the first on; fewer when the topic does not hold them."""
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex})
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        records = consumer.consume(count, ANSWER_WITHIN_S)
        return [(record.value() or b"").decode() for record in records if not record.error()]
    finally:
        consumer.close()


def rows_of(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []
