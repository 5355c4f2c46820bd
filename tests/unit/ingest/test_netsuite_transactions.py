"""Lines of NetSuite's documents carry the signs that people write."""

from decimal import Decimal

import pytest

from ingest.domain.netsuite_links import Pair, graph_of
from ingest.domain.netsuite_transactions import Rows, chosen_of, transaction_document
from ingest.ports import Row
from kernel.records import System, netsuite
from tests.unit.ingest.samples import readings

PLANS = readings(System.NETSUITE)
CHOSEN = chosen_of(PLANS, one_world=True)
NAMES = {path: name for name, (path, _) in CHOSEN.lines.columns.items()}


def line(amount: str, tax: str) -> Row:
    told = {"quantity": "-1", "amount": amount, "taxAmount": tax, "line": "1", "item.id": "101"}
    own = {"item": "101", "tax": "F", "discount": "F", "amount": amount, "place": "1", "line": "1"}
    return {**own, **{NAMES[path]: value for path, value in told.items()}}


@pytest.mark.parametrize("tax", ["20", "-20"])
@pytest.mark.parametrize(
    ("kind", "amount", "wanted"),
    [("invoice", "-100", 20), ("invoice", "100", -20), ("creditMemo", "100", 20)],
)
def test_the_tax_of_a_line_has_the_sign_of_its_amount(
    kind: str, amount: str, tax: str, wanted: int
) -> None:
    ref = netsuite(kind, "5")
    rows = Rows(heads={"5": {}}, lines={"5": [line(amount, tax)]}, graph=graph_of(["5"], []))
    (read,) = transaction_document(ref, rows, CHOSEN, PLANS[kind]).lines["item"]
    assert read["taxAmount"] == Decimal(wanted)
    assert read["amount"] == (Decimal(amount) if kind == "creditMemo" else -Decimal(amount))


def test_a_sale_that_is_paid_at_once_is_a_bill_of_its_order() -> None:
    order, sale = netsuite("salesOrder", "5"), netsuite("cashSale", "6")
    made = Pair(previous=order, next=sale, settled=Decimal(0), made=True)
    total = next(name for name, (path, _) in CHOSEN.heads.columns.items() if path == "total")
    heads: dict[str, Row] = {"5": {}, "6": {total: "120.00"}}
    rows = Rows(heads=heads, lines={}, graph=graph_of(["5"], [made]))
    (bill,) = transaction_document(order, rows, CHOSEN, PLANS["salesOrder"]).lines["invoices"]
    assert bill["total"] == Decimal("120.00")
    assert not bill.get("amountRemaining")
