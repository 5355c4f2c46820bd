"""Values as the bytes that are sealed: types survive, equal values are equal bytes."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.errors import PermanentError
from kernel.money import Money
from kernel.values import Sealed, Value
from runtime.sealed_values import from_bytes, to_bytes

numbers = some.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30
)
values = some.one_of(
    some.booleans(),
    some.integers(),
    some.text(some.characters(exclude_categories=["Cs"])),
    numbers,
    some.dates(),
    some.datetimes(timezones=some.just(UTC)),
    some.builds(Money, numbers, some.sampled_from(["EUR", "JPY", "KWD"])),
)


@given(values)
def test_a_value_comes_back_with_its_type(value: Value) -> None:
    back = from_bytes(to_bytes(value))
    assert back == value
    assert type(back) is type(value)


def test_numbers_and_moments_that_are_equal_are_equal_bytes() -> None:
    assert to_bytes(Decimal("1.50")) == to_bytes(Decimal("1.5"))
    assert to_bytes(Decimal("1E+3")) == to_bytes(Decimal(1000))
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert to_bytes(noon) == to_bytes(noon.astimezone(timezone(timedelta(hours=2))))


def test_values_of_different_types_are_different_bytes() -> None:
    alike: list[Value] = [1, True, "1", Decimal(1), date(1, 1, 1), Money(Decimal(1), "EUR")]
    assert len({to_bytes(value) for value in alike}) == len(alike)


@pytest.mark.parametrize("value", [None, Sealed("a", "b", 1, b"c")])
def test_nothing_and_what_is_sealed_already_are_refused(value: Value) -> None:
    with pytest.raises(ValueError, match="cannot be sealed"):
        to_bytes(value)


def test_a_type_of_a_later_version_is_permanent() -> None:
    with pytest.raises(PermanentError, match="unknown type 'z'"):
        from_bytes(b'["z", 1]')
