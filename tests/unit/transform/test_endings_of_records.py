"""Deals that are lost, accounts that are deleted or merged: what becomes of their counterparts."""

from dataclasses import replace

from kernel.messages import ChangeKind, Result, Version
from kernel.parts import CANCEL
from kernel.records import netsuite, salesforce
from kernel.values import Document, Value
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    POLICY,
    account_fields,
    case,
    change,
    customer_link,
    facts,
    opportunity,
    order_link,
)
from transform.domain.cancelling import CLOSED_HASH
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Policy
from transform.domain.lifecycle import (
    DELETED,
    YES,
    DeletedAccount,
    LifecycleRules,
    LostOrder,
)
from transform.domain.ownership import counterpart_target
from transform.domain.reviews import About, Action
from transform.pipeline import decide

ORDER, TARGET = netsuite("salesOrder", "812"), counterpart_target(order_link())
MASTER = salesforce("Account", "001xx000003DGb9AAG")


def lost(known: Facts, policy: Policy = POLICY) -> Decision:
    document = opportunity(IsWon=False, StageName="Negotiation/Review")
    return decide(case(change(OPPORTUNITY, document, version=Version(9, 0))), known, policy)


def deleted(known: Facts, policy: Policy = POLICY) -> Decision:
    gone = change(OPPORTUNITY, None, version=Version(9, 0), kind=ChangeKind.DELETE)
    return decide(case(gone), known, policy)


def code_of(decision: Decision) -> str:
    return decision.outcome.code if decision.outcome else ""


def standing(status: str = "A", **lines: Value) -> Facts:
    body = Document({"tranId": "SO-1", "status.id": status}, {"invoices": ({"id": "9"},) if lines
                                                             else ()})  # fmt: skip
    return facts(customer_link(), order_link(), bodies={ORDER: body})


def test_a_lost_deal_without_an_order_costs_no_call() -> None:
    assert code_of(lost(facts(customer_link()))) == "NOT_WON"


def test_the_order_of_a_lost_deal_is_closed_once() -> None:
    decision = lost(standing())
    (sent,) = decision.commands
    assert (sent.target, sent.part) == (TARGET, CANCEL)
    closed = replace(standing(), applied={(TARGET, "lines:item"): CLOSED_HASH})
    assert code_of(lost(closed)) == "NOT_WON"
    assert code_of(lost(standing("H"))) == "NOT_WON", "finance closed it"


def test_a_deal_that_is_lost_while_its_order_is_being_made_waits_until_it_can_be_closed() -> None:
    making = replace(order_link(), netsuite_id="")
    waits = lost(facts(customer_link(), making))
    assert waits.outcome is not None
    assert (waits.commands, waits.outcome.code) == ((), "ORDER_UNDER_WAY")
    assert waits.outcome.waits_on == TARGET
    refused = replace(making, refusal=waits.outcome)
    assert code_of(lost(facts(customer_link(), refused))) == "NOT_WON", "there will be no order"


def test_an_order_that_is_billed_is_a_matter_for_a_refund_request() -> None:
    assert code_of(lost(standing("F", invoiced=True))) == "CANCEL_AFTER_BILLING"


def test_a_policy_may_leave_the_closing_to_finance() -> None:
    policy = replace(POLICY, lifecycle=LifecycleRules(lost_order=LostOrder.HOLD))
    decision = lost(standing(), policy)
    assert code_of(decision) == "CANCEL_HELD"
    assert decision.outcome is not None
    assert decision.outcome.params["order"] == "SO-1"


def test_a_deal_that_is_won_again_opens_its_lines() -> None:
    closed = replace(standing(), applied={(TARGET, "lines:item"): CLOSED_HASH})
    won = decide(case(change(OPPORTUNITY, opportunity(), version=Version(9, 0))), closed, POLICY)
    (sent,) = won.commands
    assert [line["isClosed"] for line in sent.document.lines["item"]] == [False]


def test_a_deleted_deal_is_cancelled_and_nothing_more_is_told_to_it() -> None:
    decision = deleted(standing())
    assert [sent.part for sent in decision.commands] == [CANCEL]
    assert decision.seen == {(OPPORTUNITY, DELETED): YES}
    known = replace(standing(), applied={(OPPORTUNITY, DELETED): YES})
    document = Document({"id": "812", "tranId": "SO-1", "externalId": None})
    told = decide(case(change(ORDER, document)), known, POLICY)
    assert code_of(told) == "COUNTERPART_DELETED"
    back = decide(case(change(OPPORTUNITY, opportunity(), version=Version(10, 0))), known, POLICY)
    assert back.seen[(OPPORTUNITY, DELETED)] == ""


