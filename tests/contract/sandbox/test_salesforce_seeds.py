"""What the seeds put into the org: a believable company, or as much as is asked for."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest

SIZE = "size:accounts=300,opportunities=50,lines=3,seed=7"
LINES = "SELECT OpportunityId, TotalPrice, UnitPrice, Quantity FROM OpportunityLineItem"


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    """Big enough to show the pattern."""
    running = Sandbox(tmp_path_factory.mktemp("big"), "--seed", SIZE)
    running.start()
    yield Rest(running)
    running.stop()
    running.http.close()


def test_the_demo_company_sells_in_four_currencies(own_sandbox: Sandbox) -> None:
    rest = Rest(own_sandbox)
    deals = rest.query(
        "SELECT CurrencyIsoCode, IsWon, IsClosed, Amount, Pricebook2.Name FROM Opportunity"
    )
    assert {deal["CurrencyIsoCode"] for deal in deals} == {"EUR", "USD", "GBP", "JPY"}
    assert {deal["CurrencyIsoCode"] for deal in deals if deal["IsWon"]} == {
        "EUR", "USD", "GBP", "JPY",
    }  # fmt: skip
    assert {(deal["IsWon"], deal["IsClosed"]) for deal in deals} == {
        (True, True), (False, True), (False, False),
    }  # fmt: skip
    prices = rest.query("SELECT CurrencyIsoCode, Product2Id, Pricebook2Id FROM PricebookEntry")
    assert len(prices) == 5 * 4 * 2
    websites = Counter(
        str(account["Website"]).rpartition("/")[2].removeprefix("www.")
        for account in rest.query("SELECT Website FROM Account WHERE Website != null")
    )
    assert [site for site, count in websites.most_common(2)] == ["acme.example", "globex.example"]
    won = rest.query("SELECT AccountId FROM Opportunity WHERE IsWon = true")
    assert all(deal["AccountId"] for deal in won)


def test_a_big_org_has_what_was_asked_for(big: Rest) -> None:
    for name, count in (("Account", 300), ("Opportunity", 50)):
        answer = big.call("GET", "/query", params={"q": f"SELECT COUNT() FROM {name}"})
        assert answer.json()["totalSize"] == count
    first = big.query("SELECT Id, Name, CreatedDate FROM Account ORDER BY Id LIMIT 1")[0]
    assert first["Id"] == "001dx0000000001AAA"
    assert big.get("Account", first["Id"])["Name"] == first["Name"]


def test_deals_of_a_big_org_are_as_the_rules_would_have_left_them(big: Rest) -> None:
    """Saving one again changes nothing but its stamps."""
    stamps = {"LastModifiedDate", "LastModifiedById", "SystemModstamp", "attributes"}
    deals = [record["Id"] for record in big.query("SELECT Id FROM Opportunity LIMIT 12")]
    for deal in deals:
        before = big.get("Opportunity", deal)
        lines = [line for line in big.query(LINES) if line["OpportunityId"] == deal]
        assert before["Amount"] == sum(line["TotalPrice"] for line in lines)
        big.update("Opportunity", deal, Description=None)
        after = big.get("Opportunity", deal)
        assert {key for key in before if before[key] != after[key]} <= stamps
    line = big.query("SELECT Id FROM OpportunityLineItem LIMIT 1")[0]["Id"]
    before = big.get("OpportunityLineItem", line)
    big.update("OpportunityLineItem", line, UnitPrice=before["UnitPrice"])
    after = big.get("OpportunityLineItem", line)
    assert {key for key in before if before[key] != after[key]} <= stamps


def test_a_big_org_takes_new_records_and_knows_duplicates(big: Rest) -> None:
    known = big.query("SELECT Name, Phone, BillingStreet FROM Account LIMIT 1")[0]
    body = {key: known[key] for key in ("Name", "Phone", "BillingStreet")}
    _, error = big.refused("POST", "/sobjects/Account", body)
    assert error["errorCode"] == "DUPLICATES_DETECTED"
    made = big.create("Account", Name="Somebody new")
    assert big.get("Account", made)["Name"] == "Somebody new"


def test_a_size_that_cannot_be_is_refused_before_the_start(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "sandbox",
        "--state",
        str(tmp_path),
        "--seed",
        "size:accounts=x",
    ]
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert found.returncode == 2
    assert "accounts=x: use accounts=N, opportunities=N, lines=N, seed=N" in found.stderr
