"""Record ids and their checksum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.ids import DIGITS, base62, is_id, make_id, normal, to_18


@pytest.mark.parametrize("recorded", ["00Dxx0000001gPLEAY", "005xx000001SwiUAAS"])
def test_the_checksum_of_recorded_ids_is_found(recorded: str) -> None:
    assert to_18(recorded[:15]) == recorded
    assert is_id(recorded)
    assert is_id(recorded[:15])


@given(st.text(alphabet=DIGITS, min_size=15, max_size=15))
def test_the_18_characters_restore_the_case_of_the_15(short: str) -> None:
    full = to_18(short)
    assert normal(full.lower()) == normal(full.upper()) == full


@pytest.mark.parametrize("text", ["", "x", "006dx000000!001", "00Dxx0000001gPLEAZ", "é" * 15])
def test_other_texts_are_no_ids(text: str) -> None:
    assert not is_id(text)


def test_later_ids_sort_behind_earlier_ones() -> None:
    serials = [1, 9, 10, 35, 36, 61, 62, 3844, 10**6]
    ids = [make_id("001", serial) for serial in serials]
    assert ids == sorted(ids)
    assert base62(62**3) == "1000"
