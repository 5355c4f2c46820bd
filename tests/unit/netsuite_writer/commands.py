"""Builds commands for NetSuite: a test names only what matters to it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import uuid4

from kernel.identity import command_id
from kernel.messages import Coordinates, Version, WriteCommand
from kernel.records import external_id_of, netsuite, salesforce
from kernel.values import Document, Fields, Value

ORG = "00Dxx0000001gPLEAY"
LINE_ONE: Fields = {
    "custcol_sf_line_id": "00kxx0000000001AAA",
    "item.id": "101",
    "quantity": Decimal("2"),
    "rate": Decimal("1500.25"),
    "amount": Decimal("3000.5"),
    "description": "Platform, one year",
}
LINE_TWO: Fields = {
    "custcol_sf_line_id": "00kxx0000000002AAA",
    "item.id": "102",
    "quantity": Decimal("1"),
    "rate": Decimal("99.99"),
    "amount": Decimal("99.99"),
    "description": None,
}


def account_id(number: int = 1) -> str:
    return f"001xx{number:010d}AAA"


def opportunity_id(number: int = 1) -> str:
    return f"006xx{number:010d}AAA"


def customer(
    number: int = 1,
    *,
    version: Version = Version(1, 0),
    event: str = "",
    reads_back: tuple[str, ...] = ("id", "entityId"),
    **fields: Value,
) -> WriteCommand:
    """Acme GmbH, company of the root subsidiary in EUR. `event` names the change it serves."""
    source = salesforce("Account", account_id(number))
    document = Document(
        {
            "custentity_sf_account_id": source.id,
            "companyName": f"Acme {number} GmbH",
            "isPerson": False,
            "phone": "+49 30 1234567",
            "url": "https://acme.example",
            "email": "billing@acme.example",
            "subsidiary.id": "1",
            "currency.id": "4",
            **fields,
        }
    )
    target = netsuite("customer", f"eid:{external_id_of(ORG, source)}")
    command = WriteCommand(
        id="",
        event_id=event or str(uuid4()),
        origin=Coordinates("salesforce.changes.v1", 0, number),
        round=0,
        source=source,
        target=target,
        part="record",
        version=version,
        document=document,
        reads_back=reads_back,
        map_hash="map",
    )
    return identified(command)


def order(
    number: int = 1,
    *,
    customer_id: str = "1",
    version: Version = Version(1, 0),
    event: str = "",
    lines: Sequence[Fields] = (LINE_ONE, LINE_TWO),
    reads_back: tuple[str, ...] = ("id", "tranId", "status.refName", "total", "currency.refName"),
    **fields: Value,
) -> WriteCommand:
    """A sales order in EUR with two lines."""
    source = salesforce("Opportunity", opportunity_id(number))
    document = Document(
        {
            "custbody_sf_opportunity_id": source.id,
            "entity.id": customer_id,
            "tranDate": date(2026, 11, 20),
            "currency.id": "4",
            "memo": "Renewal 2027",
            "otherRefNum": None,
            "orderStatus.id": "A",
            **fields,
        },
        {"item": tuple(lines)},
    )
    plain = customer(number, version=version, event=event, reads_back=reads_back)
    target = netsuite("salesOrder", f"eid:{external_id_of(ORG, source)}")
    return identified(replace(plain, source=source, target=target, document=document))


def identified(command: WriteCommand) -> WriteCommand:
    identity = command_id(
        command.event_id, command.target, command.part, command.document, command.round
    )
    return replace(command, id=identity)
