"""Who owns a field by now, and what becomes of an edit on the other side."""

from dataclasses import replace

import pytest

from kernel.maps import Maps, Owner, Rule
from kernel.messages import Result, Version
from kernel.records import RecordRef, System, netsuite
from kernel.values import Document, Fields, Sealed, Value, value_hash
from tests.builders import (
    ACCOUNT,
    POLICY,
    account_fields,
    capture,
    case,
    change,
    customer_link,
    facts,
    order_link,
)
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Policy
from transform.domain.lifecycle import made_at
from transform.domain.owners import Stage, stage_of, writers_kinds
from transform.domain.ownership import SEEN, counterpart_target, same, settled
from transform.pipeline import decide

CUSTOMER = netsuite("customer", "77")
TARGET = counterpart_target(customer_link())
TERMS, SHOWN = "terms.refName", "NS_Payment_Terms__c"
OURS = "com/salesforce/api/rest/68.0;client=tallystick"


def customer(**fields: Value) -> Document:
    return Document({"id": "77", "entityId": "CUST-77", TERMS: "Net 30", **fields})


def known(*, applied: Fields | None = None, account: Fields | None = None) -> Facts:
    """The account and the customer as each was read last; `applied`: what we wrote last."""
    plain = facts(customer_link())
    (first,) = decide(case(change(ACCOUNT, Document(account_fields()))), plain, POLICY).commands
    wrote = {**first.document.fields, SHOWN: "Net 30", **(applied or {})}
    return facts(
        customer_link(),
        bodies={CUSTOMER: customer(), ACCOUNT: Document(account_fields(**(account or {})))},
        latest={CUSTOMER: Version(100, 7), ACCOUNT: Version(5, 0)},
        applied={
            (ACCOUNT if name.endswith("__c") else TARGET, name): value_hash(value)
            for name, value in wrote.items()
        },
    )


def edited(ref: RecordRef, document: Document, facts_now: Facts, *changed: str) -> Decision:
    event = change(ref, document, version=Version(200, 0))
    captures = (capture(changed=changed, commit_number=200),)
    return decide(case(replace(event, captures=captures)), facts_now, POLICY)


def test_t7_6_an_edit_of_what_netsuite_owns_is_undone_and_its_author_is_told() -> None:
    """T7.2 as well: the outcome keeps the rejected change."""
    document = Document(account_fields(**{SHOWN: "Whenever"}))
    decision = edited(ACCOUNT, document, known(), SHOWN)
    assert decision.outcome is not None
    assert (decision.outcome.result, decision.outcome.code) == (Result.REJECTED, "OWNER_OVERRULED")
    restoring = next(c for c in decision.commands if SHOWN in c.document.fields)
    assert restoring.target == ACCOUNT
    assert (restoring.part, restoring.version) == ("customer", Version(100, 7))
    assert restoring.document.fields[SHOWN] == "Net 30"
    assert list(decision.commands) == [restoring]
    message = restoring.document.fields["NS_Sync_Message__c"]
    assert message == (
        "NetSuite owns NS Payment Terms; your change was undone by rule."
        " Ask finance if it should be otherwise. [OWNER_OVERRULED]"
    )


def test_t7_6_an_edit_that_goes_back_leaves_no_hold_of_an_earlier_version_standing() -> None:
    document, held = Document(account_fields(**{SHOWN: "Whenever"})), "NS_Sync_Status__c"
    decision = edited(ACCOUNT, document, known(applied={held: "Held"}), SHOWN)
    said = next(c for c in decision.commands if held in c.document.fields)
    assert (said.target, said.document.fields) == (ACCOUNT, {held: "Synced"})
    older = case(change(ACCOUNT, document, version=Version(6, 0))).cause
    on_its_way = replace(
        known(), under_way=frozenset({(ACCOUNT, held)}), parked={ACCOUNT: (older,)}
    )
    both = edited(ACCOUNT, document, on_its_way, SHOWN).commands
    assert {held: "Synced"} in [sent.document.fields for sent in both]


