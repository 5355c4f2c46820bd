"""Why a document waits or is held for its currency, its amounts or its period."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "MINOR_UNIT": Sentence(
        "Order for {account} ({name}) is held: {field} is {value}, which {currency} cannot pay."
        " Sales: round it to {digits} digits; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "CURRENCY_MISSING": Sentence(
        "{record} is held: it has no currency. Sales: choose the currency; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "CURRENCY_UNKNOWN": Sentence(
        "{record} is held: NetSuite has no active currency {currency}."
        " Finance: enable it in NetSuite, or sales: choose another; it follows by itself.",
        Owner.FINANCE,
        Kind.DEPENDENCY,
    ),
    "CUSTOMER_CURRENCY": Sentence(
        "{record} is held: the customer does not trade in {currency}."
        " Finance: add the currency to the customer in NetSuite, then tick Sync Now.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "PERIOD_CLOSED": Sentence(
        "{record} is held: the accounting period of {value} is closed."
        " Finance: open the period, or sales: change the close date; then tick Sync Now.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
}
