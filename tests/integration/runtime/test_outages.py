"""Kafka and PostgreSQL stop, die and come back: services wait, say so, and go on by themselves."""

import asyncio
import random
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from kernel.errors import RetryableError
from kernel.messages import Message
from kernel.topics import OUTCOMES
from ops.local.stack import Stack
from runtime.consume import Record, consume
from runtime.database import Pool, open_pool, translated, wait_for
from runtime.process import Context
from runtime.produce import Log, open_log
from runtime.retry import retried
from runtime.schemas import load_codec, schemas_directory
from runtime.topics import ensure_topics, load_topics
from tests.integration.conftest import topic_maker
from tests.integration.runtime.messages import an_outcome
from tests.integration.runtime.parts import (
    Member,
    consumption,
    ending,
    fill,
    never_broken,
    numbered,
    until,
)

pytestmark = pytest.mark.real
PATIENCE_S = 60.0


async def test_sending_and_consuming_go_on_by_themselves_after_kafka_was_killed(
    breakable: Stack, breakable_kafka: str, ctx: Context
) -> None:
    directory = schemas_directory()
    await ensure_topics(breakable_kafka, load_topics(directory / "topics"), ctx.health)
    log = open_log(breakable_kafka, load_codec(directory), "test", ctx.telemetry, ctx)
    seen: list[str] = []

    async def handle(records: Sequence[Record]) -> None:
        seen.extend(record.headers["ce_id"] for record in records)

    running = asyncio.create_task(
        consume(consumption(breakable_kafka, OUTCOMES), handle, ctx=ctx, broken=never_broken)
    )
    sent = [an_outcome(str(number)) for number in range(60)]
    await log.send(sent[:20])
    await until(lambda: len(seen) == 20)
    breakable.kill("kafka", signal.SIGKILL)
    sending = asyncio.create_task(_sent_at_last(log, sent[20:40]))
    await until(lambda: not ctx.health.is_well("kafka:producer"), PATIENCE_S)
    await until(lambda: not ctx.health.is_well("kafka:consumer"), PATIENCE_S)
    assert not ctx.health.ready
    await sending
    await log.send(sent[40:])
    await until(lambda: {message.id for message in sent} <= set(seen), PATIENCE_S)
    await until(lambda: ctx.health.ready, PATIENCE_S)
    ctx.stop.set()
    await running
    await log.close()


async def test_a_kafka_that_hangs_and_wakes_up_is_used_again_without_loss(
    breakable: Stack, breakable_kafka: str, tmp_path: Path
) -> None:
    topic = topic_maker(breakable_kafka, "hang")("records")
    fill(breakable_kafka, topic, numbered(keys=30, each=20))
    member = Member(
        tmp_path / "a", KAFKA_BOOTSTRAP=breakable_kafka, MEMBER_TOPIC=topic, MEMBER_DELAY_S=0.05
    )
    with ending([member]):
        member.start()
        await member.until_handled(50)
        breakable.kill("kafka", signal.SIGSTOP)
        await asyncio.sleep(3)
        breakable.kill("kafka", signal.SIGCONT)
        await until(lambda: len({(i.partition, i.offset) for i in member.handled()}) == 600)
        fill(breakable_kafka, topic, numbered(keys=30, each=1))
        await until(lambda: len({(i.partition, i.offset) for i in member.handled()}) == 630)
        member.send(signal.SIGTERM)
        assert await member.ended() == 0


async def test_a_member_that_starts_before_kafka_waits_and_says_so(
    breakable: Stack, breakable_kafka: str, tmp_path: Path
) -> None:
    topic = topic_maker(breakable_kafka, "early")("records")
    fill(breakable_kafka, topic, numbered(keys=5, each=1))
    member = Member(tmp_path / "a", KAFKA_BOOTSTRAP=breakable_kafka, MEMBER_TOPIC=topic)
    with ending([member]):
        breakable.kill("kafka", signal.SIGSTOP)
        member.start()
        await until(lambda: "kafka:consumer" in member.ready()[1])
        assert not member.ready()[0]
        breakable.kill("kafka", signal.SIGCONT)
        await member.until_handled(5)
        await until(lambda: member.ready()[0])


async def test_a_member_ends_in_time_although_kafka_does_not_answer(
    breakable: Stack, breakable_kafka: str, tmp_path: Path
) -> None:
    topic = topic_maker(breakable_kafka, "deaf")("records")
    fill(breakable_kafka, topic, numbered(keys=30, each=20))
    member = Member(
        tmp_path / "a", KAFKA_BOOTSTRAP=breakable_kafka, MEMBER_TOPIC=topic, MEMBER_DELAY_S=0.1
    )
    with ending([member]):
        member.start()
        await member.until_handled(40)
        breakable.kill("kafka", signal.SIGSTOP)
        try:
            member.send(signal.SIGTERM)
            assert await asyncio.to_thread(member.process.wait, 10) == 0
        finally:
            breakable.kill("kafka", signal.SIGCONT)
        member.start()
        await until(lambda: len({(i.partition, i.offset) for i in member.handled()}) == 600)


async def test_a_statement_cut_off_by_a_killed_postgres_can_be_tried_again(
    breakable: Stack, ctx: Context
) -> None:
    pool = open_pool(breakable.dsn("sync_service"), size=3, service="test")
    await wait_for(pool, ctx.health)

    async def ask_while_it_dies() -> None:
        async with translated(), pool.connection() as connection:
            await connection.execute("SELECT 1")
            breakable.kill("postgres", signal.SIGKILL)
            await connection.execute("SELECT pg_sleep(20)")

    with pytest.raises(RetryableError, match="PostgreSQL"):
        await ask_while_it_dies()
    await retried(
        lambda: _ask(pool), clock=ctx.clock, attempts_max=30, dice=random.Random(1), first_s=1.0
    )
    await pool.close()


async def test_a_service_that_starts_before_postgres_waits_and_says_so(
    breakable: Stack, ctx: Context
) -> None:
    breakable.kill("postgres", signal.SIGKILL)
    pool = open_pool(breakable.dsn("sync_service"), size=3, service="test")
    waiting = asyncio.create_task(wait_for(pool, ctx.health, "postgres:sync"))
    await until(lambda: "postgres:sync" in ctx.health.parts)
    await waiting
    assert ctx.health.ready
    async with pool.connection() as connection:
        found = await connection.execute("SELECT current_setting('application_name')")
        assert await found.fetchone() == ("tallystick test",)
    await pool.close()


async def _ask(pool: Pool) -> None:
    async with translated(), pool.connection() as connection:
        await connection.execute("SELECT 1")


async def _sent_at_last(log: Log, messages: Sequence[Message]) -> None:
    """As a handler does: what could not be sent is sent again."""
    while True:
        try:
            await log.send(messages)
            return
        except RetryableError:
            await asyncio.sleep(0.1)
