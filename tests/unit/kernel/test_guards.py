"""Fields that the other side owns are read, so that an edit of one is noticed."""

from kernel.maps import SealedAs
from kernel.maps.guards import guarded_readings, guards_of
from kernel.records import System
from tests.builders import shipped_maps

MAPS = shipped_maps()


def everything(kind: str, path: str) -> bool:
    return True


def test_every_field_that_netsuite_fills_is_read_in_salesforce_for_that_only() -> None:
    reading = guarded_readings(MAPS, System.SALESFORCE, everything)["Account"]
    assert reading.guarded >= {"NS_Customer_Number__c", "NS_Payment_Terms__c"}
    assert not reading.guarded & {"NS_Sync_Status__c", "NS_Sync_Message__c", "Phone"}
    assert reading.fields >= reading.guarded


def test_a_personal_value_comes_back_sealed_as_at_its_origin() -> None:
    reading = guarded_readings(MAPS, System.NETSUITE, everything)["customer"]
    origin = SealedAs(kind="Account", id_field="custentity_sf_account_id", path="Account.Phone")
    assert reading.sealed_as["phone"] == origin
    assert "phone" in reading.personal


def test_what_cannot_be_compared_is_not_read() -> None:
    """A web address is completed on its way; an order does not say whom its memo is about."""
    assert "url" not in {guard.field for guard in guards_of(MAPS, System.NETSUITE, "customer")}
    assert "memo" not in {guard.field for guard in guards_of(MAPS, System.NETSUITE, "salesOrder")}


def test_what_a_system_does_not_tell_is_not_read() -> None:
    reading = guarded_readings(MAPS, System.NETSUITE, lambda kind, path: False)["customer"]
    assert not reading.guarded
