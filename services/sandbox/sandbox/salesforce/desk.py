"""What the endpoints work with: the org, its bus, its sessions, and one transaction at a time."""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from sandbox.frame import Frame
from sandbox.journal import Mutation
from sandbox.salesforce.bulk.jobs import Jobs
from sandbox.salesforce.derived import refresh_daily
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.events.bus import Bus
from sandbox.salesforce.events.capture import Commit, EventSchemas, events_of
from sandbox.salesforce.events.channels import Channels
from sandbox.salesforce.events.managed import ManagedSubscriptions
from sandbox.salesforce.events.publishing import Publishing
from sandbox.salesforce.org import Org
from sandbox.salesforce.outbound.outbox import Outbox
from sandbox.salesforce.rest.call import Call
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.sessions import Sessions
from sandbox.salesforce.usage import Usage
from sandbox.salesforce.values import Stored, show
from sandbox.salesforce.work import Change, Work

COMMIT_BASE = 10_854_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    frame: Frame
    org: Org
    bus: Bus
    channels: Channels
    schemas: EventSchemas
    sessions: Sessions
    publishing: Publishing
    managed: ManagedSubscriptions
    bulk: Jobs
    outbound: Outbox
    usage: Usage

    @contextmanager
    def transaction(self, call: Call) -> Iterator[Work]:
        """The call's own transaction, or a part of the composite call's."""
        if call.work is not None:
            with call.work.attempt():
                yield call.work
            return
        work = Work(
            self.org,
            user=call.user,
            origin=call.origin,
            duplicates=call.duplicates,
            api_version=call.api_version,
        )
        with work.attempt():
            yield work
            call.mutations.extend(self.finish(work))

    def finish(self, work: Work) -> list[Mutation]:
        """Publishes the events of what changed and returns it for the journal."""
        changes = work.changes()
        if changes:
            commit = Commit(
                origin=work.origin,
                user=work.user,
                key=str(uuid.uuid4()),
                at_s=work.at_s,
                number=COMMIT_BASE + self.org.counters.take("commit"),
            )
            definitions = self.channels.definitions
            for event in events_of(changes, commit, self.schemas, definitions):
                self.bus.publish(self.org.schema.of(event.entity), event)
            self.outbound.note(changes)
        return [mutation(change) for change in changes]

    def sobject(self, name: str, user: str) -> SObject:
        """As this user may see and change it."""
        found = self.org.metadata.view(user).find(name)
        if found is None:
            raise not_found()
        return found

    def count_request(self) -> int:
        """How many there were today, this one included; the first one sets the day's formulas.
        Raises the refusal of one too many, which is not counted."""
        used = self.usage.take_request()
        if self.org.metadata.is_new_day(self.org.clock.now().date().isoformat()):
            refresh_daily(self.org)
        return used

    def username(self, user: str) -> str:
        return str(self.org.value('SELECT "Username" FROM "User" WHERE "Id" = ?', user) or "")


def mutation(change: Change) -> Mutation:
    if not change.exists:
        operation = "delete"
    else:
        operation = "update" if change.before is not None else "create"
    return Mutation(
        record=change.sobject.name,
        id=change.id,
        operation=operation,
        before=image(change.sobject, change.before) if change.existed else None,
        after=image(change.sobject, change.after) if change.exists else None,
    )


def image(sobject: SObject, row: Mapping[str, Stored] | None) -> dict[str, object] | None:
    """A record as JSON numbers and texts."""
    if row is None:
        return None
    return {
        field.name: None if (stored := row.get(field.name)) is None else _number(field, stored)
        for field in sobject.stored
    }


def _number(field: Field, stored: Stored) -> object:
    value = show(field, stored)
    return float(value) if isinstance(value, Decimal) else value
