"""Tax numbers by the rules of their country, and the other numbers that name one company."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

if TYPE_CHECKING:
    from stdnum.util import NumberValidationModule

TEXT_MAX = 64
LENGTH_MAX = 24
"""Letters and digits of the longest number of any country."""
DIGITS_MIN = 7
"""Of a number for whose country no rule is known; shorter ones are not a tax number's."""
SAME_DIGITS_MIN = 3
PREFIXES = {"EL": "GR", "XI": "GB", "CHE": "CH"}
"""How VAT numbers name countries otherwise than ISO does."""
RULES = {"CH": "uid", "NO": "orgnr"}
"""Of countries whose VAT number is another number with a suffix."""
SUFFIX = re.compile(r"(?<=\d)(MWST|TVA|IVA|TPV|MVA)$")
"""Says of Swiss and Norwegian numbers that the company pays VAT; the number is the same without."""
NOT_ALNUM = re.compile(r"[^0-9A-Z]")
DUNS = re.compile(r"^\d{9}$")
EIN = re.compile(r"^\d{9}$")


@dataclass(frozen=True, slots=True)
class TaxId:
    text: str = field(repr=False)
    """Country and number, `DE136695976`."""
    is_vat: bool
    """Comparable with other VAT numbers; other tax numbers of a country have other forms."""
    is_valid: bool
    """Follows the rules of its country; only then it is evidence that two records are one."""


def tax_id_of(text: str, country: str) -> TaxId | None:
    """None where the text holds no number at all."""
    cleaned = SUFFIX.sub("", plain(text))
    if not any(letter.isdigit() for letter in cleaned):
        return None
    prefix = _prefix(cleaned)
    issuer = prefix or country
    number = cleaned.removeprefix("CHE") if cleaned.startswith("CHE") else cleaned
    number = number[2:] if prefix and number[:2].isalpha() else number
    valid = _validated(issuer, number)
    is_vat = bool(prefix) or valid is not None
    return TaxId(f"{issuer}{valid or number}", is_vat, valid is not None)


def plain(text: str) -> str:
    """Latin capitals and digits, all else left out."""
    wide = unicodedata.normalize("NFKC", text[:TEXT_MAX]).upper()
    return NOT_ALNUM.sub("", wide)[:LENGTH_MAX]


def duns_of(text: str) -> str:
    """Nine digits; empty for anything else."""
    digits = plain(text)
    return digits if DUNS.match(digits) and len(set(digits)) >= SAME_DIGITS_MIN else ""


def _prefix(cleaned: str) -> str:
    """The country that a number names itself; empty where it begins like an ordinary number."""
    if cleaned.startswith("CHE"):
        return "CH"
    named = cleaned[:2]
    country = PREFIXES.get(named, named)
    known = named.isalpha() and _rules(country) is not None
    return country if known and any(letter.isdigit() for letter in cleaned[2:]) else ""


def _validated(country: str, number: str) -> str | None:
    """The number as its country writes it; None where it breaks the country's rules."""
    rules = _rules(country)
    if rules is None:
        pattern_fits = EIN.match(number) if country == "US" else _is_plausible(number)
        return number if country and pattern_fits else None
    for written in (number, f"{country}{number}"):
        try:
            return plain(str(rules.validate(written))).removeprefix(country)
        except (ValidationError, ValueError, IndexError, KeyError):
            continue  # some countries' rules want the prefix, and trip over it where not
    return None


def _rules(country: str) -> "NumberValidationModule | None":
    known = len(country) == 2 and country.isascii() and country.isalpha()
    return get_cc_module(country, RULES.get(country, "vat")) if known else None


def _is_plausible(number: str) -> bool:
    digits = [letter for letter in number if letter.isdigit()]
    return len(digits) >= DIGITS_MIN and len(set(digits)) >= SAME_DIGITS_MIN
