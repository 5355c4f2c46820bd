"""Which objects, columns and fields the pages show, and in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """`columns` of its list, `edits` first in its forms; what the org does not have is left out."""

    columns: str
    edits: str = ""
    order: str = "Id DESC"
    search: str = "Name"
    line_of: str = ""
    """The field that names its parent, when it is a line of something."""


LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "Opportunity": Layout(
            columns="Name Account.Name StageName Amount CloseDate NS_SO_Number__c"
            " NS_Billing_Status__c NS_Sync_Status__c",
            edits="Name StageName CloseDate Amount CurrencyIsoCode Type NextStep NS_PO_Number__c"
            " NS_Payment_Terms__c NS_Start__c NS_End__c Description",
            order="CloseDate DESC, Id",
        ),
        "Account": Layout(
            columns="Name CurrencyIsoCode BillingCity BillingCountry NS_Customer_Number__c"
            " NS_Sync_Status__c",
            edits="Name CurrencyIsoCode Type Industry Phone Website BillingStreet BillingCity"
            " BillingState BillingPostalCode BillingCountry NS_Billing_Email__c NS_VAT_Number__c",
            order="Name, Id",
        ),
        "Contact": Layout(
            columns="Name Account.Name Title Email Phone",
            edits="FirstName LastName Title Email Phone",
            order="Name, Id",
        ),
        "Product2": Layout(
            columns="Name ProductCode IsActive NS_Item_Id__c NS_Sync_Status__c",
            edits="Name ProductCode IsActive Description NS_Item_Id__c NS_Item_Type__c",
            order="Name, Id",
        ),
        "PricebookEntry": Layout(
            columns="Name Pricebook2.Name UnitPrice IsActive",
            edits="UnitPrice IsActive",
            order="Name, Id",
        ),
        "Order": Layout(
            columns="OrderNumber Account.Name Status TotalAmount EffectiveDate",
            edits="Status EffectiveDate PoNumber Description",
            search="OrderNumber",
        ),
        "NS_Transaction__c": Layout(
            columns="Name Type__c Status__c Date__c Total__c Remaining__c",
        ),
        "NS_Refund_Request__c": Layout(
            columns="Name Status__c Amount__c Reason__c Refunded__c",
            edits="Opportunity__c Invoice__c Account__c Amount__c Reason__c Refund_Method__c"
            " Status__c",
        ),
        "OpportunityLineItem": Layout(
            columns="Name Quantity UnitPrice Discount TotalPrice ServiceDate",
            edits="Quantity UnitPrice Discount ServiceDate Description",
            order="SortOrder, Id",
            line_of="OpportunityId",
        ),
        "OrderItem": Layout(
            columns="OrderItemNumber Product2.Name Quantity UnitPrice TotalPrice",
            edits="Quantity UnitPrice Description",
            search="OrderItemNumber",
            line_of="OrderId",
        ),
        "Pricebook2": Layout(columns="Name IsActive IsStandard", edits="Name IsActive"),
        "CurrencyType": Layout(
            columns="IsoCode ConversionRate DecimalPlaces IsActive IsCorporate",
            edits="ConversionRate IsActive",
            order="IsoCode",
            search="IsoCode",
        ),
    }
)
LISTED = tuple(name for name in LAYOUTS if not LAYOUTS[name].line_of)
NEW = ("Opportunity", "Account", "Contact", "Product2", "NS_Refund_Request__c")
"""What people can make from its list."""
SYSTEM_FIELDS = frozenset(
    "Id IsDeleted MasterRecordId OwnerId CreatedDate CreatedById LastModifiedDate LastModifiedById"
    " SystemModstamp LastActivityDate LastViewedDate LastReferencedDate PhotoUrl".split()
)
PLAIN_TYPES = frozenset(
    "string textarea picklist boolean int double currency percent date email phone url".split()
)
"""What a form can hold as one field."""
CLOSED_WON = "Closed Won"


def layout_of(name: str) -> Layout:
    return LAYOUTS.get(name) or Layout(columns="Name")
