"""What adopting needs of both systems and of its own memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from transform.domain.adopting.proposals import Proposal
from transform.domain.adopting.records import Customer

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, and where the next page begins; empty at the end."""

    rows: Sequence[Texts]
    following: str


class Accounts(Protocol):
    """Salesforce."""

    async def now(self) -> datetime:
        """The server's time."""
        ...

    async def begin(self, fields: Collection[str]) -> str:
        """Start a reading of all accounts; its name. Fields that the org lacks are left out."""
        ...

    async def complete(self, reading: str) -> int:
        """How many accounts there are, once Salesforce has gathered them."""
        ...

    async def page(self, reading: str, place: str) -> Page: ...

    async def identities(self, ids: Sequence[str]) -> Mapping[str, Texts]:
        """The identity fields of these accounts as they stand now; what is gone is left out."""
        ...

    async def tell(self, updates: Mapping[str, Texts]) -> Mapping[str, str]:
        """Write identity fields by account id; returns what was refused, with the words."""
        ...


class Customers(Protocol):
    """NetSuite."""

    async def now(self) -> datetime: ...

    async def total(self) -> int: ...

    async def page(self, after: str) -> Page: ...

    async def by_id(self, ids: Sequence[str]) -> Mapping[str, Customer]:
        """As they stand now; what is gone is left out."""
        ...

    async def mark(self, customer_id: str, fields: Texts) -> None:
        """PermanentError where NetSuite does not take it."""
        ...


class Links(Protocol):
    async def take(self, pairs: Sequence[tuple[str, str]]) -> frozenset[str]:
        """Link accounts with customers; returns the accounts that were refused, because the
        customer or the account is linked otherwise."""
        ...

    async def hand_over(self, watermarks: Mapping[str, datetime]) -> None:
        """From where the stream begins, where it has not begun yet."""
        ...


class Workbook(Protocol):
    """What has been read and decided, on disk; it can be broken off after every page."""

    def recall(self, name: str) -> str:
        """Empty for what was never noted."""
        ...

    def note(self, **facts: str) -> None: ...

    def add_customers(self, customers: Sequence[Customer], notes: Mapping[str, str]) -> None:
        """With what is to be noted of them, all or nothing."""
        ...

    def close_customers(self) -> None:
        """All are there: from here on they are searched."""
        ...

    def add_proposals(self, proposals: Sequence[Proposal], notes: Mapping[str, str]) -> None: ...

    def settle_claims(self) -> None:
        """Where several accounts would be linked to one customer, a person decides."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Accounts by standing."""
        ...

    def proposals(self) -> Iterator[Proposal]: ...

    def to_link(self, limit: int) -> Sequence[tuple[str, str]]:
        """Pairs of account and customer that nothing was done about yet."""
        ...

    def linked(self, limit: int, after: str) -> Sequence[tuple[str, str]]:
        """Pairs that name each other already, in the order of accounts."""
        ...

    def done(self, results: Mapping[str, str]) -> None:
        """Account → why it was left alone after all; empty where it is linked."""
        ...


class Judging(Protocol):
    async def judged(self, rows: Sequence[Texts]) -> Sequence[Proposal]:
        """One proposal a row, in their order."""
        ...


class Say(Protocol):
    def __call__(self, step: str, **facts: object) -> None: ...
