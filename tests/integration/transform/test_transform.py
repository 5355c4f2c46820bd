"""transform as a process on a real Kafka and PostgreSQL; the test plays its neighbours."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from hashlib import sha256
from itertools import count

import pytest

from kernel.headers import BACKFILL, CORRELATION, LANE
from kernel.identity import outcome_id
from kernel.messages import (
    ChangeEvent,
    ChangeKind,
    Coordinates,
    Outcome,
    Result,
    Subject,
    Version,
    WriteCommand,
)
from kernel.parts import CANCEL
from kernel.records import RecordRef, netsuite, salesforce
from kernel.topics import (
    NETSUITE_COMMANDS,
    OUTCOMES,
    SALESFORCE_CHANGES,
    SALESFORCE_COMMANDS,
)
from kernel.values import Document, Fields
from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from tests.builders import EURO, ORG, account_fields, change, line, opportunity
from tests.log import LogClient, eventually, never_more
from transform.domain.likeness import WHOLE

PARTS = frozenset({"kafka", "postgres", "transform"})
NUMBERS = count(1)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = {"TRANSFORM_SWEEP_S": "1", "SYNC_LATE_AFTER_S": "3600"}
    environment = {**os.environ, "SALESFORCE_ORG_ID": ORG, **settings}
    state = tmp_path_factory.mktemp("transform") / "state"
    options = Options(
        state=state, only=PARTS, sandbox=False, environment=environment, restart_delay_max_s=0.2
    )
    with stack_in_thread(options) as running:
        yield running


@pytest.fixture(scope="module")
def log(stack: Stack) -> LogClient:
    client = LogClient(str(stack.endpoints["kafka"]["bootstrap"]))
    euro = change(netsuite("currency", "4"), Document(EURO.fields))
    client.send(euro)
    Neighbours(client).outcome(euro.id, Result.APPLIED)
    nobody = change(WHOLE, Document({"name": "customer", "count": 0, "last": "0"}))
    client.send(nobody)
    Neighbours(client).outcome(nobody.id, Result.APPLIED)
    return client


class Deal:
    """An opportunity of an account of its own, so that tests do not meet."""

    def __init__(self) -> None:
        number = next(NUMBERS)
        self.account = salesforce("Account", f"001xx0000000{number:05d}A")
        self.opportunity = salesforce("Opportunity", f"006xx0000000{number:05d}A")
        self.buyer = sha256(str(number).encode()).hexdigest()[:12]
        self.product = salesforce("Product2", f"01txx0000000{number:05d}A")

    def lost(self) -> ChangeEvent:
        document = opportunity(Id=self.opportunity.id, AccountId=self.account.id, IsWon=False)
        return change(self.opportunity, document, version=Version(2, 0))

    def ordered(self, order: RecordRef, status: str = "Activated") -> ChangeEvent:
        """An order that was made of the deal."""
        deal = self.won().document or Document({})
        own: Fields = {
            "Id": order.id,
            "StatusCode": status,
            "OpportunityId": self.opportunity.id,
            "EffectiveDate": deal.fields["CloseDate"],
            "TotalAmount": deal.fields["Amount"],
        }
        lines = {"OrderItems": deal.lines["OpportunityLineItems"]}
        return change(order, Document({**deal.fields, **own}, lines))

    def won(self, *, commit: int = 1, item: str | None = "101", name: str = "Deal") -> ChangeEvent:
        document = opportunity(
            line(**{"Product2Id": self.product.id, "Product2.NS_Item_Id__c": item}),
            account=account_fields(Id=self.account.id, Name=self.buyer, Website=None),
            Id=self.opportunity.id,
            AccountId=self.account.id,
            Name=name,
        )
        return change(self.opportunity, document, version=Version(commit, 0))


class Neighbours:
    """Reads what transform says and answers as the writers would."""

    def __init__(self, log: LogClient) -> None:
        self._log = log

    def commands(self, topic: str, source: RecordRef) -> list[WriteCommand]:
        found = (m for m in self._log.messages(topic) if isinstance(m, WriteCommand))
        return [command for command in found if source in {command.source, command.target}]

    def command(self, topic: str, source: RecordRef) -> WriteCommand:
        return eventually(lambda: self.commands(topic, source))[-1]

    def outcomes(self, event_id: str) -> list[Outcome]:
        found = (m for m in self._log.messages(OUTCOMES) if isinstance(m, Outcome))
        mine = [o for o in found if o.event_id == event_id and o.subject is Subject.CHANGE]
        return list({outcome.id: outcome for outcome in mine}.values())

    def outcome(self, event_id: str, result: Result) -> Outcome:
        def look() -> list[Outcome]:
            return [o for o in self.outcomes(event_id) if o.result is result]

        return eventually(look)[0]

    def answer(self, command: WriteCommand, netsuite_id: str = "", **other: object) -> None:
        written = RecordRef(command.target.system, command.target.kind, netsuite_id)
        read_back: Fields = {
            "id": netsuite_id,
            "entityId": f"CUST-{netsuite_id}",
            "tranId": f"SO-{netsuite_id}",
            "exchangeRate": Decimal("1.03"),
            "lastModifiedDate": datetime(2026, 11, 20, 9, 14, tzinfo=UTC),
        }
        said = Outcome(
            id=outcome_id(
                Subject.COMMAND, command.event_id, command.id, 0, Result.APPLIED, "WRITTEN"
            ),
            subject=Subject.COMMAND,
            event_id=command.event_id,
            command_id=command.id,
            origin=command.origin,
            ref=command.source,
            result=Result.APPLIED,
            code="WRITTEN",
            target=command.target,
            part=command.part,
            written=written if netsuite_id else command.target,
            version=command.version,
            read_back=Document(read_back) if netsuite_id else None,
        )
        self._log.send(replace(said, **other))  # type: ignore[arg-type]  # real fields


@pytest.fixture(scope="module")
def neighbours(log: LogClient) -> Neighbours:
    return Neighbours(log)


def carry_through(deal: Deal, event: ChangeEvent, neighbours: Neighbours) -> None:
    """Answer every command of a won deal until its change has ended."""
    neighbours.answer(neighbours.command(NETSUITE_COMMANDS, deal.account), "77" + event.id[:4])
    neighbours.answer(neighbours.command(NETSUITE_COMMANDS, deal.opportunity), "81" + event.id[:4])
    neighbours.answer(neighbours.command(SALESFORCE_COMMANDS, deal.account))
    neighbours.answer(neighbours.command(SALESFORCE_COMMANDS, deal.opportunity))
    neighbours.outcome(event.id, Result.APPLIED)


def test_child_before_parent_waits_and_follows(log: LogClient, neighbours: Neighbours) -> None:
    deal = Deal()
    event = deal.won()
    log.send(event)
    customer = neighbours.command(NETSUITE_COMMANDS, deal.account)
    waiting = neighbours.outcome(event.id, Result.PARKED)
    assert (waiting.code, waiting.waits_on) == ("WAITS_FOR_CUSTOMER", deal.account)
    assert neighbours.commands(NETSUITE_COMMANDS, deal.opportunity) == []
    neighbours.answer(customer, "771")
    order = neighbours.command(NETSUITE_COMMANDS, deal.opportunity)
    assert order.document.fields["entity.id"] == "771"
    assert order.event_id == event.id
    neighbours.answer(order, "812")
    told = neighbours.command(SALESFORCE_COMMANDS, deal.opportunity)
    assert told.document.fields["NS_SO_Number__c"] == "SO-812"
    neighbours.answer(neighbours.command(SALESFORCE_COMMANDS, deal.account))
    assert [o.result for o in neighbours.outcomes(event.id)] == [Result.PARKED]
    neighbours.answer(told)
    ended = neighbours.outcome(event.id, Result.APPLIED)
    places = {m.id: place for place, m in log.read(SALESFORCE_CHANGES)}
    assert ended.origin == places[event.id]


def test_t1_1_the_same_event_three_times_gives_one_command(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    event = deal.won()
    log.send(event, event, event)
    neighbours.command(NETSUITE_COMMANDS, deal.account)
    never_more(lambda: neighbours.commands(NETSUITE_COMMANDS, deal.account), 1)


def test_t1_1_the_same_event_on_several_workers_at_once_gives_one_command(
    stack: Stack, log: LogClient, neighbours: Neighbours
) -> None:
    """Under a key of its own each copy goes to another partition, half of them to each worker."""
    with second_worker(stack):
        deals = [Deal() for _ in range(10)]
        for deal in deals:
            log.send_under_keys(deal.won(), [f"{deal.account.id} {copy}" for copy in range(12)])
        for deal in deals:
            neighbours.command(NETSUITE_COMMANDS, deal.account)
            neighbours.outcome(deal.won().id, Result.PARKED)
        for deal in deals:
            never_more(partial(ids_of, neighbours, deal), 1, for_s=0.1)


def ids_of(neighbours: Neighbours, deal: Deal) -> list[str]:
    return sorted({c.id for c in neighbours.commands(NETSUITE_COMMANDS, deal.account)})


@contextmanager
def second_worker(stack: Stack) -> Iterator[None]:
    """Another process of the service beside the stack's own, with half of the partitions."""
    environment = {
        **os.environ,
        "KAFKA_BOOTSTRAP": stack.endpoints["kafka"]["bootstrap"],
        "SYNC_DSN": stack.dsn("sync_service"),
        "KEYS_DSN": stack.dsn("keys_service"),
        "KEK_FILE": str(stack.state.secrets / "kek"),
        "SALESFORCE_ORG_ID": ORG,
        "GROUP_INSTANCE_ID": "transform-1",
    }
    with (stack.logs / "second.log").open("w") as said:
        command = [sys.executable, "-m", "transform"]
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            eventually(lambda: "partitions assigned" in (stack.logs / "second.log").read_text())
            yield
        finally:
            process.terminate()
            assert process.wait(timeout=15) == 0


