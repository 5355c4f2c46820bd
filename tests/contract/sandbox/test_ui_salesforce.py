"""The Salesforce pages for people: lists, records, forms, and what a sales person does."""

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.pages_client import Browser

SALES = "sales@tallystick.example"


@pytest.fixture
def browser(sandbox: Sandbox) -> Iterator[Browser]:
    sandbox.seed("demo")
    with Browser(sandbox.salesforce["http"]) as opened:
        yield opened


def deal(browser: Browser, name: str) -> None:
    browser.open("/ui/Opportunity")
    browser.follow(name)


def test_a_list_leads_to_a_record_with_its_lines_and_what_hangs_on_it(browser: Browser) -> None:
    page = browser.open("/ui")
    assert page.title == "Opportunities"
    assert {"header", "nav", "main", "footer"} <= set(page.landmarks)
    page = browser.follow("Renewal 2027")
    assert page.title == "Renewal 2027"
    assert "Opportunity · Acme GmbH · 10,000.00 EUR · Negotiation/Review" in page.text
    assert "6,000.00 EUR" in page.text
    page = browser.follow("Acme GmbH")
    assert {"Renewal 2027", "Support upgrade", "Erika Mustermann"} <= set(page.links)


def test_a_search_finds_names_and_takes_wildcards_and_quotes_as_they_are(
    browser: Browser,
) -> None:
    browser.open("/ui/Account")
    assert "Acme GmbH" in browser.send("Search", search="acme").links
    assert "Globex Inc" not in browser.page.links
    assert "Acme GmbH" not in browser.send("Search", search="A%").links
    assert "None has “O'<b>” in its name." in browser.send("Search", search="O'<b>").text


def test_a_long_list_comes_in_pages(browser: Browser, sandbox: Sandbox) -> None:
    browser.open("/ui/Account/new")
    for number in range(24):
        browser.send("Create", Name=f"Many {number:02}", CurrencyIsoCode="EUR")
        browser.open("/ui/Account/new")
    first = set(browser.open("/ui/Account?search=").links)
    second = set(browser.follow("Next page").links)
    assert "Many 23" in second
    assert "Many 23" not in first
    assert "Acme GmbH" in set(browser.follow("Previous page").links)


def test_closing_a_deal_goes_through_the_rules_the_events_and_the_journal(
    browser: Browser, sandbox: Sandbox
) -> None:
    before = sandbox.end_of_journal("salesforce")
    deal(browser, "Renewal 2027")
    page = browser.send("Close won")
    assert "The opportunity is closed won." in page.text
    assert "Close won" not in [button for form in page.forms for button in form.buttons]
    entries = [
        entry for entry in sandbox.journal("salesforce", before) if entry["method"] == "POST"
    ]
    assert [entry["actor"] for entry in entries] == [SALES]
    (change,) = entries[0]["mutations"]
    assert (change["record"], change["after"]["StageName"]) == ("Opportunity", "Closed Won")
    assert change["after"]["IsWon"] is True


def test_a_new_deal_is_made_with_its_products_in_one_go(browser: Browser) -> None:
    browser.open("/ui/Opportunity/new")
    prices = browser.page.forms[0].choices["PricebookEntryId0"]
    silver = next(shown for shown in prices if shown.startswith("Silver") and "EUR (E" in shown)
    gateway = next(shown for shown in prices if shown.startswith("Edge") and "EUR (E" in shown)
    asked = {
        "Name": "Fresh deal",
        "AccountId": "Acme GmbH",
        "StageName": "Negotiation/Review",
        "CurrencyIsoCode": "EUR",
        "PricebookEntryId0": silver,
        "UnitPrice0": "1234.50",
        "PricebookEntryId1": gateway,
        "Quantity1": "2",
    }
    page = browser.send("Create", **asked)
    assert page.title == "Fresh deal", page.text
    assert "1,234.50 EUR" in page.text
    assert "Edge gateway" in page.text


