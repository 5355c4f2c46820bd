"""Bitmaps as recorded from real orgs."""

import pytest

from ingest.domain.bitmaps import changed_names
from ingest.ports import EventSchema

NAMES = ("ChangeEventHeader", "Name", "Type", "RecordTypeId", "ParentId", "BillingAddress",
         "ShippingAddress", *(f"F{place}" for place in range(7, 23)), "LastModifiedDate",
         *(f"F{place}" for place in range(24, 68)), "Amount_Owed__c")  # fmt: skip
ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode",
           "Latitude", "Longitude", "GeocodeAccuracy")  # fmt: skip
SCHEMA = EventSchema(names=NAMES, parts={5: ADDRESS, 6: ADDRESS})


@pytest.mark.parametrize(
    ("bitmaps", "names"),
    [
        (["0x800002"], ("Name", "LastModifiedDate")),
        (["0x100000000000800000"], ("LastModifiedDate", "Amount_Owed__c")),
        (["0x800000", "6-0x01"], ("ShippingAddress.Street", "LastModifiedDate")),
        (["6-0x0180"], ("ShippingAddress.Latitude", "ShippingAddress.Longitude")),
        (["0x80000a"], ("Name", "RecordTypeId", "LastModifiedDate")),
        ([], ()),
    ],
)
def test_a_bitmap_names_the_fields_of_the_schema(
    bitmaps: list[str], names: tuple[str, ...]
) -> None:
    assert changed_names(bitmaps, SCHEMA) == names


@pytest.mark.parametrize(
    "bitmaps",
    [["0x" + "F" * 40], ["9-0x01"], ["6-0xFFFFFF"], ["x"], ["0x"], ["0xG1"], ["--- old\n+++ new"]],
)
def test_a_bitmap_that_does_not_fit_says_nothing(bitmaps: list[str]) -> None:
    assert changed_names(bitmaps, SCHEMA) is None
