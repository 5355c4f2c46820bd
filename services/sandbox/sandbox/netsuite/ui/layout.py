"""Which lists, columns, fields and steps the pages of the account show."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from sandbox.netsuite.kinds import ITEM, KINDS, TRANSACTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A SuiteQL query by parts. `columns`: alias, label, expression; a label that ends in `#` is a
    column of numbers."""

    columns: tuple[tuple[str, str, str], ...]
    source: str
    where: str = ""
    searched: tuple[str, ...] = ()
    order: str = "id DESC"


_TRANSACTION_COLUMNS = (
    ("number", "Number", "t.tranid"),
    ("day", "Date", "TO_CHAR(t.trandate, 'YYYY-MM-DD')"),
    ("who", "Customer", "BUILTIN.DF(t.entity)"),
    ("amount", "Amount#", "t.foreigntotal"),
    ("status", "Status", "BUILTIN.DF(t.status)"),
)
_ITEM_COLUMNS = (
    ("name", "Item", "itemid"),
    ("shown", "Display name", "displayname"),
    ("type", "Type", "itemtype"),
    ("inactive", "Inactive", "isinactive"),
)
_LISTS: Mapping[str, Listing] = {
    "customer": Listing(
        columns=(
            ("name", "Customer", "entityid"),
            ("company", "Company", "companyname"),
            ("currency", "Currency", "BUILTIN.DF(currency)"),
            ("terms", "Terms", "BUILTIN.DF(terms)"),
            ("email", "E-mail", "email"),
        ),
        source="customer",
        searched=("entityid", "companyname"),
        order="entityid, id",
    ),
    "vendor": Listing(
        columns=(
            ("name", "Vendor", "entityid"),
            ("company", "Company", "companyname"),
            ("currency", "Currency", "BUILTIN.DF(currency)"),
            ("email", "E-mail", "email"),
        ),
        source="vendor",
        searched=("entityid", "companyname"),
        order="entityid, id",
    ),
    "contact": Listing(
        columns=(
            ("name", "Contact", "entityid"),
            ("company", "Company", "BUILTIN.DF(company)"),
            ("email", "E-mail", "email"),
        ),
        source="contact",
        searched=("entityid",),
    ),
    "currencyrate": Listing(
        columns=(
            ("day", "Effective", "TO_CHAR(r.effectivedate, 'YYYY-MM-DD')"),
            ("foreign", "One of", "BUILTIN.DF(r.transactioncurrency)"),
            ("rate", "Is worth#", "r.exchangerate"),
            ("base", "Of", "BUILTIN.DF(r.basecurrency)"),
        ),
        source="currencyrate r",
        searched=("BUILTIN.DF(r.transactioncurrency)",),
        order="r.effectivedate DESC, r.id DESC",
    ),
    "accountingperiod": Listing(
        columns=(
            ("name", "Period", "periodname"),
            ("begins", "From", "TO_CHAR(startdate, 'YYYY-MM-DD')"),
            ("ends", "To", "TO_CHAR(enddate, 'YYYY-MM-DD')"),
            ("receivables", "A/R locked", "arlocked"),
            ("everything", "All locked", "alllocked"),
            ("closed", "Closed", "closed"),
        ),
        source="accountingperiod",
        searched=("periodname",),
        order="startdate DESC, id",
    ),
    "currency": Listing(
        columns=(("symbol", "Currency", "symbol"), ("name", "Name", "name")),
        source="currency",
        searched=("symbol", "name"),
        order="symbol",
    ),
    "account": Listing(
        columns=(
            ("number", "Number", "acctnumber"),
            ("name", "Name", "fullname"),
            ("type", "Type", "accttype"),
        ),
        source="account",
        searched=("acctnumber", "fullname"),
        order="acctnumber, id",
    ),
}


