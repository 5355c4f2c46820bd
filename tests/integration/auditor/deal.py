"""A deal that was won, became an order and was billed: its messages as the services send them."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from kernel.identity import command_id, outcome_id
from kernel.messages import (
    ChangeEvent,
    Coordinates,
    Message,
    Outcome,
    Result,
    Subject,
    Version,
    WriteCommand,
)
from kernel.records import RecordRef, external_id_of, netsuite, salesforce
from kernel.values import Document, Fields, Value
from ops.local.stack import Stack
from runtime.database import open_pool
from runtime.sealing import open_sealer
from tests.builders import ACCOUNT, ORG, PRODUCT, capture, change, line, opportunity

DEAL = salesforce("Opportunity", "006xx000001Sv7tAAC")
ORDER = netsuite("salesOrder", "812")
HELD = salesforce("Opportunity", "006xx000001Sv7uAAC")
MAP = "3f9a0c11" * 8
AT = Coordinates("salesforce.changes.v1", 0, 0)


async def sealed(stack: Stack, *items: tuple[str, Value]) -> list[Value]:
    """Each (path, value) about the account, sealed as ingest does."""
    kek_file = Path(stack.state.directory) / "secrets" / "kek"
    async with open_pool(stack.dsn("keys_service"), size=1, service="test") as pool:
        sealer = await open_sealer(pool, kek_file)
        return list(await sealer.seal([(str(ACCOUNT), path, value) for path, value in items]))


async def won(stack: Stack, ref: RecordRef, *, item: str | None = "101") -> ChangeEvent:
    name, account = await sealed(
        stack, ("Opportunity.Name", "Renewal 2027"), ("Account.Name", "Acme GmbH")
    )
    document = opportunity(
        line(**{"Product2.NS_Item_Id__c": item}), account={"Name": account}, Id=ref.id, Name=name
    )
    event = change(ref, document, version=Version(7, 0))
    closed = capture(commit_number=7, changed=("StageName", "LastModifiedDate"))
    return replace(event, captures=(closed,))


def command(
    event: ChangeEvent,
    target: RecordRef,
    part: str,
    fields: Fields,
    lines: tuple[Fields, ...] = (),
) -> WriteCommand:
    document = Document(fields, {"item": lines} if lines else {})
    return WriteCommand(
        id=command_id(event.id, target, part, document, 0),
        event_id=event.id,
        origin=AT,
        round=0,
        source=event.ref,
        target=target,
        part=part,
        version=event.version,
        document=document,
        map_hash=MAP,
    )


def outcome(
    event: ChangeEvent,
    result: Result,
    code: str,
    done: WriteCommand | None = None,
    **more: object,
) -> Outcome:
    subject = Subject.COMMAND if done else Subject.CHANGE
    made = Outcome(
        id=outcome_id(subject, event.id, done.id if done else "", 0, result, code),
        subject=subject,
        event_id=event.id,
        command_id=done.id if done else "",
        origin=AT,
        ref=event.ref,
        result=result,
        code=code,
        target=done.target if done else None,
        part=done.part if done else "",
        attempts=1 if done else 0,
        duration_ms=640 if done else 0,
        map_hash=MAP,
    )
    return replace(made, **more)  # type: ignore[arg-type]  # the caller names real fields


async def told(stack: Stack) -> list[Message]:
    """In the order in which the services send them."""
    first = await won(stack, DEAL)
    assert first.document
    eid = netsuite("salesOrder", f"eid:{external_id_of(ORG, DEAL)}")
    write = command(
        first,
        eid,
        "record",
        {
            "entity.id": "77",
            "currency.id": "4",
            "memo": first.document.fields["Name"],
        },
        ({"item.id": "101", "quantity": 2, "rate": Decimal(5000)},),
    )
    written = outcome(
        first,
        Result.APPLIED,
        "FOUND_AFTER_UNKNOWN",
        write,
        params={"target": "salesOrder 812"},
        path=("unknown after timeout", "settled 3.0 s", "looked up by external id: found 812"),
        written=ORDER,
        read_back=Document({"id": "812", "tranId": "SO-1042", "exchangeRate": Decimal("1.03")}),
    )
    tell = command(first, DEAL, "order", {"NS_SO_Id__c": "812", "NS_SO_Number__c": "SO-1042"})
    return [
        first,
        write,
        written,
        tell,
        outcome(first, Result.APPLIED, "WRITTEN", tell, params={"target": "x"}, written=DEAL),
        outcome(first, Result.APPLIED, "APPLIED", path=("won", "customer 77 linked", "2 commands")),
        *billed(),
        *await held(stack),
    ]


def billed() -> list[Message]:
    document = Document({"id": "812", "tranId": "SO-1042", "status.refName": "Billed"})
    event = change(ORDER, document, version=Version(9, 1))
    event = replace(event, captures=(capture(position="poll:9", user="system"),))
    tell = command(event, DEAL, "order", {"NS_Billing_Status__c": "Paid", "NS_Remaining__c": 0})
    return [
        event,
        tell,
        outcome(event, Result.UNCHANGED, "ALREADY_SO", tell, params={"target": "Opportunity"}),
        outcome(event, Result.UNCHANGED, "UNCHANGED"),
    ]


async def held(stack: Stack) -> list[Message]:
    event = await won(stack, HELD, item=None)
    assert event.document
    fields = event.document.fields
    params = {"account": fields["Account.Name"], "name": fields["Name"], "product": "Gold support"}
    return [
        event,
        outcome(event, Result.PARKED, "ITEM_UNMAPPED", params=params, waits_on=PRODUCT),
    ]
