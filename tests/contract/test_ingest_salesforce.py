"""Ingest's Salesforce adapters against the stand-in, over TLS and gRPC as against the real one."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.adapters.salesforce_pubsub import SalesforcePubSub, open_channel
from ingest.adapters.salesforce_rest import SalesforceRest
from ingest.ports import Delivery, ReplayLost, SourceEvent, Start
from kernel.errors import FatalError, PermanentError, RetryableError
from runtime.telemetry import open_telemetry
from runtime.tokens import HeldToken
from tests.connections import org_of, salesforce_at
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest

WITHIN_S = 20.0
CHANGES = "/data/ChangeEvents"
QUERY = {"system": "salesforce", "path": "/query*"}
GRPC = {"system": "salesforce", "method": "GRPC", "path": "*"}


@dataclass(frozen=True)
class Org:
    """The adapters as ingest joins them."""

    sandbox: Sandbox
    tokens: HeldToken
    records: SalesforceRest
    stream: SalesforcePubSub


@pytest.fixture
async def org(sandbox: Sandbox) -> AsyncIterator[Org]:
    async with connected(sandbox) as joined:
        yield joined


@asynccontextmanager
async def connected(sandbox: Sandbox, *, topic: str = CHANGES, **wrong: str) -> AsyncIterator[Org]:
    """`topic` and what the endpoints tell may be wrong on purpose."""
    own, telemetry, ca_file = sandbox.salesforce, open_telemetry("test", "0"), sandbox.ca_file
    org = org_of(own, **wrong)
    channel = open_channel(own["pubsub_tls"], tls=True, ca_file=Path(ca_file), hosts=org.hosts)
    async with channel, salesforce_at(org, ca_file) as (calls, tokens):
        stream = SalesforcePubSub(
            channel,
            tokens,
            telemetry,
            topic=topic,
            org_url=org.url,
            org_id=own["org_id"],
            batch=10,
        )
        records = SalesforceRest(calls, version="68.0", client="tallystick", readers=2)
        yield Org(sandbox, tokens, records, stream)


async def no_limit() -> None:
    """There is always room."""


async def until(
    org: Org, start: Start, is_enough: Callable[[list[SourceEvent]], bool]
) -> list[SourceEvent]:
    """The next events from there on."""
    found: list[SourceEvent] = []
    async with asyncio.timeout(WITHIN_S), aclosing(org.stream.deliveries(start, no_limit)) as items:
        async for item in items:
            assert isinstance(item, Delivery)
            found += item.events
            if is_enough(found):
                return found
    raise AssertionError("the stream ended")


async def next_events(org: Org, start: Start, count: int) -> list[SourceEvent]:
    return await until(org, start, lambda found: len(found) >= count)


async def end_of_stream(org: Org) -> Start:
    """Behind everything that has happened so far."""
    mark = Rest(org.sandbox).create("Account", Name="a mark")
    found = await until(
        org, Start(earliest=True), lambda events: any(mark in one.record_ids for one in events)
    )
    return Start(replay_id=found[-1].replay_id)


def opportunity(people: Rest, **fields: object) -> str:
    known: dict[str, object] = {
        "Name": f"Deal {uuid.uuid4().hex[:6]}",
        "StageName": "Prospecting",
        "CloseDate": "2026-12-01",
    }
    return people.create("Opportunity", **known | fields)


async def test_a_query_gives_exact_numbers_parents_and_lines(org: Org) -> None:
    [row] = await org.records.query(
        "SELECT Id, Amount, Account.Name, (SELECT Quantity FROM OpportunityLineItems)"
        " FROM Opportunity WHERE Name = 'Expansion 2027'"
    )
    assert row["Amount"] == Decimal("5000.0")
    assert isinstance(row["Amount"], Decimal)
    assert row["Account"]["Name"] == "Globex Inc"  # type: ignore[index, call-overload]  # JSON
    assert row["OpportunityLineItems"]["records"][0]["Quantity"] == Decimal(4)  # type: ignore[index, call-overload]  # JSON


async def test_deleted_records_are_found_when_asked_for(org: Org) -> None:
    people = Rest(org.sandbox)
    gone = opportunity(people)
    people.delete("Opportunity", gone)
    statement = f"SELECT Id FROM Opportunity WHERE Id IN ('{gone}')"
    assert await org.records.query(statement) == []
    assert [row["Id"] for row in await org.records.query(statement, deleted=True)] == [gone]


async def test_an_object_is_described(org: Org) -> None:
    answer = await org.records.describe("OpportunityLineItem")
    fields = answer["fields"]
    assert isinstance(fields, list)
    assert {"OpportunityId", "Quantity"} <= {f["name"] for f in fields if isinstance(f, dict)}


async def test_every_call_is_marked_as_ours_and_signed_in_once(org: Org) -> None:
    mark = org.sandbox.end_of_journal("salesforce")
    await asyncio.gather(*(org.records.query("SELECT Id FROM User") for _ in range(4)))
    paths = [entry["path"] for entry in org.sandbox.journal("salesforce", mark)]
    assert sum("oauth2/token" in path for path in paths) == 1
    assert sum("/query" in path for path in paths) == 4


async def test_a_dead_session_is_replaced_and_the_call_repeated(org: Org) -> None:
    await org.records.query("SELECT Id FROM User")
    mark = org.sandbox.end_of_journal("salesforce")
    org.sandbox.faults(
        {"system": "salesforce", "path": "/query*", "effect": "token_dead", "times": 1}
    )
    assert await org.records.query("SELECT Id FROM User")
    statuses = [entry["status"] for entry in org.sandbox.journal("salesforce", mark)]
    assert statuses == [401, 200, 200]


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_a_busy_salesforce_is_retryable(org: Org, status: int) -> None:
    org.sandbox.faults({**QUERY, "effect": "status", "status": status})
    with pytest.raises(RetryableError):
        await org.records.query("SELECT Id FROM User")


async def test_a_connection_that_breaks_is_retryable(org: Org) -> None:
    org.sandbox.faults({**QUERY, "effect": "drop_before_commit"})
    with pytest.raises(RetryableError):
        await org.records.query("SELECT Id FROM User")


async def test_a_field_that_is_not_there_is_refused_by_name(org: Org) -> None:
    with pytest.raises(PermanentError, match=r"INVALID_FIELD.*Mood__c"):
        await org.records.query("SELECT Mood__c FROM Account")


async def test_an_answer_that_leads_elsewhere_is_not_followed(org: Org) -> None:
    org.sandbox.faults({**QUERY, "effect": "status", "status": 302})
    with pytest.raises(FatalError, match="SALESFORCE_URL"):
        await org.records.query("SELECT Id FROM User")


async def test_a_user_salesforce_does_not_know_is_fatal_and_named_as_such(sandbox: Sandbox) -> None:
    async with connected(sandbox, username="nobody@tallystick.example") as org:
        with pytest.raises(FatalError, match="Salesforce refused the sign-in"):
            await org.records.query("SELECT Id FROM User")
        with pytest.raises(FatalError, match="Salesforce refused the sign-in"):
            await org.stream.probe()


async def test_changes_arrive_with_their_bitmaps_and_parents(org: Org) -> None:
    start, people = await end_of_stream(org), Rest(org.sandbox)
    made = opportunity(people)
    people.update("Opportunity", made, StageName="Qualification")
    created, updated = await next_events(org, start, 2)
    assert (created.entity, created.change, created.record_ids) == (
        "Opportunity",
        "CREATE",
        (made,),
    )
    assert (updated.change, updated.commit_number > created.commit_number) == ("UPDATE", True)
    assert updated.bitmaps
    assert "StageName" in updated.schema.names


async def test_more_events_than_one_portion_all_arrive_in_order(org: Org) -> None:
    start, people = await end_of_stream(org), Rest(org.sandbox)
    made = [people.create("Account", Name=f"Many {number}") for number in range(35)]
    events = await next_events(org, start, 35)
    assert [event.record_ids[0] for event in events] == made


async def test_a_stream_goes_on_behind_a_replay_id(org: Org) -> None:
    start, people = await end_of_stream(org), Rest(org.sandbox)
    made = [people.create("Account", Name=f"Later {number}") for number in range(3)]
    first = (await next_events(org, start, 1))[0]
    rest = await next_events(org, Start(replay_id=first.replay_id), 2)
    assert [event.record_ids[0] for event in [first, *rest]][:3] == made


async def test_a_replay_id_nobody_knows_is_said_to_be_lost(org: Org) -> None:
    for replay_id in (b"\x7f" + b"\xff" * 7 + b"\0\0", b"nonsense!!"):
        async with aclosing(org.stream.deliveries(Start(replay_id=replay_id), no_limit)) as items:
            item = await asyncio.wait_for(anext(items), WITHIN_S)
            assert isinstance(item, ReplayLost)
            assert "replayid" in item.reason


async def test_a_dead_session_of_the_stream_is_replaced(org: Org) -> None:
    await org.stream.probe()
    org.sandbox.faults({**GRPC, "effect": "token_dead", "times": 1})
    with pytest.raises(RetryableError, match="auth"):
        await org.stream.probe()
    await org.stream.probe()


async def test_a_stream_that_is_down_is_retryable(org: Org) -> None:
    org.sandbox.faults({**GRPC, "effect": "status", "status": 503})
    with pytest.raises(RetryableError):
        await org.stream.probe()
    with pytest.raises(RetryableError):
        await next_events(org, Start(earliest=True), 1)


async def test_a_channel_that_is_not_there_is_fatal(sandbox: Sandbox) -> None:
    async with connected(sandbox, topic="/data/MoodChangeEvent") as org:
        with pytest.raises(FatalError, match=r"MoodChangeEvent.*change data capture"):
            await org.stream.probe()
