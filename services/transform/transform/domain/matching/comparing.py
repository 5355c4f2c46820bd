"""Field by field, what two profiles say of each other; and that as sentences without values."""

from collections.abc import Callable, Iterator

from rapidfuzz.distance import Levenshtein

from transform.domain.matching.addresses import Address
from transform.domain.matching.legal_forms import may_be_same
from transform.domain.matching.parties import Evidence, Finding
from transform.domain.matching.profiles import Profile

AGREES, SIMILAR = Finding.AGREES, Finding.SIMILAR
DIFFERS, CONTRADICTS = Finding.DIFFERS, Finding.CONTRADICTS
STRONG = ("tax number", "registration number", "D-U-N-S number", "customer number")
"""Fields that name one company, where they are right."""
OF_ONE = STRONG[1:]
"""A group of companies can be registered for VAT under one number; the others name one."""
SUPPORTING = ("web domain", "phone number", "address")
STREET_SIMILAR = 0.8
SENTENCES = {
    ("tax number", AGREES): "Both have the same valid tax number.",
    ("tax number", CONTRADICTS): "Their tax numbers differ.",
    ("tax number", DIFFERS): "Their tax numbers are of different kinds and say nothing.",
    ("registration number", AGREES): "Both have the same registration number in one country.",
    ("registration number", CONTRADICTS): "Their registration numbers in one country differ.",
    ("D-U-N-S number", AGREES): "Both have the same D-U-N-S number.",
    ("D-U-N-S number", CONTRADICTS): "Their D-U-N-S numbers differ.",
    ("customer number", AGREES): "Both have the same customer number.",
    ("customer number", CONTRADICTS): "Their customer numbers differ.",
    ("web domain", AGREES): "Both use the same web or e-mail domain of their own.",
    ("web domain", DIFFERS): "Their web and e-mail domains differ.",
    ("phone number", AGREES): "Both have the same phone number.",
    ("phone number", DIFFERS): "Their phone numbers differ.",
    ("address", AGREES): "Both have the same postcode and street.",
    ("address", SIMILAR): "Their addresses are in the same building or street.",
    ("address", DIFFERS): "Their addresses differ.",
    ("country", AGREES): "Both are in the same country.",
    ("country", CONTRADICTS): "They are in different countries.",
    ("legal form", CONTRADICTS): "Their legal forms differ, as those of sister companies do.",
    ("kind", CONTRADICTS): "One is a person, the other a company.",
    ("parent", CONTRADICTS): "They belong to different parent companies, or one to the other.",
    ("name", AGREES): "Their names are the same but for spelling and legal form.",
    ("name", SIMILAR): "Their names are similar.",
    ("name", DIFFERS): "Their names differ.",
    ("name", CONTRADICTS): "The names differ in words that tell sister companies apart.",
    ("status", CONTRADICTS): "The candidate is inactive.",
    ("branch", CONTRADICTS): "Address and phone number both differ, as those of branches do.",
    ("lesson", AGREES): "A person has said that these two are the same.",
}


def evidence(about: str, finding: Finding) -> Evidence:
    return Evidence(about, finding, SENTENCES[about, finding])


def compared(a: Profile, b: Profile) -> tuple[Evidence, ...]:
    """What is not known on either side is left out. The names are compared elsewhere."""
    findings: tuple[tuple[str, Callable[[Profile, Profile], Finding | None]], ...] = (
        ("tax number", _tax_ids),
        ("registration number", _registrations),
        ("D-U-N-S number", lambda a, b: _strong_text(a.duns, b.duns)),
        ("customer number", lambda a, b: _strong_text(a.customer_number, b.customer_number)),
        ("web domain", lambda a, b: _sets(a.domains, b.domains)),
        ("phone number", lambda a, b: _sets(a.phones, b.phones)),
        ("address", lambda a, b: _addresses(a.address, b.address)),
        ("country", lambda a, b: _strong_text(a.country, b.country)),
        ("legal form", _legal_forms),
        ("kind", lambda a, b: CONTRADICTS if a.party.is_person != b.party.is_person else None),
        ("parent", _parents),
        ("status", lambda a, b: CONTRADICTS if b.party.is_inactive else None),
    )
    found = {about: said for about, say in findings if (said := say(a, b))}
    return tuple(evidence(about, said) for about, said in (*found.items(), *_branches(found)))


def _branches(found: dict[str, Finding]) -> Iterator[tuple[str, Finding]]:
    """Two fields against one: a shared domain does not make two branches one."""
    apart = found.get("phone number") is DIFFERS and found.get("address") is DIFFERS
    if apart and not any(found.get(about) is AGREES for about in STRONG):
        yield "branch", CONTRADICTS


def _tax_ids(a: Profile, b: Profile) -> Finding | None:
    if not a.tax_ids or not b.tax_ids:
        return None
    theirs = {tax.text for tax in b.tax_ids}
    shared = [tax for tax in a.tax_ids if tax.text in theirs]
    if shared:
        return AGREES if any(tax.is_valid for tax in shared) else None
    kinds = {tax.is_vat for tax in a.tax_ids} & {tax.is_vat for tax in b.tax_ids}
    return CONTRADICTS if kinds else DIFFERS


def _registrations(a: Profile, b: Profile) -> Finding | None:
    """A register numbers the companies of its own country."""
    if not a.registrations or not b.registrations or not a.country or a.country != b.country:
        return None
    return AGREES if a.registrations & b.registrations else CONTRADICTS


def _strong_text(a: str, b: str) -> Finding | None:
    if not a or not b:
        return None
    return AGREES if a == b else CONTRADICTS


def _sets(a: frozenset[str], b: frozenset[str]) -> Finding | None:
    if not a or not b:
        return None
    return AGREES if a & b else DIFFERS


def _addresses(a: Address, b: Address) -> Finding | None:
    if not a.street or not b.street:
        return None
    if a.postcode and b.postcode:
        same_place = a.postcode == b.postcode
    elif a.city and b.city:
        same_place = a.city == b.city
    else:
        return None
    if not same_place or a.numbers != b.numbers:
        return DIFFERS
    alike = Levenshtein.normalized_similarity(a.street, b.street)
    if a.street != b.street and (not a.numbers or alike < STREET_SIMILAR):
        return DIFFERS
    return SIMILAR if a.unit and b.unit and a.unit != b.unit else AGREES


def _legal_forms(a: Profile, b: Profile) -> Finding | None:
    forms = {name.form for name in a.names if name.form}
    others = {name.form for name in b.names if name.form}
    if not forms or not others or any(may_be_same(f, o) for f in forms for o in others):
        return None
    return CONTRADICTS


def _parents(a: Profile, b: Profile) -> Finding | None:
    mine, theirs = a.party.parent, b.party.parent
    if mine is not None and mine == b.party.ref:
        return CONTRADICTS
    if theirs is not None and theirs == a.party.ref:
        return CONTRADICTS
    return CONTRADICTS if mine and theirs and mine != theirs else None
