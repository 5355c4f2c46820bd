"""What every scene of the demo needs: the people, both journals, the stack, a voice."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import httpx

from ops.demo.journal import Journal
from ops.demo.people import Accountant, Record, SalesforceUser
from ops.local.stack import Stack

Say = Callable[[str], None]
NARROW = 36
INDENT = "   "


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    stack: Stack
    rep: SalesforceUser
    catalogue_owner: SalesforceUser
    accountant: Accountant
    salesforce: Journal
    netsuite: Journal
    say: Say

    def tell(self, text: str = "") -> None:
        self.say(f"{INDENT}{text}".rstrip())

    def opportunity(self, name: str) -> Record:
        fields = (
            "Id, Name, Amount, CurrencyIsoCode, StageName, AccountId, Account.Name,"
            " Account.NS_Customer_Number__c, NS_SO_Id__c, NS_SO_Number__c, NS_SO_Status__c,"
            " NS_Billing_Status__c, NS_Billed__c, NS_Paid__c, NS_Remaining__c,"
            " NS_Sync_Status__c, NS_Sync_Message__c,"
            " (SELECT Product2.Name, Quantity, TotalPrice FROM OpportunityLineItems"
            " ORDER BY SortOrder, Id)"
        )
        return self.rep.one(f"SELECT {fields} FROM Opportunity WHERE Name = '{name}'")

    def faults(self, *rules: Mapping[str, object]) -> None:
        admin = str(self.stack.endpoints["sandbox_admin"])
        body = {"seed": 1, "rules": list(rules)}
        httpx.put(f"{admin}/faults", json=body, timeout=5.0, trust_env=False).raise_for_status()


@contextmanager
def open_stage(stack: Stack, say: Say) -> Iterator[Stage]:
    endpoints: Mapping[str, Any] = stack.endpoints
    tls = ssl.create_default_context(cafile=endpoints["tls"]["ca_file"])
    admin = endpoints["sandbox_admin"]
    stage = Stage(
        stack=stack,
        rep=SalesforceUser(endpoints["salesforce"], tls),
        catalogue_owner=SalesforceUser(endpoints["salesforce"], tls, "admin"),
        accountant=Accountant(endpoints["netsuite"], tls),
        salesforce=Journal(admin, "salesforce"),
        netsuite=Journal(admin, "netsuite"),
        say=say,
    )
    try:
        stage.rep.sign_in()
        stage.catalogue_owner.sign_in()
        yield stage
    finally:
        people = (stage.rep, stage.catalogue_owner, stage.accountant)
        for part in (*people, stage.salesforce, stage.netsuite):
            part.close()


def money(amount: object, currency: str) -> str:
    digits = 0 if currency == "JPY" else 2
    return f"{Decimal(str(amount)):,.{digits}f} {currency}"


def after(start: datetime, end: datetime) -> str:
    """The time between two commits, as a person says it."""
    seconds = (end - start).total_seconds()
    return f"{seconds * 1000:,.0f} ms" if seconds < 1 else f"{seconds:,.1f} s"


def side_by_side(left: str, right: str, mark: str = "") -> str:
    return f"{left[:NARROW]:<{NARROW}}{mark or ' ':^5}{right[:NARROW]}".rstrip()


def spread(left: str, right: str) -> str:
    """Both ends of one half."""
    return f"{left}{right:>{NARROW - len(left)}}"
