"""Filters of the map keep documents where they are; the outcome names the rule."""

from dataclasses import replace

import pytest

from kernel.messages import ChangeKind, Result
from kernel.records import RecordRef
from kernel.sentences import say
from kernel.values import Document
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
)
from transform.domain.decisions import Decision
from transform.domain.facts import Cause, Facts
from transform.pipeline import decide


def decided(ref: RecordRef, document: Document | None, known: Facts) -> Decision:
    return decide(case(change(ref, document)), known, POLICY)


def test_t1_8_an_account_of_a_test_type_is_filtered_by_its_rule_and_nothing_is_written() -> None:
    for known in (facts(), facts(customer_link())):
        decision = decided(ACCOUNT, Document(account_fields(Type="Test")), known)
        assert decision.commands == ()
        assert decision.outcome is not None
        assert (decision.outcome.result, decision.outcome.code) == (
            Result.FILTERED,
            "FILTERED_BY_RULE",
        )
        assert decision.outcome.params["rule"] == "test-account"
        assert say(decision.outcome.code, decision.outcome.params) == (
            f"Account {ACCOUNT.id} is filtered by rule test-account: Type is Test or Demo:"
            " accounts for tests and demonstrations stay in Salesforce. Nothing was sent."
            " [FILTERED_BY_RULE]"
        )


def test_t1_8_the_won_opportunity_of_a_test_account_does_not_bring_it_along() -> None:
    test_account = account_fields(Type="Demo")
    decision = decided(OPPORTUNITY, opportunity(account=test_account), facts())
    assert decision.reserves == ()
    assert decision.outcome is not None
    assert decision.outcome.params["rule"] == "test-account"
    assert decision.outcome.params["record"] == f"Opportunity {OPPORTUNITY.id}"
    (said,) = decision.commands
    assert said.target == OPPORTUNITY
    assert said.document.fields["NS_Sync_Status__c"] == "Not eligible"
    assert "rule test-account: Type is Test" in str(said.document.fields["NS_Sync_Message__c"])


def test_who_asks_for_a_filtered_account_to_be_sent_is_told_the_rule() -> None:
    asked = Document(account_fields(Type="Test", NS_Sync_Now__c=True))
    (said,) = decided(ACCOUNT, asked, facts()).commands
    assert said.target == ACCOUNT
    assert said.document.fields["NS_Sync_Status__c"] == "Not eligible"
    assert said.document.fields["NS_Sync_Now__c"] is False


@pytest.mark.parametrize("account_type", [None, "Customer - Direct", "Testing"])
def test_an_account_of_another_type_is_not_filtered(account_type: str | None) -> None:
    fields = account_fields(Type=account_type)
    decision = decided(OPPORTUNITY, opportunity(account=fields), facts())
    assert [command.target.kind for command in decision.commands] == ["customer"]


def test_t1_8_an_account_without_a_won_opportunity_and_a_deleted_one_end_filtered() -> None:
    outcome = decided(ACCOUNT, Document(account_fields()), facts()).outcome
    assert outcome is not None
    assert (outcome.result, outcome.code) == (Result.FILTERED, "NO_WON_OPPORTUNITY")
    deleted = change(ACCOUNT, None, kind=ChangeKind.DELETE)
    decision = decide(case(deleted), facts(), POLICY)
    assert decision.commands == ()
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (
        Result.FILTERED,
        "DELETED_AT_SOURCE",
    )


def test_t8_3_a_change_of_unmapped_fields_alone_ends_filtered_and_says_so() -> None:
    decision = decided(ACCOUNT, None, facts(customer_link()))
    assert decision.commands == ()
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (
        Result.FILTERED,
        "UNMAPPED_FIELDS_ONLY",
    )


def test_a_filter_overtakes_what_waited_of_the_same_document() -> None:
    now = case(change(OPPORTUNITY, opportunity(account=account_fields(Type="Test"))))
    older = Cause(
        event_id="an older change",
        ref=OPPORTUNITY,
        version=replace(now.change.version, major=0),
        origin=now.origin,
    )
    decision = decide(now, facts(parked={OPPORTUNITY: (older,)}), POLICY)
    assert [outcome.event_id for outcome in decision.closes] == ["an older change"]
