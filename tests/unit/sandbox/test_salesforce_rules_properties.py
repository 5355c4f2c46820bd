"""What holds after any edits: amounts are the sum of their lines, stamps and versions only grow."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.salesforce.org import Org
from sandbox.salesforce.records import change, create, remove
from sandbox.salesforce.setup import ADMIN_USER
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work
from tests.unit.sandbox.salesforce_org import org_in_memory

FEW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
MONEY = st.decimals("0.01", "99999.99", places=2)
QUANTITIES = st.decimals("0.01", "999.99", places=2)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("add"), MONEY, QUANTITIES),
        st.tuples(st.just("price"), MONEY, st.integers(0, 9)),
        st.tuples(st.just("quantity"), QUANTITIES, st.integers(0, 9)),
        st.tuples(st.just("total"), MONEY, st.integers(0, 9)),
        st.tuples(st.just("discount"), st.integers(0, 100), st.integers(0, 9)),
        st.tuples(st.just("amount"), MONEY, st.just(0)),
        st.tuples(st.just("remove"), st.just(0), st.integers(0, 9)),
    ),
    max_size=12,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    org: Org
    entry: str

    def work(self) -> Work:
        return Work(self.org, user=ADMIN_USER)

    def deal(self, **fields: object) -> str:
        body = {"Name": "Deal", "StageName": "Prospecting", "CloseDate": "2026-12-31"}
        return create(self.work(), self.org.schema.of("Opportunity"), {**body, **fields})

    def row(self, name: str, identifier: str) -> dict[str, Stored]:
        found = self.org.row(name, identifier)
        assert found is not None
        return found

    @contextmanager
    def undone(self) -> Iterator[None]:
        self.org.connection.execute("SAVEPOINT example")
        yield
        self.org.connection.execute("ROLLBACK TO example")
        self.org.connection.execute("RELEASE example")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One product that has a price in dollars."""
    org = org_in_memory(tmp_path_factory.mktemp("org"))
    schema, work = org.schema, Work(org, user=ADMIN_USER)
    book = create(work, schema.of("Pricebook2"), {"Name": "Standard", "IsActive": True})
    product = create(work, schema.of("Product2"), {"Name": "Thing", "IsActive": True})
    price = {"Pricebook2Id": book, "Product2Id": product, "UnitPrice": 10, "IsActive": True}
    entry = create(work, schema.of("PricebookEntry"), {**price, "CurrencyIsoCode": "USD"})
    yield World(org=org, entry=entry)
    org.connection.close()


@FEW
@given(edits=EDITS)
def test_the_amount_is_the_sum_of_the_lines_after_any_edits(
    world: World, edits: list[tuple[str, Decimal, Decimal | int]]
) -> None:
    with world.undone():
        deal, lines = world.deal(), list[str]()
        for kind, value, where in edits:
            _edit(world, deal, lines, kind, value, where)
            row = world.row("Opportunity", deal)
            totals = [int(world.row("OpportunityLineItem", it)["TotalPrice"] or 0) for it in lines]
            if lines:
                assert row["Amount"] == sum(totals)
            assert row["HasOpportunityLineItem"] == int(bool(lines))
            assert row["ExpectedRevenue"] == _share(row)


def _edit(
    world: World, deal: str, lines: list[str], kind: str, value: Decimal, where: Decimal | int
) -> None:
    line = world.org.schema.of("OpportunityLineItem")
    if kind == "add":
        body = {"OpportunityId": deal, "PricebookEntryId": world.entry, "UnitPrice": value}
        lines.append(create(world.work(), line, {**body, "Quantity": where}))
    elif kind == "amount":
        change(world.work(), world.org.schema.of("Opportunity"), deal, {"Amount": value})
    elif lines and kind == "remove":
        remove(world.work(), line, lines.pop(int(where) % len(lines)))
    elif lines:
        names = {"price": "UnitPrice", "quantity": "Quantity", "total": "TotalPrice"}
        chosen = lines[int(where) % len(lines)]
        change(world.work(), line, chosen, {names.get(kind, "Discount"): value})


def _share(row: dict[str, Stored]) -> int | None:
    if row["Amount"] is None:
        return None
    share = Decimal(row["Amount"]) * int(row["Probability"] or 0) / 100
    return int(share.quantize(Decimal(1), rounding="ROUND_HALF_UP"))


@FEW
@given(moves=st.lists(st.integers(-5_000_000, 5_000_000), min_size=1, max_size=8))
def test_a_stamp_and_a_version_never_go_back_however_the_clock_is_set(
    world: World, moves: list[int]
) -> None:
    with world.undone():
        deal = world.deal()
        opportunity = world.org.schema.of("Opportunity")
        for seconds in moves:
            before = world.row("Opportunity", deal)
            world.org.clock.advance(seconds)
            change(world.work(), opportunity, deal, {"NextStep": str(seconds)})
            after = world.row("Opportunity", deal)
            assert int(after["SystemModstamp"] or 0) >= int(before["SystemModstamp"] or 0)
            assert int(after["_version"] or 0) > int(before["_version"] or 0)
        world.org.clock.set(None)
