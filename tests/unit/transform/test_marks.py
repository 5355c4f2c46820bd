"""Customers that bear no external id of ours: named by a field until their own id is known."""

from dataclasses import replace

from kernel.messages import Outcome, Result, Subject
from kernel.records import RecordRef, borne_by, netsuite
from kernel.values import Document, value_hash
from tests.builders import ACCOUNT, OPPORTUNITY, POLICY, account_fields, case, change, facts
from tests.builders import opportunity as won
from transform.domain.decisions import Decision
from transform.domain.endings import ChangeState, Conclusion, Ending, conclude
from transform.domain.facts import Facts, Identity, Link
from transform.pipeline import decide, wanted

FIELD = replace(POLICY, identity=Identity.FIELD)
NAME = borne_by("custentity_sf_account_id", ACCOUNT.id)
TARGET, MADE = netsuite("customer", f"eid:{NAME}"), netsuite("customer", "77")
RESERVED = Link(source=ACCOUNT, kind="customer", external_id=NAME)


def sold(known: Facts) -> Decision:
    known = replace(known, knows_all_customers=True)
    return decide(case(change(OPPORTUNITY, won())), known, FIELD)


def concluded(decision: Decision) -> Conclusion:
    """The customer was made."""
    (sent,) = [one for one in decision.commands if one.target.kind == "customer"]
    outcome = Outcome(
        id="o",
        subject=Subject.COMMAND,
        event_id=sent.event_id,
        command_id=sent.id,
        origin=sent.origin,
        ref=sent.source,
        result=Result.APPLIED,
        code="WRITTEN",
        target=sent.target,
        written=MADE,
    )
    ending = Ending(
        outcome=outcome,
        command=sent,
        cause=decision.case.cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=frozenset(),
    )
    return conclude(ending, facts(RESERVED), FIELD)


def polled(known: Facts, **fields: str) -> Decision:
    document = Document({"id": MADE.id, "entityId": "CUST-77", "externalId": None, **fields})
    event = case(change(MADE, document))
    assert ACCOUNT in wanted(event, FIELD).links or not fields
    return decide(event, known, FIELD)


def test_a_mark_is_no_external_id_and_no_external_id_is_a_mark() -> None:
    assert TARGET.mark == ("custentity_sf_account_id", ACCOUNT.id)
    assert netsuite("customer", "eid:sf-00Dxx-Account-001").mark is None
    assert RecordRef.parse(str(TARGET)) == TARGET


def test_a_new_customer_is_named_by_the_field_and_bears_no_external_id() -> None:
    decision = sold(facts())
    (sent,) = [one for one in decision.commands if one.target.kind == "customer"]
    assert sent.target == TARGET
    assert "externalId" not in sent.document.fields
    assert decision.reserves == (RESERVED,)


def test_once_its_id_is_known_the_customer_is_written_by_that_alone() -> None:
    conclusion = concluded(sold(facts()))
    link = Link(source=ACCOUNT, kind="customer", external_id="", netsuite_id=MADE.id)
    assert conclusion.link == link
    assert {target for target, _ in conclusion.seen} == {MADE}
    known = facts(link, applied=conclusion.seen)
    edit = change(ACCOUNT, Document(account_fields(Phone="+49 30 1")))
    (sent,) = decide(case(edit), known, FIELD).commands
    assert (sent.target, dict(sent.document.fields)) == (MADE, {"phone": "+49 30 1"})


def test_a_poll_that_is_quicker_than_the_writers_word_finds_the_account() -> None:
    decision = polled(facts(RESERVED), custentity_sf_account_id=ACCOUNT.id)
    (link,) = decision.links
    assert (link.source, link.netsuite_id, link.external_id) == (ACCOUNT, MADE.id, "")
    assert decision.commands[0].target == ACCOUNT


def test_a_copy_of_the_customer_is_nobodys() -> None:
    """Whoever copies a customer in NetSuite copies the field."""
    standing = Link(source=ACCOUNT, kind="customer", external_id="", netsuite_id="5")
    decision = polled(facts(standing), custentity_sf_account_id=ACCOUNT.id)
    assert decision.outcome is not None
    assert (decision.links, decision.outcome.code) == ((), "NOT_FROM_SALESFORCE")


def test_orders_keep_their_external_ids() -> None:
    linked = Link(source=ACCOUNT, kind="customer", external_id="", netsuite_id=MADE.id)
    (order,) = sold(facts(linked)).commands
    assert order.target.external_id
    assert order.target.mark is None
    assert value_hash(order.document.fields["entity.id"]) == value_hash(MADE.id)
