"""What becomes of an account without a customer: the decision table, row by row."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.records import netsuite
from tests.unit.transform.matching.parties import (
    ACCOUNT,
    FRENCH_VAT,
    GERMAN_VAT,
    OTHER_ACCOUNT,
    account,
    at_abc,
    customer,
)
from transform.domain.matching.judging import judge
from transform.domain.matching.parties import Finding, Judgement, Lesson, Party, Verdict


def said(judgement: Judgement) -> dict[str, Finding]:
    return {evidence.field: evidence.finding for evidence in judgement.evidence}


def test_t1_4_a_name_that_differs_in_its_legal_form_is_linked_by_the_shared_domain() -> None:
    found = judge(at_abc(account("ABC Corp")), [at_abc(customer("ABC Corporation"))])
    assert (found.verdict, found.candidate) == (Verdict.LINK, netsuite("customer", "501"))
    assert said(found)["web domain"] is Finding.AGREES


def test_t1_4_equal_names_alone_go_to_a_person() -> None:
    found = judge(account("ABC Corp"), [customer("ABC Corporation")])
    assert (found.verdict, found.candidate) == (Verdict.REVIEW, netsuite("customer", "501"))


@pytest.mark.parametrize("vats", [(GERMAN_VAT, FRENCH_VAT), ("DE111", "FR222")])
@pytest.mark.parametrize("shares_domain", [True, False])
def test_t1_4_two_different_tax_numbers_are_never_linked(
    vats: tuple[str, str], shares_domain: bool
) -> None:
    party = replace(account("ABC Corp"), tax_ids=vats[:1])
    candidate = replace(customer("ABC Corporation"), tax_ids=vats[1:])
    if shares_domain:
        party, candidate = at_abc(party), at_abc(candidate)
    found = judge(party, [candidate])
    assert found.verdict is Verdict.REVIEW
    assert said(found)["tax number"] is Finding.CONTRADICTS


def test_t1_5_the_second_of_two_equal_accounts_sees_the_first_one_s_reservation() -> None:
    """The first finds nobody and is created; while its customer is on the way, its reservation
    is a candidate of the second."""
    first = account("Nordwind Logistik GmbH", "DE")
    second = replace(account("NORDWIND Logistik", "DE"), ref=OTHER_ACCOUNT)
    assert judge(first, []).verdict is Verdict.CREATE
    reserved = replace(first, ref=netsuite("customer", "eid:sf-1-Account-1"))
    found = judge(second, [reserved])
    assert (found.verdict, found.candidate) == (Verdict.REVIEW, reserved.ref)


def test_a_valid_tax_number_links_whatever_the_web_domains_say() -> None:
    party = replace(account("ABC", "DE"), tax_ids=("136 695 976",), websites=("abc.de",))
    candidate = replace(customer("ABC GmbH", "DE"), tax_ids=(GERMAN_VAT,), websites=("abc.com",))
    assert judge(party, [candidate]).verdict is Verdict.LINK


def test_a_number_of_one_company_links_a_name_cut_short_and_a_tax_number_asks() -> None:
    """A group can be registered for VAT as one; a register of companies knows each by itself."""
    party, candidate = account("Halden Foods", "GB"), customer("Halden Foods Trading", "GB")
    numbered = [replace(one, registration_ids=("02713500",)) for one in (party, candidate)]
    assert judge(numbered[0], numbered[1:]).verdict is Verdict.LINK
    taxed = [replace(one, tax_ids=("GB980780684",)) for one in (party, candidate)]
    assert judge(taxed[0], taxed[1:]).verdict is Verdict.REVIEW


def test_a_tax_number_that_breaks_its_country_s_rules_is_no_evidence() -> None:
    party = replace(account("ABC Corp"), tax_ids=("DE111",))
    candidate = replace(customer("ABC Corporation"), tax_ids=("DE 111",))
    assert judge(party, [candidate]).verdict is Verdict.REVIEW


def test_one_tax_number_of_two_sister_companies_goes_to_a_person() -> None:
    """A group can be registered for VAT as one."""
    vat = ("GB980780684",)
    party = replace(account("Halden Foods Ltd", "GB"), tax_ids=vat)
    candidate = replace(customer("Halden Properties Ltd", "GB"), tax_ids=vat)
    found = judge(party, [candidate])
    assert found.verdict is Verdict.REVIEW
    assert said(found)["name"] is Finding.CONTRADICTS


@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("Brightwater Marine Supply", Verdict.LINK),
        ("Brightwater Marine Suply Inc.", Verdict.LINK),
        ("Brightwater Marine Holding", Verdict.REVIEW),
        ("Brightwater", Verdict.REVIEW),
        ("Oakridge Dental", Verdict.CREATE),
    ],
)
def test_a_phone_number_beside_the_name_decides_by_the_name(name: str, verdict: Verdict) -> None:
    party = replace(account("Brightwater Marine Supply, Inc."), phones=("(415) 201-3344",))
    candidate = replace(customer(name), phones=("+1 415 201 3344",))
    assert judge(party, [candidate]).verdict is verdict


def test_postcode_and_street_beside_an_equal_name_link() -> None:
    party = replace(account("Müller & Söhne GmbH", "DE"), street="Hauptstr. 12a")
    party = replace(party, postcode="10115", city="Berlin")
    same = replace(customer("Mueller und Soehne", "Germany"), street="Hauptstraße 12 a")
    assert judge(party, [replace(same, postcode="10115")]).verdict is Verdict.LINK
    assert judge(party, [replace(same, postcode="80331")]).verdict is Verdict.REVIEW


def test_a_free_mail_domain_never_counts() -> None:
    party = replace(account("Kestrel Joinery"), emails=("kestrel@gmail.com",))
    candidate = replace(customer("Kestrel Joinery"), emails=("kestrel@gmail.com",))
    assert judge(party, [candidate]).verdict is Verdict.REVIEW


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"country": "CA"}, "country"),
        ({"name": "ABC LLC"}, "legal form"),
        ({"is_person": True, "phones": ("4152013344",)}, "kind"),
        ({"duns": "150483782"}, "D-U-N-S number"),
        ({"customer_number": "C-1002"}, "customer number"),
        ({"registration_ids": ("HRB 4711",)}, "registration number"),
        ({"parent": netsuite("customer", "7")}, "parent"),
        ({"is_inactive": True}, "status"),
    ],
)
def test_what_contradicts_blocks_the_link_and_asks_a_person(
    change: dict[str, object], about: str
) -> None:
    party = replace(
        at_abc(account("ABC Corp")),
        duns="060704780",
        customer_number="C-1001",
        registration_ids=("HRB 4712",),
        parent=netsuite("customer", "8"),
        phones=("4152013344",),
    )
    candidate = replace(at_abc(customer("ABC Corporation")), **change)  # type: ignore[arg-type]  # each case names its field
    found = judge(party, [candidate])
    assert found.verdict is Verdict.REVIEW
    assert said(found)[about] is Finding.CONTRADICTS


def test_branches_that_share_a_domain_but_neither_phone_nor_door_go_to_a_person() -> None:
    north = replace(at_abc(account("ABC")), phones=("4152013344",), postcode="94105")
    south = replace(at_abc(customer("ABC")), phones=("2125553301",), postcode="10001")
    north, south = replace(north, street="1 Pier Rd"), replace(south, street="90 Wall St")
    assert judge(north, [south]).verdict is Verdict.REVIEW


def test_one_house_of_many_numbered_companies_makes_none_of_them_another() -> None:
    party = replace(account("Silver Foods 5002 Inc"), street="203 Foods St", postcode="62701")
    other = replace(customer("SILVER FOODS 1202"), street="203 Foods Street", postcode="62701")
    party = replace(party, websites=("silver-5002.example",))
    other = replace(other, websites=("silver-1202.example",))
    assert judge(party, [other]).verdict is Verdict.CREATE


def test_two_candidates_that_both_would_link_go_to_a_person() -> None:
    candidates = [at_abc(customer("ABC Corp", id_=id_)) for id_ in ("501", "502")]
    found = judge(at_abc(account("ABC Corp")), candidates)
    assert found.verdict is Verdict.REVIEW
    assert {found.candidate, found.others[0].candidate} == {c.ref for c in candidates}


def test_a_candidate_that_links_is_not_held_by_one_that_only_looks_alike() -> None:
    candidates = [at_abc(customer("ABC Corp")), customer("ABC Corporation", id_="502")]
    found = judge(at_abc(account("ABC Corp")), candidates)
    assert (found.verdict, found.candidate) == (Verdict.LINK, candidates[0].ref)
    assert [match.candidate for match in found.others] == [candidates[1].ref]


def test_what_a_person_said_of_a_pair_stands_above_the_rules() -> None:
    same = Lesson(party=ACCOUNT, candidate=netsuite("customer", "501"), are_same=True)
    different = replace(same, are_same=False)
    of_another = replace(different, party=OTHER_ACCOUNT)
    party, candidate = at_abc(account("ABC Corp")), at_abc(customer("ABC Corporation", "CA"))
    assert judge(party, [candidate]).verdict is Verdict.REVIEW
    assert judge(party, [candidate], [of_another]).verdict is Verdict.REVIEW
    assert judge(party, [candidate], [same]).verdict is Verdict.LINK
    assert judge(party, [candidate], [different]).verdict is Verdict.CREATE
    inactive = replace(candidate, is_inactive=True)
    assert judge(party, [inactive], [same]).verdict is Verdict.REVIEW


def test_evidence_quotes_no_value() -> None:
    party = replace(account("Zebrafink Optik", "DE"), tax_ids=(GERMAN_VAT,))
    party = replace(party, websites=("zebrafink.de",), phones=("030901820",), street="Allee 7")
    twin = replace(party, ref=netsuite("customer", "501"))
    found = judge(party, [twin])
    text = f"{found} {[evidence.sentence for evidence in found.evidence]} {party}"
    for value in ("ebrafink", "136695976", "901820", "Allee"):
        assert value not in text


def test_nothing_known_is_created_and_says_so() -> None:
    assert judge(Party(ref=ACCOUNT), []) == Judgement(verdict=Verdict.CREATE)
    assert judge(Party(ref=ACCOUNT), [customer("")]).verdict is Verdict.CREATE


def test_the_score_is_cut_not_rounded() -> None:
    """0.949 must not show as the 0.95 that would have linked."""
    found = judge(at_abc(account("Brightwater")), [at_abc(customer("Brightwater Holding"))])
    assert found.score < Decimal("0.95")