def test_two_orders_of_one_new_customer_make_one_customer(
    log: LogClient, neighbours: Neighbours
) -> None:
    first, second = Deal(), Deal()
    second.account = first.account
    log.send(first.won(), second.won())
    customer = neighbours.command(NETSUITE_COMMANDS, first.account)
    neighbours.outcome(second.won().id, Result.PARKED)
    never_more(lambda: neighbours.commands(NETSUITE_COMMANDS, first.account), 1)
    neighbours.answer(customer, "7790")
    for deal in (first, second):
        order = neighbours.command(NETSUITE_COMMANDS, deal.opportunity)
        assert order.document.fields["entity.id"] == "7790"


def test_an_order_and_its_opportunity_at_once_make_one_sales_order(
    log: LogClient, neighbours: Neighbours
) -> None:
    """Whoever is first; the other one is told so."""
    known = Deal()
    event = known.won()
    log.send(event)
    carry_through(known, event, neighbours)
    for number in range(5):
        deal, order = Deal(), salesforce("Order", f"801xx0000000{number:05d}A")
        deal.account, deal.buyer = known.account, known.buyer
        both = (deal.won(), deal.ordered(order))
        log.send(*both)

        def made(sides: tuple[RecordRef, ...] = (deal.opportunity, order)) -> list[WriteCommand]:
            return [c for side in sides for c in neighbours.commands(NETSUITE_COMMANDS, side)]

        eventually(lambda: [o for e in both for o in neighbours.outcomes(e.id)])  # noqa: B023
        (filtered,) = [o for e in both for o in neighbours.outcomes(e.id)]
        assert filtered.code in {"ORDER_WINS", "ORDER_STANDS"}
        eventually(made)
        assert len(made()) == 1


