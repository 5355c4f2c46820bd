"""A party read once: each field in the one way of writing in which it can be compared."""

from dataclasses import dataclass, field

from transform.domain.matching.addresses import Address, address_of
from transform.domain.matching.countries import country_of
from transform.domain.matching.domains import domain_of_email, domain_of_website
from transform.domain.matching.names import Name, names_of
from transform.domain.matching.parties import Party
from transform.domain.matching.phones import e164_of
from transform.domain.matching.tax_ids import TaxId, duns_of, plain, tax_id_of

REGISTRATION_MIN = 4
"""Letters and digits of the shortest number in a register of companies."""
TEXTS_MAX = 8
"""Of one field: further websites, phones and numbers are not looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    party: Party
    names: tuple[Name, ...] = field(repr=False)
    country: str
    domains: frozenset[str] = field(repr=False)
    phones: frozenset[str] = field(repr=False)
    tax_ids: tuple[TaxId, ...] = field(repr=False)
    registrations: frozenset[str] = field(repr=False)
    duns: str = field(repr=False)
    customer_number: str = field(repr=False)
    address: Address = field(repr=False)


def profile_of(party: Party) -> Profile:
    country = country_of(party.country)
    sites = (domain_of_website(text) for text in party.websites[:TEXTS_MAX])
    mails = (domain_of_email(text) for text in party.emails[:TEXTS_MAX])
    phones = (e164_of(text, country) for text in party.phones[:TEXTS_MAX])
    tax_ids = (tax_id_of(text, country) for text in party.tax_ids[:TEXTS_MAX])
    registrations = (plain(text).lstrip("0") for text in party.registration_ids[:TEXTS_MAX])
    return Profile(
        party=party,
        names=names_of(party.name),
        country=country,
        # people of one company share its domain
        domains=frozenset() if party.is_person else frozenset({*sites, *mails} - {""}),
        phones=frozenset({*phones} - {""}),
        tax_ids=tuple(found for found in tax_ids if found),
        registrations=frozenset(text for text in registrations if len(text) >= REGISTRATION_MIN),
        duns=duns_of(party.duns),
        customer_number=plain(party.customer_number),
        address=address_of(party.street, party.postcode, party.city, country),
    )
