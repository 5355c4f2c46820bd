"""The table of reasons: shipped, overlaid, and every fault with its place and remedy."""

from decimal import Decimal

import pytest

from kernel.nodes import Node
from kernel.refunds import Rate, Rest, Undo
from kernel.refunds.parse import ReasonsError, parse_reasons
from tests.unit.transform.refunds.desk import shipped_reasons


def entry(line: int, **values: str | bool) -> Node:
    return Node("own.yaml", line, {key: Node("own.yaml", line, v) for key, v in values.items()})


def test_an_overlay_changes_single_entries_and_adds_others() -> None:
    reasons = shipped_reasons({"reason": "Cancellation", "auto_limit": "500"}, {"bank": "6"})
    changed = reasons.by_name["Cancellation"]
    assert (changed.auto_limit, changed.rest, changed.rate) == (
        Decimal(500),
        Rest.REFUND,
        Rate.INVOICE,
    )
    assert reasons.by_name["Overpayment"].undo is Undo.TASK
    assert reasons.bank == "6"


def test_every_fault_is_told_with_its_place_and_the_remedy() -> None:
    tables = [
        entry(1, rate="invoice-rate"),
        entry(2, reason="A", rate="best", rest="refund", auto_limit="-1"),
        entry(3, reason="B", rate="invoice-rate", rest="refund", needs_item="maybe", colour="red"),
        entry(4, reason="C"),
    ]
    with pytest.raises(ReasonsError) as caught:
        parse_reasons(tables)
    assert list(caught.value.faults) == [
        "own.yaml:1: 'reason' is missing: name it as in the picklist of the request",
        "own.yaml:2: rate 'best' is unknown: use one of invoice-rate, credit-date",
        "own.yaml:2: 'auto_limit' is '-1': write an amount of zero or more",
        "own.yaml:3: 'colour' is unknown: use one of auto_limit, item, needs_item, payment_method,"
        " rate, reason, rest, returns_goods, unapplies, undo",
        "own.yaml:3: 'needs_item' is 'maybe': write yes or no",
        "own.yaml:4: 'rate' is missing: use one of invoice-rate, credit-date",
        "own.yaml:4: 'rest' is missing: use one of refund, leave-open",
    ]
