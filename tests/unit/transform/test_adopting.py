"""What adopting proposes for an account, and what it writes where that is to link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from kernel.maps.filters import OneOf, filter_of
from transform.domain.adopting.judging import proposed
from transform.domain.adopting.proposals import Proposal, Standing, Writes, writes_of
from transform.domain.adopting.records import (
    MARK,
    Customer,
    Texts,
    customer_of,
    own_external_id,
)
from transform.domain.facts import Identity
from transform.domain.matching.profiles import Profile, profile_of

ORG = "00Dxx0000001gERAAY"
ACCOUNT, OTHER = "001xx0000000001AAA", "001xx0000000002AAA"
OWN = own_external_id(ORG, ACCOUNT)
TEST_ACCOUNT = filter_of("test-account", "stays", OneOf("Type", ("Test",)))
SITE = {"url": "https://acme.example"}


@dataclass(frozen=True)
class Customers:
    """Every one is a candidate of every account."""

    rows: Sequence[Texts] = field(default_factory=tuple)

    def all(self) -> list[Customer]:
        return [customer_of(row) for row in self.rows]

    def customer(self, customer_id: str) -> Customer | None:
        return next((one for one in self.all() if one.id == customer_id), None)

    def customer_of_account(self, account_id: str) -> Customer | None:
        return next((one for one in self.all() if one.account() == account_id), None)

    def candidates(self, profile: Profile) -> Sequence[tuple[Customer, Profile]]:
        return [(one, profile_of(one.party)) for one in self.all()]


def acme(**changed: str) -> Texts:
    return {"Id": ACCOUNT, "Name": "Acme GmbH", "Website": "acme.example", **changed}


def known(**changed: str) -> Texts:
    return {"id": "501", "companyName": "ACME", "entityId": "CUST-1", **changed}


def standing(account: Texts, *customers: Texts) -> tuple[Standing, str]:
    found = proposed(account, [TEST_ACCOUNT], Customers(customers))
    return found.standing, found.customer_id


@pytest.mark.parametrize(
    ("customers", "expected"),
    [
        ([], (Standing.CREATE, "")),
        ([known(**SITE)], (Standing.LINK, "501")),
        ([known()], (Standing.REVIEW, "501")),
        ([known(**SITE, isInactive="T")], (Standing.REVIEW, "501")),
        ([known(companyName="Kestrel Joinery")], (Standing.CREATE, "")),
        ([known(**SITE), known(**SITE, id="502")], (Standing.REVIEW, "502")),
        ([known(**SITE, **{MARK: OTHER})], (Standing.REVIEW, "501")),
    ],
    ids=["nobody", "twin", "name alone", "inactive", "stranger", "two twins", "taken"],
)
def test_an_account_that_nobody_names_is_compared(
    customers: Sequence[Texts], expected: tuple[Standing, str]
) -> None:
    assert standing(acme(), *customers) == expected


@pytest.mark.parametrize(
    ("account", "customer", "expected"),
    [
        ({"NS_Customer_Id__c": "501"}, {"externalId": OWN}, (Standing.LINKED, "501")),
        ({"NS_Customer_Id__c": "501"}, {MARK: ACCOUNT}, (Standing.LINKED, "501")),
        ({}, {"externalId": OWN}, (Standing.LINK, "501")),
        ({"NS_Customer_Id__c": "501"}, {}, (Standing.LINK, "501")),
        ({"NS_Customer_Id__c": "501"}, {MARK: OTHER}, (Standing.LEFT, "")),
        ({"NS_Customer_Id__c": "999"}, {}, (Standing.LEFT, "")),
        ({"NS_Customer_Id__c": "nonsense"}, {}, (Standing.LEFT, "")),
    ],
)
def test_what_one_names_stands_above_all_likeness(
    account: Mapping[str, str], customer: Mapping[str, str], expected: tuple[Standing, str]
) -> None:
    far = {"companyName": "Kestrel Joinery"}
    assert standing(acme(**account), known(**far, **customer)) == expected


def test_an_account_and_a_customer_that_name_others_are_left_alone_and_it_says_why() -> None:
    found = proposed(
        acme(NS_Customer_Id__c="501"),
        [],
        Customers([known(), known(id="502", externalId=OWN)]),
    )
    assert found == Proposal(
        account_id=ACCOUNT,
        standing=Standing.LEFT,
        why="it names customer 501, and customer 502 names it",
    )


def test_a_filter_of_the_map_keeps_an_account_out() -> None:
    found = proposed(acme(Type="Test"), [TEST_ACCOUNT], Customers([known(**SITE)]))
    assert (found.standing, "test-account" in found.why) == (Standing.LEFT, True)


def test_reasons_quote_no_value() -> None:
    found = proposed(acme(), [], Customers([known(**SITE)]))
    assert found.why
    assert "cme" not in found.why


@pytest.mark.parametrize(
    ("identity", "stands", "wanted"),
    [
        (Identity.EXTERNAL_ID, {}, {"externalId": OWN}),
        (Identity.FIELD, {}, {MARK: ACCOUNT}),
        (Identity.BOTH, {}, {"externalId": OWN, MARK: ACCOUNT}),
        (Identity.EXTERNAL_ID, {"externalId": "ERP-1"}, {MARK: ACCOUNT}),
        (Identity.BOTH, {"externalId": "ERP-1"}, {MARK: ACCOUNT}),
        (Identity.EXTERNAL_ID, {"externalId": OWN}, {}),
        (Identity.BOTH, {"externalId": OWN}, {MARK: ACCOUNT}),
        (Identity.FIELD, {MARK: ACCOUNT}, {}),
    ],
)
def test_only_what_is_missing_of_the_identity_is_written(
    identity: Identity, stands: Mapping[str, str], wanted: Mapping[str, str]
) -> None:
    """An external id that another application has given stays."""
    found = writes_of(ACCOUNT, customer_of(known(**stands)), {}, ORG, identity)
    told = {"NS_Customer_Id__c": "501", "NS_Customer_Number__c": "CUST-1"}
    assert found == Writes(customer=wanted, account=told)
    assert writes_of(ACCOUNT, customer_of(known()), told, ORG, identity).account == {}
