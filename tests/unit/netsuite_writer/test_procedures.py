"""What is sent where a document is made from another one, and where a credit is undone."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from kernel.exact_json import Json, loads
from kernel.records import netsuite
from kernel.values import Document, Fields
from netsuite_writer.domain.planning import holds, plan_of
from netsuite_writer.domain.procedures import source_of, starting
from netsuite_writer.ports import Saving
from tests.unit.netsuite_writer.commands import customer

INVOICE = netsuite("invoice", "812")


def credit(net: str = "250", tax: str = "50") -> Document:
    line: Fields = {
        "createdFrom.line": "1",
        "item.id": "101",
        "amount": Decimal(net),
        "taxAmount": Decimal(tax),
    }
    head: Fields = {"createdFrom.id": "812", "createdFrom.type": "invoice"}
    return Document(head, {"item": (line,)})


def invoice(*taxes: tuple[str, str]) -> dict[str, Json]:
    """With one line, and on it a tax of each code and amount."""
    details: list[Json] = [
        {
            "taxDetailsReference": {"id": "812_1"},
            "taxCode": {"id": code},
            "taxRate": Decimal(10),
            "taxAmount": Decimal(amount),
        }
        for code, amount in taxes
    ]
    line: dict[str, Json] = {"line": 1, "taxDetailsReference": "812_1"}
    return {"item": {"items": [line]}, "taxDetails": {"items": details}}


def sent(document: Document, source: dict[str, Json]) -> Any:
    command = replace(customer(), target=netsuite("creditMemo", "eid:sf-x"), document=document)
    saving = starting(command, document, INVOICE, source)
    assert saving.starts_from == source_of(command) == INVOICE
    return loads(saving.body)


def test_a_credit_says_its_external_id_and_takes_the_tax_codes_of_its_line() -> None:
    body = sent(credit(), invoice(("7", "200")))
    assert body["externalId"] == "sf-x"
    assert "createdFrom" not in body
    assert body["item"]["items"] == [{"item": {"id": "101"}, "amount": 250}]
    assert body["taxDetailsOverride"] is True
    [detail] = body["taxDetails"]["items"]
    assert (detail["taxCode"], detail["taxAmount"], detail["taxBasis"]) == ({"id": "7"}, 50, 250)
    assert detail["taxDetailsReference"] == {"id": "NEW_ITEM_0"}


def test_two_taxes_of_a_line_share_the_tax_of_its_credit_exactly() -> None:
    body = sent(credit(tax="10.00"), invoice(("7", "100"), ("8", "200")))
    amounts = [Decimal(str(one["taxAmount"])) for one in body["taxDetails"]["items"]]
    assert amounts == [Decimal("3.33"), Decimal("6.67")]


def test_where_the_invoice_tells_no_tax_details_none_are_sent() -> None:
    """An account without SuiteTax reckons by the code of the line."""
    body = sent(credit(), {"item": {"items": []}})
    assert "taxDetails" not in body
    assert "taxDetailsOverride" not in body


def test_a_document_that_stands_by_its_external_id_is_the_one_that_was_wanted() -> None:
    command = replace(customer(), target=netsuite("creditMemo", "eid:sf-x"), document=credit())
    record: dict[str, Json] = {"id": "900", "total": Decimal(299)}
    assert holds(command, command.document, record)
    plan = plan_of(command, command.document, record)
    assert not isinstance(plan, Saving)
    assert (plan.code, plan.record_id) == ("ALREADY_SO", "900")


def test_a_credit_settles_nothing_before_it_is_voided() -> None:
    document = Document({"voided": True})
    command = replace(customer(), target=netsuite("creditMemo", "900"), document=document)
    applied: Json = {"items": [{"doc": {"id": "812"}, "apply": True}]}
    first = plan_of(command, document, {"id": "900", "apply": applied})
    assert isinstance(first, Saving)
    assert (first.is_step, first.voids, first.replaces) == (True, False, ())
    open_lines: Json = {"items": [{"doc": {"id": "813"}, "apply": False}]}
    second = plan_of(command, document, {"id": "900", "apply": open_lines})
    assert isinstance(second, Saving)
    assert second.voids
    voided: dict[str, Json] = {"id": "900", "status": {"id": "V"}}
    assert holds(command, document, voided)
    assert not isinstance(plan_of(command, document, voided), Saving)


def test_a_payment_is_taken_off_no_further_than_is_asked_for() -> None:
    lines: tuple[Fields, ...] = (
        {"doc.id": "811", "amount": Decimal(0)},
        {"doc.id": "812", "amount": Decimal(200)},
        {"doc.id": "813", "amount": Decimal(50)},
    )
    document = Document({}, {"apply": lines})
    target = netsuite("customerPayment", "70")
    command = replace(customer(), target=target, part="unapply", document=document)

    def payment(*applied: tuple[str, int]) -> dict[str, Json]:
        shown: list[Json] = [
            {"doc": {"id": doc}, "apply": True, "amount": amount} for doc, amount in applied
        ]
        return {"id": "70", "apply": {"items": [*shown, {"doc": {"id": "9"}, "apply": False}]}}

    first = plan_of(command, document, payment(("811", 100), ("812", 500), ("813", 30), ("1", 7)))
    assert isinstance(first, Saving)
    assert (first.replaces, loads(first.body)) == (
        (),
        {
            "apply": {
                "items": [
                    {"doc": {"id": "811"}, "apply": False},
                    {"doc": {"id": "812"}, "apply": True, "amount": 200},
                ]
            }
        },
    )
    after = payment(("812", 200), ("813", 30), ("1", 7))
    assert holds(command, document, after)
    assert not isinstance(plan_of(command, document, after), Saving)
