"""What `verify` and `summary` found."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.domain.completeness import Completeness
from auditor.domain.conservation import Conservation, Group
from auditor.domain.waiting import WaitingGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    completeness: Completeness
    conservation: Conservation
    is_guarded: bool
    took_s: float

    @property
    def holds(self) -> bool:
        return self.completeness.is_whole and self.conservation.holds and self.is_guarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How all changes stand, and what holds up those that wait."""

    groups: Sequence[Group]
    waiting: Sequence[WaitingGroup]
