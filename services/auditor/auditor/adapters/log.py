"""Where the log begins and ends, asked of Kafka itself."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

from confluent_kafka import KafkaException, TopicPartition, admin

from auditor.domain.completeness import Partition, Watermarks
from kernel import topics
from kernel.errors import RetryableError
from runtime.kafka import client_settings, reason_of

ANSWER_WITHIN_S = 10.0
OFFSET_SPEC: Any = admin.OffsetSpec  # type: ignore[attr-defined]  # imported there, not listed
EARLIEST, LATEST = OFFSET_SPEC.earliest(), OFFSET_SPEC.latest()
ASKED_IN_ORDER = (
    (topics.OUTCOMES,),
    (topics.NETSUITE_COMMANDS, topics.SALESFORCE_COMMANDS),
    (topics.SALESFORCE_CHANGES, topics.NETSUITE_CHANGES, topics.OPERATIONS, topics.ALERTS),
)
"""What follows from others is asked for before them: below its end, its cause is below theirs."""


class KafkaLog:
    def __init__(self, bootstrap: str) -> None:
        self._client = admin.AdminClient(client_settings(bootstrap, "auditor-watermarks"))

    async def watermarks(self) -> Mapping[Partition, Watermarks]:
        """RetryableError where Kafka is away."""
        try:
            return await asyncio.to_thread(self._ask)
        except KafkaException as error:
            raise RetryableError(f"Kafka: {reason_of(error)}") from error

    def _ask(self) -> dict[Partition, Watermarks]:
        known = self._client.list_topics(timeout=ANSWER_WITHIN_S).topics
        found: dict[Partition, Watermarks] = {}
        for names in ASKED_IN_ORDER:
            parts = [
                Partition(name, number)
                for name in names
                if name in known
                for number in sorted(known[name].partitions)
            ]
            highs = self._offsets(parts, LATEST)
            lows = self._offsets(parts, EARLIEST)
            found.update({part: Watermarks(lows[part], highs[part]) for part in parts})
        return found

    def _offsets(self, parts: Iterable[Partition], spec: Any) -> dict[Partition, int]:
        asked = {TopicPartition(part.topic, part.number): spec for part in parts}
        if not asked:
            return {}
        answers = self._client.list_offsets(asked, request_timeout=ANSWER_WITHIN_S)
        return {
            Partition(where.topic, where.partition): answer.result().offset
            for where, answer in answers.items()
        }
