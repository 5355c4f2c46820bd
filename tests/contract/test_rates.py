"""Our preview of a base amount against what NetSuite's ledger holds."""

import random
from decimal import Decimal
from typing import Any

from kernel.rates import preview
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line
from tests.contract.sandbox.test_netsuite_batch import BATCH, done, submitted

BATCHES, SIZE = 2, 100
CURRENCIES = {"EUR": ("4", 2), "JPY": ("5", 0)}


def test_t3_6_two_hundred_orders_are_worth_in_the_ledger_what_we_previewed(
    sandbox: Sandbox,
) -> None:
    books, dice = NetSuiteClient(sandbox), random.Random(36)
    buyers = {
        symbol: books.customer(currency={"id": number})
        for symbol, (number, _) in CURRENCIES.items()
    }
    sent: dict[str, tuple[Decimal, Decimal]] = {}
    for batch in range(BATCHES):
        items = [order(f"rate-{batch}-{at}", buyers, dice, sent) for at in range(SIZE)]
        job = submitted(books.call("PUT", "/record/v1/salesOrder", {"items": items}, BATCH))
        assert done(books, job)["progress"] == "succeeded"
    rows = books.query(
        "SELECT t.externalid, t.foreigntotal AS total, t.exchangerate AS rate, m.netamount AS base"
        " FROM transaction t JOIN transactionline m ON m.transaction = t.id AND m.mainline = 'T'"
        " WHERE t.externalid LIKE 'rate-%'"
    )
    held = {row["externalid"]: tuple(Decimal(row[name]) for name in ("total", "rate", "base"))
            for row in rows}  # fmt: skip
    assert len(held) == BATCHES * SIZE
    for key, (amount, rate) in sent.items():
        assert held[key] == (amount, rate, preview(amount, rate, "USD")), key


def order(
    key: str,
    buyers: dict[str, str],
    dice: random.Random,
    sent: dict[str, tuple[Decimal, Decimal]],
) -> dict[str, Any]:
    symbol = dice.choice(sorted(buyers))
    digits = CURRENCIES[symbol][1]
    amount = Decimal(dice.randrange(1, 10**8)).scaleb(-digits)
    rate = Decimal(dice.randrange(1, 2 * 10**8)).scaleb(-8)
    sent[key] = (amount, rate)
    return {
        "externalId": key,
        "entity": {"id": buyers[symbol]},
        "currency": {"id": CURRENCIES[symbol][0]},
        "exchangeRate": float(rate),
        "item": {"items": [line(101, 1, float(amount), amount=float(amount))]},
    }
