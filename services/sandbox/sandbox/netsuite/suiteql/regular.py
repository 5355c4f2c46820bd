"""Oracle's REGEXP functions on Python's expressions: what could run away is refused."""

import re
from functools import lru_cache

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql.formats import FormatError
from sandbox.netsuite.suiteql.udf import TEXT_MAX

PATTERN_MAX = 512
STEPS_MAX = 20_000_000
"""Of a text of n signs and a pattern with k open repetitions: n to the power of k."""
CLASSES = {
    "alpha": "a-zA-ZÀ-ÖØ-öø-ÿ",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9À-ÖØ-öø-ÿ",
    "upper": "A-ZÀ-ÖØ-Þ",
    "lower": "a-zß-öø-ÿ",
    "space": r"\s",
    "blank": r" \t",
    "punct": r"!-/:-@\[-`{-~",
    "xdigit": "0-9A-Fa-f",
    "cntrl": r"\x00-\x1f\x7f",
    "print": r"\x20-\x7e",
    "graph": r"\x21-\x7e",
}
CLASS = re.compile(r"\[:(\w+):\]")
NESTED = re.compile(r"(?<!\\)\)(?:[*+]|\{\d*,)")
OPEN = re.compile(r"(?<!\\)(?:[*+]|\{\d+,\d*\})")
BRACKETS = re.compile(r"\[\^?\]?(?:\[:\w+:\]|[^\]])*\]")
"""A set of signs: what looks like a repetition in it is none."""
FLAGS = {"i": re.IGNORECASE, "n": re.DOTALL, "m": re.MULTILINE, "x": re.VERBOSE}


def like(text: Cell, pattern: Cell, options: Cell = "") -> Cell:
    if text is None or pattern is None:
        return None
    return int(_search(text, pattern, options).search(str(text)) is not None)


def substring(
    text: Cell,
    pattern: Cell,
    start: Cell = 1,
    occurrence: Cell = 1,
    options: Cell = "",
    group: Cell = 0,
) -> Cell:
    if None in (text, pattern, start, occurrence):
        return None
    match = _match(text, pattern, start, occurrence, options)
    which = int(group or 0)
    if match is None or which > (match.re.groups or 0):
        return None
    return match[which] or None


def position(
    text: Cell,
    pattern: Cell,
    start: Cell = 1,
    occurrence: Cell = 1,
    after: Cell = 0,
    options: Cell = "",
) -> Cell:
    if None in (text, pattern, start, occurrence):
        return None
    match = _match(text, pattern, start, occurrence, options)
    if match is None:
        return 0
    return (match.end() if after else match.start()) + 1


def replaced(
    text: Cell,
    pattern: Cell,
    new: Cell = None,
    start: Cell = 1,
    occurrence: Cell = 0,
    options: Cell = "",
) -> Cell:
    if text is None or pattern is None or start is None:
        return text
    held, begin, which = str(text), int(start) - 1, int(occurrence or 0)
    if begin < 0:
        raise FormatError("argument is out of range")
    if len(held) * (len(str(new or "")) + 1) > TEXT_MAX * 10:
        raise FormatError("result of string concatenation is too long")
    found = 0

    def put(match: re.Match[str]) -> str:
        nonlocal found
        found += 1
        if which and found != which:
            return match[0]
        return re.sub(r"\\(\d)", lambda group: _group(match, int(group[1])), str(new or ""))

    changed = _search(text, pattern, options).sub(put, held[begin:])
    return held[:begin] + changed or None


def count(text: Cell, pattern: Cell, start: Cell = 1, options: Cell = "") -> Cell:
    if text is None or pattern is None or start is None:
        return None
    found = _search(text, pattern, options).finditer(str(text)[int(start) - 1 :])
    return sum(1 for _ in found)


def _group(match: re.Match[str], which: int) -> str:
    return (match[which] or "") if which <= match.re.groups else ""


def _match(
    text: Cell, pattern: Cell, start: Cell, occurrence: Cell, options: Cell
) -> re.Match[str] | None:
    begin = int(start or 1) - 1
    if begin < 0:
        raise FormatError("argument '0' is out of range")
    for at, match in enumerate(_search(text, pattern, options).finditer(str(text), begin), 1):
        if at == int(occurrence or 1):
            return match
    return None


def _search(text: Cell, pattern: Cell, options: Cell) -> re.Pattern[str]:
    written = str(pattern)
    repeats = len(OPEN.findall(BRACKETS.sub("x", written)))
    if len(str(text)) ** repeats > STEPS_MAX:
        raise FormatError("regular expression is too complex")
    return _compiled(written, str(options or ""))


@lru_cache(maxsize=256)
def _compiled(pattern: str, options: str) -> re.Pattern[str]:
    if len(pattern) > PATTERN_MAX:
        raise FormatError("regular expression is too long")
    if NESTED.search(pattern) or "(?" in pattern:
        raise FormatError("regular expression is too complex")
    flags = re.NOFLAG
    for letter in options:
        if letter not in (*FLAGS, "c"):
            raise FormatError("illegal argument for function")
        flags |= FLAGS.get(letter, re.NOFLAG)
    try:
        return re.compile(CLASS.sub(_class, pattern), flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise FormatError(f"invalid regular expression: {pattern}") from error


def _class(match: re.Match[str]) -> str:
    if match[1] not in CLASSES:
        raise FormatError(f"invalid character class in regular expression: {match[1]}")
    return CLASSES[match[1]]
