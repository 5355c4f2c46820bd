"""An account below another one: parent first, followed later where that one has no customer yet."""

from dataclasses import replace

from kernel.messages import Capture, Result, WriteCommand
from kernel.records import RecordRef, external_id_of, netsuite, salesforce
from kernel.values import Document, value_hash
from tests.builders import (
    ACCOUNT,
    OPPORTUNITY,
    ORG,
    POLICY,
    account_fields,
    capture,
    case,
    change,
    customer_link,
    facts,
    opportunity,
)
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Link
from transform.pipeline import decide, wanted_later

PARENT = salesforce("Account", "001xx000003DGb9AAG")
TOP = salesforce("Account", "001xx000003DGb8AAG")
ABOVE = netsuite("customer", "900")


def link_of(account: RecordRef, netsuite_id: str) -> Link:
    external_id = external_id_of(ORG, account)
    return Link(source=account, kind="customer", external_id=external_id, netsuite_id=netsuite_id)


def below(parent: RecordRef | None) -> Document:
    return Document({"Id": "…", "ParentId": parent.id if parent else None})


def sold(known: Facts) -> Decision:
    """A won opportunity of an account that has no customer and stands below PARENT."""
    known = replace(known, knows_all_customers=True)
    fields = account_fields(ParentId=PARENT.id)
    return decide(case(change(OPPORTUNITY, opportunity(account=fields))), known, POLICY)


def customers(decision: Decision) -> list[WriteCommand]:
    return [sent for sent in decision.commands if sent.target.kind == "customer"]


def edited(known: Facts, parent: RecordRef | None, *captures: Capture) -> Decision:
    document = Document(account_fields(ParentId=parent.id if parent else None))
    event = change(ACCOUNT, document)
    return decide(case(replace(event, captures=captures or event.captures)), known, POLICY)


def test_a_child_waits_for_its_parent_that_is_on_its_way() -> None:
    decision = sold(facts(link_of(PARENT, "")))
    assert customers(decision) == []
    assert decision.reserves == ()
    assert decision.outcome is not None
    said = decision.outcome
    assert (said.result, said.code, said.waits_on) == (Result.PARKED, "PARENT_WAITS", PARENT)


def test_a_child_whose_parent_was_refused_says_why_it_waits() -> None:
    refusal = sold(facts(link_of(PARENT, ""))).outcome
    assert refusal is not None
    refused = replace(refusal, code="TEXT_TOO_LONG", params={"record": "Account"})
    outcome = sold(facts(replace(link_of(PARENT, ""), refusal=refused))).outcome
    assert outcome is not None
    assert (outcome.code, outcome.waits_on) == ("TEXT_TOO_LONG", PARENT)


def noted(decision: Decision) -> dict[tuple[RecordRef, str], str]:
    """What is remembered of the parent."""
    return {key: digest for key, digest in decision.seen.items() if key[0] == PARENT}


def test_a_child_is_made_below_its_parent_that_stands() -> None:
    decision = sold(facts(link_of(PARENT, "900")))
    (made,) = customers(decision)
    assert made.document.fields["parent.id"] == "900"
    assert noted(decision) == {}


def test_a_parent_that_buys_nothing_blocks_no_child_and_is_followed_later() -> None:
    decision = sold(facts())
    (made,) = customers(decision)
    assert made.document.fields["parent.id"] is None
    assert noted(decision) == {(PARENT, f"below:{ACCOUNT.id}"): value_hash(True)}
    assert decision.outcome is not None
    assert "followed later" in decision.outcome.path[-1]


def came(known: Facts, document: Document | None = None) -> Decision:
    read = document or Document({"id": ABOVE.id, "entityId": "CUST-900"})
    event = case(change(ABOVE, read))
    asked = wanted_later(event, known)
    assert ACCOUNT in asked.links
    return decide(event, known, POLICY)


NOTE = {(PARENT, f"below:{ACCOUNT.id}"): value_hash(True)}


