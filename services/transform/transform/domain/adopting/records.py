"""An account and a customer as their systems list them, and which fields are read of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from kernel.records import (
    RecordRef,
    external_id_of,
    netsuite,
    salesforce,
    source_of_external_id,
)
from transform.domain.likeness import CUSTOMER, party_of
from transform.domain.matching.parties import Party

ACCOUNT = "Account"
NUMBER_OF_CUSTOMER, ID_OF_CUSTOMER = "NS_Customer_Number__c", "NS_Customer_Id__c"
MARK = "custentity_sf_account_id"
IDENTITY = ("Id", ID_OF_CUSTOMER, NUMBER_OF_CUSTOMER)
"""Read of an account whatever the map says: they tell what was linked before."""
MATCHING = (
    "Name", "IsPersonAccount", "Website", "NS_Billing_Email__c", "PersonEmail", "Phone",
    "NS_VAT_Number__c", "BillingCountryCode", "BillingCountry", "BillingPostalCode", "BillingCity",
    "BillingStreet",
)  # fmt: skip
"""Read of an account where the map allows it and the org has the field."""
CUSTOMER_COLUMNS = {
    "id": "t.id",
    "entityId": "t.entityid",
    "externalId": "t.externalid",
    MARK: f"t.{MARK}",
    "companyName": "t.companyname",
    "firstName": "t.firstname",
    "lastName": "t.lastname",
    "isPerson": "t.isperson",
    "isInactive": "t.isinactive",
    "email": "t.email",
    "phone": "t.phone",
    "url": "t.url",
    "vatRegNumber": "t.vatregnumber",
    "parent.id": "t.parent",
    "billing.addr1": "a.addr1",
    "billing.addr2": "a.addr2",
    "billing.city": "a.city",
    "billing.zip": "a.zip",
    "billing.country": "a.country",
}
"""Path of a field → its column in SuiteQL."""
FLAGS = frozenset({"IsPersonAccount", "isPerson", "isInactive"})
ALWAYS_OF_CUSTOMER = frozenset({"id", "entityId", "externalId", MARK, "isPerson", "isInactive"})
Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    party: Party
    customer_id: str
    """What NS_Customer_Id__c says; empty for none."""
    customer_number: str
    held_back_by: str = ""
    """Name of the map's filter that keeps it in Salesforce."""

    @property
    def ref(self) -> RecordRef:
        return self.party.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    party: Party
    number: str
    external_id: str
    mark: str
    """What the field for the account's id says; empty for none."""

    @property
    def id(self) -> str:
        return self.party.ref.id

    def account(self) -> str:
        """Id of the account that this customer names as its own; empty for none."""
        source = source_of_external_id(self.external_id)
        return source.id if source is not None and source.kind == ACCOUNT else self.mark


def account_of(row: Texts, held_back_by: str = "") -> Account:
    """From a row of Salesforce's list, in which all is text."""
    typed = {name: _flag(text, "true") if name in FLAGS else text for name, text in row.items()}
    return Account(
        party=party_of(salesforce(ACCOUNT, row["Id"]), typed),
        customer_id=row.get(ID_OF_CUSTOMER, ""),
        customer_number=row.get(NUMBER_OF_CUSTOMER, ""),
        held_back_by=held_back_by,
    )


def customer_of(row: Texts) -> Customer:
    """From a row of SuiteQL, in which a flag is T or F."""
    typed = {name: _flag(text, "T") if name in FLAGS else text for name, text in row.items()}
    return Customer(
        party=party_of(netsuite(CUSTOMER, row["id"]), typed),
        number=row.get("entityId", ""),
        external_id=row.get("externalId", ""),
        mark=row.get(MARK, ""),
    )


def _flag(text: str, yes: str) -> bool:
    return text == yes


def own_external_id(org_id: str, account_id: str) -> str:
    return external_id_of(org_id, salesforce(ACCOUNT, account_id))
