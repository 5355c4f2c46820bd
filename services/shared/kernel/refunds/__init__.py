"""What finance has settled for each reason of a refund: the item, the rate, the limit, the rest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Rate(StrEnum):
    """Which exchange rate a credit in another currency than the books' takes."""

    INVOICE = "invoice-rate"
    """A correction: revenue turns back exactly, without a gain or loss."""
    CREDIT_DATE = "credit-date"
    """A new event: NetSuite takes the rate of the credit's date and books what differs."""


class Rest(StrEnum):
    """What becomes of the part of a credit that the invoice does not need any more."""

    REFUND = "refund"
    LEAVE_OPEN = "leave-open"


class Undo(StrEnum):
    """What a cancelled request does to a credit that stands and was not paid out."""

    VOID = "void"
    TASK = "task"
    """Nothing by itself: finance is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    name: str
    """As in the picklist of the request."""
    rate: Rate
    rest: Rest
    undo: Undo = Undo.VOID
    item: str = ""
    """Id of the NetSuite item whose account is debited; empty: the items of the credited lines."""
    payment_method: str = ""
    """Name or id of the way in which money goes back; empty: NetSuite's own default."""
    needs_item: bool = False
    """Held until an item is set: the credited lines' own accounts would be wrong."""
    returns_goods: bool = False
    """Goods come back first: a return authorization, and a credit for what was received."""
    unapplies: bool = False
    """A payment that is paid back is taken off its invoice where that is needed; else finance does
    it."""
    auto_limit: Decimal = Decimal(0)
    """In base currency: up to this amount a submitted request needs no approval; 0 never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasons:
    """Every reason in force. `bank` is the id of the account that refunds are paid from; empty:
    NetSuite's own default."""

    by_name: Mapping[str, Reason] = field(default_factory=dict)
    bank: str = ""
