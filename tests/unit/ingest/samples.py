"""What the tests of ingest start from: described objects, change events, notices."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.domain.changes import Notice, Watch
from ingest.domain.positions import Positions
from ingest.domain.shapes import Described, Shape, described, shape_of
from ingest.ports import Cursor, EventSchema, SourceEvent
from kernel.exact_json import Json
from kernel.maps import Reading, readings_of
from kernel.messages import Capture, ChangeKind
from kernel.records import RecordRef, System, salesforce
from tests.builders import shipped_maps

AT = datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)
ORG = "00Dxx0000001gPLEAY"
ACCOUNT = "001xx000003DGb1AAG"
OPPORTUNITY = "006xx000001Sv7tAAC"
OTHER_OPPORTUNITY = "006xx000001Sv7uAAC"
LINE = "00kxx000000BvW1AAK"
OTHER_LINE = "00kxx000000BvW2AAK"
OPPORTUNITY_REF = salesforce("Opportunity", OPPORTUNITY)

ACCOUNT_FIELDS = {
    "Fax": "phone", "ParentId": "reference", "OwnerId": "reference", "BillingState": "string",
    **{f"Shipping{part}": "string" for part in "Street City State PostalCode Country".split()},
    "Id": "id", "MasterRecordId": "reference", "Name": "string", "Phone": "phone",
    "Website": "url", "CurrencyIsoCode": "picklist",
    "NS_Billing_Email__c": "email", "NS_Subsidiary__c": "string", "NS_Sync_Now__c": "boolean",
    "SystemModstamp": "datetime", "Type": "picklist", "BillingStreet": "textarea",
    "BillingCity": "string", "BillingPostalCode": "string", "BillingCountry": "string",
    "Industry": "picklist", "NS_VAT_Number__c": "string",
}  # fmt: skip
OPPORTUNITY_FIELDS = {
    "Id": "id", "Name": "string", "AccountId": "reference", "StageName": "picklist",
    "IsWon": "boolean", "Amount": "currency", "CloseDate": "date", "CurrencyIsoCode": "picklist",
    "NS_PO_Number__c": "string", "NS_Sync_Now__c": "boolean", "SystemModstamp": "datetime",
    "NextStep": "string", "NS_SO_Id__c": "string", "OwnerId": "reference",
    "NS_Subsidiary__c": "string", "NS_Start__c": "date", "NS_End__c": "date",
    "NS_Discount__c": "currency", "NS_Pinned_Rate__c": "double",
    "NS_Pinned_Rate_Reason__c": "string", "NS_Pinned_Rate_Approved_By__c": "reference",
}  # fmt: skip
LINE_FIELDS = {
    "Id": "id", "OpportunityId": "reference", "Product2Id": "reference", "Quantity": "double",
    "UnitPrice": "currency", "TotalPrice": "currency", "Discount": "percent",
    "Description": "string", "SortOrder": "int", "ServiceDate": "date",
}  # fmt: skip
PRODUCT_FIELDS = {
    "Id": "id", "Name": "string", "NS_Item_Id__c": "string", "SystemModstamp": "datetime",
}  # fmt: skip
REFERENCES = {
    "AccountId": ("Account", "Account"),
    "OwnerId": ("Owner", "User"),
    "OpportunityId": ("Opportunity", "Opportunity"),
    "Product2Id": ("Product2", "Product2"),
}


def described_as(
    fields: dict[str, str], *, lists: dict[str, tuple[str, str]] | None = None
) -> Described:
    """As Salesforce's describe answers."""
    rows: list[Json] = [_field(name, kind) for name, kind in fields.items()]
    children: list[Json] = [
        {"relationshipName": name, "childSObject": kind, "field": parent}
        for name, (kind, parent) in (lists or {}).items()
    ]
    return described({"fields": rows, "childRelationships": children})


def org() -> dict[str, Described]:
    lists = {"OpportunityLineItems": ("OpportunityLineItem", "OpportunityId")}
    return {
        "Account": described_as(ACCOUNT_FIELDS),
        "Opportunity": described_as(OPPORTUNITY_FIELDS, lists=lists),
        "OpportunityLineItem": described_as(LINE_FIELDS),
        "Product2": described_as(PRODUCT_FIELDS),
        "User": described_as({"Id": "id", "NS_Employee_Id__c": "string"}),
    }


def readings(system: System = System.SALESFORCE) -> dict[str, Reading]:
    return readings_of(shipped_maps(), system)


def shapes() -> dict[str, Shape]:
    """Of the kinds that this org has."""
    known = org()
    found = {kind: reading for kind, reading in readings().items() if kind in known}
    return {kind: shape_of(reading, known) for kind, reading in found.items()}


def watch() -> Watch:
    return Watch(shapes())


def guarded_watch() -> Watch:
    """With one field of an opportunity that NetSuite owns."""
    guarded = {
        kind: replace(shape, guarded=frozenset({"NS_SO_Id__c"})) for kind, shape in shapes().items()
    }
    return Watch(guarded, "tallystick")


def names_of(fields: dict[str, str]) -> EventSchema:
    """The fields of an object as its change events count them."""
    return EventSchema(names=("ChangeEventHeader", *fields), parts={})


def changing(fields: dict[str, str], *names: str) -> tuple[str, ...]:
    """The bitmap that names these fields."""
    order = ("ChangeEventHeader", *fields)
    number = sum(1 << order.index(name) for name in names)
    return (f"0x{number:X}",)


def event(
    entity: str,
    *record_ids: str,
    change: str = "UPDATE",
    bitmaps: tuple[str, ...] = (),
    schema: EventSchema | None = None,
    parents: dict[str, str] | None = None,
    commit_number: int = 10,
    replay_id: bytes = b"\0" * 7 + b"\x07\0\0",
    origin: str = "com/salesforce/api/soap/66.0;client=SfdcInternalAPI/",
) -> SourceEvent:
    return SourceEvent(
        replay_id=replay_id,
        entity=entity,
        record_ids=record_ids,
        change=change,
        origin=origin,
        transaction="000254b1-fdc6-524c-aea1-7534265e66c8",
        sequence=1,
        committed_at=AT,
        commit_number=commit_number,
        user="005xx000001SwiUAAS",
        bitmaps=bitmaps,
        schema=schema or names_of(OPPORTUNITY_FIELDS),
        parents=parents or {},
    )


def capture(number: int = 1, kind: ChangeKind = ChangeKind.UPDATE) -> Capture:
    return Capture(
        position=f"{number:020x}",
        kind=kind,
        committed_at=AT + timedelta(seconds=number),
        user="005xx000001SwiUAAS",
        commit_number=number,
    )


def notice(ref: RecordRef = OPPORTUNITY_REF, number: int = 1, *, reads: bool = True) -> Notice:
    return Notice(ref=ref, capture=capture(number), reads=reads)


def cursor(number: int) -> Cursor:
    return Cursor(
        replay_id=number.to_bytes(8, "big") + b"\0\0",
        committed_at=AT + timedelta(seconds=number),
        commit_number=number,
    )


def from_the_start() -> Positions:
    return Positions(Cursor())


def _field(name: str, kind: str) -> Json:
    relationship, target = REFERENCES.get(name, ("", ""))
    return {
        "name": name,
        "type": kind,
        "relationshipName": relationship or None,
        "referenceTo": [target] if target else [],
        "compoundFieldName": "BillingAddress" if name.startswith("Billing") else None,
    }
