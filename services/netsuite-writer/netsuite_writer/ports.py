"""What this service needs from outside, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kernel.exact_json import Json
from kernel.messages import Coordinates, Message, Outcome, Version, WriteCommand
from kernel.records import RecordRef
from kernel.values import Document, Sealed, Value
from kernel.write_log import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """One write of one record. Sent twice it leaves one record with the same lines."""

    target: RecordRef
    """By `eid:` made where missing; by id it must exist. By a mark it is made."""
    body: str = field(repr=False)
    replaces: tuple[str, ...] = ()
    """Sublists that hold exactly the lines of the body afterwards."""
    starts_from: RecordRef | None = None
    """The target is made from this document, under the external id that the body names; a second
    one is refused as existing."""
    voids: bool = False
    """The target is voided, which only a script can do; there is no body then."""
    is_step: bool = False
    """Another saving follows before the command has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What NetSuite answered, whether it worked or not."""

    status: int
    record_id: str = ""
    """The record's own id, where the answer names it."""
    body: Json = field(default=None, repr=False)
    after_s: float | None = None
    """The wait that the answer asked for."""


class NetSuite(Protocol):
    """Both raise RetryableError where nothing was sent, UnknownOutcomeError where the call was
    sent and no answer came, FatalError where NetSuite does not let us in."""

    async def save(self, saving: Saving) -> Reply: ...

    async def read(self, target: RecordRef, fields: tuple[str, ...] = ()) -> Reply:
        """These fields of the record, or all of it with its lines."""

    async def find(self, kind: str, values: Mapping[str, str]) -> Reply:
        """The ids of a few records with these values in these fields, lowest first."""


class WriteLog(Protocol):
    """What was begun and how it ended; it outlives the process. Raises RetryableError."""

    async def begin(self, command: WriteCommand) -> Entry:
        """Note that a call is about to be made, before it is made."""

    async def again(self, command: WriteCommand, failures: int) -> None:
        """The attempt did not work after all; another one is about to be made."""

    async def rest(self, command: WriteCommand) -> None:
        """The attempt certainly did nothing; the next begin is a fresh one."""

    async def newest(self, command: WriteCommand) -> Version | None:
        """The newest version written of this part of the target, as of now."""

    async def end(self, command: WriteCommand, outcome: Outcome) -> Outcome:
        """Keep the outcome. Returns the one that stands: the first that was kept."""


class Outcomes(Protocol):
    async def send(
        self, messages: Sequence[Message], *, parents: Mapping[str, str] = ...
    ) -> list[Coordinates]:
        """Returns when all are safe in the log. `parents`: event id → traceparent."""


class Seals(Protocol):
    async def open_document(self, document: Document) -> Document: ...
    async def seal(self, items: Sequence[tuple[str, str, Value]]) -> Sequence[Sealed | None]:
        """Of each (subject, path, value) the sealed value."""
