"""What stands sealed in the workbook comes back as it was, and nothing but texts can come back."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import FatalError
from kernel.records import netsuite, salesforce
from transform.adapters.adopting.profile_json import packed, unpacked
from transform.adapters.adopting.secrecy import Secrecy
from transform.domain.matching.parties import Party
from transform.domain.matching.profiles import profile_of

TEXTS = st.text(max_size=30)
MANY = st.lists(TEXTS, max_size=3).map(tuple)
PARTIES = st.builds(
    Party,
    ref=st.sampled_from([netsuite("customer", "7"), salesforce("Account", "001")]),
    name=TEXTS,
    is_person=st.booleans(),
    websites=MANY,
    emails=MANY,
    phones=MANY,
    tax_ids=st.sampled_from([(), ("DE136695976",), ("FR40303265045", "ATU12345678")]),
    registration_ids=MANY,
    duns=TEXTS,
    customer_number=TEXTS,
    country=st.sampled_from(["", "DE", "France", "US"]),
    postcode=TEXTS,
    city=TEXTS,
    street=TEXTS,
    parent=st.sampled_from([None, netsuite("customer", "8")]),
    is_inactive=st.booleans(),
)


@given(PARTIES)
def test_whatever_a_party_holds_comes_back_as_it_was(party: Party) -> None:
    profile = profile_of(party)
    assert unpacked(packed(profile)) == profile


def test_it_is_sealed_and_opened_under_the_same_key_alone() -> None:
    profile = profile_of(Party(ref=netsuite("customer", "7"), name="Acme Foods GmbH"))
    sealed = Secrecy(b"k" * 32).sealed(profile)
    assert b"Foods" not in sealed
    assert Secrecy(b"k" * 32).opened(sealed) == profile
    with pytest.raises(FatalError, match="another key-encryption key"):
        Secrecy(b"x" * 32).opened(sealed)


@pytest.mark.parametrize(
    "content", [pickle.dumps({"a": 1}), b"[]", b"{}", b"[[],[],1,[],[],[],[],1,1,[1,1,1,[],1]]"]
)
def test_what_is_no_profile_is_refused_and_nothing_is_run(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpacked(content)
