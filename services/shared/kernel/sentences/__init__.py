"""Every code an outcome can carry, as a person reads it: what happened, why, who acts, what to do.

A sentence is filled with the outcome's params. Those stay sealed in the log; whoever shows the
sentence opens what the reader may see.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from string import Formatter

from kernel.sentences import (
    currency,
    customers,
    dead,
    ends,
    mirror,
    orders,
    ownership,
    prices,
    refunds,
    reviews,
    writes,
)
from kernel.sentences.model import KINDS, ROLES, Kind, Owner, Sentence
from kernel.values import Fields, Sealed, Value, plain_number

__all__ = [
    "KINDS", "ROLES", "SEALED_TEXT", "SENTENCES", "Kind", "Owner", "Sentence", "owner_of", "say",
]  # fmt: skip
SEALED_TEXT = "[sealed]"
MISSING_TEXT = "?"
SENTENCES: Mapping[str, Sentence] = {
    **ends.SENTENCES,
    **orders.SENTENCES,
    **customers.SENTENCES,
    **currency.SENTENCES,
    **refunds.SENTENCES,
    **reviews.SENTENCES,
    **ownership.SENTENCES,
    **mirror.SENTENCES,
    **prices.SENTENCES,
    **writes.SENTENCES,
    **dead.SENTENCES,
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
