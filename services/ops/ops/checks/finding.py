"""One line of the doctor's report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`remedy` says who does what; it is empty where all is well."""

    area: str
    is_well: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """Makes the findings of one part of the installation."""

    name: str

    def well(self, detail: str) -> Finding:
        return Finding(area=self.name, is_well=True, detail=detail)

    def wrong(self, detail: str, remedy: str) -> Finding:
        return Finding(area=self.name, is_well=False, detail=detail, remedy=remedy)


class StopLookingError(Exception):
    """Nothing more of this part can be asked; its finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.detail)
        self.finding = finding


def looked_at(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings up to the one after which nothing more can be asked."""
    try:
        yield from look()
    except StopLookingError as stop:
        yield stop.finding
