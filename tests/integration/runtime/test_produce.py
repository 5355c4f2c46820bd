"""Messages on a real Kafka: acknowledged, where Java would put them, with their headers."""

import uuid
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal

import pytest
from confluent_kafka import Consumer, Message, TopicPartition

from kernel.codec import Codec
from kernel.errors import PermanentError
from kernel.messages import Coordinates
from kernel.topics import OUTCOMES
from kernel.values import Document
from runtime.process import Context
from runtime.produce import Log, open_log
from runtime.records import record_of
from runtime.schemas import load_codec, schemas_directory
from runtime.topics import ensure_topics, load_topics
from tests.integration.runtime.messages import an_outcome

pytestmark = pytest.mark.real
PARTITIONS = 12
JAVA = {
    "21": -973932308,
    "foobar": -790332482,
    "a-little-bit-long-string": -985981536,
    "a-little-bit-longer-string": -1486304829,
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8": -58897971,
    "abc": 479470107,
}
"""Key → its hash, as Apache Kafka's own UtilsTest.testMurmur2 states them."""


@pytest.fixture
def codec() -> Codec:
    return load_codec(schemas_directory())


@pytest.fixture
async def log(kafka: str, codec: Codec, ctx: Context) -> AsyncIterator[Log]:
    await ensure_topics(kafka, load_topics(schemas_directory() / "topics"), ctx.health)
    log = open_log(kafka, codec, "test-service", ctx.telemetry, ctx)
    yield log
    await log.close()


async def test_what_was_sent_stands_where_send_says_in_the_order_it_was_given(
    kafka: str, codec: Codec, log: Log
) -> None:
    key = uuid.uuid4().hex
    messages = [an_outcome(key, path=(str(number),)) for number in range(50)]
    places = await log.send(messages)
    assert [codec.decode(read(kafka, place).value()) for place in places] == messages
    assert len({place.partition for place in places}) == 1
    assert [place.offset for place in places] == sorted({place.offset for place in places})


async def test_every_header_is_there_and_the_parent_is_the_one_that_was_named(
    kafka: str, log: Log
) -> None:
    caused, free = an_outcome(), an_outcome()
    parent = f"00-{uuid.UUID(caused.event_id).hex}-00f067aa0ba902b7-01"
    first, second = await log.send([caused, free], parents={caused.event_id: parent})
    headers = headers_at(kafka, first)
    assert headers["traceparent"] == parent
    assert headers["ce_id"] == caused.id
    assert headers["ce_source"] == "/tallystick/test-service"
    assert headers["x-correlation-id"] == caused.event_id
    own = headers_at(kafka, second)["traceparent"]
    assert own.split("-")[1] == uuid.UUID(free.event_id).hex


async def test_the_known_hashes_of_java_are_those_of_our_own_reckoning() -> None:
    assert {key: signed(murmur2(key.encode())) for key in JAVA} == JAVA


async def test_a_key_stands_in_the_partition_in_which_java_puts_it(log: Log) -> None:
    keys = [*JAVA, *(uuid.uuid4().hex for _ in range(100)), "Ünïcödé", "日本"]
    messages = [an_outcome(key) for key in keys]
    places = await log.send(messages)
    wanted = [placed(str(message.ref), PARTITIONS) for message in messages]
    assert [place.partition for place in places] == wanted


async def test_a_message_too_large_for_its_topic_is_permanent_and_others_still_pass(
    log: Log,
) -> None:
    with pytest.raises(PermanentError, match=OUTCOMES):
        await log.send([an_outcome(path=("x" * 2_000_000,))])
    assert len(await log.send([an_outcome()])) == 1


async def test_nothing_to_send_is_sent_at_once(log: Log) -> None:
    assert await log.send([]) == []


async def test_more_messages_than_the_queue_holds_are_all_sent(log: Log) -> None:
    outcome = an_outcome()
    places = await log.send([outcome] * 25_000, parents={outcome.event_id: "00-1-1-01"})
    assert len({place.offset for place in places}) == 25_000


async def test_values_survive_the_log_byte_for_byte(kafka: str, codec: Codec, log: Log) -> None:
    outcome = an_outcome()
    document = Document({"Amount": Decimal("10000.5"), "Name": "Ada ✓"})
    sent = outcome.__class__(
        **{name: getattr(outcome, name) for name in outcome.__dataclass_fields__}
        | {"read_back": document}
    )
    (place,) = await log.send([sent])
    value = read(kafka, place).value()
    assert value == codec.encode(sent)
    assert codec.decode(value) == sent


def read(bootstrap: str, place: Coordinates) -> Message:
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": uuid.uuid4().hex})
    try:
        consumer.assign([TopicPartition(place.topic, place.partition, place.offset)])
        (message,) = consumer.consume(1, 20)
        assert message.error() is None
        return message
    finally:
        consumer.close()


def headers_at(bootstrap: str, place: Coordinates) -> Mapping[str, str]:
    return record_of(read(bootstrap, place)).headers


def placed(key: str, partitions: int) -> int:
    return (murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2, 32 bits, with Kafka's seed; words are little endian."""
    mix, bits = 0x5BD1E995, 0xFFFFFFFF
    hashed = (0x9747B28C ^ len(data)) & bits
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        word = int.from_bytes(data[at : at + 4], "little") * mix & bits
        word = (word ^ (word >> 24)) * mix & bits
        hashed = (hashed * mix & bits) ^ word
    if data[whole:]:
        hashed = (hashed ^ int.from_bytes(data[whole:], "little")) * mix & bits
    hashed = (hashed ^ (hashed >> 13)) * mix & bits
    return hashed ^ (hashed >> 15)


def signed(number: int) -> int:
    return number - (1 << 32) if number >> 31 else number
