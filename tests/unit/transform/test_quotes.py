"""Quotes become estimates, and an accepted one the sales order of its deal: one for each deal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.messages import ChangeKind, Outcome, Result, Subject, Version
from kernel.records import netsuite, salesforce
from kernel.values import Document, Fields, Value, value_hash
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    ORG,
    POLICY,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    line,
    opportunity,
    order_link,
)
from transform.domain.deals import sale_link, step_of
from transform.domain.decisions import Decision, hashes
from transform.domain.endings import ChangeState, Ending, conclude
from transform.domain.facts import Facts, Link
from transform.pipeline import decide, questions

QUOTE = salesforce("Quote", "0Q0xx0000004C92CAE")
STEP = step_of(QUOTE)
SALE = salesforce("Sale", OPPORTUNITY.id)
EXTERNAL_ID = f"sf-{ORG[:15]}-Quote-{QUOTE.id}"
OF_DEAL = "00kxx0000001"


def quote(*lines: Fields, status: str = "Presented", **fields: Value) -> Document:
    root: dict[str, Value] = {
        "Id": QUOTE.id,
        "Name": "Renewal, three years",
        "QuoteNumber": "00000007",
        "Status": status,
        "OpportunityId": OPPORTUNITY.id,
        "AccountId": ACCOUNT.id,
        "CurrencyIsoCode": "EUR",
        "TotalPrice": Decimal("10000.00"),
        "NS_Sync_Now__c": False,
        **{f"Account.{name}": value for name, value in account_fields().items()},
        **fields,
    }
    own = line(Id="0QLxx0000001", OpportunityLineItemId=OF_DEAL)
    return Document(root, {"QuoteLineItems": lines or (own,)})


def estimate_link(netsuite_id: str = "640") -> Link:
    return Link(source=STEP, kind="estimate", external_id=EXTERNAL_ID, netsuite_id=netsuite_id)


def decided(document: Document, known: Facts) -> Decision:
    return decide(case(change(QUOTE, document)), known, POLICY)


def code_of(decision: Decision) -> str:
    return decision.outcome.code if decision.outcome else ""


@pytest.mark.parametrize("status", ["Draft", "Needs Review", "In Review", "Rejected", "Denied"])
def test_a_quote_that_nobody_approved_stays_in_salesforce(status: str) -> None:
    decision = decided(quote(status=status), facts(customer_link()))
    assert (decision.commands, code_of(decision)) == ((), "NOT_WON")
    assert decision.outcome is not None
    assert decision.outcome.ref == QUOTE


def test_a_presented_quote_becomes_an_estimate_with_the_lines_of_the_deal() -> None:
    decision = decided(quote(), facts(customer_link()))
    (sent,) = decision.commands
    assert sent.target == netsuite("estimate", f"eid:{EXTERNAL_ID}")
    assert sent.document.fields["custbody_sf_quote_number"] == "00000007"
    assert [one["custcol_sf_line_id"] for one in sent.document.lines["item"]] == [OF_DEAL]
    assert [link.source for link in decision.reserves] == [STEP]
    assert decision.outcome is None


def test_an_accepted_quote_waits_for_its_estimate() -> None:
    decision = decided(quote(status="Accepted"), facts(customer_link()))
    assert [sent.target.kind for sent in decision.commands] == ["estimate"]
    assert decision.outcome is not None
    assert (code_of(decision), decision.outcome.waits_on) == ("QUOTE_UNDER_WAY", STEP)


def test_the_order_of_the_deal_is_made_of_the_estimate() -> None:
    decision = decided(quote(status="Accepted"), facts(customer_link(), estimate_link()))
    (sent,) = decision.commands
    assert sent.target == netsuite("salesOrder", f"eid:sf-{ORG[:15]}-Opportunity-{OPPORTUNITY.id}")
    assert (sent.source, sent.part) == (OPPORTUNITY, "quote")
    assert sent.document.fields["createdFrom.id"] == "640"
    assert sent.document.fields["createdFrom.type"] == "estimate"
    assert [link.source for link in decision.reserves] == [OPPORTUNITY, SALE]


def test_the_deal_that_is_won_later_writes_no_line_anew() -> None:
    (sent,) = decided(quote(status="Accepted"), facts(customer_link(), estimate_link())).commands
    applied = {(sent.target, name): digest for name, digest in hashes(sent.document).items()}
    known = facts(customer_link(), order_link(), applied=applied)
    (order,) = decide(case(change(OPPORTUNITY, opportunity())), known, POLICY).commands
    assert order.target == sent.target
    assert order.document.lines == {}
    assert "orderStatus.id" not in order.document.fields


@pytest.mark.parametrize(
    ("known", "code"),
    [
        (facts(customer_link(), estimate_link(), order_link()), "ORDER_STANDS"),
        (facts(customer_link(), order_link(netsuite_id="")), "ORDER_STANDS"),
        (facts(customer_link(), orders={OPPORTUNITY: frozenset({"801"})}), "ORDER_WINS"),
        (facts(customer_link(), sale_link(SALE)), "ORDER_WINS"),
    ],
)
def test_never_two_sales_orders_for_one_deal(known: Facts, code: str) -> None:
    decision = decided(quote(status="Accepted"), known)
    assert (decision.commands, code_of(decision)) == ((), code)


def test_a_refused_order_is_tried_again() -> None:
    known = facts(customer_link(), estimate_link())
    (sent,) = decided(quote(status="Accepted"), known).commands
    link = replace(order_link(netsuite_id=""), refusal=_ended(Result.PARKED, "VALUE_REFUSED"))
    known = facts(customer_link(), estimate_link(), link, sale_link(SALE))
    again = decided(quote(status="Accepted"), known)
    assert [one.target for one in again.commands] == [sent.target]
    assert again.reserves == ()


def test_a_faulty_quote_is_held_until_it_changes_itself() -> None:
    broken = line(Quantity=Decimal(0))
    decision = decided(quote(broken), facts(customer_link()))
    assert decision.outcome is not None
    assert (code_of(decision), decision.outcome.waits_on) == ("QUANTITY_ZERO", QUOTE)
    (told,) = decision.commands
    assert (told.target, told.document.fields["NS_Sync_Status__c"]) == (QUOTE, "Held")


def test_the_account_of_a_quote_is_recognised_first() -> None:
    presented = case(change(QUOTE, quote()))
    assert [asked.ref for asked in questions(presented, facts())] == [ACCOUNT]
    assert not list(questions(case(change(QUOTE, quote(status="Draft"))), facts()))


def test_a_rejected_quote_closes_its_estimate() -> None:
    decision = decided(quote(status="Rejected"), facts(customer_link(), estimate_link()))
    (sent,) = decision.commands
    assert (sent.target, sent.part) == (netsuite("estimate", f"eid:{EXTERNAL_ID}"), "cancel")


def test_a_deleted_quote_leaves_its_estimate() -> None:
    gone = change(QUOTE, None, kind=ChangeKind.DELETE)
    decision = decide(case(gone), facts(customer_link(), estimate_link()), POLICY)
    assert (decision.commands, code_of(decision)) == ((), "DELETED_AT_SOURCE")


def test_the_number_of_the_estimate_is_told_on_the_quote() -> None:
    decision = decided(quote(), facts(customer_link()))
    (sent,) = decision.commands
    said = replace(
        _ended(Result.APPLIED, "WRITTEN"),
        command_id=sent.id,
        target=sent.target,
        written=netsuite("estimate", "640"),
        read_back=Document({"id": "640", "tranId": "EST-7", "status.refName": "Open"}),
    )
    ending = Ending(
        outcome=said,
        command=sent,
        cause=decision.case.cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=frozenset(),
    )
    conclusion = conclude(ending, facts(customer_link()), POLICY)
    assert conclusion.link == estimate_link()
    assert conclusion.follow_up is not None
    assert conclusion.follow_up.target == QUOTE
    assert conclusion.follow_up.document.fields == {
        "NS_Estimate_Id__c": "640",
        "NS_Estimate_Number__c": "EST-7",
        "NS_Estimate_Status__c": "Open",
        "NS_Sync_Status__c": "Synced",
        "NS_Sync_Message__c": None,
    }


def test_a_quote_that_was_held_shows_that_it_agrees_once_its_order_stands() -> None:
    """The numbers of the order are told to its deal."""
    (order,) = decided(quote(status="Accepted"), facts(customer_link(), estimate_link())).commands
    told = replace(order, source=order.target, target=OPPORTUNITY, document=Document({"Name": "x"}))
    about = case(change(QUOTE, quote(status="Accepted")))
    ending = Ending(
        outcome=replace(_ended(Result.APPLIED, "WRITTEN"), command_id=told.id, target=told.target),
        command=told,
        cause=about.cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=frozenset({Result.APPLIED}),
    )
    shown = {(QUOTE, "NS_Sync_Status__c"): value_hash("Held")}
    known = facts(customer_link(), applied=shown, latest={QUOTE: about.change.version})
    said = conclude(ending, known, POLICY).follow_up
    assert said is not None
    assert said.target == QUOTE
    assert said.document.fields == {"NS_Sync_Status__c": "Synced", "NS_Sync_Message__c": None}
    newer = replace(known, latest={QUOTE: Version(2**62, 0)})
    assert conclude(ending, newer, POLICY).follow_up is None
    held = replace(known, parked={QUOTE: (about.cause,)})
    assert conclude(ending, held, POLICY).follow_up is None


def test_a_refused_estimate_holds_its_quote() -> None:
    (sent,) = decided(quote(), facts(customer_link())).commands
    said = replace(_ended(Result.PARKED, "VALUE_REFUSED"), command_id=sent.id, target=sent.target)
    ending = Ending(
        outcome=said,
        command=sent,
        cause=case(change(QUOTE, quote())).cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=frozenset(),
    )
    conclusion = conclude(ending, facts(customer_link()), POLICY)
    assert conclusion.outcome is not None
    assert conclusion.outcome.waits_on == QUOTE
    assert conclusion.follow_up is not None
    assert conclusion.follow_up.document.fields["NS_Sync_Status__c"] == "Held"


def _ended(result: Result, code: str) -> Outcome:
    about = case(change(QUOTE, quote()))
    return Outcome(
        id="o1",
        subject=Subject.COMMAND,
        event_id=about.change.id,
        origin=about.origin,
        ref=STEP,
        result=result,
        code=code,
    )