@pytest.mark.parametrize(
    ("value", "changed"),
    [("Net 30", SHOWN), ("Net 30 ", SHOWN), ("Whenever", "Phone")],
    ids=["the owner's own value", "blanks", "another field was changed"],
)
def test_what_nobody_edited_is_left_alone(value: str, changed: str) -> None:
    """T7.3: an edit of another field does not touch this one."""
    document = Document(account_fields(**{SHOWN: value}))
    decision = edited(ACCOUNT, document, known(), changed)
    assert not any(SHOWN in c.document.fields for c in decision.commands)
    assert decision.outcome is None or decision.outcome.result is not Result.REJECTED


def test_an_edit_before_the_record_was_read_is_judged_once_it_was() -> None:
    """Our own first words to it may still be on their way then."""
    document = Document(account_fields(**{SHOWN: "Whenever"}))
    now = known()
    unread = replace(now, bodies={ACCOUNT: document}, applied={
        key: digest for key, digest in now.applied.items() if key[1] != SHOWN
    })  # fmt: skip
    waits = edited(ACCOUNT, document, unread, SHOWN).outcome
    assert waits is not None
    assert (waits.code, waits.waits_on) == ("EDIT_UNJUDGED", CUSTOMER)
    other = edited(ACCOUNT, document, unread, "Phone").outcome
    assert other is not None
    assert other.code == "UNCHANGED"
    read = replace(unread, bodies=now.bodies)
    restoring = edited(ACCOUNT, document, read, SHOWN).commands[0]
    assert restoring.document.fields[SHOWN] == "Net 30"


def test_a_value_that_we_wrote_and_a_newer_one_overtakes_is_no_edit() -> None:
    before = known(applied={SHOWN: "Net 15"})
    decision = edited(ACCOUNT, Document(account_fields(**{SHOWN: "Net 15"})), before, SHOWN)
    assert not any(SHOWN in c.document.fields for c in decision.commands)


def test_an_edit_in_netsuite_of_what_salesforce_owns_is_undone_once() -> None:
    here = {"Phone": "+49 30 1"}
    before = known(applied={"phone": "+49 30 1"}, account=here)
    decision = edited(CUSTOMER, customer(phone="1234"), before)
    (restoring,) = [c for c in decision.commands if c.target == TARGET]
    assert restoring.document.fields == {"phone": "+49 30 1"}
    assert (restoring.part, restoring.version, restoring.source) == (
        "record",
        Version(5, 0),
        ACCOUNT,
    )
    noted = replace(before, applied={**before.applied, **decision.seen})
    again = edited(CUSTOMER, customer(phone="1234"), noted)
    assert not [c for c in again.commands if c.target == TARGET], "NetSuite's form of our value"
    right = edited(CUSTOMER, customer(phone="+49 30 1"), noted)
    assert right.seen == {(TARGET, f"{SEEN}phone"): ""}


def test_what_goes_back_is_no_older_than_the_making_of_the_customer() -> None:
    """It was made from an opportunity's reading, which is newer than the account's own."""
    before = known()
    made = Version(150, 3)
    noted = replace(before, applied={**before.applied, **made_at(ACCOUNT, made)})
    document = customer(companyName="Mine", externalId=customer_link().external_id)
    (restoring,) = (
        sent
        for sent in edited(CUSTOMER, document, noted).commands
        if "companyName" in sent.document.fields
    )
    assert (restoring.target, restoring.version) == (TARGET, made)


def test_what_was_never_written_to_netsuite_is_not_restored_there() -> None:
    before = known(account={"Phone": "+49 30 1"})
    before = replace(before, applied={k: v for k, v in before.applied.items() if k[1] != "phone"})
    decision = edited(CUSTOMER, customer(phone="1234"), before)
    assert not [c for c in decision.commands if c.target == TARGET]


STAGES = {
    Stage.ABSENT: {Owner.SALESFORCE_UNTIL_CREATED, Owner.SALESFORCE_UNTIL_APPROVED,
                   Owner.SALESFORCE_UNTIL_INVOICED},
    Stage.CREATED: {Owner.SALESFORCE_UNTIL_APPROVED, Owner.SALESFORCE_UNTIL_INVOICED},
    Stage.APPROVED: {Owner.SALESFORCE_UNTIL_INVOICED},
    Stage.INVOICED: set(),
}  # fmt: skip


