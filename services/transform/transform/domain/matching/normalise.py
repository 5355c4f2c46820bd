"""One way of writing for the many ways in which people write the same text."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

TEXT_MAX = 512
"""Characters that are looked at; a name is far shorter."""
LETTERS = str.maketrans(
    {
        # letters that no Unicode form takes apart
        "ß": "ss", "ẞ": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae",
        "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ſ": "s", "ə": "e",
        # Cyrillic as passports and registers write it
        "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "ie",
        "ж": "zh", "з": "z", "и": "i", "і": "i", "й": "i", "к": "k", "л": "l", "м": "m",
        "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f",
        "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "",
        "э": "e", "ю": "iu", "я": "ia", "ј": "j", "љ": "lj", "њ": "nj", "ћ": "c", "ђ": "d",
        "џ": "dz",
        # Greek (ELOT 743, without its pairs of letters)
        "α": "a", "β": "v", "γ": "g", "δ": "d", "ε": "e", "ζ": "z", "η": "i", "θ": "th",
        "ι": "i", "κ": "k", "λ": "l", "μ": "m", "ν": "n", "ξ": "x", "ο": "o", "π": "p",
        "ρ": "r", "σ": "s", "ς": "s", "τ": "t", "υ": "y", "φ": "f", "χ": "ch", "ψ": "ps",
        "ω": "o",
    }
)  # fmt: skip
INSIDE_A_WORD = re.compile(r"['’‘`´ʼ.]")
"""Left out without a gap: O'Brien, G.m.b.H."""
DOT_BETWEEN_WORDS = re.compile(r"(?<=\w\w)\.(?=\w\w)")
"""Amazon.com is two words; G.m.b.H. is one."""
AND_SIGNS = re.compile(r"[&+]")
GAPS = re.compile(r"[\W_]+")
ANDS = frozenset("and und et y e og och en ve".split())
AND = "and"


def folded(text: str) -> str:
    """Lower case, without accents, in Latin letters where there is a customary way, words apart
    by one space. Folding twice is folding once."""
    if not text.isascii():
        text = _without_marks(text[:TEXT_MAX]).translate(LETTERS)
        text = _without_marks(text)
    text = AND_SIGNS.sub(" and ", text[:TEXT_MAX].lower())
    text = DOT_BETWEEN_WORDS.sub(" ", text)
    return GAPS.sub(" ", INSIDE_A_WORD.sub("", text)).strip()


def _without_marks(text: str) -> str:
    folded_once = unicodedata.normalize("NFKD", text).casefold()
    taken_apart = unicodedata.normalize("NFKD", folded_once)
    return "".join(
        _digit(letter) for letter in taken_apart if unicodedata.category(letter)[0] != "M"
    )


def _digit(letter: str) -> str:
    """Digits of any script as those of ours."""
    value = unicodedata.decimal(letter, None)
    return letter if value is None else str(value)


def words_of(name: str) -> tuple[str, ...]:
    """The folded words of a name: initials are one word, `&`, `und`, `et` and `y` are `and`."""
    return tuple(_with_ands(tuple(_with_initials(folded(name).split()))))


def _with_initials(words: Sequence[str]) -> Iterator[str]:
    """`i b m` is `ibm`; a single letter beside a word stays."""
    run = ""
    for place, word in enumerate(words):
        last = place == len(words) - 1
        if len(word) == 1 and word.isalpha() and not _is_joining(words, place):
            run += word
            if not last:
                continue
            yield run
            return
        if run:
            yield run
            run = ""
        yield word


def _is_joining(words: Sequence[str], place: int) -> bool:
    """`y` and `e` stand for `and` only between two words."""
    if words[place] not in ANDS or not 0 < place < len(words) - 1:
        return False
    return len(words[place - 1]) > 1 and len(words[place + 1]) > 1


def _with_ands(words: Sequence[str]) -> Iterator[str]:
    for place, word in enumerate(words):
        inside = 0 < place < len(words) - 1
        yield AND if word in ANDS and inside else word


def skeleton(word: str) -> str:
    """The word with `ä`, `ae` and `a` alike, and so ö and ü: customs differ by country."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")
