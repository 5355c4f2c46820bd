"""The adoption on the terminal: bars while it reads and writes, then what came of it."""

import sys
from collections.abc import Mapping
from typing import Any, Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from ops.render.lines import counted, hanging
from ops.render.page import tell, width

BARS = {
    "customers": "Customers read",
    "accounts": "Accounts compared",
    "linking": "Pairs linked",
}
"""Step → what its bar says."""
STANDINGS = {
    "linked": "name each other",
    "to link": "are to be linked: nothing contradicts",
    "to review": "are for a person to decide",
    "to create": "have no customer; the first won opportunity makes one",
    "left alone": "stay as they are; the proposal says why",
}


class AdoptionPage:
    """`is_shown` False shows nothing: whoever asked for JSON reads the lines themselves."""

    def __init__(self, *, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr),
            disable=not is_shown,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def take(self, told: Mapping[str, Any]) -> None:
        """One line of what the adoption says."""
        step = str(told["step"])
        if step in BARS:
            self._advance(step, int(told["done"]), int(told["total"]))
        elif step == "waiting" and self._is_shown:
            self._progress.console.print(f"waiting: {told['why']}", markup=False)
        elif step == "written" and self._is_shown:
            self._progress.stop()
            tell(summary(told, width()))

    def _advance(self, step: str, done: int, total: int) -> None:
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(BARS[step], total=total)
        self._progress.update(self._tasks[step], completed=done, total=max(total, done))


def summary(told: Mapping[str, Any], columns: int) -> list[str]:
    """How many accounts stand how, and where each is named."""
    counts = {standing: int(told.get(standing, 0)) for standing in STANDINGS}
    lines = [f"{counted(sum(counts.values()), 'account')}:"]
    for standing, meaning in STANDINGS.items():
        lines += hanging(f"  {counts[standing]:>11,}  ", meaning, columns)
    return [*lines, *hanging("", f"Each by its id, with the reasons: {told['file']}", columns)]
