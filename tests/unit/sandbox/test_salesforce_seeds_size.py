"""The generator of big orgs: sizes, ids, and the same records for the same seed number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.seeds_size import Size, SizeError, ids, parse_size


def test_a_size_is_read_from_its_name() -> None:
    assert parse_size("size:accounts=5,opportunities=2,seed=9") == Size(
        accounts=5, opportunities=2, seed=9
    )
    assert parse_size("size:") == Size()


@pytest.mark.parametrize(
    "name",
    ["size:deals=1", "size:accounts=-1", "size:accounts=99999999999", "size:lines=0"],
)
def test_a_size_that_cannot_be_is_refused(name: str) -> None:
    with pytest.raises(SizeError):
        parse_size(name)


@given(first=st.integers(0, 62**5), count=st.integers(0, 200))
def test_quick_ids_are_the_ids_of_their_serials(first: int, count: int) -> None:
    assert list(ids("006", first, count)) == [make_id("006", first + at) for at in range(count)]
