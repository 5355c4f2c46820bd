"""The record types of this account: families, search tables, words and codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

TRANSACTION = "transaction"
ENTITY = "entity"
ITEM = "item"
SALES_ORDER = "salesOrder"
INVOICE = "invoice"
PAYMENT = "customerPayment"
CREDIT_MEMO = "creditMemo"
CASH_SALE = "cashSale"
CASH_REFUND = "cashRefund"
DEPOSIT = "customerDeposit"
DEPOSIT_APPLICATION = "depositApplication"
REFUND = "customerRefund"
RETURN = "returnAuthorization"
FULFILMENT = "itemFulfillment"
RECEIPT = "itemReceipt"
JOURNAL = "journalEntry"
ESTIMATE = "estimate"
OPPORTUNITY = "opportunity"
REQUEST = "fulfillmentRequest"
VENDOR = "vendor"
CONSOLIDATED_RATE = "consolidatedExchangeRate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`family` shares one range of internal ids and of external ids."""

    name: str
    family: str
    title: str
    code: str = ""
    """Of a transaction: its type in searches. Of an item: its item type."""
    abbreviation: str = ""
    prefix: str = ""
    """Of document numbers."""
    posting: bool = False
    reckoned: bool = False
    """Follows from other records and is only read."""

    @property
    def path(self) -> str:
        return self.name.lower()


def _list(name: str, title: str) -> Kind:
    return Kind(name=name, family=name.lower(), title=title)


