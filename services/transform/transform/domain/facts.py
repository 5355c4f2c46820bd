"""What must be known to decide, and all that is known: the core looks nothing else up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.maps import Maps
from kernel.messages import ChangeEvent, Coordinates, Outcome, Version
from kernel.records import RecordRef
from kernel.values import Document, Fields
from transform.domain.likeness import Likeness
from transform.domain.reviews import Review

LINES = "lines:"
"""Stands before a list's name where its lines are one field among the applied ones."""


class Identity(StrEnum):
    """Where a customer that stood in NetSuite before bears the mark of its account."""

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

    @property
    def cause(self) -> Cause:
        return Cause(
            event_id=self.change.id,
            ref=self.change.ref,
            version=self.change.version,
            origin=self.origin,
            round=self.round,
        )


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
    bodies: frozenset[RecordRef] = frozenset()
    """Whose newest document matters; found for kinds whose map says `keeps`."""
    events: frozenset[str] = frozenset()
    """Of which it matters whether they were decided on before."""

    def __or__(self, other: "Wanted") -> "Wanted":
        return Wanted(
            documents=self.documents | other.documents,
            links=self.links | other.links,
            targets=self.targets | other.targets,
            references=self.references | other.references,
            bodies=self.bodies | other.bodies,
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
    references: Mapping[tuple[str, str], Reference] = field(default_factory=dict)
    """By kind and key."""
    bodies: Mapping[RecordRef, Document] = field(default_factory=dict)
    """The newest document of each record; those that were never seen, or are gone, are missing."""
    known: frozenset[str] = frozenset()
    """Events that were decided on before."""
    likenesses: Mapping[RecordRef, Likeness] = field(default_factory=dict)
    """Of the records that questions were asked about; those of erased subjects are missing."""
    reviews: Mapping[RecordRef, tuple[Review, ...]] = field(default_factory=dict)
    """Of the accounts that questions were asked about."""
    knows_all_customers: bool = False
