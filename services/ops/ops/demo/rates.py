"""A deal in euro of a customer whose books are in dollars: NetSuite's own rate says its worth."""

from datetime import UTC, datetime
from decimal import Decimal

from kernel.rates import preview
from ops.demo.people import Record
from ops.demo.stage import Stage, money
from ops.reach import NotWellError

ACCOUNT, DEAL, PRICE = "Nordlicht Energie AG", "Rollout 2027", 10_000
SHOWN = "Amount, CurrencyIsoCode, NS_Exchange_Rate__c, NS_Base_Total__c, NS_Base_Currency__c"
WON = "Closed Won"


def in_the_books(stage: Stage) -> None:
    deal_id = _open_deal(stage)
    stage.salesforce.skip()
    stage.rep.update("Opportunity", deal_id, StageName=WON)
    stage.tell()
    stage.tell(f'Salesforce: the rep closes "{DEAL}" of {ACCOUNT}, a customer of the')
    stage.tell(f"            company in America, {money(PRICE, 'EUR')}.")
    stage.salesforce.wait_for(
        "the amount in the books on the opportunity",
        lambda w: w.id == deal_id and w.after.get("NS_Base_Total__c") is not None,
    )
    shown = stage.rep.one(f"SELECT {SHOWN} FROM Opportunity WHERE Id = '{deal_id}'")
    amount, currency = Decimal(str(shown["Amount"])), str(shown["CurrencyIsoCode"])
    rate, books = Decimal(str(shown["NS_Exchange_Rate__c"])), str(shown["NS_Base_Currency__c"])
    base = Decimal(str(shown["NS_Base_Total__c"]))
    stage.tell(
        f"NetSuite:   books {money(amount, currency)} at its own rate, {rate.normalize():f}."
    )
    stage.tell(f"Salesforce: shows {money(base, books)}. Nothing was converted on the way.")
    if base != preview(amount, rate, books):
        raise NotWellError(f"{amount} {currency} at {rate} is not {base} {books}")


def _open_deal(stage: Stage) -> str:
    account_id = stage.rep.create("Account", Name=ACCOUNT, CurrencyIsoCode="EUR")
    price = _price(stage)
    deal_id = stage.rep.create(
        "Opportunity",
        Name=DEAL,
        AccountId=account_id,
        StageName="Negotiation/Review",
        CloseDate=datetime.now(UTC).date().isoformat(),
        CurrencyIsoCode="EUR",
    )
    stage.rep.create(
        "OpportunityLineItem",
        OpportunityId=deal_id,
        PricebookEntryId=price["Id"],
        Quantity=1,
        UnitPrice=PRICE,
    )
    return deal_id


def _price(stage: Stage) -> Record:
    return stage.rep.query(
        "SELECT Id FROM PricebookEntry WHERE IsActive = true AND CurrencyIsoCode = 'EUR'"
        " AND Product2.ProductCode = 'SUB-PLAT' AND Pricebook2.IsStandard = false"
    )[0]
