"""One command on its way to Salesforce."""

from dataclasses import dataclass, field

from kernel.errors import RetryableError
from kernel.messages import Outcome, WriteCommand
from kernel.verdicts import Verdict
from kernel.write_log import Entry
from runtime.records import Record
from salesforce_writer.domain.requests import JsonObject, Row

PART = "salesforce"


@dataclass(slots=True, kw_only=True, eq=False)
class Work:
    """One command on its way: what is known and what was done, step by step."""

    command: WriteCommand
    record: Record
    row: Row
    entry: Entry = field(default_factory=Entry)
    begun_s: float = 0.0
    found: JsonObject | None = None
    steps: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
    outcome: Outcome | None = None
    trouble: RetryableError | None = None
    """Why there is no verdict yet; the command is handed over again."""

    @property
    def is_open(self) -> bool:
        return self.verdict is None and self.outcome is None and self.trouble is None
