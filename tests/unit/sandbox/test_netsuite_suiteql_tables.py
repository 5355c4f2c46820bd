"""Every table and column of the list can be searched, and only by who may see its records."""

import csv
from collections import defaultdict
from decimal import Decimal

import pytest

from sandbox.netsuite.catalog import DATA
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.roles import Level, Rights
from sandbox.netsuite.suiteql.register import SearchFailure
from sandbox.netsuite.suiteql.run import search
from sandbox.netsuite.tables import load_tables
from sandbox.profile import DEFAULT, PROFILES
from tests.unit.sandbox.netsuite_account import Books, line

ONE_WORLD = ("subsidiary", "customersubsidiaryrelationship", "consolidatedexchangerate")


def listed() -> dict[str, list[str]]:
    tables: dict[str, list[str]] = defaultdict(list)
    with (DATA / "suiteql.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            tables[row["table"]].append(row["column"])
    return tables


@pytest.fixture(scope="module")
def books() -> Books:
    return Books()


def seen_by(books: Books, rights: Rights, query: str) -> int:
    return search(books.account, SearchFailure(), query, (), 1, 0, rights=rights).total


@pytest.mark.parametrize("table", listed())
def test_a_table_of_the_list_has_all_its_columns(books: Books, table: str) -> None:
    columns = listed()[table]
    rows = books.query(f"SELECT {', '.join(columns)} FROM {table} WHERE ROWNUM <= 5")
    assert all(set(row) <= set(columns) for row in rows)
    starred = books.query(f"SELECT * FROM {table} WHERE ROWNUM <= 5")
    assert all(row.items() <= other.items() for row, other in zip(rows, starred, strict=True))


def test_columns_lead_to_tables_that_can_be_joined(books: Books) -> None:
    tables = load_tables(DEFAULT)
    for name, columns in tables.items():
        for column in columns.values():
            if column.joins in tables and "id" in tables[column.joins]:
                books.query(
                    f"SELECT COUNT(*) FROM {name} a JOIN {column.joins} b"
                    f" ON b.id = a.{column.name} WHERE b.id = -1"
                )


def test_a_single_company_does_not_know_the_word_subsidiary() -> None:
    books = Books(PROFILES["single-subsidiary"])
    with pytest.raises(NetSuiteError) as error:
        books.query("SELECT subsidiary FROM transactionline")
    assert (
        "Unknown identifier 'subsidiary'. Available identifiers are: "
        "{transactionline=transactionline}." in error.value.detail
    )
    for table in ONE_WORLD:
        with pytest.raises(NetSuiteError, match=f"Record '{table}' was not found."):
            books.query(f"SELECT id FROM {table}")


def test_consolidated_rates_follow_the_dated_rates(books: Books) -> None:
    query = (
        "SELECT c.currentrate, c.averagerate, c.fromcurrency, c.tocurrency"
        " FROM consolidatedexchangerate c JOIN accountingperiod p ON p.id = c.postingperiod"
        " WHERE p.periodname = 'Oct 2026' AND c.fromsubsidiary = 2 AND c.tosubsidiary = 1"
    )
    (row,) = books.query(query)
    last = books.value(
        "SELECT exchangerate FROM currencyrate WHERE basecurrency = 1 AND transactioncurrency = 4"
        " AND effectivedate = TO_DATE('2026-10-31', 'YYYY-MM-DD')"
    )
    mean = books.value(
        "SELECT ROUND(AVG(exchangerate), 8) FROM currencyrate WHERE basecurrency = 1 AND"
        " transactioncurrency = 4 AND TO_CHAR(effectivedate, 'YYYY-MM') = '2026-10'"
    )
    assert (row["fromcurrency"], row["tocurrency"]) == ("4", "1")
    assert row["currentrate"] == last
    assert float(row["averagerate"]) == pytest.approx(float(mean), abs=2e-8)


def test_a_subsidiary_is_consolidated_to_itself_at_one(books: Books) -> None:
    rates = books.query(
        "SELECT DISTINCT currentrate, averagerate, historicalrate FROM consolidatedexchangerate"
        " WHERE fromsubsidiary = tosubsidiary"
    )
    assert rates == [{"currentrate": "1", "averagerate": "1", "historicalrate": "1"}]


def test_a_table_of_records_that_the_role_does_not_see_is_not_found(books: Books) -> None:
    rights = Rights(others=Level.FULL, records={"employee": Level.NONE})
    with pytest.raises(NetSuiteError, match="Search error occurred: Record 'employee' was not f"):
        seen_by(books, rights, "SELECT id FROM employee")
    assert seen_by(books, rights, "SELECT id FROM term") == 2


def test_one_kind_that_is_seen_opens_the_table_it_shares(books: Books) -> None:
    rights = Rights(records={"invoice": Level.VIEW})
    assert seen_by(books, rights, "SELECT id FROM transaction") == 0
    with pytest.raises(NetSuiteError, match="Record 'item' was not found"):
        seen_by(books, rights, "SELECT id FROM item")


def test_a_role_finds_the_rows_of_the_kinds_that_it_sees() -> None:
    """Lines, entries and links of the others are not there either."""
    books = Books()
    order = books.order(books.customer(), line(101, 1, 5))
    invoice = books.transform(order, "invoice")
    books.create("contact", firstName="A", subsidiary={"id": "1"})
    everything = Rights(others=Level.FULL)
    some = Rights(records={"invoice": Level.VIEW, "customer": Level.VIEW})
    for query, of_all, of_some in (
        ("SELECT id FROM transaction", 2, 1),
        ("SELECT transaction FROM transactionline WHERE mainline = 'T'", 2, 1),
        (f"SELECT account FROM transactionaccountingline WHERE transaction = {order.id}", 2, 0),
        (f"SELECT account FROM transactionaccountingline WHERE transaction = {invoice.id}", 2, 2),
        ("SELECT nextdoc FROM nexttransactionlink", 1, 0),
        ("SELECT id FROM entity WHERE type IN ('CustJob', 'Contact')", 2, 1),
    ):
        assert seen_by(books, everything, query) == of_all, query
        assert seen_by(books, some, query) == of_some, query


def test_an_account_with_one_currency_tells_of_none() -> None:
    books = Books(PROFILES["netsuite-single-currency"])
    books.invoice(books.create("customer", companyName="Alone Inc"), line(101, 1, 5))
    assert books.query("SELECT foreigntotal AS f FROM transaction") == [{"f": "5"}]
    for table in ("currency", "currencyrate", "consolidatedexchangerate"):
        with pytest.raises(NetSuiteError, match=f"Record '{table}' was not found."):
            books.query(f"SELECT id FROM {table}")
    for query in ("SELECT currency FROM customer", "SELECT exchangerate FROM transaction"):
        with pytest.raises(NetSuiteError, match=r"Unknown identifier '(currency|exchangerate)'"):
            books.query(query)


def test_a_column_that_went_overnight_is_unknown(books: Books) -> None:
    tables = {
        name: {key: one for key, one in columns.items() if (name, key) != ("term", "name")}
        for name, columns in books.account.tables.items()
    }
    with pytest.raises(NetSuiteError, match="Unknown identifier 'name'"):
        search(books.account, SearchFailure(), "SELECT name FROM term", (), 1, 0, tables=tables)


def test_an_amount_is_consolidated_at_the_rate_of_its_month() -> None:
    books = Books()
    customer = books.customer(subsidiary=2)
    books.invoice(customer, line(101, 1, 6000), tranDate="2026-10-15")
    rate = books.value(
        "SELECT currentrate FROM consolidatedexchangerate c JOIN accountingperiod p"
        " ON p.id = c.postingperiod WHERE p.periodname = 'Oct 2026' AND c.fromsubsidiary = 2"
        " AND c.tosubsidiary = 1"
    )
    amount = "BUILTIN.CONSOLIDATE(debit, 'LEDGER', 'DEFAULT', 'CURRENT', 1, 'DEFAULT', 'DEFAULT')"
    (row,) = books.query(
        f"SELECT {amount} AS d, BUILTIN.CURRENCY({amount}) AS s, BUILTIN.CURRENCY(debit) AS o"
        " FROM transactionaccountingline WHERE debit IS NOT NULL"
    )
    assert Decimal(row["d"]) == 6000 * Decimal(rate)
    assert (row["s"], row["o"]) == ("USD", "EUR")
