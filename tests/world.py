"""The whole product on one machine, and people who work in both vendors' systems."""

import asyncio
import json
import signal
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from kernel.topics import (
    NETSUITE_CHANGES,
    NETSUITE_COMMANDS,
    OPERATIONS,
    OUTCOMES,
    SALESFORCE_CHANGES,
    SALESFORCE_COMMANDS,
)
from ops.demo.people import Accountant, SalesforceUser
from ops.local.options import Options
from ops.local.stack import Stack, stack_in_thread
from tests.log import LogClient, eventually

OPEN, WON = "Negotiation/Review", "Closed Won"
QUIET_WITHIN_S = 120.0
SETTINGS = {
    "NETSUITE_POLL_S": "1",
    "NETSUITE_WRITER_SETTLE_S": "3",
    "SALESFORCE_WRITER_SETTLE_S": "3",
    "DUPLICATE_CHECK": "off",  # accounts of tests are called alike
}
NUMBERS = count(1)
READS = {
    "transform": (SALESFORCE_CHANGES, NETSUITE_CHANGES, OUTCOMES, OPERATIONS),
    "netsuite-writer": (NETSUITE_COMMANDS,),
    "salesforce-writer": (SALESFORCE_COMMANDS,),
}
"""By service the topics that its group reads."""


@dataclass(frozen=True, slots=True)
class Deal:
    account_id: str
    opportunity_id: str
    name: str


