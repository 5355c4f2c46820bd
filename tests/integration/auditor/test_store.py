"""The event store on a real Kafka and PostgreSQL."""

import asyncio

import httpx
import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from auditor.adapters.rows import RECORD_COLUMNS, record_of
from auditor.adapters.schema import check
from auditor.adapters.store import COPIED_FROM_ROWS, PostgresStore
from auditor.domain.columns import LogRecord
from kernel.errors import FatalError
from kernel.messages import ChangeEvent, Coordinates, Version
from kernel.records import salesforce
from ops.local.stack import Stack
from runtime.database import open_pool
from runtime.process import Context
from tests.builders import change, opportunity
from tests.integration.auditor.parts import (
    WITHIN_S,
    bootstrap_of,
    named,
    produce,
    rows,
    tamper,
    verify,
)
from tests.log import eventually
from tests.unit.auditor.records import change_outcome

FOREIGN = "sync.alerts.v1"


def changes(count: int, name: str = "006") -> list[ChangeEvent]:
    refs = [salesforce("Opportunity", f"{name}{number:012}AAA") for number in range(count)]
    return [change(ref, opportunity(Id=ref.id), version=Version(1, 0)) for ref in refs]


def stored(stack: Stack, topic: str) -> list[LogRecord]:
    columns = RECORD_COLUMNS.format("r")
    query = f"SELECT {columns} FROM audit.records r WHERE topic = %s ORDER BY partition, 3"
    return [record_of(row) for row in rows(stack.dsn("audit_reader"), query, topic)]


def in_kafka(stack: Stack, at: Coordinates) -> tuple[object, object, object, int]:
    consumer = Consumer({"bootstrap.servers": bootstrap_of(stack), "group.id": "look"})
    try:
        consumer.assign([TopicPartition(at.topic, at.partition, at.offset)])
        message = consumer.poll(WITHIN_S)
        assert message is not None
        headers = tuple(message.headers() or ())
        return message.key(), message.value(), headers, message.timestamp()[1]
    finally:
        consumer.close()


def count_of(stack: Stack) -> int:
    return int(rows(stack.dsn("audit_reader"), "SELECT count(*) FROM audit.records")[0][0])


async def test_every_record_is_stored_byte_for_byte(stack: Stack, ctx: Context) -> None:
    event = changes(1, "bytes")[0]
    places = await produce(stack, ctx, event, change_outcome(event))
    assert verify(stack)["holds"]
    for at in places:
        (found,) = [record for record in stored(stack, at.topic) if record.at == at]
        key, value, headers, timestamp_ms = in_kafka(stack, at)
        assert (found.key, found.value, found.headers) == (key, value, headers)
        assert round(found.logged_at.timestamp() * 1000) == timestamp_ms


def test_foreign_and_damaged_records_are_stored_like_any_other(stack: Stack) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_of(stack)})
    headers: list[tuple[str, str | bytes | None]] = [
        ("twice", b"1"),
        ("twice", b"\xff\0"),
        ("none", None),
        ("ce_subject", b"x" * 5_000),
    ]
    producer.produce(FOREIGN, None, None, partition=1)
    producer.produce(FOREIGN, b"\0\xff", b"\xfe\0", partition=2, headers=headers)
    assert producer.flush(WITHIN_S) == 0
    assert verify(stack)["caught_up"]
    nothing, strange = stored(stack, FOREIGN)
    assert (nothing.key, nothing.value, nothing.headers) == (None, None, ())
    assert (strange.key, strange.value, strange.headers) == (b"\xfe\0", b"\0\xff", tuple(headers))


@pytest.mark.parametrize("copies", [1, COPIED_FROM_ROWS])
async def test_a_record_that_comes_again_adds_no_row(
    stack: Stack, ctx: Context, copies: int
) -> None:
    await produce(stack, ctx, *changes(2, f"again{copies:03}"))
    assert verify(stack)["holds"]
    records, before = stored(stack, "salesforce.changes.v1"), count_of(stack)
    async with open_pool(stack.dsn("audit_writer"), size=1, service="test") as pool:
        await PostgresStore(pool).append(records * copies)
    assert count_of(stack) == before


