"""What the vendors wrote down themselves: when which record changed, by whose call."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

from ops.reach import NotWellError

LOOK_EVERY_S = 0.005
SEEN_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """One change of one record, with the moment of its commit."""

    seq: int
    at: datetime
    actor: str
    record: str
    id: str
    after: Mapping[str, Any]


class Journal:
    """One vendor's journal, read on from where the last look ended."""

    def __init__(self, admin: str, system: str) -> None:
        self._client = httpx.Client(base_url=admin, timeout=SEEN_WITHIN_S, trust_env=False)
        self._system = system
        self._seq = 0

    @property
    def position(self) -> int:
        """How far the looks have come; to be given to `go_back`."""
        return self._seq

    def go_back(self, position: int) -> None:
        """Look again at what came after it: two changes may come in either order."""
        self._seq = position

    def skip(self) -> None:
        """Forget what is there already."""
        for _ in self._rows():
            pass

    def wait_for(self, what: str, matches: Callable[[Written], bool]) -> Written:
        """The next change that matches. `what` says in words what was waited for in vain."""
        deadline = time.monotonic() + SEEN_WITHIN_S
        while time.monotonic() < deadline:
            found = next((written for written in self._changes() if matches(written)), None)
            if found:
                return found
            time.sleep(LOOK_EVERY_S)
        raise NotWellError(f"{what} was not seen within {SEEN_WITHIN_S:g} s")

    def close(self) -> None:
        self._client.close()

    def _changes(self) -> Iterator[Written]:
        for row in self._rows():
            for mutation in row["mutations"]:
                yield Written(
                    seq=row["seq"],
                    at=datetime.fromisoformat(row["time"]),
                    actor=row["actor"],
                    record=mutation["record"],
                    id=mutation["id"],
                    after=mutation["after"] or {},
                )

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        answer = self._client.get(f"/journal/{self._system}", params={"after": self._seq})
        answer.raise_for_status()
        for line in answer.text.splitlines():
            row = json.loads(line)
            self._seq = row["seq"]
            yield row
