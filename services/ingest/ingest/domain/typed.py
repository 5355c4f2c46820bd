"""Texts and numbers of a vendor's answer as values the log can hold."""

from datetime import UTC, date, datetime
from decimal import Decimal, localcontext

from kernel.exact_json import Json
from kernel.values import Value

DIGITS_MAX, SCALE_MAX, LONG_MAX = 38, 10, 2**63 - 1
"""What the log's numbers hold."""


def instant(value: Json) -> datetime | None:
    """A moment with its offset, in UTC; None for anything else."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment and moment.tzinfo else None


def iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def exact(number: int | Decimal) -> Value:
    """The number as the log can hold it: ten digits behind the point, text where it is too long."""
    if isinstance(number, int) and -LONG_MAX <= number <= LONG_MAX:
        return number
    with localcontext(prec=2 * DIGITS_MAX):
        decimal = Decimal(number)
        if not decimal.is_finite() or decimal.adjusted() >= DIGITS_MAX - SCALE_MAX:
            return str(number)
        return decimal if -_exponent(decimal) <= SCALE_MAX else round(decimal, SCALE_MAX)


def _exponent(decimal: Decimal) -> int:
    exponent = decimal.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
