"""Aggregates that SQLite lacks: exact sums and averages, and ordered lists."""

from decimal import Decimal

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql.udf import exact, plain


class Total:
    """SUM, exactly; also as a window function."""

    def __init__(self) -> None:
        self.sum = Decimal(0)
        self.count = 0

    def step(self, value: Cell) -> None:
        if value is not None:
            self.sum += exact(value)
            self.count += 1

    def inverse(self, value: Cell) -> None:
        if value is not None:
            self.sum -= exact(value)
            self.count -= 1

    def value(self) -> Cell:
        return plain(self.sum) if self.count else None

    def finalize(self) -> Cell:
        return self.value()


class Mean(Total):
    def value(self) -> Cell:
        return plain(self.sum / self.count) if self.count else None


class Joined:
    """LISTAGG … WITHIN GROUP: value, separator, directions (a or d each), keys."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, tuple[Cell, ...]]] = []
        self.separator = ""
        self.directions = ""

    def step(self, value: Cell, separator: Cell, directions: Cell, *keys: Cell) -> None:
        self.separator = "" if separator is None else str(separator)
        self.directions = str(directions)
        if value is not None:
            self.rows.append((str(value), keys))

    def finalize(self) -> Cell:
        for at in reversed(range(len(self.directions))):
            descending = self.directions[at] == "d"
            self.rows.sort(key=lambda row: _sortable(row[1][at]), reverse=descending)
        return self.separator.join(value for value, _ in self.rows) or None


def _sortable(value: Cell) -> tuple[bool, float, str]:
    """Nulls are largest."""
    if isinstance(value, int | float):
        return (False, float(value), "")
    return (value is None, 0.0, "" if value is None else value)
