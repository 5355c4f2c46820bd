"""Parties for tests: only what a test is about is named."""

from dataclasses import replace

from kernel.records import netsuite, salesforce
from transform.domain.matching.parties import Party

ACCOUNT = salesforce("Account", "001000000000001AAA")
OTHER_ACCOUNT = salesforce("Account", "001000000000002AAA")
GERMAN_VAT = "DE136695976"
FRENCH_VAT = "FR40303265045"


def account(name: str, country: str = "US") -> Party:
    return Party(ref=ACCOUNT, name=name, country=country)


def customer(name: str, country: str = "US", *, id_: str = "501") -> Party:
    return Party(ref=netsuite("customer", id_), name=name, country=country)


def at_abc(party: Party) -> Party:
    return replace(party, websites=("https://www.abc.com/about",))
