"""Builds commands for Salesforce: a test names only what matters to it."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from kernel.identity import command_id
from kernel.messages import Coordinates, Version, WriteCommand
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Document, Fields, Value

ORDER_TOLD: Fields = {
    "NS_SO_Number__c": "SO-1",
    "NS_Billed__c": Decimal("100.5"),
    "NS_Rate_Date__c": date(2026, 11, 20),
    "NS_Sync_Message__c": None,
}


def opportunity_id(number: int = 1) -> str:
    return f"006xx{number:010d}AAA"


def told(
    number: int = 1,
    *,
    target: RecordRef | None = None,
    version: Version = Version(1, 0),
    part: str = "order",
    event: str = "",
    reads_back: tuple[str, ...] = (),
    **fields: Value,
) -> WriteCommand:
    """What order `number` tells its opportunity."""
    return command(
        target or salesforce("Opportunity", opportunity_id(number)),
        {**ORDER_TOLD, "NS_SO_Number__c": f"SO-{number}", **fields},
        number=number,
        version=version,
        part=part,
        event=event,
        reads_back=reads_back,
    )


def command(
    target: RecordRef,
    fields: Fields,
    *,
    number: int = 1,
    version: Version = Version(1, 0),
    part: str = "order",
    event: str = "",
    reads_back: tuple[str, ...] = (),
) -> WriteCommand:
    document = Document(fields)
    event = event or str(uuid4())
    return WriteCommand(
        id=command_id(event, target, part, document, 0),
        event_id=event,
        origin=Coordinates("netsuite.changes.v1", 0, number),
        round=0,
        source=netsuite("salesOrder", str(number)),
        target=target,
        part=part,
        version=version,
        document=document,
        reads_back=reads_back,
        map_hash="map",
    )
