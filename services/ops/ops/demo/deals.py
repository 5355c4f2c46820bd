"""New deals for scenes that the demo's seed has none for."""

from datetime import UTC, datetime

from ops.demo.stage import Stage

WON = "Closed Won"


def open_deal(
    stage: Stage, name: str, account_id: str, *, price: int, currency: str = "EUR"
) -> str:
    """The id of an open deal with one platform subscription."""
    entry = stage.rep.query(
        f"SELECT Id FROM PricebookEntry WHERE IsActive = true AND CurrencyIsoCode = '{currency}'"
        " AND Product2.ProductCode = 'SUB-PLAT' AND Pricebook2.IsStandard = false"
    )[0]
    deal_id = stage.rep.create(
        "Opportunity",
        Name=name,
        AccountId=account_id,
        StageName="Negotiation/Review",
        CloseDate=datetime.now(UTC).date().isoformat(),
        CurrencyIsoCode=currency,
    )
    stage.rep.create(
        "OpportunityLineItem",
        OpportunityId=deal_id,
        PricebookEntryId=entry["Id"],
        Quantity=1,
        UnitPrice=price,
    )
    return deal_id
