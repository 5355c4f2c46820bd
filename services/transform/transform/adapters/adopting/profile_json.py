"""A read party as JSON and back: what is opened again can hold nothing but texts and numbers.

Arrays in a fixed order: half a million of them are written and read.
"""

import json
from typing import Any

from kernel.records import RecordRef
from transform.domain.matching.addresses import Address
from transform.domain.matching.names import Name
from transform.domain.matching.parties import Party
from transform.domain.matching.profiles import Profile
from transform.domain.matching.tax_ids import TaxId


def packed(profile: Profile) -> bytes:
    address = profile.address
    content = [
        _party(profile.party),
        [[name.words, name.form] for name in profile.names],
        profile.country,
        sorted(profile.domains),
        sorted(profile.phones),
        [[tax_id.text, tax_id.is_vat, tax_id.is_valid] for tax_id in profile.tax_ids],
        sorted(profile.registrations),
        profile.duns,
        profile.customer_number,
        [address.postcode, address.city, address.street, sorted(address.numbers), address.unit],
    ]
    return json.dumps(content, separators=(",", ":")).encode()


def unpacked(content: bytes) -> Profile:
    """ValueError for bytes that are no such profile."""
    try:
        (party, names, country, domains, phones, tax_ids, registrations, duns, number,
         [postcode, city, street, numbers, unit]) = json.loads(content)  # fmt: skip
        return Profile(
            party=_read(*party),
            names=tuple(Name(tuple(words), form) for words, form in names),
            country=country,
            domains=frozenset(domains),
            phones=frozenset(phones),
            tax_ids=tuple(TaxId(text, is_vat, is_valid) for text, is_vat, is_valid in tax_ids),
            registrations=frozenset(registrations),
            duns=duns,
            customer_number=number,
            address=Address(postcode, city, street, frozenset(numbers), unit),
        )
    except TypeError as error:
        raise ValueError(f"no profile: {error}") from error


def _party(party: Party) -> list[object]:
    return [
        str(party.ref),
        party.name,
        party.is_person,
        party.websites,
        party.emails,
        party.phones,
        party.tax_ids,
        party.registration_ids,
        party.duns,
        party.customer_number,
        party.country,
        party.postcode,
        party.city,
        party.street,
        str(party.parent) if party.parent else "",
        party.is_inactive,
    ]


def _read(*values: Any) -> Party:
    (ref, name, is_person, websites, emails, phones, tax_ids, registration_ids, duns, number,
     country, postcode, city, street, parent, is_inactive) = values  # fmt: skip
    return Party(
        ref=RecordRef.parse(ref),
        name=name,
        is_person=is_person,
        websites=tuple(websites),
        emails=tuple(emails),
        phones=tuple(phones),
        tax_ids=tuple(tax_ids),
        registration_ids=tuple(registration_ids),
        duns=duns,
        customer_number=number,
        country=country,
        postcode=postcode,
        city=city,
        street=street,
        parent=RecordRef.parse(parent) if parent else None,
        is_inactive=is_inactive,
    )