def test_a_deal_with_a_price_of_another_currency_is_refused_whole_in_the_orgs_words(
    browser: Browser,
) -> None:
    browser.open("/ui/Opportunity/new")
    prices = browser.page.forms[0].choices["PricebookEntryId0"]
    yen = next(shown for shown in prices if "USD (E" in shown)
    page = browser.send(
        "Create",
        Name="Mixed deal",
        AccountId="Acme GmbH",
        StageName="Negotiation/Review",
        CurrencyIsoCode="EUR",
        PricebookEntryId0=yen,
    )
    assert browser.status == 400
    assert "[FIELD_INTEGRITY_EXCEPTION]" in page.problems[0]
    assert page.forms[0].values["Name"] == "Mixed deal"
    assert "Mixed deal" not in browser.open("/ui/Opportunity").links


def test_a_refused_edit_shows_the_orgs_words_beside_the_field_and_keeps_what_was_typed(
    browser: Browser,
) -> None:
    browser.open("/ui/Account")
    browser.follow("Acme GmbH")
    browser.follow("Edit")
    page = browser.send("Save", Name="", Website="https://kept.example")
    assert browser.status == 400
    assert "Required fields are missing: [Name] [REQUIRED_FIELD_MISSING]" in page.problems[0]
    assert page.forms[0].values["Website"] == "https://kept.example"
    page = browser.send("Save", Name="Acme & <Söhne> GmbH")
    assert page.title == "Acme & <Söhne> GmbH"
    assert "It is saved." in page.text


def test_a_product_is_added_to_an_open_deal_and_taken_off_again(browser: Browser) -> None:
    deal(browser, "Support upgrade")
    form = next(form for form in browser.page.forms if "Add product" in form.buttons)
    silver = next(shown for shown in form.choices["PricebookEntryId0"] if shown[:6] == "Silver")
    page = browser.send("Add product", PricebookEntryId0=silver, Quantity0="3", UnitPrice0="10")
    assert "2,130.00 EUR" in page.text
    page = browser.send("Add product", PricebookEntryId0="", Quantity0="x")
    assert browser.status == 400
    assert page.problems
    line = next(link for link in page.links if link.endswith("Silver support"))
    browser.follow(line)
    browser.follow("Delete")
    assert "2,100.00 EUR" in browser.send("Delete").text


def test_who_acts_decides_what_may_be_done(browser: Browser, sandbox: Sandbox) -> None:
    browser.open("/ui/Product2")
    browser.act_as("admin")
    assert browser.address == "/ui/Product2"
    browser.follow("Gold support")
    browser.follow("Edit")
    before = sandbox.end_of_journal("salesforce")
    assert "105" in browser.send("Save", NS_Item_Id__c="105").text
    actors = {entry["actor"] for entry in sandbox.journal("salesforce", before)}
    assert actors == {"admin@tallystick.example"}


def test_a_form_of_another_site_or_without_its_token_changes_nothing(sandbox: Sandbox) -> None:
    base = sandbox.salesforce["http"]
    with Browser(base) as browser:
        browser.open("/ui/Opportunity")
        name = next(link for link in browser.page.links if "2027" in link or "deal" in link)
        target = f"{browser.page.links[name]}/win"
        browser.follow(name)
        form = next(form for form in browser.page.forms if "Change" in form.buttons)
    token = {"page_token": form.values["page_token"]}
    foreign = {"Origin": "https://evil.example"}
    cases: list[tuple[dict[str, str], dict[str, str], str]] = [
        ({}, {}, "before the stand-in was started"),
        (token, foreign, "another site's page"),
        (token, {"Sec-Fetch-Site": "cross-site"}, "another site's page"),
        (token, {"Host": "evil.example"}, "this machine only"),
    ]
    before = sandbox.end_of_journal("salesforce")
    for data, headers, words in cases:
        answer = httpx.post(f"{base}{target}", data=data, headers=headers)
        assert answer.status_code == 403
        assert words in answer.text
    assert not any(entry["mutations"] for entry in sandbox.journal("salesforce", before))


def test_an_address_without_a_page_says_so_in_a_page(browser: Browser) -> None:
    for address in ("/ui/Nothing", "/ui/Opportunity/006dx0000009999AAA", "/ui/a/b/c/d", "/ui/%ff"):
        page = browser.open(address)
        assert browser.status == 404
        assert page.title == "There is no such page"


def test_the_pages_are_no_part_of_the_vendors_limits_and_no_fault_meets_them(
    browser: Browser, sandbox: Sandbox
) -> None:
    sandbox.faults({"system": "salesforce", "path": "*", "effect": "status", "status": 503})
    assert browser.open("/ui/Opportunity").title == "Opportunities"
    assert browser.status == 200
