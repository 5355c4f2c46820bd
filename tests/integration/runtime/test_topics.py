"""Topics are made as their files say, once, and one that differs stops the service."""

import asyncio
import dataclasses

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # not re-exported
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from kernel.errors import FatalError
from runtime.health import StopRequestedError
from runtime.process import Context
from runtime.topics import TopicSpec, ensure_topics
from tests.integration.runtime.parts import until

pytestmark = pytest.mark.real


@pytest.fixture
def spec(unique: str) -> TopicSpec:
    return TopicSpec(
        name=f"{unique}.made",
        schema="outcome.v1.avsc",
        partitions=5,
        config={"retention.ms": "-1", "message.timestamp.type": "LogAppendTime"},
        producers=(),
        consumers=(),
        key="whatever",
    )


async def test_a_missing_topic_is_made_and_found_right_the_next_time(
    kafka: str, ctx: Context, spec: TopicSpec
) -> None:
    await ensure_topics(kafka, [spec], ctx.health)
    await ensure_topics(kafka, [spec], ctx.health)
    assert ctx.health.is_well("kafka")
    topic = AdminClient({"bootstrap.servers": kafka}).list_topics(spec.name, 10).topics[spec.name]
    assert len(topic.partitions) == 5


async def test_services_that_start_together_make_a_topic_once(
    kafka: str, ctx: Context, spec: TopicSpec
) -> None:
    await asyncio.gather(*(ensure_topics(kafka, [spec], ctx.health) for _ in range(6)))
    assert ctx.health.is_well("kafka")


async def test_every_difference_is_named_with_its_remedy(
    kafka: str, ctx: Context, spec: TopicSpec
) -> None:
    await ensure_topics(kafka, [spec], ctx.health)
    alter(kafka, spec.name, "retention.ms", "60000")
    more = dataclasses.replace(spec, partitions=7)
    with pytest.raises(FatalError) as caught:
        await ensure_topics(kafka, [more], ctx.health)
    text = str(caught.value)
    assert f"{spec.name} has 5 partitions, not 7" in text
    assert f"{spec.name} has retention.ms = 60000, not -1" in text
    assert "--add-config retention.ms=-1" in text


async def test_waiting_for_a_kafka_that_never_comes_ends_when_the_process_shall_end(
    ctx: Context, spec: TopicSpec
) -> None:
    waiting = asyncio.create_task(ensure_topics("127.0.0.1:1", [spec], ctx.health))
    await until(lambda: "kafka" in ctx.health.parts)
    ctx.stop.set()
    with pytest.raises(StopRequestedError):
        await waiting


def alter(bootstrap: str, topic: str, name: str, value: str) -> None:
    entry = ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=[entry])
    client = AdminClient({"bootstrap.servers": bootstrap})
    client.incremental_alter_configs([resource])[resource].result(20)
