"""The opened account and one unit of work in it."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sandbox.clock import Clock
from sandbox.journal import Mutation
from sandbox.netsuite.catalog import Catalog
from sandbox.netsuite.principals import User
from sandbox.netsuite.store import Entry, Store
from sandbox.netsuite.tables import Tables
from sandbox.netsuite.timing import stamp, today
from sandbox.profile import Profile

ACCOUNT_ID = "1234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Where the real thing is not known for sure, or differs from account to account."""

    application_touches_target: bool = False
    """Does applying a payment or credit move the invoice's last-modified time? The default is
    the harder case for a reader: the amount remaining changes and the time does not."""
    fulfil_before_billing: bool = True
    """Fulfillable lines are billed only after they were fulfilled."""
    repeated_key_status: int = 409
    """Of an idempotency key that was used before."""
    relative_job_location: bool = False
    """Where jobs are told: with the host or without."""
    reversing_voids: bool = False
    """The preference to void by a reversing journal."""


def behaviour_of(profile: Profile) -> Behaviour:
    return Behaviour(
        application_touches_target=profile.application_touches_target,
        repeated_key_status=profile.repeated_key_status,
        relative_job_location=profile.relative_job_location,
        reversing_voids=profile.reversing_voids,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    connection: sqlite3.Connection
    store: Store
    catalog: Catalog
    """As the record service shows it."""
    script_catalog: Catalog
    """As scripts see it: the account's own."""
    tables: Tables
    clock: Clock
    profile: Profile
    behaviour: Behaviour

    @property
    def in_script(self) -> "Account":
        return replace(self, catalog=self.script_catalog)


@dataclass(slots=True, kw_only=True)
class Work:
    """One request's doing: who, when, and what it changed so far."""

    account: Account
    user: User
    now: datetime
    mutations: list[Mutation] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    quiet: bool = False
    """Seeding: no mutations, no system notes."""

    @property
    def store(self) -> Store:
        return self.account.store

    @property
    def connection(self) -> sqlite3.Connection:
        return self.account.connection

    @property
    def today(self) -> date:
        return today(self.now)

    @property
    def stamp(self) -> str:
        return stamp(self.now)

    def changed(
        self,
        entry: Entry,
        operation: str,
        before: Mapping[str, object] | None,
        after: Mapping[str, object] | None,
    ) -> None:
        if not self.quiet:
            self.mutations.append(
                Mutation(
                    record=entry.kind.name,
                    id=str(entry.id),
                    operation=operation,
                    before=before,
                    after=after,
                )
            )


def begin(account: Account, user: User) -> Work:
    """A request's doing, before anything of it is written."""
    account.store.settle()
    return look(account, user)


def look(account: Account, user: User) -> Work:
    """The same in the middle of a request, only to read."""
    return Work(account=account, user=user, now=account.clock.now())
