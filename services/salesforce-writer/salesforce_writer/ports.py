"""What this service needs from outside, and no more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from kernel.exact_json import Json
from kernel.messages import Coordinates, Message, Outcome, Version, WriteCommand
from kernel.values import Document, Sealed, Value
from kernel.write_log import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """One call that writes up to 200 records, each for itself.

    `kind` and `external` are empty where every record says its kind and its id.
    """

    kind: str = ""
    external: str = ""
    """The external id field by which the records are found, or made where missing."""
    creates: bool = False
    """The records are new and name none that stands."""
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What Salesforce answered, whether it worked or not."""

    status: int
    body: Json = field(default=None, repr=False)
    after_s: float | None = None
    """The wait that the answer asked for."""


class Salesforce(Protocol):
    """All raise RetryableError where nothing was sent, UnknownOutcomeError where the call was
    sent and no answer came, FatalError where Salesforce does not let us in."""

    async def save(self, saving: Saving) -> Reply: ...

    async def remove(self, ids: Sequence[str]) -> Reply:
        """Up to 200 records, each for itself."""

    async def query(self, soql: str) -> Reply: ...


class WriteLog(Protocol):
    """What was begun and how it ended; it outlives the process. Raises RetryableError.

    Each method takes many commands, of different ids, and is one round trip.
    """

    async def begin(self, commands: Sequence[WriteCommand]) -> list[Entry]:
        """Note that calls are about to be made, before they are made."""

    async def again(self, failed: Sequence[tuple[WriteCommand, int]]) -> None:
        """The attempts did not work after all; others are about to be made. Of each command the
        attempts that have failed by now."""

    async def rest(self, commands: Sequence[WriteCommand]) -> None:
        """The attempts certainly did nothing; the next begins are fresh ones."""

    async def newest(self, commands: Sequence[WriteCommand]) -> list[Version | None]:
        """The newest version written of each command's part of its target, as of now."""

    async def end(self, ended: Sequence[tuple[WriteCommand, Outcome]]) -> list[Outcome]:
        """Keep the outcomes. Returns those that stand: the first that were kept."""


class Outcomes(Protocol):
    async def send(
        self, messages: Sequence[Message], *, parents: Mapping[str, str] = ...
    ) -> list[Coordinates]:
        """Returns when all are safe in the log. `parents`: event id → traceparent."""


class Seals(Protocol):
    async def open_document(self, document: Document) -> Document: ...
    async def seal(self, items: Sequence[tuple[str, str, Value]]) -> Sequence[Sealed | None]:
        """Of each (subject, path, value) the sealed value."""
