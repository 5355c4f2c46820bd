"""The Salesforce fields that the map reads and writes."""

from collections.abc import Iterator
from dataclasses import dataclass

from kernel.maps import Maps, RecordMap
from kernel.records import System

LINES = {
    "OpportunityLineItems": "OpportunityLineItem",
    "Lines__r": "NS_Refund_Request_Line__c",
}
"""List of lines → its object. Others are called like their list without the s."""


CURRENCY = "CurrencyIsoCode"
"""There only in orgs with many currencies."""


@dataclass(frozen=True, slots=True, order=True)
class Wish:
    """`field` may lead over parents: `Product2.Name`."""

    sobject: str
    field: str
    is_written: bool = False

    @property
    def is_currency(self) -> bool:
        return self.field.rpartition(".")[2] == CURRENCY


def wishes_of(maps: Maps) -> list[Wish]:
    return sorted({wish for record_map in maps.maps for wish in _of(record_map)})


def _of(record_map: RecordMap) -> Iterator[Wish]:
    if record_map.source is System.SALESFORCE:
        yield from (Wish(record_map.source_kind, field) for field in _due(record_map))
        for lines in record_map.lines:
            sobject = LINES.get(lines.read, lines.read.removesuffix("s"))
            yield from (Wish(sobject, field) for field in lines.reads())
    if record_map.target is System.SALESFORCE:
        yield from (Wish(record_map.target_kind, rule.write, True) for rule in record_map.rules)


def _due(record_map: RecordMap) -> frozenset[str]:
    """All that is read but what need not be there."""
    return record_map.reads() - record_map.optional()
