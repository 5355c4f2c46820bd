"""A hand-written loop on confluent-kafka: a batch polled, answered, flushed, committed."""

import sys

from confluent_kafka import Consumer, Producer

from kernel.headers import TRACEPARENT
from kernel.messages import Coordinates
from runtime.schemas import load_codec, schemas_directory
from tests.benchmarks.peers.deals import Desk

BATCH_MAX, WAIT_S, FLUSH_S = 500, 0.02, 30.0


def main(bootstrap: str, source: str, target: str) -> None:
    desk = Desk(load_codec(schemas_directory()))
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": source,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    producer = Producer(
        {
            "bootstrap.servers": bootstrap,
            "enable.idempotence": True,
            "acks": "all",
            "compression.type": "lz4",
            "linger.ms": 0,
        }
    )
    consumer.subscribe([source])
    while True:
        records = consumer.consume(BATCH_MAX, WAIT_S)
        for record in records:
            sent = dict(record.headers() or ()).get(TRACEPARENT)
            parent = sent.decode() if isinstance(sent, bytes) else ""
            place = Coordinates(source, record.partition() or 0, record.offset() or 0)
            for answer in desk.answers(record.value() or b"", place, parent):
                headers: dict[str, str | bytes | None] = {**answer.headers}
                producer.produce(target, answer.value, answer.key, headers=headers)
        if records:
            producer.flush(FLUSH_S)
            consumer.commit(asynchronous=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
