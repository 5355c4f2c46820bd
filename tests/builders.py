"""Builds messages for tests: a test names only what matters to it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from kernel.identity import event_id
from kernel.maps import Maps
from kernel.messages import (
    Capture,
    ChangeEvent,
    ChangeKind,
    Coordinates,
    Version,
)
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Document, Fields, Value, content_hash
from runtime.maps import load_maps
from transform.domain.facts import Case, Facts, Link, Policy, Reference

ORG = "00Dxx0000001gPLEAY"
ACCOUNT_NUMBER = "1234567"
ACCOUNT = salesforce("Account", "001xx000003DGb1AAG")
OPPORTUNITY = salesforce("Opportunity", "006xx000001Sv7tAAC")
PRODUCT = salesforce("Product2", "01txx0000006i1WAAQ")
AT = datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)


def shipped_maps() -> Maps:
    return load_maps()


POLICY = Policy(maps=shipped_maps(), org_id=ORG, client="tallystick")


def capture(*, origin: str = "", commit_number: int = 1, **other: object) -> Capture:
    plain = Capture(
        position=f"{commit_number:020x}",
        kind=ChangeKind.UPDATE,
        committed_at=AT,
        user="005xx000001SwiUAAS",
        origin=origin,
        commit_number=commit_number,
    )
    return replace(plain, **other)  # type: ignore[arg-type]  # the test names real fields


def change(
    ref: RecordRef,
    document: Document | None,
    *,
    version: Version = Version(1, 0),
    kind: ChangeKind = ChangeKind.UPDATE,
    origin: str = "",
) -> ChangeEvent:
    source = ORG if ref.system == "salesforce" else ACCOUNT_NUMBER
    digest = content_hash(document) if document else f"none-{version}"
    return ChangeEvent(
        id=event_id(source, ref, version, digest),
        ref=ref,
        source=source,
        kind=kind,
        version=version,
        captures=(capture(origin=origin, commit_number=version.major),),
        document=document,
        content_hash=digest,
    )


def case(event: ChangeEvent, *, offset: int = 0, rounds: int = 0) -> Case:
    topic = f"{event.ref.system}.changes.v1"
    return Case(change=event, origin=Coordinates(topic, 0, offset), round=rounds)


def line(**fields: Value) -> Fields:
    return {
        "Id": "00kxx0000001",
        "Product2Id": PRODUCT.id,
        "Product2.Name": "Platform subscription",
        "Product2.NS_Item_Id__c": "101",
        "Quantity": Decimal(2),
        "UnitPrice": Decimal("5000.00"),
        "TotalPrice": Decimal("10000.00"),
        "Discount": None,
        "Description": None,
        **fields,
    }


def opportunity(*lines: Fields, account: Fields | None = None, **fields: Value) -> Document:
    """A won opportunity over 10,000.00 EUR for an account that was read along."""
    root: dict[str, Value] = {
        "Id": OPPORTUNITY.id,
        "Name": "Renewal 2027",
        "IsWon": True,
        "StageName": "Closed Won",
        "Amount": Decimal("10000.00"),
        "CurrencyIsoCode": "EUR",
        "AccountId": ACCOUNT.id,
        "CloseDate": date(2026, 11, 20),
        "NS_PO_Number__c": None,
        "NS_Sync_Now__c": False,
        "SystemModstamp": AT,
        **{f"Account.{name}": value for name, value in (account or account_fields()).items()},
        **fields,
    }
    return Document(root, {"OpportunityLineItems": lines or (line(),)})


def account_fields(**fields: Value) -> Fields:
    return {
        "Id": ACCOUNT.id,
        "Name": "Acme GmbH",
        "Phone": None,
        "Website": "acme.example",
        "NS_Billing_Email__c": None,
        "NS_Subsidiary__c": None,
        "CurrencyIsoCode": "EUR",
        "NS_Sync_Now__c": False,
        "SystemModstamp": AT,
        **fields,
    }


EURO = Reference(kind="currency", id="4", key="EUR", fields={"symbol": "EUR", "isInactive": False})
DOLLAR = Reference(
    kind="currency", id="1", key="USD", fields={"symbol": "USD", "isInactive": False}
)


def customer_link(netsuite_id: str = "77") -> Link:
    external_id = f"sf-{ORG[:15]}-Account-{ACCOUNT.id}"
    return Link(source=ACCOUNT, kind="customer", external_id=external_id, netsuite_id=netsuite_id)


def order_link(netsuite_id: str = "812") -> Link:
    external_id = f"sf-{ORG[:15]}-Opportunity-{OPPORTUNITY.id}"
    return Link(
        source=OPPORTUNITY, kind="salesOrder", external_id=external_id, netsuite_id=netsuite_id
    )


def facts(*links: Link, **other: object) -> Facts:
    """Euro and dollar are known, and the links given, from both sides."""
    by_side = {link.source: link for link in links}
    by_side |= {netsuite(link.kind, link.netsuite_id): link for link in links}
    references = {("currency", "EUR"): EURO, ("currency", "USD"): DOLLAR}
    plain = Facts(links=by_side, references=references, knows_all_customers=True)
    return replace(plain, **other)  # type: ignore[arg-type]  # the test names real fields
