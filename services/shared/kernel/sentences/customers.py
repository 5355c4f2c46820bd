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
        " Finance: merge the customers in NetSuite, or RevOps: say which of them stays.",
        Owner.FINANCE,
        Kind.DUPLICATE,
        heals=False,
    ),
    "CONTACT_WAITS": Sentence(
        "{record} waits for the customer of its account; it follows by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
}
