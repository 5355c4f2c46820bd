"""A deal in euro of a customer whose books are in dollars: NetSuite's own rate says its worth."""

from decimal import Decimal

from kernel.rates import preview
from ops.demo.deals import WON, open_deal
from ops.demo.stage import Stage, money
from ops.reach import NotWellError

ACCOUNT, DEAL, PRICE = "Nordlicht Energie AG", "Rollout 2027", 10_000
SHOWN = "Amount, CurrencyIsoCode, NS_Exchange_Rate__c, NS_Base_Total__c, NS_Base_Currency__c"


def in_the_books(stage: Stage) -> None:
    account_id = stage.rep.create("Account", Name=ACCOUNT, CurrencyIsoCode="EUR")
    deal_id = open_deal(stage, DEAL, account_id, price=PRICE)
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
