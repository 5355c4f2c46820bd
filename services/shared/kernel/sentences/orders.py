"""Why an order waits or is held."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "WAITS_FOR_CUSTOMER": Sentence(
        "Order for {account} ({name}) waits for its customer in NetSuite; it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "WAITS_FOR_REFERENCES": Sentence(
        "{record} waits until the currencies and customers of NetSuite have been read;"
        " it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "REFERENCE_MISSING": Sentence(
        "{record} is held: {field} names the {kind} '{value}', and NetSuite has no active one, or"
        " several, of that name or id."
        " Administrator: correct the value or the map, or add it in NetSuite;"
        " it follows by itself.",
        Owner.ADMIN,
        Kind.MAP,
    ),
    "QUOTE_UNDER_WAY": Sentence(
        "Quote {name} is accepted and waits for its estimate in NetSuite; its order follows by"
        " itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "ITEM_UNMAPPED": Sentence(
        "Order for {account} ({name}) waits: product '{product}' has no NetSuite item."
        " Catalogue owner: set NS Item Id on the product; the order follows by itself.",
        Owner.CATALOGUE,
        Kind.DEPENDENCY,
    ),
    "ACCOUNT_MISSING": Sentence(
        "Order for '{name}' is held: the deal has no account."
        " Sales: choose the account; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "NO_LINES": Sentence(
        "Order for {account} ({name}) is held: the deal has no products."
        " Sales: add the products; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "QUANTITY_ZERO": Sentence(
        "Order for {account} ({name}) is held: product '{product}' has quantity {value}."
        " Sales: enter a quantity above zero or remove the line; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "TOTAL_MISMATCH": Sentence(
        "Order for {account} ({name}) is held:"
        " Amount is {value} but its lines add up to {expected}."
        " Sales: correct the amount or the lines; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "LINE_TOTAL_MISMATCH": Sentence(
        "Order for {account} ({name}) is held: the line of product '{product}' says {value},"
        " but quantity times price is {expected}."
        " Sales: correct the line; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "SPLITS_WRONG": Sentence(
        "Order for {account} ({name}) is held: its revenue splits add up to {value} %, not 100 %."
        " Sales: correct the splits; the order follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "SELLER_UNMAPPED": Sentence(
        "Order for {account} ({name}) is held: {seller} shares its revenue and is no employee in"
        " NetSuite yet. Administrator: set NS Employee Id on the user, then tick Sync Now.",
        Owner.ADMIN,
        Kind.DATA,
        heals=False,
    ),
    "ORDER_LOCKED": Sentence(
        "{record} is held: the order is already billed or fulfilled"
        " and takes no new lines or amounts."
        " Finance: credit and bill again, or undo the change in Salesforce.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "AMENDMENT_NEEDS_APPROVAL": Sentence(
        "{record} is held: the order is approved in NetSuite and this would change {what}."
        " Finance: set the order back to pending approval, then tick Sync Now;"
        " or sales: undo the change.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "ORDER_UNDER_WAY": Sentence(
        "{record} is off, but its order is just being made in NetSuite;"
        " it is closed there as soon as it stands.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "CANCEL_AFTER_BILLING": Sentence(
        "{record} is held: the deal is off, but its order is already billed or fulfilled."
        " Sales: ask for a refund with a Refund Request, or win the deal again.",
        Owner.SALES,
        Kind.POLICY,
        heals=False,
    ),
    "CANCEL_HELD": Sentence(
        "{record} is held: the deal is off and its order {order} stands in NetSuite."
        " Finance: close the order there, then tick Sync Now; or sales: win the deal again.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
}
