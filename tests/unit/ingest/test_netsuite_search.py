"""Pages and links: everything is found once, however many rows share one minute."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ingest.app.lifetime import Patience
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.netsuite_links import credits_of, invoices_of, order_of, touched_by
from ingest.ports import PAGE_ROWS, Row
from kernel.errors import PermanentError
from kernel.records import netsuite
from tests.unit.ingest.fakes import context

NOW = datetime(2026, 11, 20, 9, 14, tzinfo=UTC)
CLOCK = AccountClock(timedelta(), NOW)
AFTER = re.compile(r"> TO_DATE\('([^']+)'.* AND (?:id|recordid) > (\d+)\)")
LINKS = [
    ("812", "SalesOrd", "813", "CustInvc", "0"),
    ("813", "CustInvc", "815", "CustPymt", "100"),
    ("813", "CustInvc", "820", "CustCred", "50.25"),
    ("820", "CustCred", "821", "CustRfnd", "10"),
    ("830", "CustPymt", "831", "CustInvc", "0"),
    ("831", "CustInvc", "830", "CustPymt", "5"),
    ("840", "SalesOrd", "841", "CustInvc", "0", "1"),
    ("841", "CustInvc", "842", "CustCred", "0", "1"),
    ("841", "CustInvc", "843", "RtnAuth", "0", "1"),
    ("843", "RtnAuth", "844", "CustCred", "0", "1"),
    ("841", "CustInvc", "844", "CustCred", "30"),
    ("841", "CustInvc", "845", "CustCred", "7"),
]
COLUMNS = ("previousdoc", "previoustype", "nextdoc", "nexttype", "settled", "made")


class FakeNetSuite:
    """Tables of (moment, id), served a page at a time as the statement asks; and links."""

    def __init__(self, **tables: list[tuple[str, int]]) -> None:
        self.tables = tables
        self.calls = 0

    async def server_time(self) -> datetime:
        return NOW

    async def rows(self, sql: str) -> Sequence[Row]:
        self.calls += 1
        if "nexttransactionlinelink" in sql:
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

    async def record(self, kind: str, record_id: str) -> Row | None:
        return None

    def _links(self, sql: str) -> Sequence[Row]:
        ids = re.findall(r"\d+", sql.partition("previousdoc IN (")[2].partition(")")[0])
        found = [link for link in LINKS if link[0] in ids or link[2] in ids]
        return [dict(zip(COLUMNS, link, strict=False)) for link in found]


def search(there: FakeNetSuite) -> NetSuiteSearch:
    return NetSuiteSearch(there, Patience(context()))


@pytest.mark.parametrize("count", [0, 1, PAGE_ROWS, PAGE_ROWS + 1, 2 * PAGE_ROWS + 500])
async def test_rows_that_share_one_minute_are_all_found_once(count: int) -> None:
    there = FakeNetSuite(transaction=[("2026-11-20 09:10:00", n) for n in range(count)])
    found = await search(there).changes(NOW, CLOCK)
    assert [row.id for row in found] == [str(number) for number in range(count)]
    assert there.calls == 2 + count // PAGE_ROWS + 1


async def test_deleted_rows_are_found_as_deleted_with_their_moment() -> None:
    there = FakeNetSuite(deletedrecord=[("2026-11-20 09:10:00", 7)])
    [row] = await search(there).changes(NOW, CLOCK)
    assert (row.id, row.deleted, row.user) == ("7", True, "system")
    assert row.at == datetime(2026, 11, 20, 9, 10, tzinfo=UTC)


async def test_a_payment_leads_over_its_invoice_to_the_order() -> None:
    there = FakeNetSuite()
    graph = await search(there).graph(["815", "99"])
    assert there.calls == 3
    assert touched_by(graph, "815") == [netsuite("invoice", "813"), netsuite("salesOrder", "812")]
    assert order_of(graph, netsuite("customerPayment", "815")) == "812"
    assert touched_by(graph, "99") == []
    assert invoices_of(graph, "812") == ["813"]


async def test_an_invoice_touches_what_settles_it_and_a_refund_all_it_leads_back_to() -> None:
    invoice = await search(FakeNetSuite()).graph(["813"])
    assert [ref.id for ref in touched_by(invoice, "813")] == ["812", "815", "820"]
    assert {"815", "820"} <= invoice.asked  # their other applications are known too
    refund = await search(FakeNetSuite()).graph(["821"])
    assert [ref.id for ref in touched_by(refund, "821")] == ["820", "813", "812"]


async def test_all_that_was_credited_of_an_order_is_found_from_the_order() -> None:
    """Of its invoice and of what came back whole; of somebody else's credit what settles it."""
    graph = await search(FakeNetSuite()).graph(["840"])
    assert [(c.id, c.whole, c.applied) for c in credits_of(graph, "840")] == [
        ("842", True, Decimal(0)),
        ("844", True, Decimal(30)),
        ("845", False, Decimal(7)),
    ]


async def test_transactions_that_lead_to_each_other_end_the_search() -> None:
    graph = await search(FakeNetSuite()).graph(["830"])
    assert [ref.id for ref in touched_by(graph, "830")] == ["831"]


async def test_an_account_without_subsidiaries_is_recognised() -> None:
    assert await search(FakeNetSuite()).has_subsidiaries() is False
