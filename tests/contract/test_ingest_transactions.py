"""Every transaction that searches tell reads as the record service tells it."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ingest.adapters.netsuite_suiteql import NetSuiteSuiteQl
from ingest.app.lifetime import Patience
from ingest.app.netsuite_reading import Found, NetSuiteReader, Outside
from ingest.app.netsuite_search import NetSuiteSearch
from ingest.domain.netsuite_transaction_fields import KIND_OF_TYPE
from kernel.records import RecordRef, System, netsuite
from kernel.values import Document, Value
from tests.connections import account_of, netsuite_at
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.log import eventually
from tests.unit.ingest.fakes import FakeLog, FakeSeals, FakeStore, context
from tests.unit.ingest.samples import readings

PROFILES = ["", "single-subsidiary,legacy-tax"]
AMOUNTS = ("total", "subtotal", "taxTotal", "amountPaid", "amountRemaining")
LINE_AMOUNTS = ("quantity", "amount", "quantityBilled")


@pytest.fixture(scope="module", params=PROFILES, ids=lambda profile: profile or "default")
def books(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sandbox]:
    """The demo's books, of each kind of account."""
    options = ["--profile", request.param] if request.param else []
    running = Sandbox(tmp_path_factory.mktemp("books"), "--seed", "demo", *options)
    running.start()
    eventually(lambda: NetSuiteClient(running).query("SELECT id FROM transaction"))
    yield running
    running.stop()
    running.http.close()


async def test_the_whole_books_read_as_the_records_do(books: Sandbox) -> None:
    client = NetSuiteClient(books)
    rows = client.query("SELECT id, type FROM transaction ORDER BY id")
    refs = [netsuite(KIND_OF_TYPE[r["type"]], r["id"]) for r in rows if r["type"] in KIND_OF_TYPE]
    found = await read(books, refs)
    assert {ref.kind for ref in found} >= {
        "salesOrder", "invoice", "customerPayment", "creditMemo", "customerDeposit",
        "depositApplication", "returnAuthorization", "itemReceipt", "itemFulfillment", "cashSale",
    }  # fmt: skip
    assert found.keys() == set(refs)
    for ref in refs:
        record = client.get(f"/{ref.kind}/{ref.id}?expandSubResources=true")
        check_head(ref, found[ref].document, record)
        check_lines(ref, found[ref].document, record)
        check_applications(ref, found[ref].document, record)


async def test_one_question_a_table_whatever_the_kinds(books: Sandbox) -> None:
    """The calls of a poll do not grow with the kinds in it."""
    client = NetSuiteClient(books)
    rows = client.query("SELECT id, type FROM transaction WHERE type <> 'Journal'")
    refs = [netsuite(KIND_OF_TYPE[row["type"]], row["id"]) for row in rows]
    mark = books.end_of_journal("netsuite")
    await read(books, refs)
    asked = [e for e in books.journal("netsuite", mark) if e["path"].endswith("/suiteql")]
    assert len(asked) <= 5  # subsidiaries, clock, links, heads, lines


async def read(books: Sandbox, refs: list[RecordRef]) -> dict[RecordRef, Found]:
    async with netsuite_at(account_of(books.netsuite), books.ca_file) as calls:
        ctx = context()
        search = NetSuiteSearch(NetSuiteSuiteQl(calls), Patience(ctx))
        one_world = await search.has_subsidiaries()
        outside = Outside(search, NoReadings(), FakeSeals(), FakeLog(), Patience(ctx), ctx)
        reader = NetSuiteReader(
            outside, readings(System.NETSUITE), source="1234567", one_world=one_world
        )
        graph = await search.graph([ref.id for ref in refs])
        return await reader.read_transactions(refs, graph, await search.clock(await search.now()))


def check_head(ref: RecordRef, document: Document, record: dict[str, Any]) -> None:
    fields = document.fields
    assert fields["tranId"] == record["tranId"]
    assert str(fields["tranDate"]) == record["tranDate"]
    if "status" in record:
        assert fields["status.refName"] == record["status"]["refName"]
    assert fields["currency.refName"]
    assert same(fields["exchangeRate"], record["exchangeRate"])
    for name in AMOUNTS:
        if name in record and fields[name] is not None:
            assert same(fields[name], record[name]), (ref, name)
    if ref.kind == "invoice":
        assert fields["amountRemaining"] is not None
        assert fields["subtotal"] is not None
    if ref.kind in {"creditMemo", "customerPayment"}:
        assert same(fields["amountUnapplied"], record["unapplied"])


def check_lines(ref: RecordRef, document: Document, record: dict[str, Any]) -> None:
    theirs = record.get("item", {}).get("items", [])
    ours = document.lines["item"]
    assert [line["item.id"] for line in ours] == [line["item"]["id"] for line in theirs], ref
    for line, other in zip(ours, theirs, strict=True):
        for name in LINE_AMOUNTS:
            if name in line and name in other and "itemFulf" not in ref.kind:
                assert same(line[name], other[name]), (ref, name)


def check_applications(ref: RecordRef, document: Document, record: dict[str, Any]) -> None:
    """What a record says it settles is among what it reads as."""
    told = {line["doc"]: line["amount"] for line in document.lines["apply"]}
    for line in record.get("apply", {}).get("items", []):
        if line["apply"]:
            assert same(told[line["doc"]["id"]], line["amount"]), ref


def same(ours: Value, theirs: object) -> bool:
    return isinstance(ours, int | Decimal) and Decimal(ours) == Decimal(str(theirs))


class NoReadings(FakeStore):
    async def latest(self, refs: object) -> dict[RecordRef, Any]:
        return {}

    async def after(self, system: System, sequence: int) -> dict[RecordRef, Any]:
        return {}

    async def decide(self, readings: object) -> None:
        return None
