"""Queries over REST: what they answer on the demo's data, and how wrong ones are refused."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest

FOUR_ACCOUNTS = Path(__file__).parent / "four_accounts.json"


@pytest.fixture(scope="module")
def rest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rest]:
    """Four accounts and three deals of their own, which no other test touches."""
    running = Sandbox(tmp_path_factory.mktemp("soql"), "--seed", str(FOUR_ACCOUNTS))
    running.start()
    yield Rest(running)
    running.stop()
    running.http.close()


def names(rest: Rest, soql: str) -> list[Any]:
    return [record["Name"] for record in rest.query(soql)]


def test_parents_nest_and_missing_parents_are_null(rest: Rest) -> None:
    (renewal,) = rest.query(
        "SELECT Name, Account.Name, Account.Owner.Username, Account.Parent.Name FROM Opportunity"
        " WHERE Name = 'renewal 2027'"
    )
    account = renewal["Account"]
    assert account["Name"] == "Acme GmbH"
    assert account["attributes"]["type"] == "Account"
    assert account["Owner"]["Username"].startswith("sales@")
    assert account["Parent"] is None


def test_children_come_as_pages_and_none_as_null(rest: Rest) -> None:
    records = rest.query(
        "SELECT Name, (SELECT Product2.ProductCode, TotalPrice FROM OpportunityLineItems"
        " ORDER BY TotalPrice DESC LIMIT 2) FROM Opportunity ORDER BY Name"
    )
    by_name = {record["Name"]: record["OpportunityLineItems"] for record in records}
    lines = by_name["Renewal 2027"]
    assert (lines["totalSize"], lines["done"]) == (2, True)
    assert [line["TotalPrice"] for line in lines["records"]] == [6000.0, 2500.0]
    assert lines["records"][0]["Product2"]["ProductCode"] == "SUB-PLAT"
    (sakura,) = rest.query(
        "SELECT (SELECT Id FROM Opportunities) FROM Account WHERE Name = 'Sakura KK'"
    )
    assert sakura["Opportunities"] is None


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Name = 'ACME GMBH'", ["Acme GmbH"]),
        ("Name LIKE 'A%' OR Name LIKE '_lobex%'", ["Acme GmbH", "Globex Inc"]),
        ("NOT Name LIKE '%e%'", ["Sakura KK"]),
        ("CurrencyIsoCode IN ('EUR', 'USD') AND BillingState = null", ["Acme GmbH"]),
        ("CurrencyIsoCode NOT IN ('EUR')", ["Globex Inc", "Initech Ltd", "Sakura KK"]),
        ("BillingState != 'IL'", ["Acme GmbH", "Initech Ltd", "Sakura KK"]),
        ("(Name = 'Acme GmbH' OR Name = 'Sakura KK') AND Type = 'Prospect'", ["Sakura KK"]),
        ("Id IN (SELECT AccountId FROM Opportunity WHERE Amount > 9999.99)", ["Acme GmbH"]),
        ("Id NOT IN (SELECT AccountId FROM Opportunity)", ["Initech Ltd", "Sakura KK"]),
        ("Owner.Username LIKE 'sales@%' AND BillingCity = 'Tokyo'", ["Sakura KK"]),
        ("CreatedDate = TODAY AND BillingCity = 'Tokyo'", ["Sakura KK"]),
        ("CreatedDate > LAST_N_DAYS:3 AND BillingCity = 'Tokyo'", []),
        ("CreatedDate >= LAST_N_DAYS:3 AND BillingCity = 'Tokyo'", ["Sakura KK"]),
        ("SystemModstamp > 2020-01-01T00:00:00.000+00:00 AND Name LIKE 'I%'", ["Initech Ltd"]),
        ("SystemModstamp > 2099-01-01T00:00:00Z", []),
        ("CreatedDate < TODAY", []),
        ("CreatedDate <= TODAY AND BillingCity = 'Tokyo'", ["Sakura KK"]),
        ("NS_Credit_Hold__c = FALSE AND Name = 'Acme GmbH'", ["Acme GmbH"]),
        ("Name = 'O\\'Hara'", []),
    ],
)  # fmt: skip
def test_filters_find_what_they_say(rest: Rest, where: str, expected: list[str]) -> None:
    assert names(rest, f"SELECT Name FROM Account WHERE {where} ORDER BY Name") == expected


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("ORDER BY BillingState DESC NULLS LAST, Name LIMIT 1", ["Globex Inc"]),
        ("ORDER BY BillingState, Name DESC LIMIT 1", ["Sakura KK"]),
        ("ORDER BY Name LIMIT 2 OFFSET 1", ["Globex Inc", "Initech Ltd"]),
    ],
)
def test_order_limit_and_offset_cut_the_list(rest: Rest, tail: str, expected: list[str]) -> None:
    assert names(rest, f"SELECT Name FROM Account {tail}") == expected


def test_aggregates_are_unnamed_or_named(rest: Rest) -> None:
    records = rest.query(
        "SELECT AccountId, COUNT(Id) deals, MAX(CloseDate), COUNT_DISTINCT(StageName)"
        " FROM Opportunity GROUP BY AccountId HAVING COUNT(Id) > 1"
    )
    (acme,) = records
    assert acme["attributes"] == {"type": "AggregateResult"}
    assert (acme["deals"], acme["expr1"]) == (2, 1)
    assert sorted(set(acme) - {"attributes"}) == ["AccountId", "deals", "expr0", "expr1"]


def test_amounts_of_deals_follow_the_rate_of_the_day_they_close(rest: Rest) -> None:
    """In the first half of 2026 a dollar was worth 0.990291 euros, and 0.970874 today."""
    name = f"Dated {uuid.uuid4()}"
    deal = rest.create(
        "Opportunity",
        Name=name,
        StageName="Prospecting",
        CloseDate="2026-03-15",
        CurrencyIsoCode="EUR",
    )
    (price,) = rest.query(
        "SELECT Id FROM PricebookEntry WHERE CurrencyIsoCode = 'EUR' AND IsActive = TRUE LIMIT 1"
    )
    line = {"PricebookEntryId": price["Id"], "Quantity": 1, "UnitPrice": 9902.91}
    rest.create("OpportunityLineItem", OpportunityId=deal, **line)
    where = f"WHERE Name = '{name}'"
    (found,) = rest.query(
        f"SELECT Amount, convertCurrency(Amount) inDollars FROM Opportunity {where}"
    )
    assert (found["Amount"], found["inDollars"]) == (9902.91, 10000.0)
    (total,) = rest.query(f"SELECT SUM(Amount) FROM Opportunity {where}")
    assert total["expr0"] == 10000.0
    (lines,) = rest.query(
        f"SELECT SUM(TotalPrice) FROM OpportunityLineItem WHERE OpportunityId = '{deal}'"
    )
    assert lines["expr0"] == 10000.0
    assert names(rest, f"SELECT Name FROM Opportunity {where} AND Amount > USD9999.5") == [name]
    assert names(rest, f"SELECT Name FROM Opportunity {where} AND Amount > USD10000.5") == []
    rest.update("Opportunity", deal, CloseDate="2026-11-20")
    (today,) = rest.query(f"SELECT SUM(Amount) FROM Opportunity {where}")
    assert today["expr0"] == 10200.0
    rest.delete("Opportunity", deal)


def test_sums_of_money_are_in_the_corporate_currency(rest: Rest) -> None:
    (dollars,) = rest.query(
        "SELECT SUM(Amount) total FROM Opportunity WHERE CurrencyIsoCode = 'USD'"
    )
    assert dollars["total"] == 5000.0
    (euros,) = rest.query("SELECT SUM(Amount) FROM Opportunity WHERE Name = 'Renewal 2027'")
    assert euros["expr0"] == 10300.0
    (converted,) = rest.query(
        "SELECT convertCurrency(Amount) FROM Opportunity WHERE Amount > USD10200"
    )
    assert converted["Amount"] == 10300.0


def test_groups_by_parts_of_dates(rest: Rest) -> None:
    records = rest.query(
        "SELECT CALENDAR_YEAR(CreatedDate) y, COUNT(Id) n FROM Account"
        " GROUP BY CALENDAR_YEAR(CreatedDate)"
    )
    assert [record["n"] for record in records] == [4]


def test_a_count_has_no_records(rest: Rest) -> None:
    answer = rest.call("GET", "/query", params={"q": "select count() from Opportunity"})
    assert answer.json() == {"totalSize": 3, "done": True, "records": []}


def test_fields_all_lists_everything_within_a_limit(rest: Rest) -> None:
    (account,) = rest.query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme GmbH' LIMIT 1")
    assert account["BillingAddress"]["city"] == "Berlin"
    assert "NS_VAT_Number__c" in account
    custom = rest.query("SELECT FIELDS(CUSTOM) FROM Account LIMIT 1")[0]
    assert all(name.endswith("__c") for name in custom if name != "attributes")
    answer = rest.call("GET", "/query", params={"q": "SELECT FIELDS(ALL) FROM Account"})
    assert answer.status_code == 400


def test_numbers_have_a_point_and_dates_their_form(rest: Rest) -> None:
    answer = rest.call(
        "GET",
        "/query",
        params={"q": "SELECT Amount, CloseDate FROM Opportunity WHERE Name = 'Expansion 2027'"},
    )
    assert '"Amount":5000.0' in answer.text
    assert len(answer.json()["records"][0]["CloseDate"]) == 10


def test_ids_of_both_lengths_find_the_record(rest: Rest) -> None:
    (account,) = rest.query("SELECT Id FROM Account WHERE Name = 'Acme GmbH'")
    for identifier in (account["Id"], account["Id"][:15]):
        assert len(rest.query(f"SELECT Id FROM Account WHERE Id = '{identifier}'")) == 1


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        (
            "select count() from XYZZY",
            "INVALID_TYPE",
            "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject"
            " type 'XYZZY' is not supported. If you are attempting to use a custom object, be sure"
            " to append the '__c' after the entity name. Please reference your WSDL or the describe"
            " call for the appropriate names.",
        ),
        (
            "SELECT Foo FROM Account",
            "INVALID_FIELD",
            "\nSELECT Foo FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Foo' on"
            " entity 'Account'. If you are attempting to use a custom field, be sure to append"
            " the '__c' after the custom field name. Please reference your WSDL or the describe"
            " call for the appropriate names.",
        ),
        (
            "SELECT Id FORM Account",
            "MALFORMED_QUERY",
            "\nSELECT Id FORM Account\n               ^\nERROR at Row:1:Column:16\n"
            "unexpected token: 'Account'",
        ),
        (
            "SELECT Id\nFROM Account WHERE Name = 5 AND",
            "MALFORMED_QUERY",
            "\nFROM Account WHERE Name = 5 AND\n                               ^\nERROR at"
            " Row:2:Column:32\nunexpected token: '<EOF>'",
        ),
    ],
)
def test_an_error_shows_the_place_and_says_what_is_wrong(
    rest: Rest, soql: str, code: str, message: str
) -> None:
    status, error = rest.refused("GET", "/query", params={"q": soql})
    assert (status, error["errorCode"]) == (400, code)
    assert error["message"] == message
    assert "fields" not in error


@pytest.mark.parametrize(
    ("soql", "words"),
    [
        ("SELECT Foo.Name FROM Account", "Didn't understand relationship 'Foo' in field path"),
        ("SELECT (SELECT Id FROM Foos) FROM Account", "in FROM part of query call"),
        ("SELECT Id FROM Account WHERE Name = 5", "must be of type string and should be enclosed"),
        ("SELECT Id FROM Opportunity WHERE Amount = '5'", "should not be enclosed in quotes"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-01-01", "must be of type dateTime"),
        ("SELECT Id FROM Account WHERE Id = 'x'", "invalid ID field: x"),
        ("SELECT Id FROM Account WHERE Description = 'x'", "can not be filtered in a query call"),
        ("SELECT Name, COUNT(Id) FROM Account", "Field must be grouped or aggregated: Name"),
        ("SELECT Id, Id FROM Account", "duplicate field selected: Id"),
        ("SELECT Name n FROM Account", "only aggregate expressions use field aliasing"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Id = null", "unexpected token"),
        ("SELECT Id FROM Account OFFSET 3000", "Maximum SOQL offset allowed is 2000"),
        ("SELECT Id FROM Account WHERE Name = 'open", "unexpected token"),
        ("", "A query string has to be specified"),
        ("DROP TABLE Account", "unexpected token: 'DROP'"),
        ("SELECT Id FROM Account WHERE CloseDate = TODAY", "No such column 'CloseDate'"),
        ("SELECT Id FROM Account WHERE CreatedDate > 2026-13-45T00:00:00Z", "invalid dateTime"),
        ("SELECT Id FROM Opportunity WHERE CloseDate = 2026-02-31", "invalid date"),
        ("SELECT Id FROM Opportunity WHERE Amount IN (USD5, 6)", "cannot mix currency literals"),
        ("SELECT Id FROM Opportunity WHERE convertCurrency(Amount) > 5", "not allowed in a filter"),
        ("SELECT Id FROM Account WHERE Name IN (SELECT Name FROM Contact)", "semi join"),
        ("SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)", "inner and outer"),
        ("SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
         "only allowed at the top level WHERE"),
        ("SELECT Id FROM Account WHERE Id IN (SELECT Name FROM Contact)", "must be an ID"),
        ("SELECT (SELECT COUNT(Id) FROM Contacts) FROM Account", "only root queries support"),
        ("SELECT GROUPING(Name) FROM Account GROUP BY Name", "GROUPING needs a field of GROUP BY"),
        ("SELECT Id FROM Account USING SCOPE nobody", "invalid scope: nobody"),
        ("SELECT TYPEOF Owner WHEN Account THEN Name END FROM Case", "type 'Account' is not"),
        ("SELECT DISTANCE(Name, GEOLOCATION(1,2), 'mi') FROM Account", "does not support"),
        ("SELECT DISTANCE(BillingAddress, GEOLOCATION(1,2), 'ell') FROM Account", "'mi' or 'km'"),
        ("SELECT DISTANCE(BillingAddress, GEOLOCATION(91,2), 'mi') FROM Account", "in degrees"),
        ("SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1,2), 'mi') = 5",
         "only be compared with < and >"),
        ("SELECT Id FROM Account WITH DATA CATEGORY Geo__c AT usa__c", "data categories"),
        ("SELECT COUNT(), Name FROM Account", "unexpected token: ','"),
        ("SELECT Id FROM Account WHERE COUNT(Id) > 1", "not allowed in a WHERE clause"),
        ("SELECT Id FROM Account ORDER BY MAX(Name)", "only order a query that groups"),
        ("SELECT MAX(MIN(Amount)) FROM Opportunity", "unexpected token"),
        ("SELECT toLabel(MailingAddress) FROM Contact", "does not support the function"),
        ("SELECT COUNT(Id) FROM Contact GROUP BY MailingAddress", "can not be grouped"),
        ("SELECT Name FROM Account HAVING Name = 'x'", "needs a group by"),
        ("SELECT COUNT() FROM Account GROUP BY Name", "with a group by"),
        ("SELECT Name n, COUNT(Id) n FROM Account GROUP BY Name", "duplicate alias: n"),
        ("SELECT Name FROM Account GROUP BY Name HAVING Type = 'x'", "must be grouped"),
        ("SELECT convertCurrency(SUM(Amount)) FROM Opportunity", "is not a currency field"),
    ],
)  # fmt: skip
def test_wrong_queries_are_refused(rest: Rest, soql: str, words: str) -> None:
    status, error = rest.refused("GET", "/query", params={"q": soql})
    assert status == 400
    assert words in error["message"]


def test_query_all_sees_what_was_deleted(rest: Rest) -> None:
    name = f"Deleted {uuid.uuid4()}"
    rest.delete("Account", rest.create("Account", Name=name))
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Name = '{name}'"
    assert rest.query(soql) == []
    assert [record["IsDeleted"] for record in rest.query(soql, "queryAll")] == [True]


def test_a_large_result_comes_in_pages_of_one_snapshot(rest: Rest) -> None:
    mark = uuid.uuid4().hex[:8]
    for _ in range(2):
        records = [
            {"attributes": {"type": "Product2"}, "Name": f"Page {number}", "NS_Item_Type__c": mark}
            for number in range(200)
        ]
        rest.call("POST", "/composite/sobjects", {"records": records})
    soql = f"SELECT Name FROM Product2 WHERE NS_Item_Type__c = '{mark}' ORDER BY Id"
    small = {"Sforce-Query-Options": "batchSize=250"}
    first = rest.call("GET", "/query", params={"q": soql}, headers=small).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (400, False, 250)
    assert first["nextRecordsUrl"].startswith("/services/data/v68.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-250")
    rest.create("Product2", Name="Late", NS_Item_Type__c=mark)
    base = rest.sandbox.salesforce["http"]
    second = rest.call("GET", base + first["nextRecordsUrl"], headers=small).json()
    assert (second["totalSize"], second["done"], len(second["records"])) == (400, True, 150)
    assert "nextRecordsUrl" not in second
    status, error = rest.refused("GET", "/query/01g000000000000AAA-250")
    assert (status, error["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_the_columns_of_a_query_are_told(rest: Rest) -> None:
    params = {"q": "SELECT Id, Account.Name FROM Opportunity", "columns": "true"}
    body = rest.call("GET", "/query", params=params).json()
    assert (body["entityName"], body["idSelected"], body["keyPrefix"]) == (
        "Opportunity",
        True,
        "006",
    )
    own, parent = body["columnMetadata"]
    assert (own["columnName"], own["apexType"], own["textType"]) == ("Id", "Id", True)
    assert parent["joinColumns"][0]["columnName"] == "Name"
    plans = rest.call("GET", "/query", params={"explain": params["q"]}).json()["plans"]
    assert plans[0]["sobjectType"] == "Opportunity"
    everything = len(rest.query("SELECT Id FROM Opportunity"))
    assert plans[0]["cardinality"] == plans[0]["sobjectCardinality"] == everything > 1
    (one, *_) = rest.query("SELECT Id FROM Opportunity")
    by_id = {"explain": f"SELECT Name FROM Opportunity WHERE Id = '{one['Id']}'"}
    (plan,) = rest.call("GET", "/query", params=by_id).json()["plans"]
    assert (plan["leadingOperationType"], plan["cardinality"]) == ("Index", 1)
    assert plan["sobjectCardinality"] == everything


def test_beside_the_empty_text_a_blank_is_the_least(rest: Rest) -> None:
    every = names(rest, "SELECT Name FROM Account")
    filled = names(rest, "SELECT Name FROM Account WHERE Phone != ''")
    blank = names(rest, "SELECT Name FROM Account WHERE Phone = ''")
    assert filled
    assert blank
    assert len(filled) + len(blank) == len(every)
    for operator, expected in ((">", filled), (">=", every), ("<", []), ("<=", blank)):
        found = names(rest, f"SELECT Name FROM Account WHERE Phone {operator} ''")
        assert sorted(found) == sorted(expected), operator
    assert len(names(rest, "SELECT Name FROM Account WHERE Id > ''")) == len(every)
    where = "SELECT Id FROM Account WHERE NumberOfEmployees > ''"
    _, error = rest.refused("GET", "/query", params={"q": where})
    assert error["errorCode"] == "INVALID_FIELD"
    assert error["message"].endswith("must be of type int and should not be enclosed in quotes")


def test_a_long_query_is_taken_up_to_the_limit_of_an_address(rest: Rest) -> None:
    ids = ",".join(f"'001dx000000{number:04d}'" for number in range(400))
    soql = f"SELECT Id FROM Account WHERE Id IN ({ids})"
    assert rest.call("GET", "/query", params={"q": soql}).status_code == 200
    status, error = rest.refused("GET", "/query", params={"q": soql + " " * 16_000})
    assert (status, error["errorCode"]) == (414, "URI_TOO_LONG")


def test_roll_ups_add_rows_for_groups_of_groups(rest: Rest) -> None:
    soql = (
        "SELECT StageName s, CurrencyIsoCode c, COUNT(Id) n, GROUPING(CurrencyIsoCode) g"
        " FROM Opportunity GROUP BY {}(StageName, CurrencyIsoCode)"
    )
    rolled = rest.query(soql.format("ROLLUP"))
    details = [row for row in rolled if row["g"] == 0]
    total = rolled[-1]
    assert (total["s"], total["c"], total["g"]) == (None, None, 1)
    assert total["n"] == sum(row["n"] for row in details)
    cubed = rest.query(soql.format("CUBE") + " ORDER BY GROUPING(StageName) DESC, COUNT(Id) DESC")
    assert len(cubed) > len(rolled)
    assert (cubed[0]["s"], cubed[0]["n"]) == (None, total["n"])


def test_values_are_formatted_for_the_user(rest: Rest) -> None:
    (row,) = rest.query(
        "SELECT FORMAT(Amount) a, FORMAT(CloseDate) d, Amount, CloseDate FROM Opportunity"
        " WHERE Name = 'Renewal 2027'"
    )
    year, month, day = (int(part) for part in row["CloseDate"].split("-"))
    assert row["d"] == f"{month}/{day}/{year}"
    assert row["a"] == f"EUR {row['Amount']:,.2f}"
    (largest,) = rest.query("SELECT FORMAT(MAX(Amount)) FROM Opportunity")
    assert largest["expr0"].startswith("USD ")


def test_a_polymorphic_parent_tells_its_type_and_shows_fields_by_it(rest: Rest) -> None:
    case = rest.create("Case", Subject="Whose?")
    (row,) = rest.query(
        "SELECT Owner.Type, TYPEOF Owner WHEN User THEN Username, Email WHEN Group THEN Name END"
        f" FROM Case WHERE Id = '{case}' AND Owner.Type = 'User'"
    )
    assert row["Owner"]["attributes"]["type"] == row["Owner"]["Type"] == "User"
    assert row["Owner"]["Email"] == row["Owner"]["Username"]
    assert rest.query("SELECT Id FROM Case WHERE Owner.Type = 'Group'") == []


def test_a_parent_may_have_a_name_of_its_own(rest: Rest) -> None:
    rest.create("Contact", LastName="Aliased", AccountId=_acme(rest))
    (row,) = rest.query(
        "SELECT c.LastName, a.Name FROM Contact c, c.Account a"
        " WHERE a.Name = 'Acme GmbH' AND c.LastName = 'Aliased'"
    )
    assert row["Account"]["Name"] == "Acme GmbH"


def test_children_have_children(rest: Rest) -> None:
    (account,) = rest.query(
        "SELECT (SELECT Name, (SELECT Quantity FROM OpportunityLineItems) FROM Opportunities"
        " WHERE Name = 'Renewal 2027') FROM Account WHERE Name = 'Acme GmbH'"
    )
    (deal,) = account["Opportunities"]["records"]
    assert deal["OpportunityLineItems"]["totalSize"] >= 2


def test_a_query_has_twenty_queries_of_children_at_most(rest: Rest) -> None:
    children = ", ".join(["(SELECT Id FROM Contacts)"] * 21)
    soql = f"SELECT {children} FROM Account LIMIT 1"
    status, error = rest.refused("GET", "/query", params={"q": soql})
    assert (status, error["errorCode"]) == (400, "MALFORMED_QUERY")
    assert "maximum of 20 child relationships" in error["message"]


def test_amounts_with_a_currency_stand_in_lists(rest: Rest) -> None:
    (deal,) = rest.query("SELECT Amount FROM Opportunity WHERE Name = 'Renewal 2027'")
    amount = f"EUR{deal['Amount']}"
    where = f"Amount IN ({amount}, USD1) ORDER BY Name"
    assert "Renewal 2027" in names(rest, f"SELECT Name FROM Opportunity WHERE {where}")


def test_many_children_have_a_locator_of_their_own(rest: Rest) -> None:
    parent = rest.create("Account", Name=uuid.uuid4().hex)
    rows = [
        {"attributes": {"type": "Contact"}, "LastName": f"{number:03}", "AccountId": parent}
        for number in range(250)
    ]
    for at in (0, 200):
        rest.call("POST", "/composite/sobjects", {"records": rows[at : at + 200]})
    soql = (
        "SELECT Name, (SELECT LastName, Account.Name FROM Contacts ORDER BY LastName) FROM Account"
        f" WHERE Id = '{parent}'"
    )
    small = {"Sforce-Query-Options": "batchSize=200"}
    page = rest.call("GET", "/query", params={"q": soql}, headers=small).json()
    contacts = page["records"][0]["Contacts"]
    assert (contacts["totalSize"], contacts["done"], len(contacts["records"])) == (250, False, 200)
    locator = contacts["nextRecordsUrl"].removeprefix("/services/data/v68.0")
    rest_of = rest.call("GET", locator, headers=small).json()
    assert rest_of["done"] is True
    assert [row["LastName"] for row in rest_of["records"]] == [f"{at:03}" for at in range(200, 250)]
    assert rest_of["records"][0]["Account"]["Name"] == page["records"][0]["Name"]


def _acme(rest: Rest) -> str:
    (account,) = rest.query("SELECT Id FROM Account WHERE Name = 'Acme GmbH'")
    return str(account["Id"])
