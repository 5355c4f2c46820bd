"""How an account comes by its customer: decided on values, before anything is written."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kernel.messages import Operation, OperationKind, Result
from kernel.records import RecordRef, netsuite, salesforce
from kernel.values import Fields
from tests.builders import ACCOUNT, OPPORTUNITY, POLICY, account_fields, case, change, opportunity
from tests.builders import facts as known_facts
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Identity, Policy
from transform.domain.likeness import WHOLE, Candidate, Likeness, party_of
from transform.domain.reviews import Action, Review, ruling_of
from transform.pipeline import decide, questions

CUSTOMER = netsuite("customer", "4711")
OTHER_ACCOUNT = salesforce("Account", "001xx000003DGb2AAG")
KEYS = frozenset({b"key"})


def customer(*, holder: RecordRef | None = None, **fields: object) -> Candidate:
    read: Fields = {"id": "4711", "entityId": "CUST-51", **fields}  # type: ignore[dict-item]
    return Candidate(party=party_of(CUSTOMER, read), fields=read, customer=CUSTOMER, holder=holder)


def decided(
    *candidates: Candidate,
    account: Fields | None = None,
    reviews: tuple[Review, ...] = (),
    policy: Policy = POLICY,
    **more: object,
) -> Decision:
    """On a won opportunity of an account without a customer."""
    own = account_fields(Name="ABC Corp", Website="abc.example", BillingCountry="US")
    fields = account if account is not None else own
    likeness = Likeness(
        party=party_of(ACCOUNT, fields), keys=KEYS, candidates=candidates, horizon=7
    )
    facts: Facts = replace(
        known_facts(),
        likenesses={ACCOUNT: likeness},
        reviews={ACCOUNT: reviews},
        **more,  # type: ignore[arg-type]  # the test names real fields
    )
    return decide(case(change(OPPORTUNITY, opportunity(account=fields))), facts, policy)


def review(action: Action | None, candidate: RecordRef = CUSTOMER) -> Review:
    plain = decided(customer(companyName="ABC Corporation")).reviews[0]
    return replace(plain, candidate=candidate, action=action, actor="Ada", reason="known")


SAME = customer(companyName="ABC Corporation", url="https://abc.example")
NAMED_ALIKE = customer(companyName="ABC Corporation")


def test_t1_4_equal_name_and_domain_are_linked_and_the_order_goes_at_once() -> None:
    decision = decided(SAME)
    identity, order = decision.commands
    assert identity.target == CUSTOMER
    assert set(identity.document.fields) == {"externalId"}
    assert order.target.kind == "salesOrder"
    assert order.document.fields["entity.id"] == "4711"
    assert {link.netsuite_id for link in decision.reserves} == {"4711", ""}
    assert [item.action for item in decision.reviews] == [Action.LINK]
    assert decision.outcome is None


def test_t1_4_a_name_alone_is_a_question_and_nothing_is_written() -> None:
    decision = decided(NAMED_ALIKE, account=account_fields(Name="ABC Corp", Website=None))
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.REVIEW, "DUPLICATE_SUSPECT")
    assert decision.outcome.waits_on == ACCOUNT
    assert decision.outcome.params["number"] == "CUST-51"
    assert decision.reserves == ()
    assert [command.part for command in decision.commands] == ["sync"]
    assert decision.reviews[0].candidate == CUSTOMER


def test_t1_4_two_tax_numbers_are_never_linked_by_themselves() -> None:
    french = customer(
        companyName="ABC Corporation", url="abc.example", vatRegNumber="FR40303265045"
    )
    german = account_fields(Name="ABC Corp", Website="abc.example", NS_VAT_Number__c="DE136695976")
    outcome = decided(french, account=german).outcome
    assert outcome is not None
    assert outcome.code == "DUPLICATE_SUSPECT"


def test_t1_5_whoever_is_like_an_account_on_its_way_waits_for_a_person() -> None:
    fields = account_fields(Name="ABC Corp", Website="abc.example", BillingCountry="US")
    other = Candidate(party=party_of(OTHER_ACCOUNT, fields), fields=fields)
    decision = decided(other)
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.REVIEW, "DUPLICATE_ACCOUNT")
    assert decision.outcome.params["other"] == OTHER_ACCOUNT.id


def test_t1_5_an_account_is_not_linked_while_its_new_customer_cannot_be_found_yet() -> None:
    """NetSuite has said the customer's id, and no poll has brought the customer."""
    fields = account_fields(Name="ABC Corp", Website="abc.example", BillingCountry="US")
    other = Candidate(
        party=party_of(OTHER_ACCOUNT, fields), fields=fields, customer=netsuite("customer", "5")
    )
    decision = decided(other)
    assert decision.reserves == ()
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.REVIEW, "DUPLICATE_ACCOUNT")


