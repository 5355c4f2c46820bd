"""Requests and the documents they are about: a test names only what matters to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from kernel.messages import WriteCommand
from kernel.nodes import Node
from kernel.records import RecordRef, netsuite, salesforce
from kernel.refunds import Reasons
from kernel.refunds.parse import parse_reasons
from kernel.values import Document, Fields, Value
from runtime.maps import SHIPPED_REASONS
from runtime.tables import read_tables
from tests.builders import POLICY, case, change, facts
from transform.domain.decisions import Decision
from transform.domain.facts import Facts, Link, Policy, Reference
from transform.domain.refunds.credits import Credit, step_of
from transform.domain.refunds.flow import decide

REQUEST = salesforce("NS_Refund_Request__c", "a01xx0000000001AAA")
OTHER = salesforce("NS_Refund_Request__c", "a01xx0000000002AAA")
THIRD = salesforce("NS_Refund_Request__c", "a01xx0000000003AAA")
INVOICE = netsuite("invoice", "812")
ASKER, BOSS = "005xx000001SwiUAAS", "005xx000001SwiVAAS"
EUR = "EUR"


def shipped_reasons(*overlay: Fields) -> Reasons:
    tables = read_tables([SHIPPED_REASONS])
    nodes = [Node(table.file, table.line, dict(table.values)) for table in tables]
    own = [
        Node("own.yaml", 1, {key: Node("own.yaml", 1, str(value)) for key, value in entry.items()})
        for entry in overlay
    ]
    return parse_reasons([*nodes, *own])


def policy(*overlay: Fields) -> Policy:
    return replace(POLICY, reasons=shipped_reasons(*overlay))


def request(amount: str | None = "300.00", *lines: Fields, **fields: Value) -> Document:
    """An approved request to credit this much of the invoice."""
    root: dict[str, Value] = {
        "Id": REQUEST.id,
        "Name": "REF-0001",
        "Status__c": "Approved",
        "Reason__c": "Price concession",
        "Refund_Method__c": "Apply to invoice",
        "Amount__c": None if amount is None else Decimal(amount),
        "CurrencyIsoCode": EUR,
        "Event_Date__c": None,
        "Requested_By__c": ASKER,
        "Approved_By__c": BOSS,
        "Approved_At__c": None,
        "Invoice__r.NS_Internal_Id__c": INVOICE.id,
        "Invoice__r.Type__c": "Invoice",
        "NS_Sync_Now__c": False,
        **fields,
    }
    return Document(root, {"Lines__r": lines})


def credited(line: str, *, quantity: str | None = None, amount: str | None = None) -> Fields:
    """A line of a request."""
    return {
        "Transaction_Line__r.NS_Line_Key__c": f"{INVOICE.id}-{line}",
        "Quantity__c": Decimal(quantity) if quantity else None,
        "Amount__c": Decimal(amount) if amount else None,
    }


def billed_line(key: str, net: str, tax: str, *, quantity: str = "1", item: str = "101") -> Fields:
    return {
        "line": key,
        "item.id": item,
        "quantity": Decimal(quantity),
        "amount": Decimal(net),
        "taxAmount": Decimal(tax),
        "description": None,
        "custcol_sf_line_id": f"00kxx000000000{key}AAA",
    }


def invoice(*lines: Fields, paid: str = "0", **fields: Value) -> Document:
    """1,000.00 and 200.00 tax where no lines are named; `paid` by one payment."""
    lines = lines or (billed_line("1", "1000", "200"),)
    total = sum((Decimal(str(line["amount"])) for line in lines), Decimal(0))
    total += sum((Decimal(str(line["taxAmount"])) for line in lines), Decimal(0))
    payments = (applied("900", "customerPayment", paid),) if paid != "0" else ()
    root: dict[str, Value] = {
        "tranId": "INV-812",
        "currency.refName": EUR,
        "exchangeRate": Decimal("1.1"),
        "baseCurrency": "USD",
        "total": total,
        "amountRemaining": total - Decimal(paid),
        **fields,
    }
    return Document(root, {"item": lines, "apply": payments})


def applied(doc: str, kind: str, amount: str) -> Fields:
    """What settles a document, or what it settles."""
    return {"doc": doc, "type": kind, "amount": Decimal(amount)}


def month(first: str, last: str, *, closed: bool = False) -> Reference:
    fields: Fields = {"startDate": first, "endDate": last, "closed": closed}
    return Reference(kind="accountingPeriod", id=first, key=first, fields=fields)


@dataclass
class Books:
    """What is known, while one decision follows the other."""

    body: Document | None = field(default_factory=invoice)
    billed: RecordRef = INVOICE
    policy: Policy = field(default_factory=policy)
    credits: list[Credit] = field(default_factory=list)
    links: dict[RecordRef, Link] = field(default_factory=dict)
    periods: tuple[Reference, ...] = ()
    rates: Mapping[tuple[str, str], Reference] = field(default_factory=dict)
    seen: dict[tuple[RecordRef, str], str] = field(default_factory=dict)
    remembers: bool = False
    """What a request asked for before: without it a test may ask for one thing after the other."""

    def facts(self) -> Facts:
        ids = {step: link.netsuite_id for step, link in self.links.items()}
        known = [
            replace(one, netsuite_id=ids.get(one.step, one.netsuite_id)) for one in self.credits
        ]
        plain = facts(*self.links.values())
        periods = {(one.kind, one.key): one for one in self.periods}
        return replace(
            plain,
            bodies={self.billed: self.body} if self.body else {},
            credits=tuple(known),
            applied=self.seen,
            references={**plain.references, **periods, **self.rates},
        )

    def decide(self, document: Document, ref: RecordRef = REQUEST) -> Decision:
        """The decision, with what it sets aside counted from now on."""
        found = decide(case(change(ref, document)), document, self.facts(), self.policy)
        self.credits = [one for one in self.credits if one.step not in found.uncredits]
        self.credits = [
            one for one in self.credits if one.step not in {new.step for new in found.credits}
        ] + list(found.credits)
        self.seen |= found.seen if self.remembers else {}
        for link in found.reserves:
            self.links[link.source] = link
        return found

    def entered(self, sent: WriteCommand, netsuite_id: str) -> None:
        """NetSuite has made what the command asks for."""
        self.links[sent.source] = replace(self.links[sent.source], netsuite_id=netsuite_id)

    def voided(self) -> None:
        self.credits = [replace(one, voided=True) for one in self.credits]

    def through(self, document: Document, ref: RecordRef = REQUEST) -> list[WriteCommand]:
        """Every command of a request until it is done."""
        sent: list[WriteCommand] = []
        for number in range(5):
            [one] = self.decide(document, ref).commands
            sent.append(one)
            if one.target.kind == ref.kind:
                return sent
            self.entered(one, f"{ref.id[-4]}{number}")
        raise AssertionError("it does not end")


def lines_of(sent: WriteCommand) -> list[tuple[Value, Value]]:
    """Net and tax of each credited line."""
    return [(line["amount"], line["taxAmount"]) for line in sent.document.lines["item"]]


def applied_by(sent: WriteCommand, name: str = "apply") -> list[tuple[Value, Value]]:
    """Which document by how much."""
    lines = sent.document.lines.get(name, ())
    return [(line["doc.id"], line.get("amount")) for line in lines if line["apply"]]


def code_of(decision: Decision) -> str:
    return decision.outcome.code if decision.outcome else ""


def param_of(decision: Decision, name: str) -> str:
    assert decision.outcome is not None
    return str(decision.outcome.params[name])


def day(text: str) -> date:
    return date.fromisoformat(text)


def step(name: str, ref: RecordRef = REQUEST) -> RecordRef:
    return step_of(ref, name)
