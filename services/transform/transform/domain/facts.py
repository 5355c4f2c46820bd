"""What must be known to decide, and all that is known: the core looks nothing else up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from kernel.maps import Maps
from kernel.messages import ChangeEvent, Coordinates, Outcome, Version
from kernel.rates import Pair
from kernel.records import RecordRef, System
from kernel.refunds import Reasons
from kernel.values import Document, Fields
from transform.domain.lifecycle import LifecycleRules
from transform.domain.likeness import Likeness
from transform.domain.money_rules.rules import MoneyRules
from transform.domain.refunds.credits import Credit
from transform.domain.reviews import Review

LINES = "lines:"
"""Stands before a list's name where its lines are one field among the applied ones."""


class Identity(StrEnum):
    """Where a customer bears the mark of its account."""

    EXTERNAL_ID = "externalId"
    FIELD = "field"
    """In custentity_sf_account_id alone: the external ids belong to another application."""
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What a deployment settles once."""

    maps: Maps
    org_id: str
    client: str
    """The name under which our own writes come back as echoes."""
    money: MoneyRules = field(default_factory=MoneyRules)
    lifecycle: LifecycleRules = field(default_factory=LifecycleRules)
    reasons: Reasons = field(default_factory=Reasons)
    """What finance has settled for each reason of a refund."""
    identity: Identity = Identity.EXTERNAL_ID
    checks_duplicates: bool = True
    """Whether an account is compared with all customers before it gets one."""


class LinkStatus(StrEnum):
    RESERVED = "reserved"
    LINKED = "linked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A Salesforce record and its NetSuite counterpart. Unique on both sides."""

    source: RecordRef
    """The Salesforce side."""
    kind: str
    """Kind of the NetSuite record."""
    external_id: str
    """The external id our writes use; empty where the counterpart is not ours to write."""
    netsuite_id: str = ""
    """Empty until NetSuite has said it."""
    refusal: Outcome | None = None
    """Why the last attempt to make the counterpart was refused; None once it stands."""

    @property
    def status(self) -> LinkStatus:
        return LinkStatus.LINKED if self.netsuite_id else LinkStatus.RESERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A small record of NetSuite that maps look up, such as a currency by its ISO code."""

    kind: str
    id: str
    key: str
    fields: Fields


@dataclass(frozen=True, slots=True, order=True)
class RateDay:
    """Asks for the newest rate of a currency, to every base, that is effective by this day."""

    currency: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RateUse:
    """A document of NetSuite and the rate it was booked at."""

    ref: RecordRef
    pair: Pair
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What commands and outcomes say of the change they serve.

    `round` counts how often the change was released before; deciding again after a release
    gives new ids, deciding again after a crash the same ones.
    """

    event_id: str
    ref: RecordRef
    version: Version
    origin: Coordinates
    round: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One change to decide on."""

    change: ChangeEvent
    origin: Coordinates
    round: int = 0
    record: bytes | None = field(default=None, repr=False, compare=False)
    """The change as it stands in the log, where it has just come from there."""

    @property
    def cause(self) -> Cause:
        return Cause(
            event_id=self.change.id,
            ref=self.change.ref,
            version=self.change.version,
            origin=self.origin,
            round=self.round,
        )

    @property
    def told_on(self) -> date | None:
        """The day, in UTC, on which the source last told of the change."""
        moments = [capture.committed_at for capture in self.change.captures]
        return max(moments).date() if moments else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What one decision needs to know."""

    documents: frozenset[RecordRef] = frozenset()
    """Whose latest version and parked changes matter."""
    links: frozenset[RecordRef] = frozenset()
    """Either side, NetSuite's by id or by `eid:`."""
    targets: frozenset[RecordRef] = frozenset()
    """Whose applied values matter."""
    references: frozenset[str] = frozenset()
    """Kinds of reference data."""
    rates: frozenset[RateDay] = frozenset()
    rate_uses: frozenset[tuple[Pair, date]] = frozenset()
    """Documents of a pair from this day on."""
    bodies: frozenset[RecordRef] = frozenset()
    """Whose newest document matters; found for kinds whose map says `keeps`."""
    credits: frozenset[RecordRef] = frozenset()
    """Billed documents and refund requests whose credits matter."""
    counterparts: frozenset[RecordRef] = frozenset()
    """Of either side: the newest document of the record each is linked to matters."""
    events: frozenset[str] = frozenset()
    """Of which it matters whether they were decided on before."""

    @classmethod
    def of_all(cls, many: Iterable["Wanted"]) -> "Wanted":
        """The union of what a batch wants, made in one go: pair by pair it would be copied again
        with every case."""
        asked = list(many)
        sets = {
            one.name: frozenset[Any]().union(*(getattr(wanted, one.name) for wanted in asked))
            for one in fields(cls)
        }
        return cls(**sets)

    def __or__(self, other: "Wanted") -> "Wanted":
        return Wanted(
            documents=self.documents | other.documents,
            links=self.links | other.links,
            targets=self.targets | other.targets,
            references=self.references | other.references,
            rates=self.rates | other.rates,
            rate_uses=self.rate_uses | other.rate_uses,
            bodies=self.bodies | other.bodies,
            credits=self.credits | other.credits,
            counterparts=self.counterparts | other.counterparts,
            events=self.events | other.events,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The answers."""

    latest: Mapping[RecordRef, Version] = field(default_factory=dict)
    parked: Mapping[RecordRef, tuple[Cause, ...]] = field(default_factory=dict)
    links: Mapping[RecordRef, Link] = field(default_factory=dict)
    """By the Salesforce ref, the NetSuite ref and the `eid:` ref."""
    applied: Mapping[tuple[RecordRef, str], str] = field(default_factory=dict)
    """(target, field) → hash of the value that was last written there."""
    orders: Mapping[RecordRef, frozenset[str]] = field(default_factory=dict)
    """Of an opportunity the ids of the orders that were made from it and are not deleted."""
    under_way: frozenset[tuple[RecordRef, str]] = frozenset()
    """(target, field) of commands that have not ended: what stands there soon is not known."""
    references: Mapping[tuple[str, str], Reference] = field(default_factory=dict)
    """By kind and key; among them the rates that were asked for."""
    rate_uses: tuple[RateUse, ...] = ()
    bodies: Mapping[RecordRef, Document] = field(default_factory=dict)
    """The newest document of each record; those that were never seen, or are gone, are missing."""
    credits: tuple[Credit, ...] = ()
    """What our credits take of billed documents, in the order in which they were decided."""
    known: frozenset[str] = frozenset()
    """Events that were decided on before."""
    likenesses: Mapping[RecordRef, Likeness] = field(default_factory=dict)
    """Of the records that questions were asked about; those of erased subjects are missing."""
    reviews: Mapping[RecordRef, tuple[Review, ...]] = field(default_factory=dict)
    """Of the accounts that questions were asked about."""
    knows_all_customers: bool = False


def joined(facts: Facts, more: Facts) -> Facts:
    """With what was asked later of the same moment."""
    return replace(
        facts,
        latest={**facts.latest, **more.latest},
        parked={**facts.parked, **more.parked},
        links={**facts.links, **more.links},
        applied={**facts.applied, **more.applied},
        orders={**facts.orders, **more.orders},
        bodies={**facts.bodies, **more.bodies},
    )


def with_link(facts: Facts, link: Link) -> Facts:
    """As if it had been known already."""
    there = RecordRef(System.NETSUITE, link.kind, link.netsuite_id)
    return replace(facts, links={**facts.links, link.source: link, there: link})
