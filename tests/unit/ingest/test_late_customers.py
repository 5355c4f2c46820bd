"""What stood before a customer was linked is brought once, page by page."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import cast

from ingest.app.late_customers import CUSTOMERS_MAX, TRANSACTIONS_MAX, LateCustomers
from ingest.app.lifetime import Patience
from ingest.app.netsuite_reading import Found, NetSuiteReader, Outside, Told
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.domain.affected import Touched
from ingest.domain.marks import mark_of
from ingest.domain.netsuite_documents import AccountClock
from ingest.domain.netsuite_links import Graph
from ingest.domain.suiteql import transactions_of
from ingest.domain.windows import Poll
from ingest.ports import LastReading, Marking, Readings
from kernel.messages import Version
from kernel.records import RecordRef, netsuite
from kernel.values import Document, content_hash
from tests.unit.ingest.fakes import FakeLog, FakeSeals, context

AT = datetime(2026, 11, 24, 9, tzinfo=UTC)
POLL = Poll(7, 6)
CLOCK = cast(AccountClock, None)  # nothing here reads it


class Books:
    """NetSuite's transactions by customer, and what was read of them."""

    def __init__(self, **owned: Sequence[int]) -> None:
        self.owned = owned
        self.asked: list[tuple[tuple[str, ...], str]] = []

    async def now(self) -> datetime:
        return AT

    async def graph(self, ids: Collection[str]) -> Graph:
        return Graph(frozenset(ids))

    async def transactions_of(
        self, customers: Collection[str], after: str, limit: int
    ) -> list[RecordRef]:
        self.asked.append((tuple(customers), after))
        ids = sorted(n for c in customers for n in self.owned.get(f"c{c}", ()))
        return [netsuite("invoice", str(n)) for n in ids if n > int(after or 0)][:limit]


class Reader:
    """A reader that keeps what it told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def reads(self, kind: str) -> bool:
        return kind == "invoice"

    async def read_transactions(
        self, refs: Collection[RecordRef], graph: Graph, clock: AccountClock
    ) -> dict[RecordRef, Found]:
        return {ref: Found(Document({"id": ref.id}), AT) for ref in refs}

    async def tell(
        self,
        touched: Mapping[RecordRef, Touched],
        found: Mapping[RecordRef, Found],
        poll: Poll,
        again: Collection[RecordRef] = (),
    ) -> Told:
        assert set(again) == set(touched)
        self.told += [ref.id for ref in touched]
        return Told(len(touched))


class Marked:
    """The table in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, int, bool]] = {}

    async def note(self, markings: Collection[Marking]) -> None:
        for item in markings:
            held = self.rows.get(item.customer)
            if held is None:
                self.rows[item.customer] = (item.mark, 0, item.is_done)
            elif held[0] != item.mark:
                self.rows[item.customer] = (item.mark, 0, False)

    async def waiting(self, limit: int) -> tuple[Sequence[str], str]:
        left = {c: after for c, (_, after, done) in self.rows.items() if not done}
        most = max(left.values(), default=0)
        return sorted(c for c, after in left.items() if after == most)[:limit], str(most)

    async def brought(self, customers: Collection[str], last: str) -> None:
        for customer in customers:
            self.rows[customer] = (self.rows[customer][0], int(last or 0), not last)


class Desk:
    def __init__(self, **owned: Sequence[int]) -> None:
        self.books, self.reader, self.marked = Books(**owned), Reader(), Marked()
        ctx = context()
        outside = Outside(
            cast(NetSuiteSearch, self.books),
            cast(Readings, None),  # not looked at
            FakeSeals(),
            FakeLog(),
            Patience(ctx),
            ctx,
        )
        self.late = LateCustomers(outside, cast(NetSuiteReader, self.reader), self.marked)

    async def read(self, customer: str, mark: str | None, *, new: bool = False) -> None:
        ref = netsuite("customer", customer)
        document = Document({"id": customer, "custentity_sf_account_id": mark})
        await self.late.note({ref: document}, new=frozenset({ref} if new else ()))

    async def poll(self) -> int:
        return sum([told.events async for told in self.late.bring(CLOCK, POLL)])


async def test_a_customer_that_is_linked_late_brings_what_stood_before() -> None:
    desk = Desk(c5=(11, 12), c6=(13,))
    await desk.read("5", None)
    assert await desk.poll() == 0
    await desk.read("5", "001xx000003DGb1AAG")
    assert await desk.poll() == 2
    assert desk.reader.told == ["11", "12"]
    assert await desk.poll() == 0


async def test_a_customer_that_was_made_with_its_mark_costs_no_search() -> None:
    desk = Desk(c5=(11,))
    await desk.read("5", "001xx000003DGb1AAG", new=True)
    assert await desk.poll() == 0
    assert desk.books.asked == []


async def test_thousands_of_transactions_come_page_by_page() -> None:
    many = range(1, 2 * TRANSACTIONS_MAX + 6)
    desk = Desk(c5=many)
    await desk.read("5", "001xx000003DGb1AAG")
    assert [await desk.poll() for _ in range(4)] == [TRANSACTIONS_MAX, TRANSACTIONS_MAX, 5, 0]
    assert desk.reader.told == [str(number) for number in many]


async def test_many_customers_share_a_search_and_none_is_left_out() -> None:
    owned = {f"c{number}": (1_000 + number,) for number in range(1, CUSTOMERS_MAX + 11)}
    desk = Desk(**owned)
    for number in range(1, CUSTOMERS_MAX + 11):
        await desk.read(str(number), f"account {number}")
    for _ in range(4):
        await desk.poll()
    assert sorted(desk.reader.told) == sorted(str(ids[0]) for ids in owned.values())
    assert len(desk.books.asked) == 3  # one page is full, so a second one is asked for


async def test_a_customer_that_goes_over_to_another_account_is_brought_again() -> None:
    desk = Desk(c5=(11,))
    await desk.read("5", "001xx000003DGb1AAG")
    await desk.poll()
    await desk.read("5", "001xx000003DGb1AAG")
    assert await desk.poll() == 0
    await desk.read("5", "001xx000003DGb2AAG")
    assert await desk.poll() == 1


def test_the_mark_is_the_field_or_an_external_id_that_tallystick_gives() -> None:
    own = "sf-00Dxx0000001gPL-Account-001xx000003DGb1AAG"
    assert mark_of(Document({"custentity_sf_account_id": "001"})) == "001"
    assert mark_of(Document({"externalId": own})) == "001xx000003DGb1AAG"
    assert mark_of(Document({"externalId": "CRM-5"})) == ""
    assert mark_of(Document({})) == ""


def test_what_reads_as_before_is_told_again_where_it_shall_be_and_once() -> None:
    document = Document({"id": "11"})
    known = LastReading(content=content_hash(document), version=Version(5, 1), sequence=3)
    assert POLL.decide(known, document, AT) is None
    told = POLL.decide(known, document, AT, again=True)
    assert told is not None
    assert told.version > known.version
    assert POLL.decide(told, document, AT, again=True) == told


def test_only_numbers_reach_the_statement() -> None:
    statement = transactions_of(["5", "6"], "11")
    assert "entity IN (5, 6) AND id > 11 ORDER BY id" in statement