class World:
    def __init__(self, stack: Stack, *, has_currencies: bool = True) -> None:
        self.stack, self.has_currencies = stack, has_currencies
        endpoints = stack.endpoints
        self._tls = tls = ssl.create_default_context(cafile=endpoints["tls"]["ca_file"])
        self.rep = SalesforceUser(endpoints["salesforce"], tls)
        self.rep.sign_in()
        self.catalogue_owner = SalesforceUser(endpoints["salesforce"], tls, "admin")
        self.catalogue_owner.sign_in()
        self.accountant = Accountant(endpoints["netsuite"], tls)
        self.log = LogClient(endpoints["kafka"]["bootstrap"])
        self._http = httpx.Client(timeout=60.0, trust_env=False)

    def close(self) -> None:
        self.rep.close()
        self.catalogue_owner.close()
        self.accountant.close()
        self._http.close()

    def item_keeper(self) -> Accountant:
        """Who may make items. The caller closes it."""
        netsuite = self.stack.endpoints["netsuite"]
        return Accountant({**netsuite, "finance": netsuite["administrator"]}, self._tls)

    # what people do

    def account(self, name: str, **fields: object) -> str:
        return self.rep.create("Account", **{"Name": name, **self._in("EUR"), **fields})

    def _in(self, currency: str) -> dict[str, str]:
        """The field that only an org with many currencies has."""
        return {"CurrencyIsoCode": currency} if self.has_currencies else {}

    def open_deal(
        self,
        account_id: str,
        *,
        name: str = "",
        product: str = "SUB-PLAT",
        currency: str = "EUR",
        quantity: float = 1,
        price: float = 100,
    ) -> Deal:
        name = name or f"Deal {next(NUMBERS)}"
        opportunity_id = self.rep.create(
            "Opportunity",
            Name=name,
            AccountId=account_id,
            StageName=OPEN,
            CloseDate=datetime.now(UTC).date().isoformat(),
            **self._in(currency),
        )
        self.rep.create(
            "OpportunityLineItem",
            OpportunityId=opportunity_id,
            PricebookEntryId=self.price_of(product, currency),
            Quantity=quantity,
            UnitPrice=price,
        )
        return Deal(account_id, opportunity_id, name)

    def price_of(self, product: str, currency: str) -> str:
        """The entry of the price book that deals are made from."""
        in_currency = f" AND CurrencyIsoCode = '{currency}'" if self.has_currencies else ""
        found = self.rep.query(
            "SELECT Id FROM PricebookEntry WHERE IsActive = true"
            f" AND Product2.ProductCode = '{product}'{in_currency}"
            " AND Pricebook2.IsStandard = false"
        )
        return str(found[0]["Id"])

    def win(self, deal: Deal) -> None:
        self.rep.update("Opportunity", deal.opportunity_id, StageName=WON)

    # what stands where

    def opportunity(self, deal: Deal) -> Mapping[str, Any]:
        fields = (
            "Id, Name, StageName, Amount, NS_SO_Id__c, NS_SO_Number__c,"
            " NS_SO_Status__c, NS_Billing_Status__c, NS_Billed__c, NS_Paid__c, NS_Remaining__c,"
            " NS_Sync_Status__c, NS_Sync_Message__c, Account.Name, Account.NS_Customer_Id__c,"
            " Account.NS_Customer_Number__c"
        )
        return self.rep.one(f"SELECT {fields} FROM Opportunity WHERE Id = '{deal.opportunity_id}'")

    def told(self, deal: Deal, **shown: object) -> Mapping[str, Any]:
        """The opportunity once it shows these values."""

        def look() -> Mapping[str, Any] | None:
            now = self.opportunity(deal)
            return now if shown.items() <= dict(now).items() else None

        return eventually(look, within_s=QUIET_WITHIN_S)

    def numbered(self, deal: Deal) -> Mapping[str, Any]:
        """The opportunity once it shows its order's number."""

        def look() -> Mapping[str, Any] | None:
            now = self.opportunity(deal)
            return now if now["NS_SO_Number__c"] else None

        return eventually(look, within_s=QUIET_WITHIN_S)

    def until_order(self, order_id: str, **shown: object) -> Mapping[str, Any]:
        """The order once it holds these values."""

        def look() -> Mapping[str, Any] | None:
            now = self.accountant.record("salesOrder", order_id)
            return now if shown.items() <= dict(now).items() else None

        return eventually(look, within_s=QUIET_WITHIN_S)

    def orders(self, deal: Deal) -> Sequence[Mapping[str, Any]]:
        return self.accountant.query(
            "SELECT id, tranid, externalid FROM transaction WHERE type = 'SalesOrd'"
            f" AND externalid LIKE '%-Opportunity-{deal.opportunity_id}'"
        )

    def customers(self, account_id: str) -> Sequence[Mapping[str, Any]]:
        return self.accountant.query(
            "SELECT id, entityid, companyname, externalid FROM customer"
            f" WHERE externalid LIKE '%-Account-{account_id}'"
        )

    # switches and oracles

    def read_again_from_the_start(self) -> None:
        """Transform and both writers read their topics from offset 0, in a new life."""
        for service, topics in READS.items():
            self.stack.kill(service, signal.SIGSTOP)
            self.log.rewind(service, f"{service}-0", topics)
            self.stack.kill(service, signal.SIGKILL)
        for service, topics in READS.items():
            asyncio.run(self.stack.until_ready(service))
            eventually(partial(self.log.has_read_all, service, topics), within_s=QUIET_WITHIN_S)

    def faults(self, *rules: Mapping[str, object], seed: int = 1) -> None:
        answer = self._http.put(f"{self._admin}/faults", json={"seed": seed, "rules": list(rules)})
        assert answer.status_code == 200, answer.text

    def merge_customers(self, master: str, duplicate: str) -> None:
        """As an administrator of NetSuite does it on the page for duplicates."""
        body = {"master": master, "duplicates": [duplicate]}
        answer = self._http.post(f"{self._admin}/merge", json=body)
        assert answer.status_code == 200, answer.text

    def journal(self, system: str, after: int = 0) -> list[dict[str, Any]]:
        answer = self._http.get(f"{self._admin}/journal/{system}", params={"after": after})
        answer.raise_for_status()
        rows = (json.loads(line, parse_float=Decimal) for line in answer.text.splitlines())
        return list(rows)

    def end_of_journal(self, system: str) -> int:
        rows = self.journal(system)
        return int(rows[-1]["seq"]) if rows else 0

    def mutations(self, system: str, after: int = 0) -> list[dict[str, Any]]:
        """Every change of a record, with who made it."""
        return [
            {**mutation, "actor": row["actor"], "seq": row["seq"]}
            for row in self.journal(system, after)
            for mutation in row["mutations"]
        ]

    def verification(self) -> dict[str, Any]:
        auditor = self.stack.endpoints["services"]["auditor"]["health"]
        answer = self._http.get(f"{auditor}/verify", params={"wait_s": "10"})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def quiet(self, *, within_s: float = QUIET_WITHIN_S) -> dict[str, Any]:
        """The verification once nothing is in flight and nothing new has come for two seconds."""
        deadline = time.monotonic() + within_s
        before, since = -1, time.monotonic()
        while True:
            found = self.verification()
            captured, states = found["conservation"]["captured"], found["conservation"]["states"]
            if captured != before or states.get("in_flight", 0):
                before, since = captured, time.monotonic()
            elif time.monotonic() - since > 2.0:
                return found
            assert time.monotonic() < deadline, f"still at work after {within_s:g} s: {states}"
            time.sleep(0.2)

    @property
    def _admin(self) -> str:
        return str(self.stack.endpoints["sandbox_admin"])


@contextmanager
def running_world(
    state: Path,
    *,
    seed: str = "empty",
    extra: Mapping[str, str] | None = None,
    has_currencies: bool = True,
    **options: Any,
) -> Iterator[World]:
    settings = {**SETTINGS, **(extra or {})}
    asked = Options(state=state, seed=seed, extra=settings, **options)
    with stack_in_thread(asked) as stack:
        world = World(stack, has_currencies=has_currencies)
        try:
            yield world
        finally:
            world.close()
