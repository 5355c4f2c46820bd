"""What was shipped and billed of a line is told on the line of the deal it came from."""

from dataclasses import replace
from decimal import Decimal

from kernel.messages import Version, WriteCommand
from kernel.records import netsuite, salesforce
from kernel.values import Document, Fields, Value, value_hash
from tests.builders import (
    OPPORTUNITY,
    POLICY,
    case,
    change,
    customer_link,
    facts,
    line,
    opportunity,
    order_link,
)
from transform.domain.facts import Facts
from transform.domain.lifecycle import DELETED, YES
from transform.pipeline import decide, wanted

ORDER = netsuite("salesOrder", "812")
LINE = salesforce("OpportunityLineItem", "00kxx000000000001A")


def sold(*lines: Fields) -> Document:
    fields: Fields = {"id": "812", "entity.id": "77", "tranId": "SO-1042"}
    return Document(fields, {"item": lines})


def item(line_id: str | None = LINE.id, **fields: Value) -> Fields:
    return {
        "line": 1,
        "custcol_sf_line_id": line_id,
        "quantityFulfilled": Decimal(0),
        "quantityBilled": Decimal(0),
        **fields,
    }


def known(**applied: str) -> Facts:
    deal = opportunity(line(Id=LINE.id))
    return facts(
        customer_link(),
        order_link(),
        bodies={OPPORTUNITY: deal},
        applied={(LINE, name): digest for name, digest in applied.items()},
    )


def told(document: Document, there: Facts) -> list[WriteCommand]:
    decision = decide(case(change(ORDER, document, version=Version(9, 0))), there, POLICY)
    return [sent for sent in decision.commands if sent.target.kind == LINE.kind]


def test_what_was_shipped_and_billed_is_told_on_the_line() -> None:
    moved = item(quantityFulfilled=Decimal(2), quantityBilled=Decimal(1))
    (sent,) = told(sold(moved), known())
    assert sent.target == LINE
    assert sent.document.fields == {
        "NS_Line_Key__c": "1",
        "NS_Qty_Shipped__c": Decimal(2),
        "NS_Qty_Billed__c": Decimal(1),
    }


def test_a_line_of_which_nothing_has_moved_costs_no_write() -> None:
    assert told(sold(item()), known()) == []


def test_a_line_that_goes_back_to_nothing_is_told_so() -> None:
    before = known(NS_Qty_Shipped__c=value_hash(Decimal(2)), NS_Line_Key__c=value_hash("1"))
    (sent,) = told(sold(item()), before)
    assert sent.document.fields["NS_Qty_Shipped__c"] == Decimal(0)


def test_only_what_changed_is_told() -> None:
    before = known(NS_Qty_Shipped__c=value_hash(Decimal(2)), NS_Line_Key__c=value_hash("1"),
                   NS_Qty_Billed__c=value_hash(Decimal(0)))  # fmt: skip
    same = item(quantityFulfilled=Decimal(2))
    assert told(sold(same), before) == []
    (sent,) = told(sold({**same, "quantityBilled": Decimal(2)}), before)
    assert sent.document.fields == {"NS_Qty_Billed__c": Decimal(2)}


def test_lines_that_the_deal_does_not_have_are_left() -> None:
    moved = Decimal(1)
    lines = (
        item(None, quantityFulfilled=moved),
        item("00kxx000000000002A", quantityFulfilled=moved),
    )
    assert told(sold(*lines), known()) == []
    deleted = replace(known(), applied={(OPPORTUNITY, DELETED): YES})
    assert told(sold(item(quantityFulfilled=moved)), deleted) == []


def test_what_was_told_before_is_asked_for() -> None:
    asked = wanted(case(change(ORDER, sold(item()))), POLICY).targets
    assert {LINE, salesforce("OrderItem", LINE.id)} <= asked