def test_once_the_parent_has_its_customer_the_child_is_put_below_it() -> None:
    known = facts(link_of(PARENT, "900"), customer_link(), applied=NOTE)
    decision = came(known)
    (sent,) = [one for one in decision.commands if one.part == "parent"]
    assert sent.document.fields == {"parent.id": "900"}
    assert sent.target.external_id == customer_link().external_id
    assert decision.seen == {(PARENT, f"below:{ACCOUNT.id}"): ""}
    assert decision.outcome is None


def test_a_poll_that_is_quicker_than_the_writers_word_is_followed_too() -> None:
    marked = Document({"id": ABOVE.id, "externalId": external_id_of(ORG, PARENT)})
    decision = came(facts(customer_link(), applied=NOTE), marked)
    assert [one.document.fields for one in decision.commands if one.part == "parent"]


def test_a_child_that_has_gone_elsewhere_is_left_and_forgotten() -> None:
    known = facts(link_of(PARENT, "900"), customer_link(), applied=NOTE)
    decision = came(replace(known, bodies={ACCOUNT: below(TOP)}))
    assert [one for one in decision.commands if one.part == "parent"] == []
    assert decision.seen == {(PARENT, f"below:{ACCOUNT.id}"): ""}


def test_a_child_without_a_customer_yet_is_remembered_on() -> None:
    known = facts(link_of(PARENT, "900"), customer_link(""), applied=NOTE)
    assert came(known).seen == {}


def test_a_later_change_of_the_parent_moves_the_customer() -> None:
    known = facts(customer_link(), link_of(PARENT, "900"))
    (sent,) = edited(known, PARENT).commands
    assert sent.document.fields["parent.id"] == "900"


def test_an_account_put_below_one_without_a_customer_follows_it() -> None:
    decision = edited(facts(customer_link()), PARENT)
    assert noted(decision) == NOTE


def test_a_cycle_of_parents_is_named_and_all_else_is_written() -> None:
    known = facts(customer_link(), link_of(PARENT, "900"), link_of(TOP, "901"))
    known = replace(known, bodies={PARENT: below(TOP), TOP: below(ACCOUNT)})
    decision = edited(known, PARENT)
    record, notice = decision.commands
    assert "parent.id" not in record.document.fields
    assert record.document.fields["companyName"] == "Acme GmbH"
    assert "stands above itself" in str(notice.document.fields["NS_Sync_Message__c"])
    assert decision.outcome is not None
    said = decision.outcome
    assert (said.result, said.code, said.waits_on) == (Result.PARKED, "PARENT_CYCLE", ACCOUNT)
    assert said.params["above"] == f"{PARENT.id}, {TOP.id}"


def test_an_order_is_not_held_for_a_cycle_of_parents_and_people_are_told() -> None:
    known = facts(link_of(PARENT, ""))
    decision = sold(replace(known, bodies={PARENT: below(ACCOUNT)}))
    (made,) = customers(decision)
    assert "parent.id" not in made.document.fields
    (alert,) = decision.raises
    assert (alert.code, alert.subject) == ("PARENT_CYCLE", f"parents:{ACCOUNT}")


def test_the_alert_ends_with_another_parent() -> None:
    moved = edited(facts(customer_link()), None, capture(changed=("ParentId",)))
    assert moved.clears == (f"parents:{ACCOUNT}",)
    assert edited(facts(customer_link()), None, capture(changed=("Phone",))).clears == ()


def test_an_account_that_is_its_own_parent_is_a_cycle_too() -> None:
    outcome = edited(facts(customer_link()), ACCOUNT).outcome
    assert outcome is not None
    assert outcome.code == "PARENT_CYCLE"


def test_those_above_are_asked_for_until_one_is_not_known() -> None:
    event = case(change(ACCOUNT, Document(account_fields(ParentId=PARENT.id))))
    asked = wanted_later(event, facts(bodies={PARENT: below(TOP)}))
    assert asked.bodies == {TOP}
    top = facts(bodies={PARENT: below(TOP), TOP: below(None)})
    assert wanted_later(event, top).bodies == frozenset()
