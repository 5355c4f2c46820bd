"""How each field of a party is read before it is compared."""

from dataclasses import replace

import pytest

from tests.unit.transform.matching.parties import account
from transform.domain.matching.addresses import address_of
from transform.domain.matching.blocking import blocking_keys, strong_keys
from transform.domain.matching.countries import country_of
from transform.domain.matching.domains import domain_of_email, domain_of_website
from transform.domain.matching.legal_forms import COUNTRIES, may_be_same, stripped
from transform.domain.matching.names import names_of
from transform.domain.matching.normalise import folded, words_of
from transform.domain.matching.phones import e164_of
from transform.domain.matching.profiles import profile_of
from transform.domain.matching.tax_ids import duns_of, tax_id_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Straßenbau Łódź Ørsted œuvre", "strassenbau lodz orsted oeuvre"),
        ("ГАЗПРОМ нефть", "gazprom neft"),
        ("Αθήνα", "athina"),
        ("O'Brien’s  &\tSons, A.B.C.", "obriens and sons abc"),
        ("Ｆｕｌｌｗｉｄｔｈ １２", "fullwidth 12"),
        ("Amazon.com", "amazon com"),
        ("", ""),
    ],
)
def test_texts_fold(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("J. P. Morgan", "jp morgan"),
        ("García y López", "garcia and lopez"),
        ("Müller und Söhne", "muller and sohne"),
        ("E Y", "ey"),
        ("I B M", "ibm"),
    ],
)
def test_initials_are_one_word_and_every_and_is_and(text: str, expected: str) -> None:
    assert " ".join(words_of(text)) == expected


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("Acme G.m.b.H. & Co. KG", "acme", "gmbh co kg"),
        ("Acme S.A. de C.V.", "acme", "sa de cv"),
        ("Acme Sp. z o. o.", "acme", "sp z oo"),
        ("ООО «Акме»", "akme", "ooo"),
        ("P.T. Acme Tbk", "acme", "pt"),
        ("AS Acme", "acme", "as"),
        ("Acme A/S", "acme", "as"),
        ("Acme (Pty) Ltd", "acme", "pty"),
        ("Acme Private Limited", "acme", "pvt"),
        ("Acme Company, Inc.", "acme", "inc"),
        ("Acme Sdn. Bhd.", "acme", "sdn bhd"),
        ("株式会社アクメ", "アクメ", "kk"),
        ("Acme s.r.o.", "acme", "sro"),
        ("Acme Oy Ab", "acme", "oy"),
        ("Ltd", "ltd", ""),
        ("S.A. de C.V.", "sa de cv", ""),
    ],
)
def test_legal_forms_are_taken_off(text: str, name: str, form: str) -> None:
    found = stripped(words_of(text))
    assert (" ".join(found.words), found.form) == (name, form)


def test_legal_forms_of_many_countries_are_known() -> None:
    assert len(COUNTRIES) >= 20
    assert may_be_same("ooo", "llc")
    assert may_be_same("", "ag")
    assert not may_be_same("gmbh", "ag")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://user@www.Example.co.uk:8080/shop?a=b", "example.co.uk"),
        ("abc.com", "abc.com"),
        ("müller.de", "xn--mller-kva.de"),
        ("shop.acme.com.au", "acme.com.au"),
        ("acme.wixsite.com/home", "acme.wixsite.com"),
        ("https://facebook.com/acme", ""),
        ("n/a", ""),
        ("10.0.0.1", ""),
        ("gmail.com", ""),
        ("", ""),
    ],
)
def test_a_web_address_gives_the_domain_that_somebody_owns(text: str, expected: str) -> None:
    assert domain_of_website(text) == expected


def test_an_e_mail_address_gives_its_domain_unless_it_is_free_mail() -> None:
    assert domain_of_email("Jo <jo@mail.acme.io>") == "acme.io"
    assert domain_of_email("jo@gmail.com") == domain_of_email("jo") == ""


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("(415) 201-3344 ext. 12", "US", "+14152013344"),
        ("0049 30 901820", "", "+4930901820"),
        ("030/901820", "DE", "+4930901820"),
        ("030/901820", "", ""),
        ("000-000-0000", "US", ""),
        ("123-456-7890", "US", ""),
        ("call Bob", "US", ""),
    ],
)
def test_phones_are_read_in_their_country(text: str, country: str, expected: str) -> None:
    assert e164_of(text, country) == expected


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("136 695 976", "DE", ("DE136695976", True)),
        ("CHE-116.281.710 MWST", "CH", ("CHE116281710", True)),
        ("NO 995 525 828 MVA", "", ("NO995525828", True)),
        ("XI980780684", "", ("GB980780684", True)),
        ("12-3456789", "US", ("US123456789", True)),
        ("DE111", "DE", ("DE111", False)),
        ("pending", "DE", None),
    ],
)
def test_tax_numbers_are_checked_by_their_country_s_rules(
    text: str, country: str, expected: tuple[str, bool] | None
) -> None:
    found = tax_id_of(text, country)
    assert (found and (found.text, found.is_valid)) == expected


def test_a_d_u_n_s_number_has_nine_digits() -> None:
    assert duns_of("06-070-4780") == "060704780"
    assert duns_of("000000000") == duns_of("12345") == ""


def test_addresses_fold_and_leave_the_unit_aside() -> None:
    one = address_of("Hauptstr. 12a", "10115", "Berlin", "DE")
    assert one == address_of("Hauptstraße 12 a", "10115", "BERLIN", "DE")
    suite = address_of("100 Main St., Suite 300", "94105-1234", "SF", "US")
    assert (suite.street, suite.postcode, suite.unit) == ("100 main street", "94105", "300")


def test_countries_are_read_as_codes_names_and_netsuite_s_words() -> None:
    texts = ("US", "usa", "United States", "_unitedStates", "U.S.A.")
    assert {country_of(text) for text in texts} == {"US"}
    assert (country_of("XK"), country_of("Atlantis")) == ("XK", "")


def test_a_text_can_give_several_names() -> None:
    def names(text: str) -> list[str]:
        return [" ".join(name.words) for name in names_of(text)]

    assert names("Foo Ventures LLC d/b/a Bar") == ["foo venture", "bar"]
    assert names("International Business Machines (IBM)")[-1] == "international business machine"
    assert "ibm" in names("International Business Machines (IBM)")
    assert names("The Hershey Company") == names("Hershey Company, The") == ["hershey"]


def test_keys_meet_for_what_may_be_one_and_strong_ones_only_for_the_same() -> None:
    one, other = account("International Business Machines"), account("I.B.M.")
    assert blocking_keys(one) & blocking_keys(other)
    typo = account("Brightwatr Marine Supply Inc")
    assert blocking_keys(account("Brightwater Marine Supply")) & blocking_keys(typo)
    vat = replace(one, tax_ids=("12-3456789",))
    assert "tax:US123456789" in strong_keys(profile_of(vat)) <= blocking_keys(vat)
    assert not blocking_keys(account("Oakridge Dental")) & blocking_keys(one)
