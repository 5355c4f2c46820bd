"""Credits and refunds by the running writer, seen on NetSuite's own books."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import external_id_of, netsuite, salesforce
from kernel.values import Document, Fields, Value
from ops.demo.people import Accountant
from ops.local.stack import Stack
from tests.integration.writers.desk import Desk
from tests.integration.writers.vendors import mutations
from tests.unit.netsuite_writer.commands import ORG, customer, identified

pytestmark = pytest.mark.real
RECEIVABLE, BANK, INCOME, TAX = "119", "6", "55", "60"


class Ledger:
    """Finance in NetSuite: bills customers and reads the books."""

    def __init__(self, stack: Stack) -> None:
        endpoints: Any = stack.endpoints
        tls = ssl.create_default_context(cafile=endpoints["tls"]["ca_file"])
        self.accountant = Accountant(endpoints["netsuite"], tls)

    def invoice(self, customer_id: str, number: int) -> str:
        """1,000.00 and 20 % tax, in euro at 1.1."""
        detail = {
            "taxDetailsReference": {"id": "NEW_ITEM_0"},
            "taxRate": 20,
            "taxCode": {"id": "7"},
        }
        item = {"item": {"id": "101"}, "quantity": 1, "rate": 1000, "amount": 1000}
        external_id = f"test-invoice-{number}"
        self.accountant.put(
            "invoice",
            external_id,
            entity={"id": customer_id},
            currency={"id": "4"},
            exchangeRate=1.1,
            item={"items": [item]},
            taxDetailsOverride=True,
            taxDetails={"items": [detail]},
        )
        rows = self.accountant.query(
            f"SELECT id FROM transaction WHERE externalid = '{external_id}'"
        )
        return str(rows[0]["id"])

    def pay(self, invoice_id: str) -> None:
        self.accountant.transform("invoice", invoice_id, "customerPayment")

    def postings(self, transaction: str) -> dict[str, Decimal]:
        """Amounts by account, in base currency."""
        rows = self.accountant.query(
            "SELECT account, SUM(amount) AS amount FROM transactionaccountingline"
            f" WHERE transaction = {transaction} AND posting = 'T' GROUP BY account"
        )
        return {str(row["account"]): Decimal(str(row["amount"])) for row in rows}

    def record(self, kind: str, record_id: str) -> Any:
        return self.accountant.record(kind, record_id)


@pytest.fixture(scope="module")
def ledger(stack: Stack) -> Iterator[Ledger]:
    found = Ledger(stack)
    yield found
    found.accountant.close()


@pytest.fixture
def invoice_id(desk: Desk, ledger: Ledger, number: int) -> str:
    [outcome] = desk.write(customer(number))
    assert outcome.written is not None
    return ledger.invoice(outcome.written.id, number)


def refund_step(number: int, name: str, kind: str, document: Document) -> WriteCommand:
    source = salesforce("Refund", f"a01xx{number:010d}AAA-{name}")
    plain = customer(number)
    return identified(
        replace(
            plain,
            source=source,
            target=netsuite(kind, f"eid:{external_id_of(ORG, source)}"),
            part="refund",
            document=document,
            reads_back=("id", "tranId", "total"),
        )
    )


def credit(number: int, invoice_id: str, *, applied: str = "300", **fields: Value) -> WriteCommand:
    """300.00 of the invoice: 250.00 and 50.00 tax."""
    line: Fields = {
        "createdFrom.line": "1",
        "item.id": "101",
        "quantity": Decimal(1),
        "price.id": "-1",
        "amount": Decimal(250),
        "taxAmount": Decimal(50),
    }
    apply: Fields = {"doc.id": invoice_id, "apply": True, "amount": Decimal(applied)}
    if applied == "0":
        apply = {"doc.id": invoice_id, "apply": False}
    head: Fields = {
        "createdFrom.id": invoice_id,
        "createdFrom.type": "invoice",
        "exchangeRate": Decimal("1.1"),
        "custbody_sf_reason": "Billing error",
        **fields,
    }
    return refund_step(
        number, "cm", "creditMemo", Document(head, {"item": (line,), "apply": (apply,)})
    )


def made(desk: Desk, kind: str, command: WriteCommand) -> int:
    """How many records of this external id were made."""
    created = mutations(desk.history("netsuite"), kind, "create")
    wanted = command.target.external_id
    return sum(1 for one in created if (one["after"] or {}).get("externalId") == wanted)


def id_of(outcome: Outcome) -> str:
    assert outcome.written is not None, (outcome.code, outcome.params)
    return outcome.written.id


def test_t2_1_a_credit_takes_back_revenue_and_tax_and_settles_the_invoice(
    desk: Desk, ledger: Ledger, invoice_id: str, number: int
) -> None:
    command = credit(number, invoice_id)
    desk.log.send(command, command, command)
    [outcome] = desk.ended(command)
    assert outcome.result is Result.APPLIED
    memo = ledger.record("creditMemo", id_of(outcome))
    assert (memo["subtotal"], memo["taxTotal"], memo["total"]) == (250, 50, 300)
    assert ledger.record("invoice", invoice_id)["amountRemaining"] == Decimal(900)
    assert ledger.postings(id_of(outcome)) == {
        RECEIVABLE: Decimal("-330"),
        INCOME: Decimal("275"),
        TAX: Decimal("55"),
    }
    assert memo["custbody_sf_reason"] == "Billing error"
    assert outcome.read_back is not None
    assert outcome.read_back.fields["total"] == Decimal(300)
    assert made(desk, "creditMemo", command) == 1


def test_t2_2_money_goes_back_for_a_credit_that_the_invoice_does_not_need(
    desk: Desk, ledger: Ledger, invoice_id: str, number: int
) -> None:
    ledger.pay(invoice_id)
    command = credit(number, invoice_id, applied="0")
    command = identified(replace(command, document=replace(command.document, lines={
        "item": command.document.lines["item"]})))  # fmt: skip
    [credited] = desk.write(command)
    apply: Fields = {"doc.id": id_of(credited), "apply": True, "amount": Decimal(300)}
    head: Fields = {"createdFrom.id": id_of(credited), "createdFrom.type": "creditMemo"}
    [refunded] = desk.write(
        refund_step(number, "rf", "customerRefund", Document(head, {"apply": (apply,)}))
    )
    assert refunded.read_back is not None
    assert refunded.read_back.fields["total"] == Decimal(300)
    memo = ledger.record("creditMemo", id_of(credited))
    assert memo["amountRemaining"] == 0
    assert ledger.record("invoice", invoice_id)["status"]["refName"] == "Paid In Full"
    assert set(ledger.postings(id_of(refunded))) >= {RECEIVABLE, BANK}


@pytest.mark.parametrize(
    ("effect", "code"),
    [
        ({"effect": "drop_after_commit"}, "FOUND_AFTER_UNKNOWN"),
        ({"effect": "drop_before_commit"}, "WRITTEN"),
        ({"effect": "commit_late", "seconds": 1.5}, "FOUND_AFTER_UNKNOWN"),
    ],
    ids=["after", "before", "late"],
)
def test_an_answer_that_is_lost_credits_once(
    desk: Desk,
    ledger: Ledger,
    invoice_id: str,
    number: int,
    effect: dict[str, object],
    code: str,
) -> None:
    rule = {"system": "netsuite", "method": "POST", "path": "*/!transform/creditMemo", "times": 1}
    desk.vendors.faults({**rule, **effect})
    command = credit(number, invoice_id)
    [outcome] = desk.write(command)
    assert (outcome.result, outcome.code) == (Result.APPLIED, code)
    assert made(desk, "creditMemo", command) == 1
    assert ledger.record("invoice", invoice_id)["amountRemaining"] == Decimal(900)


def test_t2_11_a_cancelled_credit_is_unapplied_and_voided(
    desk: Desk, ledger: Ledger, invoice_id: str, number: int
) -> None:
    command = credit(number, invoice_id)
    [credited] = desk.write(command)
    void = identified(
        replace(
            command,
            target=netsuite("creditMemo", id_of(credited)),
            part="void",
            document=Document({"voided": True}),
            reads_back=("id", "tranId", "status.refName"),
        )
    )
    desk.log.send(void, void)
    [outcome] = desk.ended(void)
    assert outcome.result is Result.APPLIED, (outcome.code, outcome.params, outcome.path)
    assert ledger.record("creditMemo", id_of(credited))["status"]["id"] == "V"
    assert ledger.record("invoice", invoice_id)["amountRemaining"] == Decimal(1200)
    assert ledger.postings(id_of(credited)) == {}


def test_what_it_should_start_from_may_be_gone(desk: Desk, number: int) -> None:
    [outcome] = desk.write(credit(number, "999999"))
    assert (outcome.result, outcome.code) == (Result.PARKED, "SOURCE_GONE")
