"""A day that turns makes invoices overdue though nobody touched them."""

from datetime import UTC, date, datetime, timedelta

from ingest.domain.due import (
    Due,
    day_of,
    newly_due,
    overdue_customers,
    seen_customer,
    seen_invoice,
)
from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.netsuite_links import part
from ingest.domain.windows import Poll
from ingest.ports import LastReading
from kernel.messages import Version
from kernel.records import netsuite
from kernel.values import Document, content_hash

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def test_a_day_begins_when_it_has_begun_for_both() -> None:
    west, east = AccountClock(timedelta(hours=-8), NOW), AccountClock(timedelta(hours=9), NOW)
    assert day_of(NOW, west) == date(2026, 11, 23)
    assert day_of(NOW, east) == TODAY
    assert day_of(NOW - timedelta(hours=2), east) == date(2026, 11, 23)


def test_only_open_invoices_of_the_days_between_are_asked_for_page_by_page() -> None:
    asked = newly_due(date(2026, 11, 20), TODAY, "77")
    for condition in (
        "t.type = 'CustInvc'",
        "m.foreignamountunpaid > 0",
        "t.duedate < TO_DATE('2026-11-24', 'YYYY-MM-DD')",
        "t.duedate >= TO_DATE('2026-11-20', 'YYYY-MM-DD')",
        "t.id > 77",
    ):
        assert condition in asked
    assert "GROUP BY t.entity ORDER BY t.entity" in overdue_customers(TODAY, "")


def test_the_orders_of_invoices_that_became_overdue_are_told_again() -> None:
    due = Due(day=TODAY, rows=(seen_customer("5", NOW), seen_invoice("9", "5", NOW)))
    order, customer = netsuite("salesOrder", "8"), netsuite("customer", "5")
    other = netsuite("salesOrder", "6")
    assert due.orders({part("9"): (order, customer), part("7"): (other,)}) == {order}


def test_what_reads_as_before_is_told_again_once_and_as_of_now() -> None:
    document = Document({"id": "8"})
    last = LastReading(content=content_hash(document), version=Version(60, 3), sequence=3)
    poll = Poll(sequence=5, acknowledged=4)
    assert poll.decide(last, document, NOW) is None
    told = poll.decide(last, document, NOW, again=True)
    assert told is not None
    assert told.version > last.version
    assert told.version.major == int(NOW.timestamp())
    assert poll.decide(told, document, NOW + timedelta(minutes=2), again=True) == told
