"""How alike two names are, and which of their words tell them apart."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import itemgetter

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
        "deutsche": "dt dtsch",
        "fratelli": "flli",
        "etablissement": "ets etabl",
        "societe": "ste",
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
NUMBER_SIGNS = frozenset({"no", "nr", "num", "number"})
PARTICLES = frozenset(
    "of for de des du del della di der die das den van von la le les et the and".split()
)
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
SOUNDS = tuple(
    tuple(pair.split("="))
    for pair in (
        "ksh=x oi=i ei=i kh=h ph=f th=t sch=s sh=s ck=k ch=k tz=z ts=z cz=c w=v y=i j=i c=k"
        " q=k".split()
    )
)
WORTH_A_LOOK = 0.65
"""Below this two words are not compared any closer."""
SURE = 0.95
"""From here two spellings are one word; below, they may be two."""
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
    has_extra: bool = False
    """One name has a word more than the other."""


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
    plain = tuple(_plain(word) for word in _telling(found.words))
    return Name((plain or found.words)[:WORDS_MAX], found.form)


def _telling(words: Sequence[str]) -> Iterator[str]:
    """Without `and`, and without the `no` of `store no 7`."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        if word != AND and not (word in NUMBER_SIGNS and following[:1].isdigit()):
            yield word


def _plain(word: str) -> str:
    meant = ABBREVIATIONS.get(word, word)
    if len(meant) >= PLURAL_MIN and meant.endswith("s") and meant[-2] not in "sui":
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
    paired = tuple(_pairs(left, right))
    total = sum(map(_weight, a.words)) + sum(map(_weight, b.words))
    score = (2 * shared + sum(likeness * weight for likeness, weight in paired)) / total
    if left or right or any(likeness < SURE for likeness, _ in paired):
        score = min(ALMOST, score if _differ_in_a_number(left, right) else max(score, _whole(a, b)))
    if _is_acronym(a, b) or _is_acronym(b, a):
        return Likeness(max(score, ACRONYM))
    return Likeness(score, is_torn=_is_torn(left, right), has_extra=bool(left or right))


def _pairs(left: list[str], right: list[str]) -> Iterator[tuple[float, float]]:
    """Takes out of both lists the words that are spellings of each other, the likest first:
    likeness and weight. Which list comes first does not matter."""
    found = [(_word_likeness(a, b), a, b) for a in left for b in right]
    for alike, one, other in sorted(filter(itemgetter(0), found), key=_likest_first):
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            yield alike, _weight(one) + _weight(other)


def _likest_first(pair: tuple[float, str, str]) -> tuple[float, str, str]:
    alike, one, other = pair
    return -alike, min(one, other), max(one, other)


def _word_likeness(word: str, other: str) -> float:
    """0 where they are different words. Short ones and numbers are, unless they are equal."""
    shorter, longer = sorted((word, other), key=lambda text: (len(text), text))
    if not (word.isalpha() and other.isalpha()):
        return 0.0
    if len(shorter) == 1:
        return 0.85 if longer.startswith(shorter) else 0.0
    if len(shorter) < 4:
        return 0.0
    alike = JaroWinkler.similarity(shorter, longer, score_cutoff=WORTH_A_LOOK)
    if not alike:
        return 0.0
    return 0.9 if longer.startswith(shorter) else _slip(shorter, longer, alike)


def _slip(shorter: str, longer: str, alike: float) -> float:
    """Whether one is the other with a slip of the pen, or as another custom spells it."""
    edits = OSA.distance(shorter, longer, score_cutoff=2)
    long_enough = len(shorter) >= 6 or len(longer) == len(shorter) + 1 >= 6
    is_latin = shorter.isascii() and longer.isascii()  # a letter elsewhere can be a syllable
    is_slip = edits == 1 or (edits == 2 and len(longer) >= 10)
    if is_slip and is_latin and long_enough and shorter[0] == longer[0]:
        return 0.97
    if edits <= 2 and alike >= 0.87:
        return 0.9
    return 0.88 if _sound(shorter) == _sound(longer) else 0.0


def _sound(word: str) -> str:
    """What customs of transliteration leave alike: Laxmi is Lakshmi, Severnyy is Severnyi."""
    for written, heard in SOUNDS:
        word = word.replace(written, heard)
    return "".join(b for a, b in zip(" " + word, word, strict=False) if a != b)


def _differ_in_a_number(left: Sequence[str], right: Sequence[str]) -> bool:
    """Store 17 and store 18 are written alike and are two."""
    return any(not word.isalpha() for word in (*left, *right))


def _whole(a: Name, b: Name) -> float:
    """The names without their gaps: `Sea Foods` and `Seafods`."""
    return Levenshtein.normalized_similarity(a.compact, b.compact, score_cutoff=0.85)


def _weight(word: str) -> float:
    return LITTLE if word in GENERIC else 1.0


def _is_acronym(short: Name, long: Name) -> bool:
    if len(short.words) != 1 or len(long.words) < ACRONYM_LENGTHS.start:
        return False
    initials = "".join(word[0] for word in long.words)
    spoken = "".join(word[0] for word in long.words if word not in PARTICLES)
    return short.compact in {initials, spoken}


def _is_torn(left: Sequence[str], right: Sequence[str]) -> bool:
    tells = [word for word in (*left, *right) if word in TELLS_APART or word.isdigit()]
    return bool(tells) or (bool(left) and bool(right))