_ALL = (
    Kind(
        name=SALES_ORDER,
        family=TRANSACTION,
        title="Sales Order",
        code="SalesOrd",
        abbreviation="SALESORD",
        prefix="SO-",
    ),
    Kind(
        name=INVOICE,
        family=TRANSACTION,
        title="Invoice",
        code="CustInvc",
        abbreviation="INV",
        prefix="INV-",
        posting=True,
    ),
    Kind(
        name=PAYMENT,
        family=TRANSACTION,
        title="Payment",
        code="CustPymt",
        abbreviation="PYMT",
        prefix="PAY-",
        posting=True,
    ),
    Kind(
        name=CREDIT_MEMO,
        family=TRANSACTION,
        title="Credit Memo",
        code="CustCred",
        abbreviation="CREDMEM",
        prefix="CM-",
        posting=True,
    ),
    Kind(
        name=CASH_SALE,
        family=TRANSACTION,
        title="Cash Sale",
        code="CashSale",
        abbreviation="CASHSALE",
        prefix="CS-",
        posting=True,
    ),
    Kind(
        name=CASH_REFUND,
        family=TRANSACTION,
        title="Cash Refund",
        code="CashRfnd",
        abbreviation="CASHRFND",
        prefix="CR-",
        posting=True,
    ),
    Kind(
        name=DEPOSIT,
        family=TRANSACTION,
        title="Customer Deposit",
        code="CustDep",
        abbreviation="CUSTDEP",
        prefix="CD-",
        posting=True,
    ),
    Kind(
        name=DEPOSIT_APPLICATION,
        family=TRANSACTION,
        title="Deposit Application",
        code="DepAppl",
        abbreviation="DEPAPPL",
        prefix="DA-",
        posting=True,
    ),
    Kind(
        name=REFUND,
        family=TRANSACTION,
        title="Customer Refund",
        code="CustRfnd",
        abbreviation="CUSTRFND",
        prefix="RF-",
        posting=True,
    ),
    Kind(
        name=RETURN,
        family=TRANSACTION,
        title="Return Authorization",
        code="RtnAuth",
        abbreviation="RTNAUTH",
        prefix="RMA-",
    ),
    Kind(
        name=FULFILMENT,
        family=TRANSACTION,
        title="Item Fulfillment",
        code="ItemShip",
        abbreviation="ITEMSHIP",
        prefix="IF-",
        posting=True,
    ),
    Kind(
        name=RECEIPT,
        family=TRANSACTION,
        title="Item Receipt",
        code="ItemRcpt",
        abbreviation="ITEMRCPT",
        prefix="IR-",
        posting=True,
    ),
    Kind(
        name=JOURNAL,
        family=TRANSACTION,
        title="Journal",
        code="Journal",
        abbreviation="JOURNAL",
        prefix="JE-",
        posting=True,
    ),
    Kind(
        name=ESTIMATE,
        family=TRANSACTION,
        title="Estimate",
        code="Estimate",
        abbreviation="EST",
        prefix="EST-",
    ),
    Kind(
        name=OPPORTUNITY,
        family=TRANSACTION,
        title="Opportunity",
        code="Opprtnty",
        abbreviation="OPPRTNTY",
        prefix="OPP-",
    ),
    Kind(
        name=REQUEST,
        family=TRANSACTION,
        title="Fulfillment Request",
        code="FftReq",
        abbreviation="FFTREQ",
        prefix="FR-",
    ),
    Kind(name="customer", family=ENTITY, title="Customer", code="CustJob", prefix="CUST-"),
    Kind(name="contact", family=ENTITY, title="Contact", code="Contact"),
    Kind(name="employee", family=ENTITY, title="Employee", code="Employee"),
    Kind(name=VENDOR, family=ENTITY, title="Vendor", code="Vendor", prefix="VEND-"),
    Kind(name="serviceSaleItem", family=ITEM, title="Service", code="Service"),
    Kind(name="nonInventorySaleItem", family=ITEM, title="Non-inventory Item", code="NonInvtPart"),
    Kind(name="inventoryItem", family=ITEM, title="Inventory Item", code="InvtPart"),
    Kind(name="kitItem", family=ITEM, title="Kit/Package", code="Kit"),
    Kind(name="discountItem", family=ITEM, title="Discount", code="Discount"),
    _list("currency", "Currency"),
    _list("currencyRate", "Currency Exchange Rate"),
    _list("subsidiary", "Subsidiary"),
    _list("term", "Term"),
    _list("account", "Account"),
    _list("accountingPeriod", "Accounting Period"),
    _list("location", "Location"),
    _list("department", "Department"),
    _list("classification", "Class"),
    _list("priceLevel", "Price Level"),
    _list("paymentMethod", "Payment Method"),
    _list("salesTaxItem", "Tax Code"),
    _list("taxType", "Tax Type"),
    _list("nexus", "Nexus"),
    _list("message", "Message"),
    Kind(
        name=CONSOLIDATED_RATE,
        family=CONSOLIDATED_RATE.lower(),
        title="Consolidated Exchange Rate",
        reckoned=True,
    ),
)
KINDS: Mapping[str, Kind] = MappingProxyType({kind.path: kind for kind in _ALL})
CODES: Mapping[str, Kind] = MappingProxyType(
    {kind.code: kind for kind in _ALL if kind.family == TRANSACTION}
)
STATUS_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        SALES_ORDER: {
            "A": "Pending Approval",
            "B": "Pending Fulfillment",
            "C": "Cancelled",
            "D": "Partially Fulfilled",
            "E": "Pending Billing/Partially Fulfilled",
            "F": "Pending Billing",
            "G": "Billed",
            "H": "Closed",
        },
        RETURN: {
            "A": "Pending Approval",
            "B": "Pending Receipt",
            "C": "Cancelled",
            "D": "Partially Received",
            "E": "Pending Refund/Partially Received",
            "F": "Pending Refund",
            "G": "Refunded",
            "H": "Closed",
        },
        INVOICE: {
            "A": "Open",
            "B": "Paid In Full",
            "D": "Pending Approval",
            "E": "Rejected",
            "V": "Voided",
        },
        PAYMENT: {
            "A": "Unapproved Payment",
            "B": "Not Deposited",
            "C": "Deposited",
            "R": "Voided",
        },
        CREDIT_MEMO: {"A": "Open", "B": "Fully Applied", "V": "Voided"},
        CASH_SALE: {"A": "Unapproved Payment", "B": "Not Deposited", "C": "Deposited"},
        CASH_REFUND: {},
        DEPOSIT: {
            "A": "Not Deposited",
            "B": "Deposited",
            "C": "Fully Applied",
            "D": "Unapproved Payment",
            "R": "Voided",
        },
        DEPOSIT_APPLICATION: {},
        REFUND: {"R": "Refunded", "V": "Voided"},
        FULFILMENT: {"A": "Picked", "B": "Packed", "C": "Shipped"},
        RECEIPT: {},
        JOURNAL: {},
        ESTIMATE: {
            "A": "Open",
            "B": "Processed",
            "C": "Closed",
            "V": "Voided",
            "X": "Expired",
        },
        OPPORTUNITY: {
            "A": "In Progress",
            "B": "Issued Estimate",
            "C": "Closed - Won",
            "D": "Closed - Lost",
        },
        REQUEST: {"A": "New"},
    }
)
FORMS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        SALES_ORDER: ("68", "Standard Sales Order"),
        INVOICE: ("16", "Standard Service Invoice"),
        PAYMENT: ("70", "Standard Customer Payment"),
        CREDIT_MEMO: ("18", "Standard Credit Memo"),
        CASH_SALE: ("17", "Standard Cash Sale"),
        CASH_REFUND: ("46", "Standard Cash Refund"),
        DEPOSIT: ("71", "Standard Customer Deposit"),
        DEPOSIT_APPLICATION: ("72", "Standard Deposit Application"),
        REFUND: ("73", "Standard Customer Refund"),
        RETURN: ("50", "Standard Return Authorization"),
        FULFILMENT: ("40", "Standard Item Fulfillment"),
        RECEIPT: ("39", "Standard Item Receipt"),
        JOURNAL: ("30", "Standard Journal Entry"),
        ESTIMATE: ("65", "Standard Estimate"),
        OPPORTUNITY: ("66", "Standard Opportunity"),
        REQUEST: ("67", "Standard Fulfillment Request"),
    }
)
STATIC_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "customerstatus": {
            "6": "LEAD-Unqualified",
            "7": "LEAD-Qualified",
            "8": "PROSPECT-In Discussion",
            "9": "PROSPECT-Identified Decision Makers",
            "10": "PROSPECT-Proposal",
            "11": "PROSPECT-In Negotiation",
            "12": "PROSPECT-Purchasing",
            "13": "CUSTOMER-Closed Won",
            "14": "PROSPECT-Closed Lost",
            "15": "CUSTOMER-Renewal",
            "16": "CUSTOMER-Lost Customer",
        },
        "accountingbook": {"1": "Primary Book"},
    }
)
"""Lists that have no record of their own here."""


def kind_of(name: str) -> Kind | None:
    return KINDS.get(name.lower())


def family_of(target: str) -> str:
    """Where a reference's target lives; empty for records that this account does not keep."""
    if target.lower() in ("kititem", "discountitem", "assemblyitem"):
        return ITEM
    kind = kind_of(target)
    return kind.family if kind else ""
