from datetime import UTC, datetime
from decimal import Decimal

from auditor.domain.waiting import Cause, Waiting, added_up, grouped
from kernel.messages import Result, Version
from kernel.money import Money
from kernel.records import salesforce
from kernel.values import Document
from tests.builders import PRODUCT, change, opportunity
from tests.unit.auditor.records import change_outcome, entry

AT = datetime(2026, 11, 20, tzinfo=UTC)


def waiting(number: int, amount: str, currency: str = "EUR") -> Waiting:
    ref = salesforce("Opportunity", f"006{number:012}AAA")
    event = change(ref, opportunity(Amount=Decimal(amount), CurrencyIsoCode=currency))
    outcome = change_outcome(
        event, Result.PARKED, "ITEM_UNMAPPED", params={"product": f"P{number}"}, waits_on=PRODUCT
    )
    return Waiting(
        code="ITEM_UNMAPPED",
        waits_on=str(PRODUCT),
        captured_at=AT.replace(minute=number),
        change=entry(event),
        outcome=entry(outcome),
    )


def cause(changes: int, code: str = "ITEM_UNMAPPED", waits_on: str = str(PRODUCT)) -> Cause:
    return Cause(code=code, waits_on=waits_on, changes=changes, oldest=AT)


def test_changes_held_up_by_one_thing_are_one_group_with_what_they_are_worth() -> None:
    changes = [waiting(2, "100.50"), waiting(1, "0.25"), waiting(3, "8272", "JPY")]
    (group,) = grouped([cause(3)], changes)
    assert group.worth == (Money(Decimal("100.75"), "EUR"), Money(Decimal(8272), "JPY"))
    assert group.params == {"product": "P1"}
    assert group.ref == "salesforce:Opportunity:006000000000001AAA"


def test_the_cause_that_holds_up_most_comes_first() -> None:
    groups = grouped([cause(1, "REVIEW", ""), cause(5)], [])
    assert [group.cause.changes for group in groups] == [5, 1]


def test_worth_is_not_told_where_not_all_changes_were_read() -> None:
    (group,) = grouped([cause(2)], [waiting(1, "1.00")])
    assert group.worth == ()


def test_two_waiting_changes_of_one_record_are_the_same_money() -> None:
    older = waiting(1, "5.00")
    newer_event = change(
        salesforce("Opportunity", "006000000000001AAA"),
        opportunity(Amount=Decimal("7.00")),
        version=Version(2, 0),
    )
    newer = Waiting(
        code=older.code,
        waits_on=older.waits_on,
        captured_at=AT.replace(minute=9),
        change=entry(newer_event),
        outcome=older.outcome,
    )
    (group,) = grouped([cause(2)], [newer, older])
    assert group.worth == (Money(Decimal("7.00"), "EUR"),)


def test_documents_without_an_amount_add_nothing() -> None:
    without = opportunity(Amount=None)
    amounts = [Document({"Amount": Money(Decimal(3), "USD")}), without, Document({"Amount": 2})]
    assert added_up(amounts) == (Money(Decimal(3), "USD"),)
