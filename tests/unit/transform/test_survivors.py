"""A customer merged into another in NetSuite: the account goes on with the one that is left."""

from dataclasses import replace

from kernel.identity import review_id
from kernel.messages import ChangeKind
from kernel.records import RecordRef, netsuite
from kernel.values import Document
from tests.builders import ACCOUNT, OPPORTUNITY, POLICY, case, change, customer_link, order_link
from tests.builders import facts as known_facts
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Link, Reference
from transform.domain.lifecycle import DELETED, YES
from transform.domain.survivors import MOVED
from transform.pipeline import decide, turns, wanted_later

GONE, LEFT = netsuite("customer", "77"), netsuite("customer", "88")
ORDER = netsuite("salesOrder", "812")
OTHER = replace(ACCOUNT, id="001xx000003DGb2AAG")
SURVIVOR = Document({"id": "88", "externalId": None})


def facts(*links: Link, stands: tuple[RecordRef, ...] = (LEFT,), **other: object) -> Facts:
    bodies = dict.fromkeys(stands, SURVIVOR)
    bodies[OPPORTUNITY] = Document({"AccountId": ACCOUNT.id})
    return known_facts(customer_link("77"), order_link(), *links, bodies=bodies, **other)


def order_of(customer: RecordRef, known: Facts) -> Decision:
    document = Document({"id": "812", "entity.id": customer.id, "tranId": "SO-1"})
    return decide(case(change(ORDER, document)), known, POLICY)


def note() -> dict[tuple[str, str], Reference]:
    fields = {"to": LEFT.id}
    return {(MOVED, GONE.id): Reference(kind=MOVED, id=GONE.id, key=GONE.id, fields=fields)}


def moved(decision: Decision) -> list[tuple[RecordRef, str, str]]:
    links = [link for link in decision.links if link.kind == "customer"]
    return [(link.source, link.external_id, link.netsuite_id) for link in links]


def test_t1_7_an_order_of_a_customer_that_is_gone_says_who_is_left() -> None:
    decision = order_of(LEFT, facts())
    assert moved(decision) == [(ACCOUNT, "", "88")]
    [identity] = [command for command in decision.commands if command.part == "identity"]
    assert identity.target == LEFT
    assert identity.document.fields["externalId"]


def test_t1_7_while_the_other_still_stands_the_order_only_leaves_a_note() -> None:
    decision = order_of(LEFT, facts(stands=(LEFT, GONE)))
    assert moved(decision) == []
    assert [item.fields for item in decision.references if item.kind == MOVED] == [{"to": "88"}]


def test_t1_7_the_deletion_finds_the_note() -> None:
    known = facts()
    known = replace(known, references={**known.references, **note()})
    gone = case(change(GONE, None, kind=ChangeKind.DELETE))
    order = case(change(ORDER, SURVIVOR))
    assert [*turns([gone, order])] == [[order], [gone]]
    assert wanted_later(gone, known).bodies == {LEFT}
    decision = decide(gone, known, POLICY)
    assert moved(decision) == [(ACCOUNT, "", "88")]


def test_a_customer_that_is_just_deleted_moves_nothing() -> None:
    decision = decide(case(change(GONE, None, kind=ChangeKind.DELETE)), facts(), POLICY)
    assert decision.outcome is not None
    assert decision.outcome.code == "DELETED_AT_SOURCE"
    assert decision.links == ()


def test_the_customer_of_another_account_is_not_shared() -> None:
    taken = Link(source=OTHER, kind="customer", external_id="", netsuite_id="88")
    decision = order_of(LEFT, facts(taken))
    assert moved(decision) == []
    assert decision.unlinks == (ACCOUNT,)


TAKEN = Link(source=OTHER, kind="customer", external_id="", netsuite_id="88")


def merged_in_netsuite(deleted: RecordRef) -> Decision:
    """GONE of ACCOUNT went into LEFT of OTHER, after one of the accounts went into the other."""
    waiting = case(change(deleted, None, kind=ChangeKind.DELETE)).cause
    known = facts(TAKEN, applied={(deleted, DELETED): YES}, parked={deleted: (waiting,)})
    known = replace(known, references={**known.references, **note()})
    gone = case(change(GONE, None, kind=ChangeKind.DELETE))
    asked = wanted_later(gone, known)
    assert asked.documents == asked.targets == {ACCOUNT, OTHER}
    return decide(gone, known, POLICY)


def test_t1_7_the_customer_of_an_account_that_was_merged_away_goes_and_the_question_ends() -> None:
    decision = merged_in_netsuite(ACCOUNT)
    assert (moved(decision), decision.unlinks) == ([], (ACCOUNT,))
    assert [outcome.code for outcome in decision.closes] == ["CUSTOMERS_MERGED"]
    assert decision.merged == (review_id(ACCOUNT, LEFT),)
    assert decision.clears == (f"merge:{review_id(ACCOUNT, LEFT)}",)


def test_t1_7_the_account_that_stays_takes_over_the_customer_that_stays() -> None:
    """Finance merged the other way round than Salesforce did."""
    decision = merged_in_netsuite(OTHER)
    assert moved(decision) == [(ACCOUNT, "", "88")]
    assert decision.unlinks == (OTHER,)
    assert [outcome.code for outcome in decision.closes] == ["CUSTOMERS_MERGED"]
    assert decision.merged == (review_id(OTHER, GONE),)
    assert [sent.part for sent in decision.commands] == ["identity"]


def test_an_order_of_its_own_customer_moves_nothing() -> None:
    decision = order_of(GONE, facts(stands=(LEFT, GONE)))
    assert (moved(decision), decision.unlinks) == ([], ())


def test_what_is_asked_later_hangs_on_the_opportunity_behind_the_order() -> None:
    document = Document({"id": "812", "entity.id": "88"})
    asked = wanted_later(case(change(ORDER, document)), facts())
    assert asked.counterparts == {ACCOUNT}
    assert asked.bodies == {LEFT}
    assert ACCOUNT in asked.links