@pytest.mark.parametrize(("stage", "ours"), STAGES.items(), ids=[s.name for s in STAGES])
def test_t7_1_a_field_passes_to_netsuite_with_its_stage(stage: Stage, ours: set[Owner]) -> None:
    until = STAGES[Stage.ABSENT]
    either = {Owner.FIRST_WRITE, Owner.BOTH_MANUAL}
    assert writers_kinds(System.SALESFORCE, stage) == {Owner.SALESFORCE, *ours, *either}
    assert writers_kinds(System.NETSUITE, stage) == {Owner.NETSUITE, *(until - ours), *either}


@pytest.mark.parametrize(
    ("body", "stage"),
    [
        (None, Stage.CREATED),
        (Document({"status.id": "A"}), Stage.CREATED),
        (Document({"status.id": "B"}), Stage.APPROVED),
        (Document({"status.id": "F"}, {"invoices": ({"id": "9"},)}), Stage.INVOICED),
    ],
)
def test_the_stage_follows_from_the_order_as_it_was_read(
    body: Document | None, stage: Stage
) -> None:
    assert stage_of(order_link(), body) is stage
    assert stage_of(order_link(netsuite_id=""), body) is Stage.ABSENT


def with_owner(owner: Owner) -> Policy:
    """The account's phone under another owner."""

    def owned(rule: Rule) -> Rule:
        return replace(rule, owner=owner) if rule.write == "phone" else rule

    maps = tuple(replace(m, rules=tuple(map(owned, m.rules))) for m in POLICY.maps.maps)
    return replace(POLICY, maps=Maps(maps=maps, hash="other"))


@pytest.mark.parametrize(
    ("owner", "there", "wrote", "kept", "conflicts"),
    [
        (Owner.FIRST_WRITE, None, None, True, ()),
        (Owner.FIRST_WRITE, "1234", None, False, ()),
        (Owner.FIRST_WRITE, None, "+49 30 0", False, ()),
        (Owner.BOTH_MANUAL, None, None, True, ()),
        (Owner.BOTH_MANUAL, "+49 30 1", None, False, ()),
        (Owner.BOTH_MANUAL, "1234", "+49 30 1", False, ("phone",)),
    ],
)
def test_t7_1_what_both_may_fill_is_filled_once_and_never_overwritten(
    owner: Owner, there: str | None, wrote: str | None, kept: bool, conflicts: tuple[str, ...]
) -> None:
    record_map = with_owner(owner).maps.named("account-to-customer")
    applied = {(TARGET, "phone"): value_hash(wrote)} if wrote else {}
    wanted = Document({"phone": "+49 30 1", "companyName": "Acme"})
    body = Document({"phone": there})
    found, held = settled(record_map, wanted, TARGET, body, facts(applied=applied))
    assert ("phone" in found.fields, held) == (kept, conflicts)
    assert found.fields["companyName"] == "Acme"


def test_sealed_values_are_compared_only_within_one_subject() -> None:
    mine = Sealed(subject="a", path="Account.Phone", key_version=1, ciphertext=b"1")
    assert not same(mine, replace(mine, ciphertext=b"2"))
    assert same(mine, replace(mine, subject="b", ciphertext=b"2"))


@pytest.mark.parametrize(
    ("field", "edit", "owners"),
    [("NS_Credit_Hold__c", True, False), ("NS_Tax_Exempt__c", True, False)],
)
def test_t7_6_a_value_that_is_converted_on_its_way_is_restored_too(
    field: str, edit: Value, owners: Value
) -> None:
    before = known(applied={field: owners})
    there = customer(creditHoldOverride="AUTO", taxable=True)
    before = replace(before, bodies={**before.bodies, CUSTOMER: there})
    decision = edited(ACCOUNT, Document(account_fields(**{field: edit})), before, field)
    restoring = next(c for c in decision.commands if field in c.document.fields)
    assert restoring.document.fields[field] is owners
    assert decision.outcome is not None
    assert decision.outcome.result is Result.REJECTED
