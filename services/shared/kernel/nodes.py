"""A tree of plain data that remembers the line each piece stood on, for faults people can find."""

from dataclasses import dataclass

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Node:
    """One scalar, list or mapping of a data file. `line` counts from 1."""

    file: str
    line: int
    value: Scalar | list["Node"] | dict[str, "Node"]

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}"
