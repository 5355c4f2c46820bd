"""What finance does in a random story, and what the world does to all of it."""

import contextlib
import signal
from datetime import UTC, datetime, timedelta

from kernel.topics import NETSUITE_CHANGES, SALESFORCE_CHANGES
from ops.local.environment import SERVICES
from ops.local.errors import PartFailedError
from tests.end_to_end.story import CURRENCIES, Step, Story, picked, today

TERMS = ("1", "2")
FAULTS = (
    {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_duplicate"},
    {"system": "salesforce", "method": "EVENT", "path": "*", "effect": "event_reorder"},
    {
        "system": "salesforce",
        "method": "EVENT",
        "path": "*",
        "effect": "event_delay",
        "seconds": 0.5,
    },
    {"system": "netsuite", "method": "PUT", "path": "*", "effect": "drop_after_commit"},
    {"system": "netsuite", "method": "POST", "path": "*!transform*", "effect": "drop_after_commit"},
    {"system": "netsuite", "method": "PUT", "path": "*", "effect": "status", "status": 503},
    {"system": "salesforce", "path": "*/composite/*", "effect": "drop_after_commit"},
)
TIMES = 3


def approve(story: Story, step: Step) -> bool:
    order = picked(story.sales_orders(), step)
    if order is None:
        return False
    story.world.accountant.update("salesOrder", order, orderStatus={"id": "B"})
    return True


def bill(story: Story, step: Step) -> bool:
    return _billed(story, step, {})


def bill_in_part(story: Story, step: Step) -> bool:
    return _billed(story, step, {"item": {"items": [{"orderLine": 1, "quantity": 1}]}})


def keep_books(story: Story, step: Step) -> bool:
    """Bills, payments, credits, refunds that finance enters itself; some are taken back."""
    ledger = story.books(step)
    if ledger is None:
        return False
    ledger.step()
    return True


def pay_order_invoice(story: Story, step: Step) -> bool:
    """Whole or in part, what a deal was billed."""
    rows = story.world.accountant.query(
        "SELECT id FROM transaction WHERE type = 'CustInvc' AND status = 'CustInvc:A' ORDER BY id"
    )
    invoice = picked([str(row["id"]) for row in rows], step)
    if invoice is None:
        return False
    story.desk.pay(invoice)
    return True


def take_deposit(story: Story, step: Step) -> bool:
    ledger = story.books(step)
    if ledger is None:
        return False
    amount = 1 + step.size % 500
    story.world.accountant.transform(
        "customer", ledger.customer, "customerDeposit", payment=float(amount)
    )
    return True


def void_invoice(story: Story, step: Step) -> bool:
    ledger = story.books(step)
    invoice = picked(ledger.made.get("invoice", []), step) if ledger else None
    if ledger is None or invoice is None:
        return False
    story.world.accountant.void("invoice", invoice)
    ledger.made["invoice"].remove(invoice)
    return True


def edit_customer(story: Story, step: Step) -> bool:
    """What finance owns."""
    ledger = story.books(step)
    if ledger is None:
        return False
    fields = (
        {"creditLimit": step.size} if step.size % 2 else {"terms": {"id": TERMS[step.pick % 2]}}
    )
    story.world.accountant.update("customer", ledger.customer, **fields)
    return True


def edit_what_salesforce_owns(story: Story, step: Step) -> bool:
    """Not an order's memo: it is personal and names nobody, so an edit of it is not noticed."""
    ledger, order = story.books(step), picked(story.sales_orders(), step)
    if ledger is None:
        return False
    if step.size % 3 and order:
        story.world.accountant.update("salesOrder", order, otherRefNum=f"MY-{step.size}")
    else:
        story.world.accountant.update("customer", ledger.customer, phone=f"+1 212 {step.size}")
    return True


def set_rate(story: Story, step: Step) -> bool:
    """The rate of the day, or another one for it."""
    currency = ("EUR", "GBP", "JPY")[step.pick % 3]
    rate = {"EUR": 1.0, "GBP": 1.3, "JPY": 0.0065}[currency] * (1 + step.size % 100 / 1000)
    story.desk.keeper.put(
        "currencyRate",
        f"story-rate-{currency}",
        baseCurrency={"id": "1"},
        transactionCurrency={"id": CURRENCIES[currency][0]},
        exchangeRate=round(rate, 8),
        effectiveDate=today(),
    )
    return True


def shut_or_open_last_month(story: Story, step: Step) -> bool:
    first = datetime.now(UTC).date().replace(day=1)
    start = (first - timedelta(days=1)).replace(day=1).isoformat()
    period = story.desk.keeper.query(
        f"SELECT id FROM accountingperiod WHERE startdate = TO_DATE('{start}', 'YYYY-MM-DD')"
        " AND isyear = 'F' AND isquarter = 'F'"
    )[0]["id"]
    story.desk.keeper.update("accountingPeriod", str(period), closed=not story.is_shut)
    story.is_shut = not story.is_shut
    return True


def kill(story: Story, step: Step) -> bool:
    """One that is only just coming back from the kill before is left alone."""
    with contextlib.suppress(PartFailedError):
        story.world.stack.kill(SERVICES[step.pick % len(SERVICES)], signal.SIGKILL)
    return True


def disturb(story: Story, step: Step) -> bool:
    rule = FAULTS[step.pick % len(FAULTS)]
    story.world.faults({**rule, "times": 1 + step.size % TIMES}, seed=step.size)
    return True


def deliver_again(story: Story, step: Step) -> bool:
    story.world.log.send_again((SALESFORCE_CHANGES, NETSUITE_CHANGES)[step.pick % 2])
    return True


def _billed(story: Story, step: Step, part: dict[str, object]) -> bool:
    order = picked(story.sales_orders(), step)
    if order is None:
        return False
    story.world.accountant.update("salesOrder", order, orderStatus={"id": "B"})
    story.world.accountant.transform("salesOrder", order, "invoice", **part)
    return True
