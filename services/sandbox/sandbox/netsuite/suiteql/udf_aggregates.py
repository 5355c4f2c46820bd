"""Aggregates that SQLite lacks: exact sums and averages, and ordered lists."""

from decimal import Decimal
from statistics import median
from typing import TypeVar

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql.formats import FormatError
from sandbox.netsuite.suiteql.udf import exact, plain

LIST_BYTES_MAX = 4000
Value = TypeVar("Value")


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


class Spread:
    """What needs all numbers at hand: the middle one, and how far they lie apart."""

    def __init__(self) -> None:
        self.numbers: list[Decimal] = []

    def step(self, value: Cell) -> None:
        if value is not None:
            self.numbers.append(exact(value))

    def inverse(self, value: Cell) -> None:
        if value is not None:
            self.numbers.remove(exact(value))

    def finalize(self) -> Cell:
        return self.value()

    def value(self) -> Cell:
        return None

    def variance(self, least: int) -> Decimal | None:
        """`least` is 2 for a sample and 1 for all there are."""
        count = len(self.numbers)
        if count < least:
            return None
        mean = sum(self.numbers, Decimal(0)) / count
        squares = sum(((one - mean) ** 2 for one in self.numbers), Decimal(0))
        return squares / (count - least + 1)


class Median(Spread):
    def value(self) -> Cell:
        return plain(Decimal(median(self.numbers))) if self.numbers else None


class SampleVariance(Spread):
    def value(self) -> Cell:
        return _plain(self.variance(2))


class Variance(Spread):
    """Of one number it is 0, other than that of a sample."""

    def value(self) -> Cell:
        return 0 if len(self.numbers) == 1 else _plain(self.variance(2))


class PopulationVariance(Spread):
    def value(self) -> Cell:
        return _plain(self.variance(1))


class SampleDeviation(Spread):
    def value(self) -> Cell:
        return _root(self.variance(2))


class Deviation(Spread):
    def value(self) -> Cell:
        return 0 if len(self.numbers) == 1 else _root(self.variance(2))


class PopulationDeviation(Spread):
    def value(self) -> Cell:
        return _root(self.variance(1))


def _plain(value: Decimal | None) -> Cell:
    return None if value is None else plain(value)


def _root(value: Decimal | None) -> Cell:
    return None if value is None else plain(value.sqrt())


class Joined:
    """LISTAGG … WITHIN GROUP: value, separator, `u` or nothing, directions (a or d each), keys."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, tuple[Cell, ...]]] = []
        self.separator = ""
        self.unique = False
        self.directions = ""

    def step(
        self, value: Cell, separator: Cell, unique: Cell, directions: Cell, *keys: Cell
    ) -> None:
        self.separator = "" if separator is None else str(separator)
        self.unique = unique == "u"
        self.directions = str(directions)
        if value is not None:
            self.rows.append((str(value), keys))

    def inverse(
        self, value: Cell, separator: Cell, unique: Cell, directions: Cell, *keys: Cell
    ) -> None:
        if value is not None:
            self.rows.remove((str(value), keys))

    def value(self) -> Cell:
        values = [value for value, _ in _in_order(self.rows, self.directions)]
        joined = self.separator.join(dict.fromkeys(values) if self.unique else values)
        if len(joined.encode()) > LIST_BYTES_MAX:
            raise FormatError("result of string concatenation is too long")
        return joined or None

    def finalize(self) -> Cell:
        return self.value()


class Kept:
    """KEEP: value, function, `first` or `last`, directions, keys."""

    def __init__(self) -> None:
        self.rows: list[tuple[Cell, tuple[Cell, ...]]] = []
        self.function, self.end, self.directions = "", "", ""

    def step(self, value: Cell, function: Cell, end: Cell, directions: Cell, *keys: Cell) -> None:
        self.function, self.end, self.directions = str(function), str(end), str(directions)
        self.rows.append((value, keys))

    def finalize(self) -> Cell:
        if not self.rows:
            return None
        ranked = _in_order(self.rows, self.directions)
        keys = ranked[0 if self.end == "first" else -1][1]
        values = [value for value, held in ranked if held == keys and value is not None]
        return _reduced(self.function, values)


def _reduced(function: str, values: list[int | float | str]) -> Cell:
    if function == "COUNT":
        return len(values)
    if not values:
        return None
    if function in ("MIN", "MAX"):
        ranked = sorted(values, key=_sortable)
        return ranked[0 if function == "MIN" else -1]
    total = sum((exact(value) for value in values), Decimal(0))
    return plain(total if function == "SUM" else total / len(values))


def _in_order(
    rows: list[tuple[Value, tuple[Cell, ...]]], directions: str
) -> list[tuple[Value, tuple[Cell, ...]]]:
    ranked = list(rows)
    for at in reversed(range(len(directions))):
        ranked.sort(key=lambda row: _sortable(row[1][at]), reverse=directions[at] == "d")
    return ranked


def _sortable(value: Cell) -> tuple[bool, float, str]:
    """Nulls are largest."""
    if isinstance(value, int | float):
        return (False, float(value), "")
    return (value is None, 0.0, "" if value is None else value)