def account_gone(known: Facts, master: bool = False, policy: Policy = POLICY) -> Decision:
    gone = change(ACCOUNT, None, version=Version(9, 0), kind=ChangeKind.DELETE)
    heir = Document({"Id": ACCOUNT.id, "MasterRecordId": MASTER.id}) if master else None
    return decide(case(replace(gone, document=heir)), known, policy)


def test_the_customer_of_a_deleted_account_is_never_deleted() -> None:
    assert code_of(account_gone(facts(customer_link()))) == "DELETED_AT_SOURCE"
    policy = replace(POLICY, lifecycle=LifecycleRules(deleted_account=DeletedAccount.INACTIVATE))
    (sent,) = account_gone(facts(customer_link()), policy=policy).commands
    assert sent.document == Document({"isInactive": True})


def test_t1_7_the_customer_of_a_merged_account_follows_to_the_one_that_stays() -> None:
    master = Document(account_fields(Id=MASTER.id, Name="Acme Group"))
    decision = account_gone(facts(customer_link(), bodies={MASTER: master}), master=True)
    (link,) = decision.links
    assert (link.source, link.netsuite_id, link.external_id) == (
        MASTER,
        "77",
        customer_link().external_id,
    )
    assert decision.unlinks == (ACCOUNT,)
    (sent,) = decision.commands
    assert (sent.source, sent.target) == (MASTER, counterpart_target(customer_link()))
    assert sent.document.fields["custentity_sf_account_id"] == MASTER.id
    assert sent.document.fields["companyName"] == "Acme Group"


OTHER = replace(customer_link("78"), source=MASTER, external_id="sf-other")


def asked(action: Action | None = None) -> Decision:
    """On the account that was merged away, after somebody said this of its review."""
    known = facts(customer_link(), OTHER)
    (review,) = account_gone(known, master=True).reviews
    if action is None:
        return account_gone(known, master=True)
    said = replace(review, action=action, actor="Ada", reason="two branches")
    return account_gone(replace(known, reviews={ACCOUNT: (said,)}), master=True)


def test_t1_7_two_customers_of_merged_accounts_are_a_question_for_people() -> None:
    decision = asked()
    assert not decision.commands
    assert not decision.links
    assert decision.outcome is not None
    assert (decision.outcome.result, code_of(decision)) == (Result.REVIEW, "MERGE_SUSPECT")
    (review,) = decision.reviews
    assert (review.about, review.account) == (About.MERGE, ACCOUNT)
    assert review.candidate == netsuite("customer", "78")
    assert decision.outcome.waits_on == review.awaited != ACCOUNT
    assert decision.outcome.params["review"] == review.id


def test_t1_7_who_says_keep_ends_the_question_and_nothing_moves() -> None:
    decision = asked(Action.KEEP)
    assert (decision.commands, decision.links, decision.unlinks) == ((), (), ())
    assert code_of(decision) == "CUSTOMERS_KEPT"
    assert decision.outcome is not None
    assert decision.outcome.result is Result.UNCHANGED


def test_t1_7_who_asks_for_a_merge_sends_finance_a_message() -> None:
    decision = asked(Action.MERGE)
    assert (decision.commands, decision.links) == ((), ())
    assert decision.outcome is not None
    assert (decision.outcome.result, code_of(decision)) == (Result.REVIEW, "MERGE_WANTED")
    (alert,) = decision.raises
    assert (alert.code, alert.params["actor"]) == ("MERGE_WANTED", "Ada")


def test_t1_7_whichever_customer_goes_the_other_is_noted_as_left() -> None:
    notes = {item.id: item.fields["to"] for item in asked().references}
    assert notes == {"77": "78", "78": "77"}


def test_t1_7_while_the_other_customer_is_on_its_way_the_question_waits() -> None:
    on_its_way = replace(OTHER, netsuite_id="")
    decision = account_gone(facts(customer_link(), on_its_way), master=True)
    assert decision.outcome is not None
    assert (code_of(decision), decision.outcome.waits_on) == ("MERGE_WAITS", MASTER)


def test_an_order_that_stands_gets_no_second_customer_when_its_account_changes() -> None:
    document = opportunity(AccountId=MASTER.id)
    known = replace(standing(), links={OPPORTUNITY: order_link()})
    decision = decide(case(change(OPPORTUNITY, document, version=Version(9, 0))), known, POLICY)
    assert decision.commands == ()
    assert code_of(decision) == "WAITS_FOR_CUSTOMER"
