"""How alike two names are, and which of their words tell them apart."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA, JaroWinkler, Levenshtein

from transform.domain.matching.legal_forms import stripped
from transform.domain.matching.normalise import AND, folded, skeleton, words_of

ALMOST = 0.94
"""At most this, where a word of one name has no counterpart in the other."""
ACRONYM = 0.85
ACRONYM_LENGTHS = range(3, 7)
PLURAL_MIN = 5
WORDS_MAX = 24
ALSO_KNOWN_AS = re.compile(
    r"\b(?:d\s?[./]?\s?b\s?[./]?\s?a\b\.?|doing business as|trading as|t/a|a/?k/?a\b|also known as"
    r"|f/?k/?a\b|formerly known as|formerly)\s*:?",
    re.I,
)
IN_BRACKETS = re.compile(r"\(([^()]*)\)")
ABBREVIATIONS = {
    word: meant
    for meant, words in {
        "international": "intl int internat internatl",
        "manufacturing": "mfg manuf manufg",
        "manufacturer": "mfr mfrs",
        "service": "svc svcs svce srvc srvcs serv servs",
        "brother": "bros bro",
        "associate": "assoc assocs assoces",
        "association": "assn",
        "university": "univ uni",
        "national": "natl nat",
        "hospital": "hosp",
        "center": "ctr cntr centre centres",
        "industry": "ind inds indus industries industrie",
        "engineering": "eng engg engrg engr",
        "distribution": "dist distr distrib",
        "distributor": "distrs",
        "management": "mgmt mgt mngmt",
        "system": "sys syst systs",
        "solution": "soln solns sol sols",
        "group": "grp gp gruppe groupe gruppo grupo grupp",
        "holding": "hldg hldgs holdg",
        "laboratory": "lab labs laboratories",
        "pharmaceutical": "pharm pharma pharmaceuticals",
        "construction": "constr const",
        "electric": "elec elect",
        "electronic": "electr",
        "equipment": "equip eqpt",
        "financial": "fin finl",
        "insurance": "ins insur",
        "institute": "inst",
        "department": "dept",
        "government": "govt gov",
        "technology": "tech technologies techs technol",
        "communication": "comm comms communications",
        "telecommunication": "telecom telecoms telecommunications",
        "development": "dev devel devt",
        "enterprise": "ent entpr enterprises",
        "property": "prop props properties",
        "company": "companies",
        "logistic": "logis",
        "transport": "transp trans transportation",
        "product": "prod prods",
        "production": "prodn prodns",
        "partner": "ptnr ptnrs",
        "chemical": "chem",
        "mount": "mt",
        "saint": "st sankt",
        "american": "amer",
        "united states": "usa us",
        "kingdom": "kdm",
        "north": "nth",
        "south": "sth",
        "brothers": "gebr gebruder gebroeders",
    }.items()
    for word in words.split()
}
GENERIC = frozenset(
    """
    service solution system technology consulting consultant group holding international global
    worldwide partner industry enterprise trading product management development construction
    engineering manufacturing distribution distributor logistic transport company agency
    network media digital software capital investment venture property financial insurance
    bank center institute association foundation university hospital clinic hotel restaurant
    store shop market food energy power oil gas water chemical pharmaceutical laboratory health
    medical care design studio marketing electric electronic communication telecommunication
    security data cloud web online interactive united national american european europe america
    africa asia pacific nordic north south east west central deutschland germany france uk italia
    italy espana spain nederland netherland belgium suisse schweiz switzerland austria osterreich
    canada mexico brasil brazil australia japan china india singapore polska poland sverige
    sweden norge danmark suomi ireland emea apac dach latam benelux usa of de la le les das der
    die del di da do el los las van von
    """.split()
)
"""Words that many names share: they say little about which company it is."""
TELLS_APART = frozenset(
    """
    holding group international global worldwide capital investment venture property financial
    insurance bank foundation europe european america american africa asia pacific nordic north
    south east west central deutschland germany france uk italia italy espana spain nederland
    netherland belgium suisse schweiz switzerland austria osterreich canada mexico brasil brazil
    australia japan china india singapore polska poland sverige sweden norge danmark suomi ireland
    emea apac dach latam benelux usa jr sr junior senior ii iii iv pension trust leasing logistic
    franchise
    """.split()
)
"""Words that name a sister company where only one of two names has them."""
LITTLE = 0.4
"""What a generic word weighs beside 1 for another."""


@dataclass(frozen=True, slots=True)
class Name:
    """One name, read: its words without form, article and `and`, each in its plain shape."""

    words: tuple[str, ...] = field(repr=False)
    form: str = ""

    @property
    def compact(self) -> str:
        return "".join(self.words)


@dataclass(frozen=True, slots=True)
class Likeness:
    score: float
    """0 to 1."""
    is_torn: bool = False
    """Words stand on each side that have no counterpart, or one that names a sister company."""


NOTHING_ALIKE = Likeness(0.0, is_torn=True)


def names_of(text: str) -> tuple[Name, ...]:
    """Every name that the text gives: `Foo LLC d/b/a Bar` gives two."""
    parts = [part for part in ALSO_KNOWN_AS.split(text) if part.strip()]
    for part in tuple(parts):
        inside = IN_BRACKETS.search(part)
        if inside and _is_acronym_of(inside.group(1), IN_BRACKETS.sub(" ", part)):
            parts += [inside.group(1), IN_BRACKETS.sub(" ", part)]
    found = (_name_of(part) for part in parts)
    return tuple(dict.fromkeys(name for name in found if name.words))


def likeness(name: Sequence[Name], other: Sequence[Name]) -> Likeness:
    """Of the two names that are most alike."""
    pairs = ((a, b) for a in name for b in other)
    return max(
        (_compare(a, b) for a, b in pairs),
        key=lambda found: (found.score, not found.is_torn),
        default=NOTHING_ALIKE,
    )


def _name_of(text: str) -> Name:
    words = words_of(text)
    kept = [word for word in words if word != "the"] or list(words)
    found = stripped(kept)
    plain = tuple(_plain(word) for word in found.words if word != AND)
    return Name((plain or found.words)[:WORDS_MAX], found.form)


def _plain(word: str) -> str:
    meant = ABBREVIATIONS.get(word, word)
    if len(meant) >= PLURAL_MIN and meant.endswith("s") and not meant.endswith("ss"):
        meant = ABBREVIATIONS.get(meant[:-1], meant[:-1])
    return skeleton(meant)


def _is_acronym_of(short: str, long: str) -> bool:
    letters = folded(short).replace(" ", "")
    initials = "".join(word[0] for word in stripped(words_of(long)).words)
    return len(letters) in ACRONYM_LENGTHS and letters == initials


def _compare(a: Name, b: Name) -> Likeness:
    if a.words == b.words or sorted(a.words) == sorted(b.words) or a.compact == b.compact:
        return Likeness(1.0)
    common = Counter(a.words) & Counter(b.words)
    left = list((Counter(a.words) - common).elements())
    right = list((Counter(b.words) - common).elements())
    shared = sum(_weight(word) * count for word, count in common.items())
    paired = sum(_pairs(left, right))
    total = sum(map(_weight, a.words)) + sum(map(_weight, b.words))
    score = (2 * shared + paired) / total
    if left or right:
        score = min(ALMOST, max(score, _whole(a.compact, b.compact)))
    if _is_acronym(a, b) or _is_acronym(b, a):
        return Likeness(max(score, ACRONYM))
    return Likeness(score, is_torn=_is_torn(left, right))


def _pairs(left: list[str], right: list[str]) -> Iterator[float]:
    """Takes out of both lists the words that are spellings of each other, and weighs each pair."""
    for word in tuple(left):
        scored = [(_word_likeness(word, other), other) for other in right]
        best, other = max(scored, default=(0.0, ""))
        if best:
            left.remove(word)
            right.remove(other)
            yield best * (_weight(word) + _weight(other))


def _word_likeness(word: str, other: str) -> float:
    """0 where they are different words. Short ones and numbers are, unless they are equal."""
    shorter, longer = sorted((word, other), key=len)
    if any(letter.isdigit() for letter in word + other):
        return 0.0
    if len(shorter) == 1 and longer.startswith(shorter):
        return 0.85
    if len(shorter) >= 4 and longer.startswith(shorter):
        return 0.9
    if len(shorter) < 4:
        return 0.0
    edits = OSA.distance(word, other, score_cutoff=2)
    if edits == 1 and len(longer) >= 5:
        return 0.97
    if edits == 2 and len(longer) >= 9:
        return 0.95
    return 0.88 if edits <= 2 and JaroWinkler.similarity(word, other) >= 0.9 else 0.0


def _whole(a: str, b: str) -> float:
    return Levenshtein.normalized_similarity(a, b, score_cutoff=0.85)


def _weight(word: str) -> float:
    return LITTLE if word in GENERIC else 1.0


def _is_acronym(short: Name, long: Name) -> bool:
    if len(short.words) != 1 or len(long.words) < ACRONYM_LENGTHS.start:
        return False
    return short.compact == "".join(word[0] for word in long.words)


def _is_torn(left: Sequence[str], right: Sequence[str]) -> bool:
    tells = [word for word in (*left, *right) if word in TELLS_APART or word.isdigit()]
    return bool(tells) or (bool(left) and bool(right))
