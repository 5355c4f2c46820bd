"""An order that stands already: lines meet their own lines, and what is billed is not moved."""

from dataclasses import replace
from decimal import Decimal
from typing import cast

import pytest

from kernel.exact_json import Json, loads
from kernel.messages import Result, WriteCommand
from kernel.parts import CANCEL
from kernel.values import Document, Fields
from kernel.verdicts import Verdict
from netsuite_writer.domain.comparing import lines_of
from netsuite_writer.domain.planning import holds, plan_of
from netsuite_writer.domain.requests import JsonObject, body_of
from netsuite_writer.ports import Saving
from tests.unit.netsuite_writer.commands import LINE_ONE, LINE_TWO, order

LINE_THREE: Fields = {**LINE_TWO, "custcol_sf_line_id": "00kxx0000000003AAA", "item.id": "103"}


def standing(
    lines: tuple[Fields, ...] = (LINE_ONE, LINE_TWO), status: str = "A", **fields: Json
) -> JsonObject:
    """The order as NetSuite tells it after a first write."""
    record = body_of(order(lines=lines).document)
    told: list[Json] = [
        {**line, "line": at + 1, "quantityBilled": 0, "quantityFulfilled": 0, "isClosed": False}
        for at, line in enumerate(lines_of(record, "item"))
    ]
    record["item"] = {"items": told, "totalResults": len(told)}
    record["entity"] = {"id": "1", "refName": "1 Acme", "links": []}
    record["total"] = Decimal("3100.49")
    return {"id": "812", **record, "status": {"id": status, "refName": "x"}, **fields}


def sent(plan: Saving | Verdict) -> JsonObject:
    assert isinstance(plan, Saving)
    return cast(JsonObject, loads(plan.body))


def test_an_order_that_is_so_already_is_not_written() -> None:
    command = order()
    verdict = plan_of(command, command.document, standing())
    assert isinstance(verdict, Verdict)
    assert (verdict.result, verdict.code) == (Result.UNCHANGED, "ALREADY_SO")
    assert verdict.record_id == "812"
    assert verdict.read_back is not None
    assert verdict.read_back.fields["total"] == Decimal("3100.49")


def test_lines_carry_the_key_of_the_line_they_are() -> None:
    """T9.5"""
    changed = {**LINE_TWO, "quantity": Decimal(3)}
    command = order(lines=(changed, LINE_ONE, LINE_THREE))
    plan = plan_of(command, command.document, standing())
    assert isinstance(plan, Saving)
    assert plan.replaces == ("item",)
    lines = lines_of(sent(plan), "item")
    assert [(line.get("line"), line["custcol_sf_line_id"]) for line in lines] == [
        (2, "00kxx0000000002AAA"),
        (1, "00kxx0000000001AAA"),
        (None, "00kxx0000000003AAA"),
    ]


def test_a_line_that_is_gone_in_the_source_is_not_sent_and_goes() -> None:
    command = order(lines=(LINE_ONE,))
    lines = lines_of(sent(plan_of(command, command.document, standing())), "item")
    assert [line["line"] for line in lines] == [1]


def test_a_line_somebody_added_in_netsuite_stays_as_it_is() -> None:
    record = standing()
    held = lines_of(record, "item")
    record["item"] = {"items": [*held, {"line": 9, "item": {"id": "999"}, "quantity": 1}]}
    command = order(lines=(LINE_ONE, {**LINE_TWO, "rate": Decimal(5)}))
    lines = lines_of(sent(plan_of(command, command.document, record)), "item")
    assert lines[-1] == {"line": 9}


def test_lines_are_left_out_where_only_the_head_changed() -> None:
    command = order(memo="Renewal 2028")
    plan = plan_of(command, command.document, standing())
    assert isinstance(plan, Saving)
    assert plan.replaces == ()
    assert "item" not in sent(plan)


@pytest.mark.parametrize("status", list("CDEGH"))
def test_an_order_that_is_billed_or_closed_takes_no_other_amounts(status: str) -> None:
    command = order(lines=(LINE_ONE, {**LINE_TWO, "rate": Decimal(5)}))
    verdict = plan_of(command, command.document, standing(status=status))
    assert isinstance(verdict, Verdict)
    assert (verdict.result, verdict.code) == (Result.PARKED, "ORDER_LOCKED")


