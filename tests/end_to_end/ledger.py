"""A random life of a NetSuite ledger, and what stands on either side after it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tests.world import World

SERVICE = {"id": "102"}
Sums = Mapping[str, Decimal]


@dataclass(slots=True)
class Ledger:
    """One customer's documents, by kind; what is chosen is chosen by the seed."""

    world: World
    customer: str
    random: Random
    units: int = 100
    """How many minor units make one of the customer's currency."""
    made: dict[str, list[str]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """One operation; where there is nothing to do it to, an invoice."""
        action = self.random.choice(ACTIONS)
        if not action(self):
            action = Ledger.bill
            action(self)
        self.done[action.__name__] += 1

    def bill(self) -> bool:
        lines = [self._line(9_999) for _ in range(self.random.randint(1, 3))]
        self._create("invoice", entity={"id": self.customer}, item={"items": lines})
        return True

    def pay(self) -> bool:
        """An open invoice, in part or whole."""
        found = self._open("invoice", "amountRemaining")
        if found is None:
            return False
        invoice, left = found
        amount = self._some_of(left)
        made = self.world.accountant.transform(
            "invoice", invoice, "customerPayment", payment=float(amount)
        )
        self.made.setdefault("customerPayment", []).append(made)
        return True

    def pay_ahead(self) -> bool:
        amount = Decimal(self.random.randint(1, 90_000)) / self.units
        self._create(
            "customerPayment", customer={"id": self.customer}, payment=float(amount), apply=NONE
        )
        return True

    def credit(self) -> bool:
        """An amount, of which some settles an open invoice."""
        found = self._open("invoice", "amountRemaining")
        if found is None:
            return False
        invoice, left = found
        line = self._line(5_000)
        most = min(left, Decimal(str(line["quantity"])) * Decimal(str(line["rate"])))
        applied = {"doc": {"id": invoice}, "apply": True, "amount": float(self._some_of(most))}
        self._create(
            "creditMemo",
            entity={"id": self.customer},
            item={"items": [line]},
            apply={"items": [applied]},
        )
        return True

    def pay_back(self) -> bool:
        """What is left of a credit or a payment."""
        kind = self.random.choice(["creditMemo", "customerPayment"])
        found = self._open(kind, "unapplied")
        if found is None:
            return False
        made = self.world.accountant.transform(kind, found[0], "customerRefund")
        self.made.setdefault("customerRefund", []).append(made)
        return True

    def unapply(self) -> bool:
        payments = self.made.get("customerPayment", [])
        for payment in self.random.sample(payments, len(payments)):
            record = self.world.accountant.record("customerPayment", payment)
            applied = [line for line in record["apply"]["items"] if line["apply"]]
            if applied:
                doc = {"doc": {"id": applied[0]["doc"]["id"]}, "apply": False}
                self.world.accountant.update("customerPayment", payment, apply={"items": [doc]})
                return True
        return False

    def delete(self) -> bool:
        """A payment of which nothing was refunded."""
        refunded = self._refunded()
        free = [one for one in self.made.get("customerPayment", []) if one not in refunded]
        if not free:
            return False
        payment = self.random.choice(free)
        self.world.accountant.delete("customerPayment", payment)
        self.made["customerPayment"].remove(payment)
        return True

    def _refunded(self) -> set[str]:
        rows = self.world.accountant.query(
            "SELECT previousdoc FROM nexttransactionlink WHERE nexttype = 'CustRfnd'"
        )
        return {str(row["previousdoc"]) for row in rows}

    def _open(self, kind: str, name: str) -> tuple[str, Decimal] | None:
        ids = self.made.get(kind, [])
        for one in self.random.sample(ids, len(ids)):
            left = Decimal(self.world.accountant.record(kind, one)[name])
            if left > 0:
                return one, left
        return None

    def _some_of(self, amount: Decimal) -> Decimal:
        if self.random.random() < 0.4:
            return amount
        return Decimal(self.random.randint(1, int(amount * self.units))) / self.units

    def _line(self, cents_max: int) -> dict[str, object]:
        rate = Decimal(self.random.randint(1, cents_max)) / self.units
        return {"item": SERVICE, "quantity": self.random.randint(1, 9), "rate": float(rate)}

    def _create(self, kind: str, **fields: object) -> None:
        self.made.setdefault(kind, []).append(self.world.accountant.create(kind, **fields))


NONE = {"items": list[object]()}
ACTIONS: tuple[Callable[[Ledger], bool], ...] = (
    Ledger.bill, Ledger.bill, Ledger.pay, Ledger.pay, Ledger.pay_ahead, Ledger.credit,
    Ledger.pay_back, Ledger.unapply, Ledger.delete,
)  # fmt: skip


def mirrored(world: World, account: str) -> dict[str, Sums]:
    """The same as Salesforce's rows show it."""
    rows = world.rep.query(
        "SELECT NS_Internal_Id__c, Total__c, Remaining__c, Unapplied__c FROM NS_Transaction__c"
        f" WHERE Account__c = '{account}' AND Type__c <> 'Sales Order'"
    )
    return {
        str(row["NS_Internal_Id__c"]): {
            "total": _number(row["Total__c"]),
            "remaining": _number(row["Remaining__c"]),
            "unapplied": _number(row["Unapplied__c"]),
        }
        for row in rows
    }


def settled_in_salesforce(world: World, account: str) -> dict[str, Decimal]:
    """Of each document of a customer how much of it is settled or used up, by its applications."""
    rows = world.rep.query(
        "SELECT Amount__c, Applied_To__r.NS_Internal_Id__c FROM NS_Application__c"
        f" WHERE Applied_To__r.Account__c = '{account}'"
    )
    found: dict[str, Decimal] = {}
    for row in rows:
        key = str(row["Applied_To__r"]["NS_Internal_Id__c"])
        found[key] = found.get(key, Decimal(0)) + _number(row["Amount__c"])
    return found


def _number(value: object) -> Decimal:
    return Decimal(str(value)) if value is not None else Decimal(0)
