"""Oracle's format models for dates and numbers: right, or refused."""

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

TOKENS = (
    "YYYY YEAR YYY YY Y RRRR RR IYYY J IW WW MONTH MON MM DDD DAY DD DY D HH24 HH12 HH MI SSSSS SS"
    " FF3 FF6 FF AM PM A.M. P.M. Q".split()
)
PATTERN = re.compile(
    r'"(?P<quoted>[^"]*)"|(?P<fill>FM)|(?P<token>'
    + "|".join(re.escape(token) for token in sorted(TOKENS, key=len, reverse=True))
    + r")|(?P<mark>[-/,.;: ])|(?P<letter>T(?=HH)|T(?=\")|Z$)",
    re.IGNORECASE,
)


class FormatError(ValueError):
    """A format model or a value that Oracle (or we) cannot read."""


@lru_cache(maxsize=512)
def pieces(model: str) -> tuple[tuple[str, str], ...]:
    """(kind, text) with kind `token`, `text`, or `fill` where FM turns the filling off or on."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(model):
        match = PATTERN.match(model, at)
        if match is None:
            raise FormatError(f"date format not recognized: {model}")
        if match["token"]:
            found.append(("token", match["token"]))
        elif match["fill"]:
            found.append(("fill", ""))
        else:
            found.append(("text", match["quoted"] or match["mark"] or match["letter"] or ""))
        at = match.end()
    return tuple(found)


def date_text(held: str, model: str) -> str:
    """TO_CHAR of a date."""
    fill = True
    moment = datetime.fromisoformat(held)
    parts: list[str] = []
    for kind, text in pieces(model):
        if kind == "fill":
            fill = not fill
        else:
            parts.append(_written(moment, text, fill) if kind == "token" else text)
    return "".join(parts)


def _written(moment: datetime, token: str, fill: bool) -> str:
    written = WRITERS[token.upper()](moment)
    if written.isdigit():
        return written if fill else str(int(written))
    if token.upper() in ("MONTH", "DAY") and fill:
        written = written.ljust(9)
    if token.isupper():
        return written.upper()
    return written.lower() if token.islower() else written


WRITERS: Mapping[str, Callable[[datetime], str]] = {
    "YYYY": lambda m: f"{m.year:04}",
    "RRRR": lambda m: f"{m.year:04}",
    "YYY": lambda m: f"{m.year % 1000:03}",
    "Y": lambda m: f"{m.year % 10}",
    "J": lambda m: str(m.toordinal() + 1721425),
    "YY": lambda m: f"{m.year % 100:02}",
    "RR": lambda m: f"{m.year % 100:02}",
    "IYYY": lambda m: f"{m.isocalendar().year:04}",
    "IW": lambda m: f"{m.isocalendar().week:02}",
    "WW": lambda m: f"{(m.timetuple().tm_yday - 1) // 7 + 1:02}",
    "MONTH": lambda m: calendar.month_name[m.month],
    "MON": lambda m: calendar.month_abbr[m.month],
    "MM": lambda m: f"{m.month:02}",
    "DDD": lambda m: f"{m.timetuple().tm_yday:03}",
    "DAY": lambda m: calendar.day_name[m.weekday()],
    "DY": lambda m: calendar.day_abbr[m.weekday()],
    "DD": lambda m: f"{m.day:02}",
    "D": lambda m: str((m.weekday() + 1) % 7 + 1),
    "HH24": lambda m: f"{m.hour:02}",
    "HH12": lambda m: f"{(m.hour - 1) % 12 + 1:02}",
    "HH": lambda m: f"{(m.hour - 1) % 12 + 1:02}",
    "MI": lambda m: f"{m.minute:02}",
    "SS": lambda m: f"{m.second:02}",
    "SSSSS": lambda m: f"{m.hour * 3600 + m.minute * 60 + m.second:05}",
    "FF": lambda m: "000000",
    "FF3": lambda m: "000",
    "FF6": lambda m: "000000",
    "AM": lambda m: "AM" if m.hour < 12 else "PM",
    "PM": lambda m: "AM" if m.hour < 12 else "PM",
    "A.M.": lambda m: "A.M." if m.hour < 12 else "P.M.",
    "P.M.": lambda m: "A.M." if m.hour < 12 else "P.M.",
    "Q": lambda m: str((m.month - 1) // 3 + 1),
    "YEAR": lambda m: _no_words(),
}


def _no_words() -> str:
    raise FormatError("date format not recognized: YEAR")


READERS = {
    "YYYY": r"(?P<year>\d{4})",
    "RRRR": r"(?P<year>\d{4})",
    "YY": r"(?P<century>\d{2})",
    "RR": r"(?P<short>\d{2})",
    "MM": r"(?P<month>\d{1,2})",
    "MON": r"(?P<name>[A-Za-z]{3})",
    "MONTH": r"(?P<name>[A-Za-z]+) *",
    "DD": r"(?P<day>\d{1,2})",
    "HH24": r"(?P<hour>\d{1,2})",
    "HH12": r"(?P<half>\d{1,2})",
    "HH": r"(?P<half>\d{1,2})",
    "MI": r"(?P<minute>\d{1,2})",
    "SS": r"(?P<second>\d{1,2})",
    "FF": r"\d{1,9}",
    "FF3": r"\d{1,9}",
    "FF6": r"\d{1,9}",
    "AM": r"(?P<noon>[AaPp][Mm])",
    "PM": r"(?P<noon>[AaPp][Mm])",
}


@lru_cache(maxsize=512)
def _reader(model: str) -> re.Pattern[str]:
    parts = []
    for kind, text in pieces(model):
        if kind == "fill":
            continue
        if kind == "token" and text.upper() not in READERS:
            raise FormatError(f"date format not recognized: {model}")
        if kind == "token":
            parts.append(READERS[text.upper()])
        else:
            parts.append(re.escape(text) if text not in "-/,.;: " else r"[-/,.;: ]")
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise FormatError(f"date format picture has a part twice: {model}") from error


def read_date(text: str, model: str, today: str) -> str:
    """TO_DATE: the date as it is held. Without year or month they are today's."""
    match = _reader(model).fullmatch(text.strip())
    if match is None:
        raise FormatError(f"literal does not match format string: {text} for {model}")
    found = {name: value for name, value in match.groupdict().items() if value}
    try:
        moment = datetime(
            _year(found, today),
            _month(found, today),
            int(found.get("day", 1)),
            _hour(found),
            int(found.get("minute", 0)),
            int(found.get("second", 0)),
        )
    except ValueError as error:
        raise FormatError(f"not a valid date: {text}") from error
    return moment.isoformat(sep=" ")


