"""How right the judge is on labelled pairs: what it links, what it asks, what escapes it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kernel.records import netsuite, salesforce
from tests.matching.make_pairs import PAIRS
from transform.domain.matching.blocking import keys_of
from transform.domain.matching.judging import judge_profiles
from transform.domain.matching.parties import Party, Verdict
from transform.domain.matching.profiles import profile_of

ACCOUNT, CUSTOMER = salesforce("Account", "001"), netsuite("customer", "1")


@dataclass(frozen=True, slots=True)
class Pair:
    is_same: bool
    half: str
    about: str
    account: Party
    customer: Party


@dataclass(frozen=True, slots=True)
class Judged:
    pair: Pair
    verdict: Verdict
    """CREATE also where no blocking key brings the two together."""


@dataclass(frozen=True, slots=True)
class Measures:
    pairs: int
    links: int
    wrong_links: int
    same: int
    escaped: int
    asked: int

    @property
    def precision(self) -> float:
        """Of the pairs that are linked by themselves, those that are one."""
        return 1 - self.wrong_links / self.links

    @property
    def escape(self) -> float:
        """Of the pairs that are one, those that would become a duplicate."""
        return self.escaped / self.same

    def __str__(self) -> str:
        return (
            f"{self.pairs} pairs: {self.links} linked, {self.wrong_links} of them wrongly"
            f" (precision {self.precision:.2%}); of {self.same} that are one {self.escaped} would"
            f" be created again (escape {self.escape:.2%}); {self.asked} go to a person"
        )


def read_pairs() -> Iterator[Pair]:
    for line in PAIRS.read_text().splitlines():
        pair = json.loads(line)
        yield Pair(
            pair["same"],
            pair["half"],
            pair["about"],
            party_of(pair["a"], is_account=True),
            party_of(pair["b"], is_account=False),
        )


def party_of(side: Mapping[str, Any], *, is_account: bool) -> Party:
    def texts(name: str) -> tuple[str, ...]:
        return (side[name],) if side.get(name) else ()

    return Party(
        ref=ACCOUNT if is_account else CUSTOMER,
        name=side["name"],
        country=side.get("country", ""),
        city=side.get("city", ""),
        postcode=side.get("postcode", ""),
        street=side.get("street", ""),
        websites=texts("website"),
        emails=texts("email"),
        phones=texts("phone"),
        tax_ids=texts("tax"),
    )


def judged(pair: Pair) -> Judged:
    account, customer = profile_of(pair.account), profile_of(pair.customer)
    if not keys_of(account) & keys_of(customer):
        return Judged(pair, Verdict.CREATE)
    return Judged(pair, judge_profiles(account, [customer]).verdict)


def measured(results: Sequence[Judged]) -> Measures:
    links = [r for r in results if r.verdict is Verdict.LINK]
    same = [r for r in results if r.pair.is_same]
    return Measures(
        pairs=len(results),
        links=len(links),
        wrong_links=sum(not r.pair.is_same for r in links),
        same=len(same),
        escaped=sum(r.verdict is Verdict.CREATE for r in same),
        asked=sum(r.verdict is Verdict.REVIEW for r in results),
    )