def test_a_customer_of_another_account_is_never_taken_from_it() -> None:
    taken = replace(SAME, holder=OTHER_ACCOUNT)
    outcome = decided(taken).outcome
    assert outcome is not None
    assert outcome.code == "DUPLICATE_ACCOUNT"


def test_whoever_is_like_nobody_gets_a_customer_and_takes_its_keys() -> None:
    decision = decided(customer(companyName="Cascade Outfitters Inc"))
    assert decision.commands[0].target.kind == "customer"
    [entry] = decision.entries
    assert (entry.ref, entry.keys, entry.horizon) == (ACCOUNT, KEYS, 7)
    assert decision.outcome is not None
    assert decision.outcome.code == "WAITS_FOR_CUSTOMER"


def test_nothing_is_decided_before_all_customers_are_known() -> None:
    outcome = decided(SAME, knows_all_customers=False).outcome
    assert outcome is not None
    assert (outcome.code, outcome.waits_on) == ("WAITS_FOR_REFERENCES", WHOLE)


def test_a_customer_that_bears_the_account_s_id_is_its_own_whatever_it_is_called() -> None:
    marked = customer(companyName="Other Name", custentity_sf_account_id=ACCOUNT.id)
    decision = decided(marked, knows_all_customers=False)
    assert decision.commands[0].target == CUSTOMER


def test_a_person_s_word_comes_before_any_score() -> None:
    linked = decided(NAMED_ALIKE, customer(companyName="ABC"), reviews=(review(Action.LINK),))
    assert linked.commands[0].target == CUSTOMER
    apart = decided(SAME, reviews=(review(Action.CREATE),))
    assert apart.commands[0].target.external_id is not None
    rejected = decided(SAME, reviews=(review(Action.REJECT),)).outcome
    assert rejected is not None
    assert (rejected.result, rejected.code) == (Result.REJECTED, "ACCOUNT_REJECTED")


def test_what_was_said_of_an_account_holds_for_its_customer() -> None:
    """The review was about the account while its customer was on its way."""
    standing = replace(SAME, holder=OTHER_ACCOUNT)
    apart = decided(standing, reviews=(review(Action.CREATE, OTHER_ACCOUNT),))
    assert apart.commands[0].target.external_id is not None
    asked = decided(standing, reviews=(review(Action.MERGE, OTHER_ACCOUNT),))
    assert asked.outcome is not None
    assert asked.outcome.code == "MERGE_ASKED"
    assert asked.reviews == ()


@pytest.mark.parametrize(
    ("identity", "given", "written"),
    [
        (Identity.EXTERNAL_ID, None, {"externalId"}),
        (Identity.FIELD, None, {"custentity_sf_account_id"}),
        (Identity.BOTH, None, {"custentity_sf_account_id", "externalId"}),
        (Identity.EXTERNAL_ID, "legacy-7", {"custentity_sf_account_id"}),
        (Identity.BOTH, "legacy-7", {"custentity_sf_account_id"}),
    ],
)
def test_an_external_id_of_another_application_is_never_overwritten(
    identity: Identity, given: str | None, written: set[str]
) -> None:
    same = customer(companyName="ABC Corporation", url="abc.example", externalId=given)
    decision = decided(same, policy=replace(POLICY, identity=identity))
    assert set(decision.commands[0].document.fields) == written


def test_without_the_check_every_account_gets_a_customer_of_its_own() -> None:
    decision = decided(
        SAME, knows_all_customers=False, policy=replace(POLICY, checks_duplicates=False)
    )
    assert decision.commands[0].target.external_id is not None


def test_only_an_account_without_a_customer_is_asked_about() -> None:
    won = case(change(OPPORTUNITY, opportunity()))
    assert [item.ref for item in questions(won, known_facts())] == [ACCOUNT]
    lost = case(change(OPPORTUNITY, opportunity(IsWon=False)))
    assert list(questions(lost, known_facts())) == []


@pytest.mark.parametrize(
    ("kind", "selection", "is_one"),
    [
        (OperationKind.LINK, {"review": "r", "action": "create"}, True),
        (OperationKind.LINK, {"review": "r", "action": "burn"}, False),
        (OperationKind.LINK, {"action": "create"}, False),
        (OperationKind.REPLAY, {"review": "r", "action": "create"}, False),
    ],
)
def test_an_operation_is_a_ruling_only_where_it_names_review_and_action(
    kind: OperationKind, selection: dict[str, str], is_one: bool
) -> None:
    asked = Operation(
        id="1",
        kind=kind,
        actor="Ada",
        reason="",
        selection=selection,
        requested_at=datetime(2026, 11, 24, tzinfo=UTC),
    )
    assert (ruling_of(asked) is not None) is is_one
