"""The peer of the latency benchmark: what a webhook script does, with nothing around it."""

import time
from typing import Any

from tests.world import Deal, World

FIELDS = (
    "Id, Name, CloseDate, (SELECT Id, Quantity, UnitPrice, TotalPrice,"
    " Product2.NS_Item_Id__c FROM OpportunityLineItems)"
)


class DirectScript:
    """Reads the opportunity and posts the order, one after the other on open connections."""

    def __init__(self, world: World) -> None:
        self._world = world

    def seconds(self, deals: list[Deal]) -> list[float]:
        customer = self._world.customers(deals[0].account_id)[0]["id"]
        return [self._one(deal, customer) for deal in deals]

    def _one(self, deal: Deal, customer: str) -> float:
        started = time.monotonic()
        found = self._world.rep.one(
            f"SELECT {FIELDS} FROM Opportunity WHERE Id = '{deal.opportunity_id}'"
        )
        lines = found["OpportunityLineItems"]["records"]
        self._world.accountant.put(
            "salesOrder",
            f"direct-{deal.opportunity_id}",
            entity={"id": customer},
            currency={"id": "4"},
            tranDate=found["CloseDate"],
            memo=found["Name"],
            item={"items": [_line(line) for line in lines]},
        )
        return time.monotonic() - started


def _line(line: Any) -> dict[str, object]:
    return {
        "item": {"id": line["Product2"]["NS_Item_Id__c"]},
        "quantity": float(line["Quantity"]),
        "rate": float(line["UnitPrice"]),
        "amount": float(line["TotalPrice"]),
        "price": {"id": "-1"},
        "custcol_sf_line_id": line["Id"],
    }
