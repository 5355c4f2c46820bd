"""The digits that NetSuite keeps of each currency, against those that ISO 4217 gives it."""

from collections.abc import Iterator, Mapping

from kernel.money import minor_units
from ops.checks.finding import Area, Finding

DIGITS_MAX = 2
"""NetSuite keeps none or two."""


def currency_findings(area: Area, kept: Mapping[str, str]) -> Iterator[Finding]:
    """`kept`: digits by ISO code, as NetSuite says them; empty where it does not."""
    for currency, digits in sorted(kept.items()):
        own = minor_units(currency)
        if own > DIGITS_MAX:
            yield area.wrong(
                f"{currency} has {own} digits behind the point, NetSuite keeps {digits or 'fewer'}:"
                " its orders are held",
                f"Finance: sell in another currency, or make {currency} inactive in NetSuite.",
            )
        elif digits.isdigit() and int(digits) != own:
            yield area.well(
                f"{currency} is kept with {digits} digits, ISO 4217 says {own}: NetSuite's count"
                " is used"
            )
