"""T1.6: how right the judge is on pairs that people have labelled."""

from dataclasses import replace
from itertools import combinations

import pytest

from kernel.records import netsuite
from tests.matching.make_pairs import PAIRS, companies, text_of_pairs
from tests.matching.measuring import Judged, judged, measured, party_of, read_pairs
from transform.domain.matching.judging import judge_profiles
from transform.domain.matching.parties import Verdict
from transform.domain.matching.profiles import profile_of

PRECISION_MIN = 0.995
ESCAPE_MAX = 0.01
PAIRS_MIN = 500


@pytest.fixture(scope="module")
def results() -> list[Judged]:
    return [judged(pair) for pair in read_pairs()]


def faults(results: list[Judged]) -> list[str]:
    return [
        f"{result.verdict}: {result.pair.account.name} / {result.pair.customer.name}"
        for result in results
        if result.verdict is (Verdict.CREATE if result.pair.is_same else Verdict.LINK)
    ]


@pytest.mark.parametrize("half", ["development", "test"])
def test_t1_6_what_is_linked_is_right_and_hardly_a_duplicate_escapes(
    results: list[Judged], half: str, capsys: pytest.CaptureFixture[str]
) -> None:
    of_half = [result for result in results if result.pair.half == half]
    found = measured(of_half)
    with capsys.disabled():
        print(f"\nmatching, {half} half: {found}")
    assert found.links > 0
    assert found.precision >= PRECISION_MIN, faults(of_half)
    assert found.escape <= ESCAPE_MAX, faults(of_half)


def test_the_set_is_large_and_is_what_its_names_make(results: list[Judged]) -> None:
    assert len(results) >= PAIRS_MIN
    assert {result.pair.half for result in results} == {"development", "test"}
    assert PAIRS.read_text() == text_of_pairs(), "run python -m tests.matching.make_pairs"


def test_one_switchboard_for_all_links_no_two_companies() -> None:
    """Every name against every other, with one phone and one country for all."""
    profiles = [
        profile_of(
            replace(
                party_of({"name": company.name, "country": "US"}, is_account=False),
                ref=netsuite("customer", str(number)),
                phones=("(415) 201-3344",),
            )
        )
        for number, (company, _) in enumerate(companies())
    ]
    linked = [
        (one.party.name, other.party.name)
        for one, other in combinations(profiles, 2)
        if judge_profiles(one, [other]).verdict is Verdict.LINK
    ]
    assert linked == []
