"""An order of Salesforce becomes the sales order; its opportunity then does not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from kernel.messages import ChangeKind, Result, Version
from kernel.records import netsuite, salesforce
from kernel.values import Document, Fields, Value
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    ORG,
    POLICY,
    PRODUCT,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    opportunity,
    order_link,
)
from tests.unit.transform.money_builders import (
    TODAY,
    currency,
    known,
    period,
    rate,
    with_rules,
)
from transform.domain.deals import SALE, YES, order_noted, sale_link
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Link, RateDay, Reference
from transform.domain.money_rules.rules import ClosedPeriod, CustomerCurrency
from transform.pipeline import decide, questions, wanted

ORDER = salesforce("Order", "801xx000003DGb1AAG")
EXTERNAL_ID = f"sf-{ORG[:15]}-Order-{ORDER.id}"


def order(**fields: Value) -> Document:
    root: dict[str, Value] = {
        "Id": ORDER.id,
        "OrderNumber": "00000100",
        "Name": None,
        "Status": "Activated",
        "StatusCode": "Activated",
        "OpportunityId": OPPORTUNITY.id,
        "AccountId": ACCOUNT.id,
        "EffectiveDate": date(2026, 11, 20),
        "CurrencyIsoCode": "EUR",
        "PoNumber": "PO-11",
        "TotalAmount": Decimal("60.00"),
        **{f"Account.{name}": value for name, value in account_fields().items()},
    }
    item: Fields = {
        "Id": "802xx0000001",
        "Product2Id": PRODUCT.id,
        "Product2.Name": "Support",
        "Product2.NS_Item_Id__c": "102",
        "Quantity": Decimal(3),
        "UnitPrice": Decimal("20.00"),
        "TotalPrice": Decimal("60.00"),
        "Description": None,
    }
    return Document({**root, **fields}, {"OrderItems": (item,)})


def decided(document: Document, there: Facts) -> Decision:
    return decide(case(change(ORDER, document, version=Version(7, 0))), there, POLICY)


def code_of(decision: Decision) -> str:
    return decision.outcome.code if decision.outcome else ""


def test_an_activated_order_becomes_the_sales_order() -> None:
    decision = decided(order(), facts(customer_link()))
    (sent,) = decision.commands
    assert sent.target == netsuite("salesOrder", f"eid:{EXTERNAL_ID}")
    fields = sent.document.fields
    assert (fields["otherRefNum"], fields["tranDate"]) == ("PO-11", date(2026, 11, 20))
    assert (fields["memo"], fields["custbody_sf_opportunity_id"]) == ("00000100", OPPORTUNITY.id)
    (line,) = sent.document.lines["item"]
    assert (line["quantity"], line["rate"], line["item.id"]) == (3, Decimal("20.00"), "102")
    assert decision.case.change.document == order(), "what is kept is the order as it was read"


def test_the_order_wins_over_its_opportunity_as_soon_as_it_is_seen() -> None:
    draft = decided(order(Status="Draft", StatusCode="Draft"), facts(customer_link()))
    assert (draft.commands, code_of(draft)) == ((), "NOT_WON")
    assert draft.seen[order_noted(OPPORTUNITY, ORDER)] == YES
    there = facts(customer_link(), orders={OPPORTUNITY: frozenset({ORDER.id})})
    won = decide(case(change(OPPORTUNITY, opportunity(), version=Version(9, 0))), there, POLICY)
    assert (won.commands, code_of(won)) == ((), "ORDER_WINS")


def test_never_two_sales_orders_for_one_opportunity() -> None:
    decision = decided(order(), facts(customer_link(), order_link()))
    assert (decision.commands, code_of(decision)) == ((), "ORDER_STANDS")


def test_an_order_and_its_opportunity_reserve_the_same_sale_so_that_one_of_them_has_it() -> None:
    won = case(change(OPPORTUNITY, opportunity(), version=Version(9, 0)))
    known = facts(customer_link())
    reserved = [
        {link.source for link in decision.reserves if link.kind == SALE}
        for decision in (decided(order(), known), decide(won, known, POLICY))
    ]
    sale = salesforce("Sale", OPPORTUNITY.id)
    assert reserved == [{sale}, {sale}]
    taken = facts(customer_link(), sale_link(sale))
    assert code_of(decide(won, taken, POLICY)) == "ORDER_WINS", "the order was quicker"
    again = decided(order(), taken)
    assert [link.kind for link in again.reserves] == ["salesOrder"], (
        "of two orders each has its own"
    )


def test_an_order_that_is_deleted_before_it_was_sold_leaves_the_sale_to_its_opportunity() -> None:
    gone = change(ORDER, None, version=Version(9, 0), kind=ChangeKind.DELETE)
    freed = decide(case(gone), facts(customer_link(), bodies={ORDER: order()}), POLICY)
    assert code_of(freed) == "DELETED_AT_SOURCE"
    assert freed.seen[order_noted(OPPORTUNITY, ORDER)] == "", "another order would still be noted"
    assert freed.unlinks == (salesforce("Sale", OPPORTUNITY.id),)


def test_an_order_that_is_deleted_while_its_sales_order_is_made_frees_its_opportunity_later() -> (
    None
):
    gone = case(change(ORDER, None, version=Version(9, 0), kind=ChangeKind.DELETE))
    making = Link(source=ORDER, kind="salesOrder", external_id=EXTERNAL_ID)
    waits = decide(gone, facts(customer_link(), making, bodies={ORDER: order()}), POLICY)
    assert code_of(waits) == "ORDER_UNDER_WAY"
    assert order_noted(OPPORTUNITY, ORDER) not in waits.seen
    stands = replace(making, netsuite_id="812")
    freed = decide(gone, facts(customer_link(), stands, applied=waits.seen), POLICY)
    assert [sent.part for sent in freed.commands] == ["cancel"]
    assert freed.seen[order_noted(OPPORTUNITY, ORDER)] == ""


def test_an_order_that_is_moved_to_another_opportunity_leaves_the_first_one_free() -> None:
    other = salesforce("Opportunity", "006xx000001Sv7uAAC")
    there = facts(customer_link(), bodies={ORDER: order()})
    moved = decided(order(OpportunityId=other.id, StatusCode="Draft"), there)
    assert moved.seen[order_noted(OPPORTUNITY, ORDER)] == ""
    assert moved.seen[order_noted(other, ORDER)] == YES


def test_an_order_bears_its_own_addresses_and_leaves_empty_ones_to_netsuite() -> None:
    own = order(ShippingCity="Potsdam", ShippingCountry="Germany", BillingCity=None)
    (sent,) = decided(own, facts(customer_link())).commands
    found = {name: value for name, value in sent.document.fields.items() if "Address." in name}
    assert found == {"shippingAddress.city": "Potsdam", "shippingAddress.country.id": "DE"}


def test_an_activated_orders_discount_is_split_over_its_lines() -> None:
    discounted = order(NS_Discount__c=Decimal("10.00"))
    (sent,) = decided(discounted, known(rate("1.03", TODAY))).commands
    (line,) = sent.document.lines["item"]
    assert (line["amount"], line["rate"]) == (Decimal("50.00"), Decimal("16.66666667"))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"NS_Discount__c": Decimal("60.01")}, "DISCOUNT_WRONG"),
        ({"TotalAmount": Decimal("59.99")}, "TOTAL_MISMATCH"),
        ({"CurrencyIsoCode": "GBP"}, "CURRENCY_UNKNOWN"),
        ({"EffectiveDate": date(2026, 10, 30)}, "ORDER_PERIOD_CLOSED"),
        ({"Account.CurrencyIsoCode": "USD"}, "ACCOUNT_CURRENCY"),
        ({"NS_Pinned_Rate__c": Decimal("1.05")}, "PINNED_RATE_OFF"),
    ],
)
def test_an_activated_order_is_held_to_the_same_rules_of_money(fields: Fields, code: str) -> None:
    october = period(date(2026, 10, 1), date(2026, 10, 31), closed=True)
    rules = with_rules(closed_period=ClosedPeriod.HOLD, customer_currency=CustomerCurrency.HOLD)
    there = known(rate("1.03", TODAY), october)
    decision = decide(case(change(ORDER, order(**fields), version=Version(7, 0))), there, rules)
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.PARKED, code)
    assert [sent.target for sent in decision.commands] == [ORDER], "its notice alone"


def test_t3_3_an_order_in_yen_with_half_a_yen_is_refused() -> None:
    line: Fields = {
        "UnitPrice": Decimal("1234.50"),
        "TotalPrice": Decimal("1234.50"),
        "Quantity": 1,
    }
    document = order(CurrencyIsoCode="JPY", TotalAmount=Decimal("1234.50"))
    (item,) = document.lines["OrderItems"]
    document = Document(document.fields, {"OrderItems": ({**item, **line},)})
    decision = decided(document, known(rate("1.03", TODAY), currency("JPY", 0)))
    assert code_of(decision) == "MINOR_UNIT"


def test_t3_5_an_order_waits_for_a_fresh_rate_and_finance_is_told() -> None:
    decision = decided(order(), known(rate("1.03", date(2026, 11, 11))))
    assert code_of(decision) == "RATE_STALE"
    assert [alert.code for alert in decision.raises] == ["RATES_STALE"]


def test_an_order_of_before_the_adoption_is_left_and_asks_nobody() -> None:
    fields: Fields = {"at": "2026-12-01T08:00:00+00:00"}
    adopted = Reference(kind="adoption", id="1", key="watermark", fields=fields)
    there = replace(facts(), references={("adoption", "watermark"): adopted})
    of_before = case(change(ORDER, order()))
    assert code_of(decide(of_before, there, POLICY)) == "CLOSED_BEFORE_ADOPTION"
    assert not list(questions(of_before, there))
    won = case(change(OPPORTUNITY, opportunity()))
    assert not list(questions(won, there))
    assert [asked.ref for asked in questions(won, facts())] == [ACCOUNT]


def test_the_day_of_an_order_is_what_its_rate_is_asked_for() -> None:
    asked = wanted(case(change(ORDER, order())), POLICY)
    assert asked.rates == {RateDay("EUR", date(2026, 11, 20))}
    assert "accountingPeriod" in asked.references


def test_a_sales_order_is_told_to_the_order_it_came_from() -> None:
    link = Link(source=ORDER, kind="salesOrder", external_id=EXTERNAL_ID, netsuite_id="812")
    document = Document({"id": "812", "tranId": "SO-1042", "externalId": EXTERNAL_ID})
    told = decide(case(change(netsuite("salesOrder", "812"), document)), facts(link), POLICY)
    (sent,) = told.commands
    assert sent.target == ORDER
    assert sent.document.fields["NS_SO_Number__c"] == "SO-1042"
