"""Every code an outcome can carry, as a person reads it: what happened, why, who acts, what to do.

A sentence is filled with the outcome's params. Those stay sealed in the log; whoever shows the
sentence opens what the reader may see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from string import Formatter

from kernel.values import Fields, Sealed, Value, plain_number

SEALED_TEXT = "[sealed]"
MISSING_TEXT = "?"


class Owner(StrEnum):
    """Who acts next."""

    NOBODY = "nobody"
    SRE = "SRE"
    ADMIN = "administrator"
    SALES = "sales"
    REVOPS = "RevOps"
    CATALOGUE = "catalogue owner"
    FINANCE = "finance"


@dataclass(frozen=True, slots=True)
class Sentence:
    text: str
    owner: Owner = Owner.NOBODY


SENTENCES = {
    # ended well
    "APPLIED": Sentence("Everything this change asks for stands in the other system."),
    "WRITTEN": Sentence("Written to {target}."),
    "FOUND_AFTER_UNKNOWN": Sentence(
        "The answer to the write was lost; {target} was looked up and holds it."
        " Nothing was written twice."
    ),
    "ALREADY_SO": Sentence("{target} already holds these values; nothing was written."),
    "REFERENCE_STORED": Sentence("Stored {kind} {id} as reference data."),
    "PRODUCT_LINKED": Sentence("Product is linked to NetSuite item {item}."),
    # ended without a write, as a rule wants it
    "UNCHANGED": Sentence("The other system already holds these values; nothing was written."),
    "SUPERSEDED": Sentence("A newer version of this record came first; nothing was written."),
    "OWN_ECHO": Sentence("This is the echo of our own write; nothing to do."),
    "NO_MAP": Sentence("{kind} is not in the map; nothing to do."),
    "NOT_WON": Sentence("The opportunity is not closed as won (stage {stage}); nothing to do yet."),
    "NO_WON_OPPORTUNITY": Sentence(
        "The account has no closed-won opportunity; it is sent with its first one."
    ),
    "PRODUCT_WITHOUT_ITEM": Sentence(
        "The product has no NetSuite item yet; orders with it wait for one."
    ),
    "UNMAPPED_FIELDS_ONLY": Sentence("Only fields outside the map changed; nothing to do."),
    "FILTERED_BY_RULE": Sentence("{record} is filtered by rule {rule}: {why}. Nothing was sent."),
    "NOT_FROM_SALESFORCE": Sentence(
        "NetSuite {kind} {id} has no counterpart in Salesforce; nothing to do."
    ),
    "DELETED_AT_SOURCE": Sentence(
        "The record was deleted in {system}. What stands in the other system is left as it is."
    ),
    # waits for something
    "WAITS_FOR_CUSTOMER": Sentence(
        "Order for {account} ({name}) waits for its customer in NetSuite; it follows by itself."
    ),
    "WAITS_FOR_REFERENCES": Sentence(
        "{record} waits until NetSuite's currencies have been read; it follows by itself."
    ),
    "ITEM_UNMAPPED": Sentence(
        "Order for {account} ({name}) waits: product '{product}' has no NetSuite item."
        " Catalogue owner: set NS Item Id on the product; the order follows by itself.",
        Owner.CATALOGUE,
    ),
    # held: somebody corrects the record, the next version follows by itself
    "ACCOUNT_MISSING": Sentence(
        "Order for opportunity '{name}' is held: the opportunity has no account."
        " Sales: choose the account; the order follows by itself.",
        Owner.SALES,
    ),
    "NO_LINES": Sentence(
        "Order for {account} ({name}) is held: the opportunity has no products."
        " Sales: add the products; the order follows by itself.",
        Owner.SALES,
    ),
    "QUANTITY_ZERO": Sentence(
        "Order for {account} ({name}) is held: product '{product}' has quantity {value}."
        " Sales: enter a quantity above zero or remove the line; the order follows by itself.",
        Owner.SALES,
    ),
    "TOTAL_MISMATCH": Sentence(
        "Order for {account} ({name}) is held:"
        " Amount is {value} but its lines add up to {expected}."
        " Sales: correct the amount or the lines; the order follows by itself.",
        Owner.SALES,
    ),
    "LINE_TOTAL_MISMATCH": Sentence(
        "Order for {account} ({name}) is held: the line of product '{product}' says {value},"
        " but quantity times price is {expected}."
        " Sales: correct the line; the order follows by itself.",
        Owner.SALES,
    ),
    "MINOR_UNIT": Sentence(
        "Order for {account} ({name}) is held: {field} is {value}, which {currency} cannot pay."
        " Sales: round it to {digits} digits; the order follows by itself.",
        Owner.SALES,
    ),
    "CURRENCY_MISSING": Sentence(
        "{record} is held: it has no currency. Sales: choose the currency; it follows by itself.",
        Owner.SALES,
    ),
    "CURRENCY_UNKNOWN": Sentence(
        "{record} is held: NetSuite has no active currency {currency}."
        " Finance: enable it in NetSuite, or sales: choose another; it follows by itself.",
        Owner.FINANCE,
    ),
    "TEXT_TOO_LONG": Sentence(
        "{record} is held: {field} has {length} characters, NetSuite takes {limit}: {value}."
        " Sales: shorten it; it follows by itself.",
        Owner.SALES,
    ),
    "VALUE_REFUSED": Sentence(
        "{record} is held: {system} does not take {value} for {field}."
        " Sales: correct it; it follows by itself.",
        Owner.SALES,
    ),
    "CUSTOMER_CURRENCY": Sentence(
        "{record} is held: the customer does not trade in {currency}."
        " Finance: add the currency to the customer in NetSuite, then tick Sync Now.",
        Owner.FINANCE,
    ),
    "CUSTOMER_INACTIVE": Sentence(
        "{record} is held: its customer is inactive in NetSuite."
        " Finance: reactivate the customer, then tick Sync Now.",
        Owner.FINANCE,
    ),
    "PERIOD_CLOSED": Sentence(
        "{record} is held: the accounting period of {value} is closed."
        " Finance: open the period, or sales: change the close date; then tick Sync Now.",
        Owner.FINANCE,
    ),
    "ORDER_LOCKED": Sentence(
        "{record} is held: the order is already billed or fulfilled"
        " and takes no new lines or amounts."
        " Finance: credit and bill again, or undo the change in Salesforce.",
        Owner.FINANCE,
    ),
    "NETSUITE_REFUSED": Sentence(
        "{record} is held: NetSuite refused it: {detail}."
        " RevOps: correct the record; it follows by itself.",
        Owner.REVOPS,
    ),
    "SALESFORCE_REFUSED": Sentence(
        "{record} is held: Salesforce refused the update: {detail}."
        " Administrator: remove the cause, then tick Sync Now.",
        Owner.ADMIN,
    ),
    "PERMISSION_MISSING": Sentence(
        "{record} is held: the integration user may not do this in {system}: {detail}."
        " Administrator: grant the permission, then tick Sync Now.",
        Owner.ADMIN,
    ),
    "TARGET_GONE": Sentence(
        "{target} does not exist any more; nothing was written."
        " RevOps: link the record anew if it should be synced.",
        Owner.REVOPS,
    ),
    "TRIED_ENOUGH": Sentence(
        "{record} is held: {system} failed {attempts} times: {detail}."
        " SRE: see the system's status, then tick Sync Now.",
        Owner.SRE,
    ),
    # dead: the record itself can never work
    "UNDECODABLE": Sentence(
        "The record at {coordinates} cannot be read: {detail}. SRE: find its producer.", Owner.SRE
    ),
    "WRONG_TYPE": Sentence(
        "{field} of {record} holds {value}, which is not {expected}."
        " Administrator: correct the map or the field.",
        Owner.ADMIN,
    ),
    "DOCUMENT_TOO_LARGE": Sentence(
        "{record} was not sent: with all its lines it is larger than a record of the log may be."
        " Sales: split it into several; each follows by itself.",
        Owner.SALES,
    ),
    "UNEXPECTED": Sentence(
        "{record} broke the decision: {detail}. SRE: this is a fault of Tallystick; report it.",
        Owner.SRE,
    ),
}


def say(code: str, params: Fields, opened: Callable[[Sealed], str] | None = None) -> str:
    """The sentence of a code with its params, the code last in brackets.

    `opened` gives the text of a sealed value to a reader who may see it; without it a sealed
    value shows as `[sealed]`.
    """
    template = SENTENCES[code].text if code in SENTENCES else "No sentence stands for this code."
    names = [name for _, name, _, _ in Formatter().parse(template) if name]
    texts = {
        name: _text(params[name], opened) if name in params else MISSING_TEXT for name in names
    }
    return f"{template.format_map(texts)} [{code}]"


def owner_of(code: str) -> Owner:
    return SENTENCES[code].owner if code in SENTENCES else Owner.SRE


def _text(value: Value, opened: Callable[[Sealed], str] | None) -> str:
    match value:
        case Sealed():
            return opened(value) if opened else SEALED_TEXT
        case Decimal():
            return plain_number(value)
        case datetime() | date():
            return value.isoformat()
        case None:
            return "empty"
        case _:
            return str(value)
