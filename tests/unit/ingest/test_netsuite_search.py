"""Pages and links: everything is found once, however many rows share one minute."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from ingest.app.lifetime import Patience
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.domain.netsuite_documents import AccountClock
from ingest.ports import PAGE_ROWS, Row
from kernel.errors import PermanentError
from tests.unit.ingest.fakes import context

NOW = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
CLOCK = AccountClock(timedelta(), NOW)
AFTER = re.compile(r"> TO_DATE\('([^']+)'.* AND (?:id|recordid) > (\d+)\)")
LINKS = {"815": [("813", "CustInvc")], "813": [("812", "SalesOrd")], "820": [("813", "CustInvc")],
         "830": [("831", "CustInvc")], "831": [("830", "CustPymt")]}  # fmt: skip


class FakeNetSuite:
    """Tables of (moment, id), served a page at a time as the statement asks; and links."""

    def __init__(self, **tables: list[tuple[str, int]]) -> None:
        self.tables = tables
        self.calls = 0

    async def server_time(self) -> datetime:
        return NOW

    async def rows(self, sql: str) -> Sequence[Row]:
        self.calls += 1
        if "nexttransactionlink" in sql:
            return self._links(sql)
        if "FROM subsidiary" in sql:
            raise PermanentError("NetSuite: HTTP 400 INVALID_PARAMETER Unknown identifier")
        table = sql.partition(" FROM ")[2].partition(" ")[0]
        rows = sorted(self.tables.get(table, []))
        after = AFTER.search(sql)
        if after:
            rows = [row for row in rows if row > (after.group(1), int(after.group(2)))]
        return [
            {"modified": moment, "id": str(number), "type": "SalesOrd"}
            for moment, number in rows[:PAGE_ROWS]
        ]

    def _links(self, sql: str) -> Sequence[Row]:
        ids = re.findall(r"\d+", sql.partition(" IN (")[2].partition(")")[0])
        return [
            {"nextdoc": near, "previousdoc": far, "previoustype": kind}
            for near in ids
            for far, kind in LINKS.get(near, [])
        ]


def search(netsuite: FakeNetSuite) -> NetSuiteSearch:
    return NetSuiteSearch(netsuite, Patience(context()))


@pytest.mark.parametrize("count", [0, 1, PAGE_ROWS, PAGE_ROWS + 1, 2 * PAGE_ROWS + 500])
async def test_rows_that_share_one_minute_are_all_found_once(count: int) -> None:
    netsuite = FakeNetSuite(transaction=[("2026-11-20 09:10:00", n) for n in range(count)])
    found = await search(netsuite).changes(NOW, CLOCK)
    assert [row.id for row in found] == [str(number) for number in range(count)]
    assert netsuite.calls == 2 + count // PAGE_ROWS + 1


async def test_deleted_rows_are_found_as_deleted_with_their_moment() -> None:
    netsuite = FakeNetSuite(deletedrecord=[("2026-11-20 09:10:00", 7)])
    [row] = await search(netsuite).changes(NOW, CLOCK)
    assert (row.id, row.deleted, row.user) == ("7", True, "system")
    assert row.at == datetime(2026, 11, 20, 9, 10, tzinfo=UTC)


async def test_a_payment_leads_over_its_invoice_to_the_order() -> None:
    found = await search(FakeNetSuite()).orders_of(["815", "813", "820", "99", "830"])
    assert found == {
        "815": frozenset({"812"}),
        "813": frozenset({"812"}),
        "820": frozenset({"812"}),
        "99": frozenset(),
        "830": frozenset(),
    }


async def test_an_account_without_subsidiaries_is_recognised() -> None:
    assert await search(FakeNetSuite()).has_subsidiaries() is False
