"""JSON as the vendor's Java writes it."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.json_text import dump, java_double


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ("0", "0.0"),
        ("23", "23.0"),
        ("10000.00", "10000.0"),
        ("0.10", "0.1"),
        ("9999999.99", "9999999.99"),
        ("10000000", "1.0E7"),
        ("99213206", "9.9213206E7"),
        ("-0.00123", "-0.00123"),
        ("0.000123", "1.23E-4"),
    ],
)
def test_a_double_has_a_point_or_an_exponent(number: str, text: str) -> None:
    assert java_double(Decimal(number)) == text


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15
    )
)
def test_a_double_is_read_back_as_the_same_number(number: Decimal) -> None:
    assert Decimal(java_double(number)) == number


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_both_forms_are_json(value: object, pretty: bool) -> None:
    assert json.loads(dump(value, pretty=pretty)) == value


def test_the_pretty_form_is_the_one_of_recorded_answers() -> None:
    value = {"totalSize": 1, "records": [{"Id": "x", "Kids": []}], "empty": {}}
    assert dump(value, pretty=True) == (
        '{\n  "totalSize" : 1,\n  "records" : [ {\n    "Id" : "x",\n    "Kids" : [ ]\n  } ],\n'
        '  "empty" : { }\n}'
    )
