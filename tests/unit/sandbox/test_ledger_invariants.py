"""Whatever happens in which order: the books of the NetSuite stand-in balance."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    rule,
)

from sandbox.database import transaction
from sandbox.netsuite.account import Behaviour, Work
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.records.voiding import void
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import lines, number
from tests.unit.sandbox.ledger_sums import BALANCED, BALANCED_FOREIGN, CONTROL, MOVED
from tests.unit.sandbox.netsuite_account import EUR, JPY, USD, Books, line

CENT = Decimal("0.01")
RATES = st.decimals("0.5", "1.9", places=8)
AMOUNTS = st.decimals("0.01", "99999.99", places=2)
PARTS = st.decimals("0.01", "1", places=2)


class Ledger(RuleBasedStateMachine):
    """Customers of two subsidiaries and three currencies, billed, paid, credited, undone."""

    books = Books()
    orders = Bundle("orders")
    invoices = Bundle("invoices")
    sources = Bundle("sources")
    deposits = Bundle("deposits")
    takers = Bundle("takers")
    journals = Bundle("journals")
    moves = Bundle("moves")

    def __init__(self) -> None:
        super().__init__()
        self.books.account.connection.execute("BEGIN")
        self.customers = [
            self.books.customer(currency, subsidiary, companyName=f"{currency}/{subsidiary}")
            for currency, subsidiary in ((EUR, 1), (JPY, 1), (USD, 1), (USD, 2))
        ]

    def teardown(self) -> None:
        self.books.account.connection.execute("ROLLBACK")

    @initialize()
    def goods_in_stock(self) -> None:
        self.stock = self.books.create("inventoryItem", itemId="STOCK", cost="38.5", rate=95)
        self.share = self.books.create("discountItem", itemId="SHARE", rate="-12.5%")

    @initialize(target=orders)
    def first_order(self) -> Entry:
        return self.books.order(self.customers[0], line(101, 3, "33.33"), line(104, 2, "0.07"))

    @rule(target=orders, who=st.integers(0, 3), quantity=st.integers(1, 9), rate=AMOUNTS)
    def order(self, who: int, quantity: int, rate: Decimal) -> Entry:
        return self.books.order(self.customers[who], line(101, quantity, rate), line(102, 1, rate))

    @rule(target=invoices, who=st.integers(0, 3), rate=AMOUNTS, exchange=RATES)
    def invoice(self, who: int, rate: Decimal, exchange: Decimal) -> Entry:
        return self.books.invoice(
            self.customers[who],
            line(101, 1, rate),
            line(103, 7, rate),
            exchangeRate=exchange,
            taxDetailsOverride=True,
            taxDetails={"items": [{"taxDetailsReference": "NEW_ITEM_1", "taxRate": 19}]},
        )

    @rule(target=orders, who=st.integers(0, 3), quantity=st.integers(1, 9), rate=AMOUNTS)
    def order_goods(self, who: int, quantity: int, rate: Decimal) -> Entry:
        held = (line(self.stock.id, quantity, rate), {"item": {"id": str(self.share.id)}})
        off = {"id": str(self.share.id)}
        return self.books.order(self.customers[who], *held, discountItem=off)

    @rule(target=moves, order=orders, quantity=st.integers(0, 3))
    def fulfil(self, order: Entry, quantity: int) -> Entry | None:
        part = {"items": [{"orderLine": 1, "quantity": quantity}]} if quantity else None
        return self._try(
            lambda: self.books.transform(
                order, "itemFulfillment", inventoryLocation={"id": "1"}, **_given(item=part)
            )
        )

    @rule(target=moves, order=orders, quantity=st.integers(1, 3))
    def take_back(self, order: Entry, quantity: int) -> Entry | None:
        goods = {"items": [line(self.stock.id, quantity, 1)]}
        back = self.books.transform(order, "returnAuthorization", item=goods)
        self.books.update(back, orderStatus={"id": "B"})
        place = {"id": "1"}
        return self._try(lambda: self.books.transform(back, "itemReceipt", inventoryLocation=place))

    @rule(move=consumes(moves))
    def delete_a_move(self, move: Entry | None) -> None:
        if move is not None:
            self._try(lambda: self.books.delete(move))

    @rule(entry=st.one_of(invoices, sources, deposits, takers, journals))
    def void(self, entry: Entry | None) -> None:
        if entry is not None:
            self._try(lambda: self._void(self.books.work(), entry))

    @rule(who=st.integers(0, 3), amount=AMOUNTS, of_deposit=st.booleans(), exchange=RATES)
    def void_a_refund_by_a_journal(
        self, who: int, amount: Decimal, of_deposit: bool, exchange: Decimal
    ) -> None:
        paid = {"customer": {"id": str(self.customers[who].id)}, "payment": amount}
        source = self._try(
            lambda: self.books.create(
                "customerDeposit" if of_deposit else "customerPayment", **paid
            )
        )
        if source is None:
            return
        taker = self._try(
            lambda: self.books.transform(source, "customerRefund", exchangeRate=exchange)
        )
        if taker is None:
            return
        work = self.books.work()
        work.account = replace(work.account, behaviour=Behaviour(reversing_voids=True))
        self._try(lambda: self._void(work, taker))

    @rule(target=invoices, order=orders, quantity=st.integers(0, 3))
    def bill(self, order: Entry, quantity: int) -> Entry | None:
        part = {"items": [{"orderLine": 1, "quantity": quantity}]} if quantity else None
        return self._try(lambda: self.books.transform(order, "invoice", **_given(item=part)))

    @rule(target=sources, invoice=invoices, part=PARTS, exchange=RATES)
    def pay(self, invoice: Entry | None, part: Decimal, exchange: Decimal) -> Entry | None:
        if invoice is None:
            return None
        return self._try(
            lambda: self.books.transform(
                invoice,
                "customerPayment",
                payment=self._share(invoice, part),
                exchangeRate=exchange,
            )
        )

    @rule(target=sources, invoice=invoices, used=st.one_of(sources, deposits), exchange=RATES)
    def pay_with_what_is_there(
        self, invoice: Entry | None, used: Entry | None, exchange: Decimal
    ) -> Entry | None:
        if invoice is None or used is None:
            return None
        sublist = "deposit" if used.kind.name == "customerDeposit" else "credit"
        chosen = {"items": [{"doc": {"id": str(used.id)}, "apply": True}]}
        return self._try(
            lambda: self.books.transform(
                invoice, "customerPayment", exchangeRate=exchange, **{sublist: chosen}
            )
        )

    @rule(target=sources, invoice=invoices, part=PARTS, exchange=RATES)
    def credit(self, invoice: Entry | None, part: Decimal, exchange: Decimal) -> Entry | None:
        if invoice is None:
            return None
        credited = {"items": [line(101, 1, self._share(invoice, part))]}
        return self._try(
            lambda: self.books.transform(
                invoice, "creditMemo", item=credited, exchangeRate=exchange
            )
        )

    @rule(target=sources, who=st.integers(0, 3), amount=AMOUNTS, exchange=RATES)
    def pay_the_oldest(self, who: int, amount: Decimal, exchange: Decimal) -> Entry | None:
        customer = {"id": str(self.customers[who].id)}
        return self._try(
            lambda: self.books.create(
                "customerPayment",
                customer=customer,
                payment=amount,
                autoApply=True,
                exchangeRate=exchange,
            )
        )

    @rule(source=sources, invoice=invoices, part=PARTS)
    def apply_differently(self, source: Entry | None, invoice: Entry | None, part: Decimal) -> None:
        if source is None or invoice is None:
            return
        wish = {"doc": {"id": str(invoice.id)}, "amount": self._share(invoice, part)}
        self._try(lambda: self.books.update(source, apply={"items": [wish]}, autoApply=False))

    @rule(source=sources)
    def unapply_everything(self, source: Entry | None) -> None:
        if source is None:
            return
        held = self._try(lambda: self.books.read(source))
        if held is None:
            return
        wishes = [{"doc": one["doc"], "apply": False} for one in lines(held.document, "apply")]
        self._try(lambda: self.books.update(held, apply={"items": wishes}, autoApply=False))

    @rule(invoice=invoices, rate=AMOUNTS, exchange=RATES)
    def change_an_invoice(self, invoice: Entry | None, rate: Decimal, exchange: Decimal) -> None:
        if invoice is None:
            return
        change = {"items": [{"line": 1, "rate": rate}]}
        self._try(lambda: self.books.update(invoice, item=change, exchangeRate=exchange))

    @rule(target=deposits, who=st.integers(0, 3), amount=AMOUNTS, exchange=RATES)
    def take_a_deposit(self, who: int, amount: Decimal, exchange: Decimal) -> Entry | None:
        customer = {"id": str(self.customers[who].id)}
        return self._try(
            lambda: self.books.create(
                "customerDeposit", customer=customer, payment=amount, exchangeRate=exchange
            )
        )

    @rule(target=takers, deposit=deposits, invoice=invoices, part=PARTS)
    def apply_a_deposit(
        self, deposit: Entry | None, invoice: Entry | None, part: Decimal
    ) -> Entry | None:
        if deposit is None or invoice is None:
            return None
        wish = {"doc": {"id": str(invoice.id)}, "amount": self._share(invoice, part)}
        return self._try(
            lambda: self.books.transform(deposit, "depositApplication", apply={"items": [wish]})
        )

    @rule(target=takers, source=st.one_of(sources, deposits, journals), exchange=RATES)
    def refund(self, source: Entry | None, exchange: Decimal) -> Entry | None:
        if source is None:
            return None
        if source.kind.name == "journalEntry":
            return self._try(lambda: self._refund_journal(source, exchange))
        return self._try(
            lambda: self.books.transform(source, "customerRefund", exchangeRate=exchange)
        )

    def _refund_journal(self, source: Entry, exchange: Decimal) -> Entry:
        customer = {"id": str(self.customers[3].id)}
        wish = {"doc": {"id": str(source.id)}, "amount": 1}
        return self.books.create("customerRefund", customer=customer, apply={"items": [wish]})

    @rule(target=journals, amount=AMOUNTS, owed=st.booleans())
    def journal(self, amount: Decimal, owed: bool) -> Entry | None:
        entity = {"id": str(self.customers[3].id)}
        sides = ("debit", "credit") if owed else ("credit", "debit")
        held = [
            {"account": {"id": "119"}, sides[0]: amount, "entity": entity},
            {"account": {"id": "83"}, sides[1]: amount},
        ]
        return self._try(
            lambda: self.books.create(
                "journalEntry", subsidiary={"id": "2"}, currency={"id": "1"}, line={"items": held}
            )
        )

    @rule(deposit=deposits, exchange=RATES)
    def change_a_deposit(self, deposit: Entry | None, exchange: Decimal) -> None:
        if deposit is not None:
            self._try(lambda: self.books.update(deposit, exchangeRate=exchange))

    @rule(source=sources, exchange=RATES)
    def change_a_source(self, source: Entry | None, exchange: Decimal) -> None:
        if source is not None:
            self._try(lambda: self.books.update(source, exchangeRate=exchange))

    @rule(taker=consumes(takers))
    def delete_a_refund_or_application(self, taker: Entry | None) -> None:
        if taker is not None:
            self._try(lambda: self.books.delete(taker))

    @rule(entry=consumes(journals))
    def delete_a_journal(self, entry: Entry | None) -> None:
        if entry is not None:
            self._try(lambda: self.books.delete(entry))

    @rule(order=orders)
    def sell_for_cash(self, order: Entry) -> None:
        sale = self._try(lambda: self.books.transform(order, "cashSale"))
        if sale is not None:
            self._try(lambda: self.books.transform(sale, "cashRefund"))

    @rule(source=consumes(sources))
    def delete_a_payment_or_credit(self, source: Entry | None) -> None:
        if source is not None:
            self._try(lambda: self.books.delete(source))

    @rule(invoice=consumes(invoices))
    def delete_an_invoice(self, invoice: Entry | None) -> None:
        if invoice is not None:
            self._try(lambda: self.books.delete(invoice))

    @invariant()
    def debits_equal_credits_in_every_transaction(self) -> None:
        run = self.books.account.connection.execute
        assert run(BALANCED).fetchall() == []
        assert run(BALANCED_FOREIGN).fetchall() == []

    @invariant()
    def the_control_account_is_the_sum_of_the_open_items(self) -> None:
        run = self.books.account.connection.execute
        carried: dict[int, Decimal] = {}
        for row in run("SELECT subsidiary, side, base_remaining FROM _open_item").fetchall():
            amount = row["side"] * Decimal(row["base_remaining"])
            carried[row["subsidiary"]] = carried.get(row["subsidiary"], Decimal(0)) + amount
        posted = {row["subsidiary"]: row["amount"] for row in run(CONTROL).fetchall()}
        for subsidiary in carried.keys() | posted.keys():
            amount = carried.get(subsidiary, Decimal(0))
            assert abs(Decimal(repr(posted.get(subsidiary, 0.0))) - amount) < CENT / 10

    @invariant()
    def the_deposits_account_is_the_sum_of_the_open_deposits(self) -> None:
        run = self.books.account.connection.execute
        rows = run("SELECT base_remaining FROM _open_item WHERE side = 0").fetchall()
        (posted,) = run(
            "SELECT coalesce(sum(amount), 0) FROM transactionaccountingline WHERE account = 82"
        ).fetchone()
        left = sum((Decimal(row[0]) for row in rows), Decimal(0))
        assert abs(Decimal(repr(posted)) + left) < CENT / 10

    @invariant()
    def the_stock_account_is_what_moved_at_its_cost(self) -> None:
        run = self.books.account.connection.execute
        moved = run(MOVED).fetchall()
        signs = {"itemFulfillment": -1, "itemReceipt": 1}
        worth = sum(signs[kind] * Decimal(quantity) for quantity, kind in moved) * Decimal("38.5")
        for account, sign in ((80, 1), (81, -1)):
            (posted,) = run(
                "SELECT coalesce(sum(amount), 0) FROM transactionaccountingline WHERE account = ?",
                (account,),
            ).fetchone()
            assert abs(Decimal(repr(posted)) - sign * worth) < CENT / 10

    @invariant()
    def what_remains_is_what_was_billed_less_what_was_applied(self) -> None:
        run = self.books.account.connection.execute
        applied: dict[int, Decimal] = {}
        statement = "SELECT source, target, amount, is_use FROM _application"
        for row in run(statement).fetchall():
            for end in (row["source"],) if row["is_use"] else (row["source"], row["target"]):
                applied[end] = applied.get(end, Decimal(0)) + Decimal(row["amount"])
        for row in run("SELECT id, total, remaining FROM _open_item").fetchall():
            left = Decimal(row["total"]) - applied.get(row["id"], Decimal(0))
            assert left == Decimal(row["remaining"]) >= 0
            assert (left == 0) or Decimal(row["remaining"]) > 0

    @invariant()
    def records_and_searches_show_what_the_ledger_says(self) -> None:
        rows = self.books.account.connection.execute(
            "SELECT i.id, i.remaining, t.foreignamountunpaid, t.status, t.type FROM _open_item i"
            ' JOIN "transaction" t ON t.id = i.id'
        ).fetchall()
        for row in rows:
            remaining = Decimal(row["remaining"])
            assert Decimal(repr(row["foreignamountunpaid"])) == remaining
            entry = self.books.account.store.load("transaction", row["id"])
            assert entry is not None
            if row["type"] in ("CustInvc", "CustCred"):
                assert row["status"] == ("A" if remaining else "B")
                assert number(entry.document, "amountRemaining") == remaining
            elif row["type"] in ("CustPymt", "DepAppl"):
                assert number(entry.document, "unapplied") == remaining
            elif row["type"] == "CustDep":
                assert (row["status"] == "C") == (remaining == 0)

    @invariant()
    def no_item_that_is_settled_is_still_carried(self) -> None:
        rows = self.books.account.connection.execute(
            "SELECT remaining, base_remaining FROM _open_item"
        ).fetchall()
        for row in rows:
            assert Decimal(row["base_remaining"]) >= 0
            assert Decimal(row["remaining"]) > 0 or Decimal(row["base_remaining"]) == 0

    def _void(self, work: Work, entry: Entry) -> Entry:
        with transaction(self.books.account.connection):
            return void(work, self.books.read(entry))

    def _share(self, invoice: Entry, part: Decimal) -> Decimal:
        held = self.books.account.store.load("transaction", invoice.id)
        remaining = number(held.document, "amountRemaining") if held else Decimal(1)
        return max((remaining * part).quantize(CENT), CENT)

    def _try(self, action: Callable[[], Entry | None]) -> Entry | None:
        """A refusal is a good answer; only what was done must be right."""
        try:
            return action()
        except NetSuiteError:
            return None


def _given(**values: object) -> dict[str, object]:
    return {name: value for name, value in values.items() if value is not None}


TestLedger = Ledger.TestCase
TestLedger.settings = settings(
    max_examples=40,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
