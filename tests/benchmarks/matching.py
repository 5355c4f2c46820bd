"""How many candidates one core reads and judges in a second, beside bare string distances.

`python -m tests.benchmarks.matching` prints it."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.process import extract

from kernel.records import netsuite, salesforce
from tests.benchmarks.results import Result, median, table
from tests.matching.make_pairs import companies
from transform.domain.matching.judging import judge, judge_profiles
from transform.domain.matching.parties import Party
from transform.domain.matching.profiles import profile_of

CANDIDATES = 2_000
ROUNDS = 3
TARGET_PER_S = 5_000
PLACES = "North South East West Harbour Valley Old New Upper Lower Grand Little".split()


def matching() -> list[Result]:
    candidates = _candidates()
    account = replace(candidates[0], ref=salesforce("Account", "001000000000001AAA"))
    whole, judging, bare = [], [], []
    account_profile, profiles = profile_of(account), [profile_of(c) for c in candidates]
    for _ in range(ROUNDS):  # interleaved, so that a busy moment meets all three
        whole.append(_per_s(lambda: judge(account, candidates)))
        judging.append(_per_s(lambda: judge_profiles(account_profile, profiles)))
        bare.append(_per_s(lambda: _distances(candidates)))
    return [
        _result("read and judged", whole, bare),
        _result("judged, read before", judging, bare),
    ]


def _candidates() -> list[Party]:
    """Full records with phone, domain, address and tax number; every name is different."""
    dice = random.Random(7)
    seeds = [company for company, _ in companies()]
    found = []
    for number in range(CANDIDATES):
        company = dice.choice(seeds)
        name = f"{dice.choice(PLACES)} {company.name}"
        found.append(
            Party(
                ref=netsuite("customer", str(number)),
                name=name,
                country=company.country,
                websites=(f"https://www.{company.domain}",),
                phones=(f"{dice.randrange(10**9, 10**10)}",),
                tax_ids=(company.tax(number),) if number % 3 == 0 else (),
                postcode=company.postcode,
                city=company.city,
                street=company.street,
            )
        )
    return found


def _distances(candidates: Sequence[Party]) -> None:
    """What no matching in Python can beat: one distance a candidate, in C, on texts as they are."""
    names = [candidate.name for candidate in candidates]
    extract(names[0], names, scorer=JaroWinkler.similarity, limit=None)


def _per_s(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return CANDIDATES / (time.process_time() - begun)


def _result(what: str, taken: Sequence[float], bare: Sequence[float]) -> Result:
    return Result(
        name=f"matching: candidates {what}, on one core",
        measured=f"{median(taken):,.0f}/s (min {min(taken):,.0f}, {ROUNDS} rounds of {CANDIDATES})",
        target=f">= {TARGET_PER_S:,}/s",
        compared=f"rapidfuzz's extract over the same names: {median(bare):,.0f}/s",
        ratio=f"{median(taken) / median(bare):.4f} x",
    )


if __name__ == "__main__":
    print("\n".join(table(matching())))
