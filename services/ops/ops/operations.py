"""Puts what a person asked for into the log."""

import getpass
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import uuid4

from confluent_kafka import KafkaError, KafkaException, Producer
from confluent_kafka import Message as KafkaMessage

from kernel.headers import headers_of
from kernel.messages import Operation, OperationKind
from kernel.topics import key_of, topic_of
from kernel.values import Value
from ops.local.errors import UnreachableError
from runtime.kafka import client_settings, reason_of
from runtime.produce import PRODUCER_SETTINGS
from runtime.schemas import load_codec, schemas_directory

CLIENT = "ops"
WITHIN_S = 20.0


def asked(
    kind: OperationKind, selection: Mapping[str, Value], *, reason: str, actor: str
) -> Operation:
    """`actor` is the person at the keyboard where none is named."""
    return Operation(
        id=str(uuid4()),
        kind=kind,
        actor=actor or getpass.getuser(),
        reason=reason,
        selection=dict(selection),
        requested_at=datetime.now(UTC),
    )


def put_into_log(operation: Operation, bootstrap: str) -> None:
    """UnreachableError where Kafka has not taken it in time."""
    codec = load_codec(schemas_directory())
    settings = {**client_settings(bootstrap, CLIENT), **PRODUCER_SETTINGS}
    producer = Producer({**settings, "delivery.timeout.ms": int(WITHIN_S * 1000)})
    failed: list[str] = []

    def delivered(error: KafkaError | None, _: KafkaMessage) -> None:
        if error is not None:
            failed.append(error.str())

    try:
        producer.produce(
            topic_of(operation),
            codec.encode(operation),
            key_of(operation),
            on_delivery=delivered,
            headers=list(headers_of(operation, codec, CLIENT).items()),
        )
        left = producer.flush(WITHIN_S)
    except KafkaException as error:
        raise UnreachableError(f"Kafka did not take it: {reason_of(error)}") from error
    if left or failed:
        why = failed[0] if failed else f"no answer within {WITHIN_S:g} s"
        raise UnreachableError(f"Kafka at {bootstrap} did not take it: {why}")