def _year(found: Mapping[str, str], today: str) -> int:
    if "year" in found:
        return int(found["year"])
    if "century" in found:
        return int(today[:2]) * 100 + int(found["century"])
    if "short" in found:
        return 2000 + int(found["short"]) - (100 if int(found["short"]) >= 50 else 0)
    return int(today[:4])


def _month(found: Mapping[str, str], today: str) -> int:
    if "name" not in found:
        return int(found.get("month", today[5:7]))
    name = found["name"].title()
    for names in (calendar.month_name, calendar.month_abbr):
        if name in list(names):
            return list(names).index(name)
    raise FormatError(f"not a valid month: {found['name']}")


def _hour(found: Mapping[str, str]) -> int:
    if "half" not in found:
        return int(found.get("hour", 0))
    hour = int(found["half"]) % 12
    return hour + 12 if found.get("noon", "AM").upper() == "PM" else hour


NUMBER_MODEL = re.compile(
    r"(?P<fm>FM)?(?P<dollar>\$)?(?P<whole>[90,G]+)(?:[.D](?P<part>[90]+))?", re.I
)


def number_text(value: Decimal, model: str) -> str:
    """TO_CHAR of a number. Only plain pictures of 9, 0, comma, point, $ and FM."""
    match = NUMBER_MODEL.fullmatch(model)
    if match is None:
        raise FormatError(f"invalid number format model: {model}")
    places = match["whole"].upper().replace("G", ",")
    part = match["part"] or ""
    rounded = abs(value).quantize(Decimal(1).scaleb(-len(part)), rounding=ROUND_HALF_UP)
    whole, _, fraction = format(rounded, "f").partition(".")
    digits = places.replace(",", "")
    least = len(digits) - digits.index("0") if "0" in digits else 0
    if len(whole.lstrip("0")) > len(digits):
        return "#" * (len(model) + 1)
    shown = _grouped((whole.lstrip("0") or ("" if part else "0")).rjust(least, "0"), places)
    text = shown + (f".{fraction}" if part else "")
    text = ("-" if value < 0 else "") + ("$" if match["dollar"] else "") + text
    if match["fm"]:
        return _trimmed(text, part)
    return text.rjust(len(places) + (len(part) + 1 if part else 0) + 1)


def read_number(text: str, model: str) -> Decimal:
    """TO_NUMBER by a picture: its commas and its currency sign may stand in the text."""
    match = NUMBER_MODEL.fullmatch(model)
    if match is None:
        raise FormatError(f"invalid number format model: {model}")
    bare = text.strip().replace("$", "" if match["dollar"] else "$")
    if "," in match["whole"] or "G" in match["whole"].upper():
        bare = bare.replace(",", "")
    whole, _, part = bare.lstrip("+-").partition(".")
    fits = len(whole) <= len(match["whole"]) and len(part) <= len(match["part"] or "")
    if not fits or not (whole + part).isascii() or not (whole + part).isdigit():
        raise FormatError(f"invalid number: {text}")
    return Decimal(bare)


def _grouped(digits: str, places: str) -> str:
    """Commas where the picture has them, counted from the right."""
    shown: list[str] = []
    left = list(digits)
    for place in reversed(places):
        if not left:
            break
        shown.append("," if place == "," else left.pop())
    return "".join(reversed(shown))


def _trimmed(text: str, part: str) -> str:
    """FM drops the blanks, and the zeros that the picture only allowed."""
    optional = len(part) - len(part.rstrip("9"))
    while optional and text.endswith("0"):
        text, optional = text[:-1], optional - 1
    return text
