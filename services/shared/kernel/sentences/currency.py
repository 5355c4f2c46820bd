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
    "CURRENCY_DECIMALS": Sentence(
        "Order for {account} ({name}) is held: {currency} has {digits} digits behind the point,"
        " NetSuite keeps two at most. Finance: agree on another currency with the customer;"
        " this one cannot be synced.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "ACCOUNT_CURRENCY": Sentence(
        "Order for {account} ({name}) is held: it is in {currency}, the account trades in {own}."
        " Finance: let the customer trade in {currency} and set the account's currency,"
        " or sales: sell in {own}; the order follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "DISCOUNT_WRONG": Sentence(
        "Order for {account} ({name}) is held: {field} is {value}; it must lie between 0 and the"
        " sum of the lines, {total}, and be payable in {currency}."
        " Sales: correct the discount; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "ORDER_PERIOD_CLOSED": Sentence(
        "Order for {account} ({name}) is held: its date {value} lies in {period}, which is closed."
        " Finance: open the period, or sales: change the close date; the order follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "PINNED_RATE_OFF": Sentence(
        "Order for {account} ({name}) is held: it asks for the pinned rate {rate}, and pinned rates"
        " are switched off. Finance: empty NS Pinned Rate, or administrator: set PINNED_RATES to"
        " approved; the order follows by itself with the next change or Sync Now.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "PINNED_RATE_UNAPPROVED": Sentence(
        "Order for {account} ({name}) is held: its pinned rate {rate} lacks {missing}."
        " Finance: complete it, or empty NS Pinned Rate; the order follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "RATE_STALE": Sentence(
        "Order for {account} ({name}) waits: NetSuite's newest {pair} rate is {newest},"
        " {age} business days before {day}; {limit} are allowed."
        " Finance: load a rate dated from {oldest} to {day}; the order follows by itself.",
        Owner.FINANCE,
        Kind.DEPENDENCY,
    ),
    "RATES_STALE": Sentence(
        "Orders in {currency} wait: NetSuite's newest {pair} rate is {newest},"
        " {age} business days before {day}; {limit} are allowed."
        " Finance: load a rate dated from {oldest} to {day}; the orders follow by themselves.",
        Owner.FINANCE,
        Kind.DEPENDENCY,
    ),
    "CORPORATE_CURRENCY": Sentence(
        "{record} is held: rates are told against {value}, and the corporate currency of the"
        " Salesforce org is {expected}. SRE: set RATES_TO_SALESFORCE to {expected}, or to off.",
        Owner.SRE,
        Kind.MAP,
        heals=False,
    ),
    "CURRENCY_NOT_KEPT": Sentence(
        "{target} was left out: the Salesforce org does not keep this currency."
    ),
    "RATES_WITHOUT_BASE": Sentence(
        "No rate can be told to Salesforce: its corporate currency is {corporate}, and NetSuite's"
        " books are kept in {bases}. Finance: keep Salesforce's dated rates by hand, and SRE: set"
        " RATES_TO_SALESFORCE to off.",
        Owner.FINANCE,
        Kind.MAP,
        heals=False,
    ),
    "RATE_REVISED": Sentence(
        "The {pair} rate of {day} is now {new}; {count} documents were booked at {old} and stay"
        " as they are: {documents}. Finance: decide whether to correct them.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
}