CHANGED: Fields = {**LINE_TWO, "rate": Decimal(5)}


@pytest.mark.parametrize("status", list("BF"))
@pytest.mark.parametrize(
    ("lines", "what"),
    [((LINE_ONE, CHANGED), "lines changed: 1"), ((LINE_ONE,), "lines removed: 1")],
)
def test_an_approved_order_keeps_its_lines_until_finance_says_otherwise(
    status: str, lines: tuple[Fields, ...], what: str
) -> None:
    """T9.5, and the rule for amendments."""
    command = order(lines=lines)
    verdict = plan_of(command, command.document, standing(status=status))
    assert isinstance(verdict, Verdict)
    assert (verdict.result, verdict.code) == (Result.PARKED, "AMENDMENT_NEEDS_APPROVAL")
    assert verdict.params["what"] == what


def test_an_approved_order_takes_a_new_line_and_new_words() -> None:
    words = {**LINE_ONE, "description": "Other words"}
    command = order(memo="New words", lines=(words, LINE_TWO, LINE_THREE))
    lines = lines_of(sent(plan_of(command, command.document, standing(status="B"))), "item")
    assert [line.get("line") for line in lines] == [1, 2, None]


def cancelling() -> WriteCommand:
    document = Document({}, {"item": ({"isClosed": True},)})
    return replace(order(), part=CANCEL, document=document)


def test_every_line_of_a_cancelled_order_is_closed_whoever_added_it() -> None:
    record = standing(status="B")
    record["item"] = {"items": [*lines_of(record, "item"), {"line": 9, "quantity": 1}]}
    plan = plan_of(cancelling(), cancelling().document, record)
    assert lines_of(sent(plan), "item") == [{"line": at, "isClosed": True} for at in (1, 2, 9)]


def test_a_cancelled_order_is_left_alone_and_a_billed_one_is_held() -> None:
    record = standing(status="H")
    record["item"] = {"items": [{**line, "isClosed": True} for line in lines_of(record, "item")]}
    assert holds(cancelling(), cancelling().document, record)
    again = plan_of(cancelling(), cancelling().document, record)
    assert isinstance(again, Verdict)
    assert again.code == "ALREADY_SO"
    billed = standing(status="F")
    lines_of(billed, "item")[0]["quantityBilled"] = Decimal(1)
    held = plan_of(cancelling(), cancelling().document, billed)
    assert isinstance(held, Verdict)
    assert held.code == "CANCEL_AFTER_BILLING"


@pytest.mark.parametrize("lines", [(LINE_ONE,), (LINE_ONE, LINE_TWO, LINE_THREE)])
def test_a_billed_order_takes_no_other_lines(lines: tuple[Fields, ...]) -> None:
    command = order(lines=lines)
    verdict = plan_of(command, command.document, standing(status="G"))
    assert isinstance(verdict, Verdict)
    assert verdict.code == "ORDER_LOCKED"


def test_a_partly_billed_line_locks_an_order_that_is_still_open() -> None:
    record = standing(status="B")
    lines_of(record, "item")[0]["quantityBilled"] = Decimal(1)
    command = order(lines=(LINE_ONE, {**LINE_TWO, "quantity": Decimal(2)}))
    verdict = plan_of(command, command.document, record)
    assert isinstance(verdict, Verdict)
    assert verdict.code == "ORDER_LOCKED"


def test_words_can_still_change_on_a_billed_order() -> None:
    command = order(memo="New words", lines=({**LINE_ONE, "description": "Other words"}, LINE_TWO))
    plan = plan_of(command, command.document, standing(status="G"))
    assert [line["line"] for line in lines_of(sent(plan), "item")] == [1, 2]


def test_numbers_are_compared_by_value_and_texts_without_their_spaces() -> None:
    record = standing(memo=" Renewal 2027 ", otherRefNum="")
    lines_of(record, "item")[0]["rate"] = Decimal("1500.250")
    command = order()
    verdict = plan_of(command, command.document, record)
    assert isinstance(verdict, Verdict)
    assert verdict.code == "ALREADY_SO"


def test_a_doubled_line_is_seen_and_mended() -> None:
    record = standing()
    held = lines_of(record, "item")
    record["item"] = {"items": [*held, {**held[0], "line": 3}]}
    command = order()
    lines = lines_of(sent(plan_of(command, command.document, record)), "item")
    assert len(lines) == 2