def listing_of(kind: str, *, currencies: bool = True) -> Listing | None:
    found = KINDS.get(kind)
    if found is None:
        return None
    if found.family == TRANSACTION:
        return Listing(
            columns=_TRANSACTION_COLUMNS,
            source="transaction t",
            where=f"t.type = '{found.code}'",
            searched=("t.tranid", "BUILTIN.DF(t.entity)"),
            order="t.id DESC",
        )
    if found.family == ITEM:
        return Listing(
            columns=_ITEM_COLUMNS,
            source="item",
            where=f"itemtype = '{found.code}'",
            searched=("itemid", "displayname"),
            order="itemid, id",
        )
    listing = _LISTS.get(kind)
    if listing is None or currencies:
        return listing
    columns = tuple(column for column in listing.columns if column[0] != "currency")
    return replace(listing, columns=columns)


def listed() -> list[str]:
    """All lists, by type."""
    return [kind for kind in KINDS if listing_of(kind) is not None]


EDITS: Mapping[str, str] = MappingProxyType(
    {
        "salesorder": "orderStatus otherRefNum tranDate memo terms exchangeRate location",
        "invoice": "tranDate dueDate otherRefNum memo terms exchangeRate",
        "creditmemo": "tranDate memo exchangeRate",
        "customerpayment": "tranDate checkNumber memo exchangeRate",
        "customer": "companyName email phone terms creditLimit creditHoldOverride isInactive"
        " comments",
        "contact": "firstName lastName title email phone",
        "servicesaleitem": "itemId displayName salesDescription isInactive",
        "noninventorysaleitem": "itemId displayName salesDescription isInactive",
        "inventoryitem": "itemId displayName salesDescription isInactive",
        "currencyrate": "exchangeRate",
        "currency": "name",
    }
)
OTHER_EDITS = "tranDate memo"
"""Of transactions that are not named."""
TABLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "terms": ("term", "name"),
        "location": ("location", "name"),
        "currency": ("currency", "symbol"),
        "baseCurrency": ("currency", "symbol"),
        "transactionCurrency": ("currency", "symbol"),
        "account": ("account", "fullname"),
    }
)
"""Where the choices of a reference come from: table and the column that people read."""
HIDDEN = frozenset("links id customForm item apply".split())
LINE_COLUMNS = (
    ("item", "Item"), ("description", "Description"), ("quantity", "Quantity#"), ("rate", "Rate#"),
    ("amount", "Amount#"), ("taxAmount", "Tax#"), ("quantityFulfilled", "Fulfilled#"),
    ("quantityBilled", "Billed#"),
)  # fmt: skip
APPLY_COLUMNS = (
    ("doc", "Applied to"), ("applyDate", "Date"), ("due", "Open before#"), ("amount", "Amount#"),
)  # fmt: skip
PERIOD_SWITCHES = (
    ("arLocked", "Lock receivables", "Unlock receivables"),
    ("allLocked", "Lock all", "Unlock all"),
    ("closed", "Close the period", "Open the period again"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What can be made of a record. `alone` makes a new record that names the old one, by POST."""

    target: str
    label: str
    alone: bool = False
    open_only: bool = False
    """Only while something of it is open."""


STEPS: Mapping[str, tuple[Step, ...]] = MappingProxyType(
    {
        "salesorder": (
            Step(target="itemfulfillment", label="Fulfil"),
            Step(target="invoice", label="Bill"),
            Step(target="cashsale", label="Cash sale"),
            Step(target="returnauthorization", label="Authorise a return"),
        ),
        "invoice": (
            Step(target="customerpayment", label="Accept payment", open_only=True),
            Step(target="creditmemo", label="Credit"),
            Step(target="returnauthorization", label="Authorise a return"),
        ),
        "creditmemo": (Step(target="customerrefund", label="Refund", alone=True, open_only=True),),
        "cashsale": (Step(target="cashrefund", label="Refund"),),
        "returnauthorization": (
            Step(target="itemreceipt", label="Receive"),
            Step(target="creditmemo", label="Credit"),
        ),
        "customerdeposit": (Step(target="depositapplication", label="Apply", open_only=True),),
        "estimate": (
            Step(target="salesorder", label="Sales order"),
            Step(target="invoice", label="Bill"),
        ),
        "customer": (
            Step(target="salesorder", label="New sales order"),
            Step(target="invoice", label="New invoice"),
        ),
    }
)