async def test_a_killed_auditor_goes_on_where_its_store_ends(stack: Stack, ctx: Context) -> None:
    before = count_of(stack)
    for number in range(3):
        sending = asyncio.create_task(produce(stack, ctx, *changes(300, f"kill{number}")))
        await asyncio.sleep(0.05)
        stack.kill("auditor")
        await sending
        await stack.until_ready("auditor")
    found = verify(stack)
    assert found["holds"], found
    assert count_of(stack) == before + 900


async def test_a_store_that_was_away_for_a_while_misses_nothing(stack: Stack, ctx: Context) -> None:
    before = count_of(stack)
    stack.kill("postgres")
    await produce(stack, ctx, *changes(100, "away"))
    await stack.until_ready("postgres")
    assert eventually(lambda: verified(stack) and count_of(stack) == before + 100)


def verified(stack: Stack) -> bool:
    """While a part of it comes back the auditor cannot answer."""
    try:
        return bool(verify(stack)["holds"])
    except (AssertionError, FileNotFoundError, httpx.TransportError):
        return False


async def test_a_missing_row_is_named_and_read_again_after_a_restart(
    stack: Stack, ctx: Context
) -> None:
    places = await produce(stack, ctx, *changes(50, "hole"))
    assert verify(stack)["holds"]
    newest = {at.partition: at.offset for at in sorted(places, key=lambda at: at.offset)}
    gone = next(at for at in places if at.offset < newest[at.partition])
    tamper(
        stack,
        'DELETE FROM audit.records WHERE (topic, partition, "offset") = (%s, %s, %s)',
        *(gone.topic, gone.partition, gone.offset),
    )
    found = verify(stack)
    assert not found["holds"]
    assert found["log"]["missing"] == 1
    assert named(found["log"]["missing_ranges"]) == [
        (gone.topic, gone.partition, gone.offset, gone.offset)
    ]
    stack.kill("auditor")
    await stack.until_ready("auditor")
    assert eventually(lambda: verified(stack))


REFUSED = [
    ("audit_writer", "UPDATE audit.records SET code = 'X'"),
    ("audit_writer", "DELETE FROM audit.records"),
    ("audit_writer", "TRUNCATE audit.records"),
    ("audit_writer", "SELECT 1 FROM audit.records"),
    ("audit_writer", "SELECT 1 FROM audit.standing"),
    ("audit_reader", "INSERT INTO audit.records SELECT * FROM audit.records"),
    ("audit_reader", "UPDATE audit.records SET code = 'X'"),
    ("audit_owner", "UPDATE audit.records SET code = 'X'"),
    ("audit_owner", "DELETE FROM audit.records"),
    ("audit_owner", "TRUNCATE audit.records"),
    ("audit_owner", "SET session_replication_role = 'replica'"),
]


@pytest.mark.parametrize(("role", "statement"), REFUSED)
def test_nobody_changes_what_is_stored(stack: Stack, role: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(stack.dsn(role), statement)


def test_a_protection_that_was_switched_off_is_told(stack: Stack) -> None:
    alter = "ALTER TABLE audit.records {} TRIGGER records_only_grow"
    rows(stack.dsn("audit_owner"), alter.format("DISABLE"))
    found = verify(stack)
    assert (found["holds"], found["guarded"]) == (False, False)
    stack.kill("auditor")
    eventually(lambda: verified(stack))
    log = (stack.logs / "auditor.log").read_text()
    assert "protection against changes was off" in log


async def test_without_an_owner_and_without_tables_the_remedy_is_told(stack: Stack) -> None:
    async with open_pool(stack.dsn("sync_service"), size=1, service="test") as pool:
        with pytest.raises(FatalError, match="start the auditor once with AUDIT_OWNER_DSN"):
            await check(pool)
    async with open_pool(stack.dsn("audit_reader"), size=1, service="test") as pool:
        await check(pool)
