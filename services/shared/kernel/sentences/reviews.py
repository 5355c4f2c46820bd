"""What a person is asked to decide on, and what came of it."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    "DUPLICATE_SUSPECT": Sentence(
        "Order for {account} ({name}) waits: the account may be NetSuite customer {number}"
        " ({candidate}), but that is not certain. RevOps: see `tallystick reviews show {review}`"
        " and say link, create, reject or ask-merge; the order follows by itself.",
        Owner.REVOPS,
        Kind.DUPLICATE,
    ),
    "DUPLICATE_ACCOUNT": Sentence(
        "Order for {account} ({name}) waits: the account looks the same as account {other},"
        " which has a customer already or gets one now. RevOps: see"
        " `tallystick reviews show {review}`; merge the two, or say create if they are different;"
        " the order follows by itself.",
        Owner.REVOPS,
        Kind.DUPLICATE,
    ),
    "MERGE_ASKED": Sentence(
        "Order for {account} ({name}) waits: {actor} asked that it be merged with {other}"
        " first: {reason}. RevOps: merge them, then say link, create or reject with"
        " `tallystick reviews`; review {review}.",
        Owner.REVOPS,
        Kind.DUPLICATE,
    ),
    "ACCOUNT_REJECTED": Sentence(
        "Order for {account} ({name}) is not sent: {actor} decided that this account is not"
        " synced: {reason} (review {review}).",
    ),
}
