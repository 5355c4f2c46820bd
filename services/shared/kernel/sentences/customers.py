"""Why a customer, or what needs it, is held."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "CUSTOMER_INACTIVE": Sentence(
        "{record} is held: its customer is inactive in NetSuite."
        " Finance: reactivate the customer, then tick Sync Now.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "MERGE_SUSPECT": Sentence(
        "{record} was merged into {master}, and each had a customer of its own in NetSuite"
        " ({customer} and {other}). Nothing was moved."
        " RevOps: see `tallystick reviews show {review}` and say keep or ask-merge.",
        Owner.REVOPS,
        Kind.DUPLICATE,
    ),
    "MERGE_WANTED": Sentence(
        "{record} was merged into {master}, and {actor} asks that their customers {customer} and"
        " {other} be merged too: {reason} (review {review})."
        " Finance: merge the two in NetSuite; the account that is left follows by itself.",
        Owner.FINANCE,
        Kind.DUPLICATE,
    ),
    "MERGE_WAITS": Sentence(
        "{record} was merged into {master}, whose customer is on its way; both are looked at once"
        " that stands.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "CUSTOMERS_KEPT": Sentence(
        "{record} was merged into {master}; their customers {customer} and {other} stay two:"
        " {actor} said so, {reason} (review {review})."
    ),
    "CUSTOMERS_MERGED": Sentence(
        "{record} was merged into {master}; their customers {customer} and {other} are one in"
        " NetSuite now."
    ),
    "MARK_TWICE": Sentence(
        "{record} is held: more than one record of NetSuite bears its id in {field}: {found}."
        " RevOps: merge them in NetSuite, or empty the field of those that are not meant;"
        " then tick Sync Now on the account, and what waits for it follows by itself.",
        Owner.REVOPS,
        Kind.DUPLICATE,
        heals=False,
    ),
    "CONTACT_TWICE": Sentence(
        "{record} is held: the customer has several contacts with its e-mail in NetSuite: {found}."
        " RevOps: give this contact another e-mail address in Salesforce, and it follows by itself;"
        " or merge them in NetSuite, then tick Sync Now on the contact.",
        Owner.REVOPS,
        Kind.DUPLICATE,
        heals=False,
    ),
    "CONTACT_TAKEN": Sentence(
        "{record} is held: NetSuite contact {found} of the same customer has the same e-mail and"
        " belongs to {field}. RevOps: merge the two contacts in Salesforce, or give this one"
        " another e-mail address there, and it follows by itself; or change the other one in"
        " NetSuite, then tick Sync Now on this contact.",
        Owner.REVOPS,
        Kind.DUPLICATE,
        heals=False,
    ),
    "CONTACT_WAITS": Sentence(
        "{record} waits for the customer of its account; it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "PARENT_WAITS": Sentence(
        "Order for {account} ({name}) waits for the customer of the account above it, {parent};"
        " it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "PARENT_CYCLE": Sentence(
        "{record} stands above itself: {above} lead back to it. Its customer was written without"
        " one above it. RevOps: give one of these accounts another parent, or none;"
        " it follows by itself.",
        Owner.REVOPS,
        Kind.DATA,
    ),
}
