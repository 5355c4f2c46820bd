"""Makes the labelled pairs out of the hand-written names: `python -m tests.matching.make_pairs`."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import phonenumbers
from phonenumbers import PhoneNumberFormat

from transform.domain.matching.tax_ids import tax_id_of

HERE = Path(__file__).parent
PAIRS = HERE / "pairs.jsonl"
Side = dict[str, str]
TAX_PATTERNS: Mapping[str, str] = {
    "DE": "DE#########", "FR": "FR###########", "GB": "GB#########", "IT": "IT###########",
    "ES": "ESB########", "NL": "NL#########B01", "PL": "PL##########", "AT": "ATU########",
    "BE": "BE0#########", "SE": "SE##########01", "FI": "FI########", "DK": "DK########",
    "PT": "PT5########", "CZ": "CZ########", "HU": "HU########", "RO": "RO########",
    "GR": "EL#########", "IE": "IE#######A", "CH": "CHE#########", "NO": "NO9########",
    "EE": "EE#########", "LT": "LT#########", "US": "##-#######", "AU": "###########",
    "JP": "#############", "KR": "##########", "IN": "27AAACL####F1Z#", "BR": "##############",
    "RU": "##########", "MX": "ABC######AB#",
}  # fmt: skip
TRIES_MAX = 100_000
SHARES_OF_SAME: Mapping[str, tuple[str, ...]] = {
    "=": ("domain", "phone", "address", "tax", "domain phone", "name", "moved", "free phone"),
    "~": ("domain phone", "phone address", "tax", "domain"),
    "^": ("tax", "domain phone", "phone address"),
}
SHARES_OF_DIFFERENT: Mapping[str, tuple[str, ...]] = {
    "!": ("domain address", "group tax", "domain tax", "domain", "nothing"),
    "?": ("nothing", "free", "address", "phone", "nothing"),
}
PAIRS_PER_NAME: Mapping[str, int] = {"=": 3, "~": 2, "^": 2, "!": 2, "?": 2}
ELSEWHERE = {"US": "CA", "GB": "IE", "DE": "AT", "AT": "DE", "FR": "BE", "AU": "NZ"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    name: str
    country: str
    city: str
    postcode: str
    street: str
    domain: str

    @property
    def dice(self) -> Random:
        return Random(self.name + self.city)

    def phone(self, which: int = 0) -> phonenumbers.PhoneNumber:
        number = phonenumbers.example_number(self.country)
        assert number is not None
        assert number.national_number is not None
        changed = self.dice.randrange(100, 900) * 10 + which
        number.national_number = number.national_number // 10_000 * 10_000 + changed
        return number

    def tax(self, which: int = 0) -> str:
        """One that follows the rules of its country; empty where no pattern stands here."""
        dice = Random(f"{self.name} {which}")
        pattern = TAX_PATTERNS.get(self.country, "")
        for _ in range(TRIES_MAX if pattern else 0):
            text = "".join(str(dice.randrange(10)) if c == "#" else c for c in pattern)
            found = tax_id_of(text, self.country)
            if found and found.is_valid:
                return text
        return ""


def companies() -> Iterator[tuple[Company, list[tuple[str, str]]]]:
    """Each company with the marked names that stand below it."""
    current: Company | None = None
    names: list[tuple[str, str]] = []
    for line in (HERE / "seeds.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        mark, text = line[0], line[2:].strip()
        if mark != "@":
            names.append((mark, text))
            continue
        if current:
            yield current, names
        parts = [part.strip() for part in text.split("|")]
        keys = ("name", "country", "city", "postcode", "street", "domain")
        current, names = Company(**dict(zip(keys, parts, strict=True))), []
    if current:
        yield current, names


def pairs() -> Iterator[dict[str, object]]:
    for number, (company, names) in enumerate(companies()):
        for place, (mark, name) in enumerate(names):
            is_same = mark in SHARES_OF_SAME
            shares = (SHARES_OF_SAME if is_same else SHARES_OF_DIFFERENT)[mark]
            for turn in range(PAIRS_PER_NAME[mark]):
                shared = shares[(number + place + turn * 3) % len(shares)]
                yield _pair(company, name, shared, is_same=is_same, mark=mark)
        yield from _namesakes(company)
    yield from _known()


def _pair(
    company: Company, name: str, shared: str, *, is_same: bool, mark: str
) -> dict[str, object]:
    other = replace(company, name=name)
    if "tax" in shared and not company.tax():
        shared = "domain phone" if is_same else "nothing"
    if not is_same:
        other = replace(other, street="Am Ring 90" if company.country == "DE" else "90 Ring Road")
    a, b = _side(other, 1), _side(company, 0)
    sharing = _shared(company, shared)
    for side in (a, b):
        side.update(sharing)
    if shared == "moved":
        a.update(street="7 New Quay", postcode="99" + company.postcode[2:])
    if shared == "domain tax":
        a["tax"], b["tax"] = company.tax(1), company.tax(0)
    if "phone" in shared:  # each system writes it in its own way
        b["phone"] = phonenumbers.format_number(company.phone(), PhoneNumberFormat.INTERNATIONAL)
    return _labelled(a, b, is_same=is_same, about=f"{mark} {shared}")


def _side(company: Company, which: int) -> Side:
    """Name and country: what stands in every record; the rest only where a pair is about it."""
    return {"name": company.name, "country": company.country, "city": company.city}


def _shared(company: Company, shared: str) -> Side:
    side: Side = {}
    if "domain" in shared or shared == "moved":
        side["website"] = f"www.{company.domain}"
    if "phone" in shared:
        side["phone"] = phonenumbers.format_number(company.phone(), PhoneNumberFormat.NATIONAL)
    if "address" in shared or shared == "moved":
        side.update(street=company.street, postcode=company.postcode)
    if shared in {"tax", "group tax"}:
        side["tax"] = company.tax()
    if "free" in shared:
        side["email"] = "office@gmail.com"
    return side


def _namesakes(company: Company) -> Iterator[dict[str, object]]:
    """The same name again: abroad, in another branch, and by chance."""
    abroad = ELSEWHERE.get(company.country, "US")
    a = {"name": company.name, "country": abroad, "website": company.domain}
    b = {**_side(company, 0), "website": company.domain}
    yield _labelled(a, b, is_same=False, about="abroad domain")
    branch = {"street": "1 Branch Lane", "postcode": "X1", "website": company.domain}
    a = {**_side(company, 1), **branch, "phone": _text(company.phone(1))}
    b = {**b, "street": company.street, "postcode": company.postcode}
    b["phone"] = _text(company.phone(0))
    yield _labelled(a, b, is_same=False, about="branch domain")
    if company.tax():
        a, b = {**_side(company, 1)}, {**_side(company, 0)}
        a["tax"], b["tax"] = company.tax(1), company.tax(0)
        yield _labelled(a, b, is_same=False, about="namesake tax")


def _text(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def _known() -> Iterator[dict[str, object]]:
    for line in (HERE / "known.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        label, name, country, other, other_country, shared = (p.strip() for p in line.split("|"))
        company = Company(
            name=name,
            country=country,
            city="Springfield",
            postcode="12345",
            street="100 Station Road",
            domain=f"{hashlib.sha256(line.encode()).hexdigest()[:8]}.example",
        )
        sharing: Side = {}
        for word in shared.split():
            sharing.update(_shared(company, word))
        a = {"name": other, "country": other_country, **sharing}
        b = {"name": name, "country": country, **sharing}
        yield _labelled(a, b, is_same=label == "same", about=f"known {shared}")


def _labelled(a: Side, b: Side, *, is_same: bool, about: str) -> dict[str, object]:
    """The half is told by a hash of the pair, so that a new pair moves no old one."""
    text = json.dumps([a, b], sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(text.encode()).digest()
    half = "test" if digest[0] % 2 else "development"
    return {"same": is_same, "half": half, "about": about, "a": a, "b": b}


def text_of_pairs() -> str:
    lines = (json.dumps(pair, ensure_ascii=False) for pair in pairs())
    return "\n".join(dict.fromkeys(lines)) + "\n"


if __name__ == "__main__":
    PAIRS.write_text(text_of_pairs())
