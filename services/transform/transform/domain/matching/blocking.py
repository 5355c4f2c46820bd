"""Keys under which parties that may be one are found, so that not all are compared with all."""

from collections.abc import Iterator

from transform.domain.matching.names import ACRONYM_LENGTHS, GENERIC, PARTICLES, Name
from transform.domain.matching.parties import Party
from transform.domain.matching.profiles import Profile, profile_of

SKELETON_MAX = 7
SKELETON_MIN = 3
VOWELS = str.maketrans("", "", "aeiouy")


def blocking_keys(party: Party) -> frozenset[str]:
    """Two parties that may be one share at least one key. Keys hold personal text."""
    return keys_of(profile_of(party))


def keys_of(profile: Profile) -> frozenset[str]:
    return frozenset({*_keys_of_numbers(profile), *_keys_of_names(profile)})


def strong_keys(profile: Profile) -> frozenset[str]:
    """Of these one is enough to look like the same company: a number, or the whole name."""
    names = {f"name:{' '.join(sorted(name.words))}" for name in profile.names}
    return frozenset({*_keys_of_ids(profile), *names})


def _keys_of_ids(profile: Profile) -> Iterator[str]:
    yield from (f"tax:{tax.text}" for tax in profile.tax_ids if tax.is_valid)
    yield from (f"register:{profile.country}:{text}" for text in profile.registrations)
    if profile.duns:
        yield f"duns:{profile.duns}"
    if profile.customer_number:
        yield f"number:{profile.customer_number}"


def _keys_of_numbers(profile: Profile) -> Iterator[str]:
    yield from _keys_of_ids(profile)
    yield from (f"domain:{domain}" for domain in profile.domains)
    yield from (f"phone:{phone}" for phone in profile.phones)
    address = profile.address
    if address.numbers and (address.postcode or address.city):
        yield f"door:{address.postcode or address.city}:{' '.join(sorted(address.numbers))}"


def _keys_of_names(profile: Profile) -> Iterator[str]:
    for name in profile.names:
        yield f"name:{' '.join(sorted(name.words))}"
        yield f"name:{name.compact}"
        yield f"first:{_first(name)}:{profile.country}"
        if skeleton := _skeleton(name):
            yield f"sounds:{skeleton}:{profile.country}"
        if acronym := _acronym(name):
            yield f"initials:{acronym}:{profile.country}"


def _first(name: Name) -> str:
    """The first word that few names share; the first two where all are common."""
    own = [word for word in name.words if word not in GENERIC and word not in PARTICLES]
    return own[0] if own else " ".join(name.words[:2])


def _skeleton(name: Name) -> str:
    """First letter and consonants: what a slip of the pen or another transliteration leaves."""
    letters = name.compact
    bones = letters[:1] + letters[1:].translate(VOWELS)
    kept = "".join(b for a, b in zip(" " + bones, bones, strict=False) if a != b)
    return kept[:SKELETON_MAX] if len(kept) >= SKELETON_MIN else ""


def _acronym(name: Name) -> str:
    if len(name.words) == 1 and len(name.compact) in ACRONYM_LENGTHS:
        return name.compact
    initials = "".join(word[0] for word in name.words if word not in PARTICLES)
    return initials if len(initials) in ACRONYM_LENGTHS else ""
