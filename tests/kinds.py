"""The kinds of org and account that tests go through: few, but every pair of properties meets."""

from dataclasses import dataclass

ONE_CURRENCY = "single-currency"
ONE_COMPANY = "single-subsidiary"
ONE_BOOK = "netsuite-single-currency"
AXES: dict[str, tuple[str, ...]] = {
    "salesforce": ("salesforce-v66", "salesforce-v67", "salesforce-v68"),
    "release": ("netsuite-2025.2", "netsuite-2026.1", "netsuite-2026.2"),
    "currencies": ("many-currencies", ONE_CURRENCY),
    "companies": ("one-world", ONE_COMPANY),
    "tax": ("suite-tax", "legacy-tax"),
    "dates": ("american-dates", "german-dates"),
    "slots": ("standard", "enterprise"),
}
DEFAULTS = frozenset(
    {"netsuite-2026.2", "many-currencies", "one-world", "suite-tax", "american-dates", "standard"}
)
"""What a profile is without a word about it."""


@dataclass(frozen=True)
class Kind:
    """One value of each axis."""

    values: tuple[str, ...]

    @property
    def has_one_book(self) -> bool:
        """An account with one currency in one company: a small firm's, on either side."""
        return {ONE_CURRENCY, ONE_COMPANY} <= {*self.values}

    @property
    def profile(self) -> str:
        more = [ONE_BOOK] if self.has_one_book else []
        return ",".join(value for value in (*self.values, *more) if value not in DEFAULTS)


ROWS = (
    (0, 0, 1, 0, 0, 1, 0),
    (0, 1, 0, 1, 1, 1, 0),
    (0, 2, 0, 1, 0, 0, 1),
    (1, 0, 0, 1, 0, 0, 1),
    (1, 1, 1, 0, 0, 1, 1),
    (1, 2, 1, 1, 1, 1, 0),
    (2, 0, 0, 1, 1, 0, 1),
    (2, 1, 1, 0, 1, 0, 0),
    (2, 2, 0, 0, 0, 1, 0),
)
"""Which value of each axis; the nine hold every pair of values of any two axes."""

KINDS = [
    Kind(tuple(values[at] for values, at in zip(AXES.values(), row, strict=True))) for row in ROWS
]
