import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import Money
from kernel.values import Sealed, Value
from ops.render.values import fields_of, sealed_in, short, short_ref, text_of, value_of
from runtime.plain_json import fields_to_json, value_to_json

DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, places=4)
VALUES: st.SearchStrategy[Value] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.text(),
    DECIMALS,
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.builds(Money, DECIMALS, st.sampled_from(["EUR", "JPY"])),
    st.builds(Sealed, st.text(), st.text(), st.integers(0, 9), st.binary()),
)
SECRET = Sealed("salesforce:Account:001", "Account.Name", 1, b"\0\xff")


@given(VALUES)
def test_a_value_comes_through_json_with_its_type(value: Value) -> None:
    found = value_of(json.loads(json.dumps(value_to_json(value))))
    assert (found, type(found)) == (value, type(value))


def test_a_type_that_we_do_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="'colour' is not a type"):
        value_of({"colour": "red"})
    with pytest.raises(ValueError, match="not a value"):
        value_of(1.5)


def test_sealed_values_are_found_wherever_they_are() -> None:
    answer = {"steps": [{"document": {"fields": fields_to_json({"Name": SECRET, "Amount": 1})}}]}
    assert list(sealed_in(answer)) == [SECRET]  # type: ignore[arg-type]  # a list of JSON


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "empty"),
        ("", "empty"),
        (True, "yes"),
        (Decimal("10000.00"), "10000"),
        (Money(Decimal(8272), "JPY"), "8,272 JPY"),
        (date(2026, 11, 20), "2026-11-20"),
        ("two\nlines\t here", "two lines here"),
        ("x" * 300, "x" * 59 + "…"),
    ],
)
def test_a_value_reads_as_one_line(value: Value, text: str) -> None:
    assert text_of(value, {}) == text


def test_a_sealed_value_shows_only_to_those_who_may_see_it() -> None:
    assert text_of(SECRET, {}) == "[sealed]"
    assert text_of(SECRET, {SECRET: "Acme GmbH"}) == "Acme GmbH"


def test_an_instant_carries_its_offset() -> None:
    assert "+" in text_of(datetime(2026, 11, 20, tzinfo=UTC), {}) or "-" in text_of(
        datetime(2026, 11, 20, tzinfo=UTC), {}
    )


def test_ids_are_short_where_they_are_long() -> None:
    assert short("006xx000001Sv7tAAC") == "006…AAC"
    assert short("812") == "812"
    assert short_ref("salesforce:Opportunity:006xx000001Sv7tAAC") == "Opportunity 006…AAC"
    assert short_ref("netsuite:salesOrder:eid:sf-1") == "salesOrder by external id"
    assert short_ref(None) == "a record without a name"
    assert short_ref("nonsense") == "nonsense"
    assert fields_of({}) == {}
