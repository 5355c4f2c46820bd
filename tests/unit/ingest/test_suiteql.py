"""Statements: mapped columns only, checked ids, pages that cannot stall."""

from datetime import datetime

import pytest

from ingest.domain import suiteql
from ingest.domain.netsuite_fields import SOURCES, source_for
from ingest.domain.netsuite_transaction_fields import LINE, TRANSACTION, TRANSACTION_TYPES
from ingest.domain.suiteql import CUSTOMERS, DELETED, TRANSACTIONS, Page
from kernel.records import System
from tests.unit.ingest.samples import readings

SINCE = datetime(2026, 11, 20, 1, 9, 0)
STAMP = "YYYY-MM-DD HH24:MI:SS"


def test_changes_are_asked_for_by_the_wall_clock_oldest_first() -> None:
    assert suiteql.changed(TRANSACTIONS, SINCE, None) == (
        "SELECT id, type, entity, lastmodifiedby AS by,"
        f" TO_CHAR(lastmodifieddate, '{STAMP}') AS modified FROM transaction"
        f" WHERE type IN ({', '.join(repr(t) for t in sorted(TRANSACTION_TYPES.values()))})"
        f" AND lastmodifieddate >= TO_DATE('2026-11-20 01:09:00', '{STAMP}')"
        " ORDER BY lastmodifieddate, id"
    )


def test_a_page_full_of_one_moment_is_drained_by_id() -> None:
    later = suiteql.changed(CUSTOMERS, SINCE, Page("2026-11-20 01:10:00", "512"))
    moment = f"TO_DATE('2026-11-20 01:10:00', '{STAMP}')"
    assert f"(lastmodifieddate > {moment} OR (lastmodifieddate = {moment} AND id > 512))" in later
    gone = suiteql.changed(DELETED, SINCE, Page("2026-11-20 01:10:00", "512"))
    assert f"(deleteddate = {moment} AND recordid > 512)" in gone


def test_only_what_the_map_reads_is_selected_and_only_the_joins_it_needs() -> None:
    paths = {"tranId", "custbody_sf_opportunity_id", "baseTotal"}
    chosen = suiteql.selection(TRANSACTION, paths, one_world=True)
    statement = suiteql.documents(chosen, ["812", "9"])
    assert {path for path, _ in chosen.columns.values()} == paths
    assert "t.memo" not in statement
    assert "WHERE t.id IN (812, 9) ORDER BY t.id" in statement
    assert "JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'" in statement
    alone = suiteql.selection(TRANSACTION, {"tranId"}, one_world=True)
    assert "JOIN" not in suiteql.documents(alone, ["813"])


def test_lines_of_many_transactions_are_one_question() -> None:
    chosen = suiteql.selection(LINE, {"quantity", "custcol_sf_line_id"}, one_world=True)
    statement = suiteql.lines(chosen, ["5", "6"], Page("5", "2"))
    assert "WHERE l.mainline = 'F' AND l.iscogs = 'F' AND l.transaction IN (5, 6)" in statement
    assert "(l.transaction > 5 OR (l.transaction = 5 AND l.id > 2))" in statement
    assert "l.custcol_sf_line_id AS c0, l.quantity AS c1" in statement


def test_an_account_without_subsidiaries_is_not_asked_for_them() -> None:
    chosen = suiteql.selection(TRANSACTION, {"baseCurrency"}, one_world=False)
    statement = suiteql.documents(chosen, ["812"])
    assert "subsidiary" not in statement
    assert "LEFT JOIN currency b ON b.isbasecurrency = 'T'" in statement
    assert not suiteql.selection(TRANSACTION, {"subsidiary.id"}, one_world=False).columns


def test_whole_tables_are_read_in_pages_by_id() -> None:
    chosen = suiteql.selection(TRANSACTION, {"tranId"}, one_world=True)
    assert "WHERE t.id > 812 ORDER BY t.id" in suiteql.documents(chosen, None, "812")


def test_links_are_asked_for_at_both_ends_one_row_a_pair() -> None:
    statement = suiteql.linked(["5"], Page("5", "8"))
    assert "WHERE previousdoc IN (5) OR nextdoc IN (5) UNION ALL" in statement
    assert "AND m.transaction IN (5) UNION ALL" in statement
    assert ") WHERE previousdoc > 5 OR (previousdoc = 5 AND nextdoc > 8)" in statement
    assert statement.endswith("GROUP BY previousdoc, nextdoc ORDER BY previousdoc, nextdoc")


@pytest.mark.parametrize("text", ["", "eid:x", "1 OR 1=1", "-1", "１２"])
def test_what_is_no_id_never_reaches_a_statement(text: str) -> None:
    chosen = suiteql.selection(TRANSACTION, {"id"}, one_world=True)
    with pytest.raises(ValueError, match="not a NetSuite id"):
        suiteql.documents(chosen, [text])
    with pytest.raises(ValueError, match="does not match format"):
        suiteql.changed(TRANSACTIONS, SINCE, Page("' OR 1=1", "1"))


def test_every_field_that_cannot_be_read_is_named_with_what_can() -> None:
    assert suiteql.faults_of("vendor", [], {}) == [
        f"netsuite vendor cannot be read: use one of {', '.join(sorted(SOURCES))}"
    ]
    faults = suiteql.faults_of(
        "salesOrder",
        ["tranId", "custbody_sf_opportunity_id", "mood"],
        {
            "invoices": ["amountRemaining", "weather"],
            "item": ["custcol_sf_line_id", "salesOrder.id"],
            "apply": ["amount", "mood"],
            "fulfilments": ["id"],
        },
    )
    assert [fault.partition(" cannot")[0].partition(" that")[0] for fault in faults] == [
        "netsuite salesOrder.mood",
        "netsuite salesOrder.invoices.weather",
        "netsuite salesOrder.item.salesOrder.id",
        "netsuite salesOrder.apply.mood",
        "netsuite salesOrder has no list fulfilments",
    ]
    assert "amountRemaining" in faults[1]


def test_the_shipped_maps_can_be_read() -> None:
    for kind, reading in readings(System.NETSUITE).items():
        assert suiteql.faults_of(kind, reading.fields, reading.lines) == []


def test_an_account_with_one_currency_is_not_asked_for_any() -> None:
    wanted = ["currency.id", "currency.refName", "exchangeRate", "baseCurrency", "total"]
    chosen = suiteql.selection(SOURCES["invoice"], wanted, one_world=False, currency="USD")
    columns = {path: column.sql for path, column in chosen.columns.values()}
    assert columns == {
        "currency.refName": "'USD'",
        "exchangeRate": "1",
        "baseCurrency": "'USD'",
        "total": "t.foreigntotal",
    }
    assert "currency" not in suiteql.documents(chosen, ["7"]).replace("'USD'", "")


def test_the_one_currency_stands_among_the_reference_data() -> None:
    source = source_for("currency", "USD")
    chosen = suiteql.selection(
        source, ["symbol", "isBaseCurrency"], one_world=False, currency="USD"
    )
    assert suiteql.documents(chosen, None) == (
        "SELECT 1 AS id, TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI:SS') AS modified,"
        " 'T' AS c0, 'USD' AS c1 FROM dual ORDER BY 1"
    )
