"""What a test hands to the running writers and sees come out of them."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from kernel.messages import Outcome, WriteCommand
from kernel.topics import OUTCOMES
from ops.local.stack import Stack
from tests.integration.writers.vendors import Entry, Vendors, mutations
from tests.log import LogClient, eventually

WITHIN_S = 30.0


class Desk:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        endpoints: Any = stack.endpoints
        self.vendors = Vendors(endpoints)
        self.bootstrap = str(endpoints["kafka"]["bootstrap"])
        self.log = LogClient(self.bootstrap)

    def outcomes(self, *commands: WriteCommand) -> list[Outcome]:
        """All that were told of these, in the order of the log."""
        wanted = {command.id for command in commands}
        return [
            message
            for message in self.log.messages(OUTCOMES)
            if isinstance(message, Outcome) and message.command_id in wanted
        ]

    def ended(self, *commands: WriteCommand, within_s: float = WITHIN_S) -> list[Outcome]:
        """One outcome of each, once each has one, in the order of the commands."""

        def look() -> list[Outcome] | None:
            found = {outcome.command_id: outcome for outcome in self.outcomes(*commands)}
            return [found[one.id] for one in commands] if len(found) == len(commands) else None

        return eventually(look, within_s=within_s)

    def write(self, *commands: WriteCommand, within_s: float = WITHIN_S) -> list[Outcome]:
        self.log.send(*commands)
        return self.ended(*commands, within_s=within_s)

    def history(self, system: str, after: int = 0) -> list[Entry]:
        return self.vendors.journal(system, after)

    def ready(self, service: str) -> tuple[bool, dict[str, str]]:
        endpoints: Any = self.stack.endpoints
        return ready(endpoints["services"][service]["health"])


def ready(address: str) -> tuple[bool, dict[str, str]]:
    """Whether the service at this address is ready, and how each part of it stands."""
    try:
        with urllib.request.urlopen(f"{address}/ready", timeout=5) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
    return told["ready"], told["parts"]


def changes(
    entries: Sequence[Entry], kind: str, field: str, value: str, operation: str | None = None
) -> list[Entry]:
    """What happened to the one record of this kind that holds this value in this field."""
    return [
        mutation
        for mutation in mutations(entries, kind, operation)
        if (mutation["after"] or {}).get(field) == value
    ]
