"""What Tallystick needs in a NetSuite account: tables, fields, records, and what grants them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Need:
    table: str
    column: str = ""
    granted: str = ""
    """What lets a role in."""
    is_one_world: bool = False
    """There are none in an account of one company."""
    is_many_currencies: bool = False
    """There are none in an account of one currency."""


TABLES = (
    Need("customer", "id", "Lists > Customers"),
    Need("transaction", "id", "Transactions > Sales Order, Invoice, Customer Payment, Find"
         " Transaction"),
    Need("transactionline", "id", "Transactions > Sales Order, Invoice, Customer Payment"),
    Need("nexttransactionlink", "nextdoc", "Transactions > Find Transaction"),
    Need("deletedrecord", "recordid", "Lists > Deleted Records"),
    Need("currency", "id", "Lists > Currency; of an account without the feature Multiple"
         " Currencies, SRE: set NETSUITE_CURRENCY to its code, such as USD"),
    Need("subsidiary", "id", "Lists > Subsidiaries", is_one_world=True),
    Need("item", "id", "Lists > Items"),
    Need("currencyrate", "exchangerate", "Lists > Currency", is_many_currencies=True),
    Need("accountingperiod", "closed", "Setup > Manage Accounting Periods"),
)  # fmt: skip
FIELDS = (
    Need("customer", "custentity_sf_account_id"),
    Need("transaction", "custbody_sf_opportunity_id"),
    Need("transactionline", "custcol_sf_line_id"),
)
RECORDS = (
    Need("customer", granted="Lists > Customers with the level Edit"),
    Need("salesOrder", granted="Transactions > Sales Order with the level Edit"),
)
PROBE = "tallystick-doctor-asks"
"""An external id that no record has."""
