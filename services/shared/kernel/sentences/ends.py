"""How changes and commands end where nothing is wrong."""

from collections.abc import Mapping

from kernel.sentences.model import Sentence

SENTENCES: Mapping[str, Sentence] = {
    "APPLIED": Sentence("Everything this change asks for stands in the other system."),
    "WRITTEN": Sentence("Written to {target}."),
    "FOUND_AFTER_UNKNOWN": Sentence(
        "The answer to the write was lost; {target} was looked up and holds it."
        " Nothing was written twice."
    ),
    "ALREADY_SO": Sentence("{target} already holds these values; nothing was written."),
    "REFERENCE_STORED": Sentence("Stored {kind} {id} as reference data."),
    "PRODUCT_LINKED": Sentence("Product is linked to NetSuite item {item}."),
    "UNCHANGED": Sentence("The other system already holds these values; nothing was written."),
    "SUPERSEDED": Sentence("A newer version of this record came first; nothing was written."),
    "OWN_ECHO": Sentence("This is the echo of our own write; nothing to do."),
    "NO_MAP": Sentence("{kind} is not in the map; nothing to do."),
    "CLOSED_BEFORE_ADOPTION": Sentence(
        "It was closed on {closed}, before Salesforce and NetSuite were joined:"
        " its order, if it has one, was made elsewhere; nothing was written."
    ),
    "NOT_WON": Sentence(
        "Not sold yet (stage {stage}): opportunities are sent once won, orders once activated,"
        " quotes once approved."
    ),
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
    "CONTACT_WITHOUT_ROLE": Sentence(
        "{record} has no part in a deal that is won or open, and nobody ticked NS Sync;"
        " nothing to do."
    ),
    "CONTACT_WITHOUT_ACCOUNT": Sentence("{record} belongs to no account; nothing to do."),
    "ORDER_WINS": Sentence(
        "The opportunity has an order of its own, which becomes the sales order; nothing to do."
    ),
    "ORDER_STANDS": Sentence(
        "{record} is not sent: the sales order of its opportunity {opportunity} stands already."
    ),
    "COUNTERPART_DELETED": Sentence(
        "NetSuite {kind} {id} belongs to {counterpart}, which was deleted in Salesforce;"
        " nothing to tell."
    ),
    "LINK_MOVED": Sentence("Customer {customer} belongs to {master} now, after a merge."),
    "DELETED_AT_SOURCE": Sentence(
        "The record was deleted in {system}. What stands in the other system is left as it is."
    ),
}
