"""Two records that may be one company or person: what is known of each, and what came of comparing.

Everything personal is here as opened text, in memory only. What comes out names fields and
records, never a value.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from kernel.records import RecordRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """An account or a customer as its own system writes it; nothing is normalised yet.

    An empty text or tuple means: not known, which is never evidence for or against anything.
    """

    ref: RecordRef
    name: str = field(default="", repr=False)
    """Of a person: first and last name."""
    is_person: bool = False
    websites: tuple[str, ...] = field(default=(), repr=False)
    """Address or bare host, as entered."""
    emails: tuple[str, ...] = field(default=(), repr=False)
    """Only their domains count, and those of free-mail providers do not."""
    phones: tuple[str, ...] = field(default=(), repr=False)
    tax_ids: tuple[str, ...] = field(default=(), repr=False)
    """VAT or other tax number, with or without the prefix of its country."""
    registration_ids: tuple[str, ...] = field(default=(), repr=False)
    """Number in the register of companies of `country`."""
    duns: str = field(default="", repr=False)
    """D-U-N-S, nine digits."""
    customer_number: str = field(default="", repr=False)
    """Number under which the seller's books know the party, the same in both systems."""
    country: str = ""
    """ISO 3166 code of two or three letters, or an English name."""
    postcode: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    street: str = field(default="", repr=False)
    """With the number of the house; lines are joined by a line break."""
    parent: RecordRef | None = None
    """The NetSuite customer it belongs to, on both sides; None: none, or not known."""
    is_inactive: bool = False


class Verdict(StrEnum):
    LINK = "link"
    REVIEW = "review"
    CREATE = "create"


class Finding(StrEnum):
    """What comparing one field said."""

    AGREES = "agrees"
    SIMILAR = "similar"
    DIFFERS = "differs"
    CONTRADICTS = "contradicts"
    """Stops an automatic link, whatever else agrees."""


@dataclass(frozen=True, slots=True)
class Evidence:
    field: str
    """Of `Party`, in the words of a reader: `tax number`, `web domain`, `legal form`."""
    finding: Finding
    sentence: str
    """For a person who reviews the pair; names fields, no values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One candidate, compared with the party."""

    candidate: RecordRef
    verdict: Verdict
    """As if it were the only candidate."""
    score: Decimal
    """0.00 to 1.00, cut to two places: how much the names, and what supports them, agree."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is to be done about a party, and why."""

    verdict: Verdict
    candidate: RecordRef | None = None
    """The one to link, or the likeliest one to review; None where one is to be created."""
    score: Decimal = Decimal(0)
    evidence: tuple[Evidence, ...] = ()
    """Of `candidate`; where nothing comes close, why the nearest did not."""
    others: tuple[Match, ...] = ()
    """Further candidates that a person should see, best first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What a person once said of this pair."""

    party: RecordRef
    candidate: RecordRef
    are_same: bool
