"""The decision about a party that has no counterpart yet: link, ask a person, or create."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kernel.records import RecordRef
from transform.domain.matching.comparing import OF_ONE, STRONG, SUPPORTING, compared, evidence
from transform.domain.matching.names import Likeness, likeness
from transform.domain.matching.parties import (
    Evidence,
    Finding,
    Judgement,
    Lesson,
    Match,
    Party,
    Verdict,
)
from transform.domain.matching.profiles import Profile, profile_of

LINK_FROM = 0.95
"""Of the names, and one more field must agree."""
REVIEW_FROM = 0.75
NAME_HELPED_FROM = 0.5
"""From here one agreeing field makes a pair worth a person's look, where none differs."""
OTHERS_MAX = 9
BEST_LAST = {Verdict.CREATE: 0, Verdict.REVIEW: 1, Verdict.LINK: 2}


def judge(party: Party, candidates: Sequence[Party], lessons: Collection[Lesson] = ()) -> Judgement:
    """`lessons` may be about any pair."""
    return judge_profiles(profile_of(party), map(profile_of, candidates), lessons)


def judge_profiles(
    party: Profile, candidates: Iterable[Profile], lessons: Collection[Lesson] = ()
) -> Judgement:
    taught = {
        lesson.candidate: lesson.are_same for lesson in lessons if lesson.party == party.party.ref
    }
    compared_ones = (
        match_of(party, candidate, taught)
        for candidate in candidates
        if taught.get(candidate.party.ref) is not False
    )
    return concluded(sorted(compared_ones, key=_rank, reverse=True))


def concluded(matches: Sequence[Match]) -> Judgement:
    """`matches` best first: one that would link is linked, two are a question."""
    if not matches:
        return Judgement(verdict=Verdict.CREATE)
    best, *rest = matches
    others = tuple(match for match in rest if match.verdict is not Verdict.CREATE)
    both_would = best.verdict is Verdict.LINK and any(m.verdict is Verdict.LINK for m in others)
    verdict = Verdict.REVIEW if both_would else best.verdict
    return Judgement(
        verdict=verdict,
        candidate=None if verdict is Verdict.CREATE else best.candidate,
        score=best.score,
        evidence=best.evidence,
        others=others[:OTHERS_MAX],
    )


def match_of(party: Profile, candidate: Profile, taught: Mapping[RecordRef, bool]) -> Match:
    """One candidate by itself."""
    name = likeness(party.names, candidate.names)
    found = compared(party, candidate)
    weighed = _weigh(name, found)
    said = (_of_name(name, weighed), *found)
    if taught.get(candidate.party.ref):
        active = not candidate.party.is_inactive
        verdict = Verdict.LINK if active else Verdict.REVIEW
        return _match(candidate, verdict, 1.0, (evidence("lesson", Finding.AGREES), *said))
    return _match(candidate, _verdict(name, weighed), weighed.score, said)


@dataclass(frozen=True, slots=True)
class _Weighed:
    score: float
    is_strong: bool
    names_one: bool
    """A strong field agrees that no group of companies shares."""
    supports: int
    is_contradicted: bool


def _weigh(name: Likeness, found: Sequence[Evidence]) -> _Weighed:
    agreeing = {item.field for item in found if item.finding is Finding.AGREES}
    strong = not agreeing.isdisjoint(STRONG)
    supports = len(agreeing.intersection(SUPPORTING))
    contradicted = any(item.finding is Finding.CONTRADICTS for item in found)
    return _Weighed(
        score=_lifted(name.score, strong, supports, found),
        is_strong=strong,
        names_one=not agreeing.isdisjoint(OF_ONE),
        supports=supports,
        is_contradicted=contradicted,
    )


def _lifted(name: float, strong: bool, supports: int, found: Sequence[Evidence]) -> float:
    """The names' score, raised by what agrees beside them: companies change their names and
    trade under others."""
    if strong:
        return max(name, LINK_FROM)
    beside = {item.field: item.finding for item in found if item.field in SUPPORTING}
    differing = sum(finding is Finding.DIFFERS for finding in beside.values())
    helped = supports > 1 or (name >= NAME_HELPED_FROM and supports > differing)
    helped = helped or beside.get("web domain") is Finding.AGREES
    return max(name, REVIEW_FROM) if helped else name


def _verdict(name: Likeness, weighed: _Weighed) -> Verdict:
    by_number = weighed.is_strong and not name.is_torn
    by_number = by_number and (weighed.names_one or not name.has_extra)
    by_name = name.score >= LINK_FROM and weighed.supports > 0
    if (by_number or by_name) and not weighed.is_contradicted:
        return Verdict.LINK
    return Verdict.REVIEW if weighed.score >= REVIEW_FROM else Verdict.CREATE


def _of_name(name: Likeness, weighed: _Weighed) -> Evidence:
    if name.score >= LINK_FROM:
        return evidence("name", Finding.AGREES)
    if name.is_torn and weighed.is_strong:
        return evidence("name", Finding.CONTRADICTS)
    similar = name.score >= REVIEW_FROM
    return evidence("name", Finding.SIMILAR if similar else Finding.DIFFERS)


def _match(candidate: Profile, verdict: Verdict, score: float, said: tuple[Evidence, ...]) -> Match:
    hundredths = min(100, int(score * 100 + 1e-9))
    return Match(
        candidate=candidate.party.ref,
        verdict=verdict,
        score=Decimal(hundredths).scaleb(-2),
        evidence=said,
    )


def _rank(match: Match) -> tuple[int, Decimal, str]:
    return (BEST_LAST[match.verdict], match.score, str(match.candidate))
