"""A transaction becomes a row, its lines and applications the rows below, each in its turn."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from kernel.messages import ChangeKind, Outcome, Result, Version, WriteCommand
from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields, Value
from tests.builders import ACCOUNT, POLICY, case, change, customer_link, facts, order_link
from tests.unit.transform.test_endings import concluded, outcome
from transform.domain.decisions import Decision, hashes
from transform.domain.facts import Facts
from transform.domain.lifecycle import DELETED, YES
from transform.domain.mirror_rows import children_of, row_link, row_ref
from transform.pipeline import decide, wanted

INVOICE, PAYMENT = netsuite("invoice", "813"), netsuite("customerPayment", "815")
LINE_REF = "salesforce:NS_Transaction_Line__c:eid:NS_Line_Key__c:813-1"
APPLICATION_REF = "salesforce:NS_Application__c:eid:NS_Application_Key__c:815-813"


def item(number: int = 1, **fields: Value) -> Fields:
    return {"line": number, "item.id": "101", "quantity": 2, "amount": Decimal(1000), **fields}


def invoice(*lines: Fields, apply: tuple[Fields, ...] = (), **fields: Value) -> Document:
    root: dict[str, Value] = {
        "id": "813",
        "tranId": "INV-7",
        "entity.id": "77",
        "createdFrom.id": "812",
        "salesOrder.id": "812",
        "status.refName": "Open",
        "currency.refName": "EUR",
        "tranDate": date(2026, 11, 20),
        "total": Decimal(1200),
        "amountRemaining": Decimal(1200),
        **fields,
    }
    return Document(root, {"item": lines or (item(),), "apply": apply})


def payment(*applied: str, **fields: Value) -> Document:
    root: dict[str, Value] = {"id": "815", "entity.id": "77", "currency.refName": "EUR", **fields}
    lines: tuple[Fields, ...] = tuple(
        {"doc": doc, "type": "invoice", "amount": Decimal(1200)} for doc in applied
    )
    return Document(root, {"item": (), "apply": lines})


def decided(
    ref: RecordRef, document: Document | None, known: Facts, *, rounds: int = 0
) -> Decision:
    kind = ChangeKind.UPDATE if document else ChangeKind.DELETE
    event = change(ref, document, version=Version(7, 0), kind=kind)
    return decide(case(event, rounds=rounds), known, POLICY)


def standing(*transactions: str, **other: object) -> Facts:
    links = [row_link(one, stands=True) for one in transactions]
    return facts(customer_link(), order_link(), *links, **other)


def targets(decision: Decision) -> list[str]:
    return [str(sent.target) for sent in decision.commands]


def outcome_of(decision: Decision) -> Outcome:
    assert decision.outcome is not None
    return decision.outcome


def applied(*commands: WriteCommand) -> dict[tuple[RecordRef, str], str]:
    return {(c.target, name): h for c in commands for name, h in hashes(c.document).items()}


def test_the_row_comes_first_and_its_lines_wait_for_it() -> None:
    decision = decided(INVOICE, invoice(), facts(customer_link(), order_link()))
    (row,) = decision.commands
    assert str(row.target) == "salesforce:NS_Transaction__c:eid:NS_Internal_Id__c:813"
    assert row.document.fields["Type__c"] == "Invoice"
    assert row.document.fields["Account__c"] == ACCOUNT.id
    assert row.document.fields["Opportunity__c"] == order_link().source.id
    assert row.document.fields["Remaining__c"] == Decimal(1200)
    assert decision.reserves == (row_link("813", stands=False),)
    assert outcome_of(decision).code == "WAITS_FOR_ROW"
    assert outcome_of(decision).waits_on == row_ref("813")


def test_once_the_row_stands_only_what_differs_below_is_written() -> None:
    decision = decided(INVOICE, invoice(item(1), item(2)), standing("813"), rounds=1)
    assert targets(decision)[1:] == [LINE_REF, LINE_REF[:-1] + "2"]
    line = decision.commands[1].document.fields
    assert line["Transaction__r.NS_Internal_Id__c"] == "813"
    assert (line["CurrencyIsoCode"], line["Amount__c"]) == ("EUR", Decimal(1000))
    known = standing("813", applied=applied(*decision.commands))
    again = decided(INVOICE, invoice(item(1), item(2, quantity=3)), known)
    (changed,) = again.commands
    assert changed.document.fields == {"Quantity__c": 3}
    same = decided(INVOICE, invoice(item(1), item(2)), known)
    assert outcome_of(same).code == "UNCHANGED"


def test_a_payment_without_applications_waits_for_nothing() -> None:
    decision = decided(PAYMENT, payment(), facts(customer_link()))
    assert targets(decision) == [str(row_ref("815"))]
    assert decision.outcome is None


def test_an_application_waits_for_the_row_that_it_settles() -> None:
    unread = decided(PAYMENT, payment("813"), standing("815"), rounds=1)
    assert outcome_of(unread).waits_on == INVOICE
    on_its_way = standing("815")
    links = {**on_its_way.links, row_ref("813"): row_link("813", stands=False)}
    waits = decided(PAYMENT, payment("813"), replace(on_its_way, links=links), rounds=1)
    assert outcome_of(waits).waits_on == row_ref("813")
    both = decided(PAYMENT, payment("813"), standing("815", "813"), rounds=1)
    assert targets(both)[-1] == APPLICATION_REF
    fields = both.commands[-1].document.fields
    assert fields["Paying_Transaction__r.NS_Internal_Id__c"] == "815"
    assert fields["Applied_To__r.NS_Internal_Id__c"] == "813"


def test_an_application_to_a_transaction_that_is_not_mirrored_is_left_out() -> None:
    known = standing("815", bodies={INVOICE: invoice()})
    decision = decided(PAYMENT, payment("813"), known, rounds=1)
    assert targets(decision) == [str(row_ref("815"))]
    assert decision.outcome is None


def test_the_settled_side_tells_no_application() -> None:
    told: Fields = {"doc": "815", "type": "customerPayment", "amount": Decimal(1200)}
    assert children_of(INVOICE, invoice(apply=(told,))) == children_of(INVOICE, invoice())


def test_what_vanished_is_removed_and_what_was_written_to_it_forgotten() -> None:
    known = standing("815", "813", bodies={PAYMENT: payment("813")})
    decision = decided(PAYMENT, payment(), known)
    gone = decision.commands[-1]
    assert (str(gone.target), gone.part) == (APPLICATION_REF, "transaction:gone")
    assert gone.document == Document()
    assert [str(ref) for ref in decision.forgets] == [APPLICATION_REF]


def test_a_deleted_transaction_takes_its_row_and_all_below_along() -> None:
    decision = decided(INVOICE, None, standing("813", bodies={INVOICE: invoice()}))
    (gone,) = decision.commands
    assert (gone.target, gone.part) == (row_ref("813"), "transaction:gone")
    assert decision.unlinks == (row_ref("813"),)
    assert [str(ref) for ref in decision.forgets] == [str(row_ref("813")), LINE_REF]
    nothing = decided(INVOICE, None, facts())
    assert (nothing.commands, outcome_of(nothing).code) == ((), "DELETED_AT_SOURCE")


def test_a_transaction_of_an_unlinked_customer_stays_by_a_named_rule() -> None:
    decision = decided(INVOICE, invoice(), facts())
    assert decision.commands == ()
    assert decision.keeps
    ended = outcome_of(decision)
    assert (ended.result, ended.code) == (Result.FILTERED, "CUSTOMER_NOT_LINKED")


def test_an_order_is_told_to_its_opportunity_and_as_a_row() -> None:
    ref = netsuite("salesOrder", "812")
    link = order_link()
    own: Fields = {"id": "812", "createdFrom.id": None, "externalId": link.external_id}
    order = Document({**invoice().fields, **own}, {**invoice().lines, "invoices": ()})
    order = Document({**order.fields, "salesOrder.id": "812"}, order.lines)
    first = decided(ref, order, facts(customer_link()))
    assert first.commands[1].document.fields["Opportunity__c"] == link.source.id
    assert targets(first) == [str(link.source), str(row_ref("812"))]
    assert outcome_of(first).code == "WAITS_FOR_ROW"
    released = decided(ref, order, standing("812"), rounds=1)
    assert str(link.source) not in targets(released)


def test_a_row_does_not_name_a_deal_in_the_recycle_bin() -> None:
    document = Document({**invoice().fields, "salesOrder.id": "812"}, invoice().lines)
    gone = {(order_link().source, DELETED): YES}
    named = decided(INVOICE, document, standing()).commands[0]
    left = decided(INVOICE, document, standing(applied=gone)).commands[0]
    assert named.document.fields["Opportunity__c"] == order_link().source.id
    assert left.document.fields["Opportunity__c"] is None


def test_what_is_under_way_is_not_taken_for_written() -> None:
    """Of values that go to and fro the last one is written, also where the first ended last."""
    row = decided(INVOICE, invoice(), standing("800")).commands[0]
    written = applied(row)
    again = decided(INVOICE, invoice(), standing("800", applied=written))
    assert str(row.target) not in targets(again)
    way = frozenset({(row.target, "Remaining__c")})
    once_more = decided(INVOICE, invoice(), standing("800", applied=written, under_way=way))
    assert [*once_more.commands[0].document.fields] == ["Remaining__c"]


def test_the_row_that_it_was_made_from_is_named_where_it_stands() -> None:
    source = "Source_Transaction__r.NS_Internal_Id__c"
    alone = decided(INVOICE, invoice(), standing()).commands[0]
    assert source not in alone.document.fields
    known = decided(INVOICE, invoice(), standing("812")).commands[0]
    assert known.document.fields[source] == "812"


def test_the_end_of_the_rows_command_makes_it_stand() -> None:
    row = decided(PAYMENT, payment(), facts(customer_link())).commands[0]
    assert concluded(outcome(row), row).link == row_link("815", stands=True)
    known = standing("815", "813", bodies={PAYMENT: payment("813")})
    gone = decided(PAYMENT, payment(), known).commands[-1]
    ended = concluded(outcome(gone), gone)
    assert (ended.link, ended.applied, ended.forgets) == (None, {}, gone.target)


def test_everything_that_the_decision_reads_is_asked_for() -> None:
    event = change(PAYMENT, payment("813", **{"salesOrder.id": "812"}))
    asked = wanted(case(event), POLICY)
    assert asked.links >= {row_ref("815"), row_ref("813"), netsuite("customer", "77")}
    assert asked.links >= {netsuite("salesOrder", "812")}
    assert asked.bodies == {PAYMENT, INVOICE}
    assert {str(target) for target in asked.targets} >= {str(row_ref("815")), APPLICATION_REF}
