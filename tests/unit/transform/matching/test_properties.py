"""What must hold of matching for any text that a person can type."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.records import netsuite
from tests.unit.transform.matching.parties import ACCOUNT
from transform.domain.matching.blocking import blocking_keys
from transform.domain.matching.judging import judge
from transform.domain.matching.names import likeness, names_of
from transform.domain.matching.normalise import folded, words_of
from transform.domain.matching.parties import Finding, Party, Verdict

texts = st.text(max_size=60)
words = st.lists(
    st.sampled_from("acme müller and & of the ltd gmbh co kg north 7 ibm y e sa de cv ооо".split()),
    max_size=6,
).map(" ".join)
names = st.one_of(texts, words)
few = st.lists(texts, max_size=3).map(tuple)
parties = st.builds(
    Party,
    ref=st.just(ACCOUNT),
    name=names,
    is_person=st.booleans(),
    websites=few,
    emails=few,
    phones=few,
    tax_ids=few,
    registration_ids=few,
    duns=texts,
    customer_number=texts,
    country=st.one_of(texts, st.sampled_from(["US", "DE", "CH", "NO", "GB", "IN", "KR", "AU"])),
    postcode=texts,
    city=texts,
    street=texts,
    is_inactive=st.booleans(),
)
UNSYMMETRIC = {"status", "lesson"}


@settings(max_examples=200, deadline=None)
@given(names)
def test_folding_twice_is_folding_once(text: str) -> None:
    once = folded(text)
    assert folded(once) == once


@settings(max_examples=200, deadline=None)
@given(names)
def test_reading_the_words_of_words_changes_nothing(text: str) -> None:
    once = words_of(text)
    again = words_of(" ".join(once))
    assert again == once


@settings(max_examples=200, deadline=None)
@given(names, names)
def test_likeness_does_not_depend_on_the_order(a: str, b: str) -> None:
    one, other = likeness(names_of(a), names_of(b)), likeness(names_of(b), names_of(a))
    assert abs(one.score - other.score) < 1e-9
    assert one.is_torn == other.is_torn
    assert 0 <= one.score <= 1


@settings(max_examples=200, deadline=None)
@given(names)
def test_a_name_is_like_itself(text: str) -> None:
    found = names_of(text)
    assert not found or likeness(found, found).score == 1


@settings(max_examples=100, deadline=None)
@given(parties, parties)
def test_any_two_parties_are_judged_alike_both_ways(a: Party, b: Party) -> None:
    a, b = replace(a, is_inactive=False), replace(b, is_inactive=False)
    there = judge(a, [replace(b, ref=netsuite("customer", "1"))])
    back = judge(b, [replace(a, ref=netsuite("customer", "1"))])
    assert (there.verdict, there.score) == (back.verdict, back.score)
    assert {(e.field, e.finding) for e in there.evidence if e.field not in UNSYMMETRIC} == {
        (e.field, e.finding) for e in back.evidence if e.field not in UNSYMMETRIC
    }


@settings(max_examples=100, deadline=None)
@given(parties, parties)
def test_nothing_is_linked_that_contradicts_or_does_not_meet_under_a_key(
    a: Party, b: Party
) -> None:
    found = judge(a, [replace(b, ref=netsuite("customer", "1"))])
    if found.verdict is Verdict.LINK:
        assert Finding.CONTRADICTS not in {evidence.finding for evidence in found.evidence}
        assert blocking_keys(a) & blocking_keys(b)


@settings(max_examples=100, deadline=None)
@given(parties)
def test_a_party_and_its_twin_meet_under_all_their_keys_and_are_never_created_twice(
    party: Party,
) -> None:
    twin = replace(party, ref=netsuite("customer", "1"))
    assert blocking_keys(twin) == blocking_keys(party)
    if names_of(party.name):
        assert judge(party, [twin]).verdict is not Verdict.CREATE