def test_an_opportunity_is_free_once_the_last_of_its_orders_is_deleted(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    orders = [salesforce("Order", f"801xx0000001{number:05d}A") for number in range(2)]
    drafts = [deal.ordered(order, "Draft") for order in orders]
    gone = [change(order, None, version=Version(9, 0), kind=ChangeKind.DELETE) for order in orders]
    log.send(*drafts)
    assert {neighbours.outcome(e.id, Result.FILTERED).code for e in drafts} == {"NOT_WON"}
    for deleted, commit in ((gone[0], 3), (gone[1], 4)):
        log.send(deleted)
        assert neighbours.outcome(deleted.id, Result.FILTERED).code == "DELETED_AT_SOURCE"
        log.send(deal.won(commit=commit))
    assert neighbours.outcome(deal.won(commit=3).id, Result.FILTERED).code == "ORDER_WINS"
    assert neighbours.command(NETSUITE_COMMANDS, deal.account).event_id == deal.won(commit=4).id


def test_a_deal_that_is_lost_while_its_order_is_made_is_cancelled_once_the_order_stands(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    log.send(deal.won())
    neighbours.answer(neighbours.command(NETSUITE_COMMANDS, deal.account), "7791")
    making = neighbours.command(NETSUITE_COMMANDS, deal.opportunity)
    log.send(deal.lost())
    waiting = neighbours.outcome(deal.lost().id, Result.PARKED)
    assert (waiting.code, waiting.waits_on) == ("ORDER_UNDER_WAY", making.target)
    neighbours.answer(making, "8191")
    eventually(lambda: neighbours.command(NETSUITE_COMMANDS, deal.opportunity).part == CANCEL)


def test_an_order_without_an_item_waits_and_follows_when_its_product_gets_one(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    event = deal.won(item=None)
    log.send(event)
    waiting = neighbours.outcome(event.id, Result.PARKED)
    assert (waiting.code, waiting.waits_on) == ("ITEM_UNMAPPED", deal.product)
    assert neighbours.commands(NETSUITE_COMMANDS, deal.account) == []
    document = Document({"Id": deal.product.id, "NS_Item_Id__c": "105"})
    log.send(change(deal.product, document, version=Version(9, 0)))
    neighbours.answer(neighbours.command(NETSUITE_COMMANDS, deal.account), "7781")
    order = neighbours.command(NETSUITE_COMMANDS, deal.opportunity)
    assert order.document.lines["item"][0]["item.id"] == "105"


def test_t1_2_replaying_what_was_handled_gives_no_command(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    event = deal.won()
    log.send(event)
    carry_through(deal, event, neighbours)
    before = len(log.messages(NETSUITE_COMMANDS)) + len(log.messages(SALESFORCE_COMMANDS))
    for message in log.messages(SALESFORCE_CHANGES):
        log.send(message)
    marker = change(deal.product, Document({"NS_Item_Id__c": "1"}), version=Version(99, 0))
    log.send(marker)
    neighbours.outcome(marker.id, Result.APPLIED)
    after = len(log.messages(NETSUITE_COMMANDS)) + len(log.messages(SALESFORCE_COMMANDS))
    assert after == before
    assert len([o for o in neighbours.outcomes(event.id) if o.result.is_final]) == 1


def test_t4_6_a_stale_event_never_follows_a_newer_one(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    newer, older = deal.won(commit=5, name="new"), deal.won(commit=4, name="old")
    log.send(newer)
    neighbours.outcome(newer.id, Result.PARKED)
    log.send(older)
    neighbours.outcome(older.id, Result.SUPERSEDED)
    neighbours.answer(neighbours.command(NETSUITE_COMMANDS, deal.account), "7785")
    assert neighbours.command(NETSUITE_COMMANDS, deal.opportunity).document.fields["memo"] == "new"


def test_a_newer_version_overtakes_one_that_waits(log: LogClient, neighbours: Neighbours) -> None:
    deal = Deal()
    first, second = deal.won(commit=1, item=None), deal.won(commit=2, item=None, name="second")
    log.send(first)
    neighbours.outcome(first.id, Result.PARKED)
    log.send(second)
    neighbours.outcome(first.id, Result.SUPERSEDED)
    assert neighbours.outcome(second.id, Result.PARKED).code == "ITEM_UNMAPPED"


def test_a_refused_customer_holds_its_order_until_the_account_is_corrected(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal = Deal()
    event = deal.won()
    log.send(event)
    customer = neighbours.command(NETSUITE_COMMANDS, deal.account)
    neighbours.answer(
        customer, "", result=Result.PARKED, code="TEXT_TOO_LONG", written=None, id=event.id
    )
    held = eventually(
        lambda: [o for o in neighbours.outcomes(event.id) if o.code == "TEXT_TOO_LONG"]
    )
    assert held[0].waits_on == deal.account
    corrected = Document(account_fields(Id=deal.account.id, Name="Short"))
    log.send(change(deal.account, corrected, version=Version(8, 0)))
    again = eventually(
        lambda: [
            c for c in neighbours.commands(NETSUITE_COMMANDS, deal.account) if c.id != customer.id
        ]
    )
    neighbours.answer(again[0], "7799")
    assert neighbours.command(NETSUITE_COMMANDS, deal.opportunity).event_id == event.id


def test_an_order_that_comes_after_its_customer_was_refused_says_why(
    log: LogClient, neighbours: Neighbours
) -> None:
    deal, later = Deal(), Deal()
    later.account = deal.account
    first = deal.won()
    log.send(first)
    customer = neighbours.command(NETSUITE_COMMANDS, deal.account)
    refusal = {"record": "Account 001", "field": "Name"}
    neighbours.answer(
        customer,
        "",
        result=Result.PARKED,
        code="TEXT_TOO_LONG",
        params=refusal,
        written=None,
        id=first.id,
    )
    eventually(lambda: [o for o in neighbours.outcomes(first.id) if o.code == "TEXT_TOO_LONG"])
    second = later.won()
    log.send(second)
    held = neighbours.outcome(second.id, Result.PARKED)
    assert (held.code, held.params, held.waits_on) == ("TEXT_TOO_LONG", refusal, deal.account)
    corrected = Document(account_fields(Id=deal.account.id, Name="Short"))
    log.send(change(deal.account, corrected, version=Version(8, 0)))
    again = eventually(
        lambda: [
            c for c in neighbours.commands(NETSUITE_COMMANDS, deal.account) if c.id != customer.id
        ]
    )
    neighbours.answer(again[0], "7798")
    assert neighbours.command(NETSUITE_COMMANDS, later.opportunity).event_id == second.id


def test_bytes_that_do_not_decode_end_as_dead_at_their_coordinates(
    log: LogClient, neighbours: Neighbours
) -> None:
    log.send_bytes(SALESFORCE_CHANGES, b"\x00\x00\x00\x00\x63rubbish", "broken")

    def look() -> list[Outcome]:
        found = (m for m in log.messages(OUTCOMES) if isinstance(m, Outcome))
        return [o for o in found if o.code == "UNDECODABLE"]

    (dead,) = eventually(look)[:1]
    assert dead.result is Result.DEAD
    assert isinstance(dead.origin, Coordinates)
    assert dead.origin.topic == SALESFORCE_CHANGES
    deal = Deal()
    log.send(deal.won())
    assert neighbours.command(NETSUITE_COMMANDS, deal.account)


def test_r1_killed_at_any_moment_it_loses_nothing_and_decides_nothing_twice(
    stack: Stack, log: LogClient, neighbours: Neighbours
) -> None:
    deals = [Deal() for _ in range(60)]
    events = [deal.won() for deal in deals]
    dice = random.Random(11)
    for number, event in enumerate(events):
        log.send(event)
        if number % 10 == 5:
            time.sleep(dice.uniform(0.3, 1.3))  # somewhere in its start or its work
            eventually(lambda: stack.pid("transform"))
            stack.kill("transform", signal.SIGKILL)
    for deal, event in zip(deals, events, strict=True):
        neighbours.outcome(event.id, Result.PARKED)
        assert len({c.id for c in neighbours.commands(NETSUITE_COMMANDS, deal.account)}) == 1


def test_what_a_reading_without_a_notice_asks_for_is_marked_as_backfill(log: LogClient) -> None:
    deals = swept, live = Deal(), Deal()
    events = replace(swept.won(), kind=ChangeKind.SNAPSHOT), live.won()
    log.send(*events)
    assert all(Neighbours(log).command(NETSUITE_COMMANDS, deal.account) for deal in deals)
    sent = {record.headers[CORRELATION]: record for record in log.records(NETSUITE_COMMANDS)}
    assert [sent[event.id].headers.get(LANE) for event in events] == [BACKFILL, None]
