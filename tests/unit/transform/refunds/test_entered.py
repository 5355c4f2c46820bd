"""Credits that finance enters in NetSuite count against their invoice before they are applied."""

from dataclasses import replace
from decimal import Decimal

from kernel.messages import ChangeKind
from kernel.records import external_id_of, netsuite
from kernel.values import Document, Fields, Value
from tests.builders import ORG, case, change
from tests.unit.transform.refunds.desk import (
    Books,
    applied,
    applied_by,
    code_of,
    invoice,
    param_of,
    request,
    step,
)
from transform.domain.refunds.entered import decide, remove

MEMO = netsuite("creditMemo", "777")


def memo(total: str, *settles: Fields, **fields: Value) -> Document:
    """Made from the invoice."""
    head: dict[str, Value] = {
        "createdFrom.id": "812",
        "total": Decimal(total),
        "status.id": "A",
        "entity.id": "77",
        **fields,
    }
    return Document(head, {"apply": settles})


def enter(books: Books, document: Document) -> None:
    """NetSuite tells of it; its customer need not be linked for that."""
    found = decide(case(change(MEMO, document)), document, books.facts(), books.policy)
    books.credits = [one for one in books.credits if one.step not in {MEMO, *found.uncredits}]
    books.credits += found.credits


def test_t2_4_a_credit_that_finance_entered_counts_before_it_is_applied() -> None:
    books = Books()
    enter(books, memo("1000"))
    over = books.decide(request("300.00"))
    assert (code_of(over), param_of(over, "max")) == ("OVER_CREDIT", "200.00 EUR")
    decision = books.decide(request("200.00"))
    assert decision.credits[0].seen == Decimal(1000)
    assert applied_by(decision.commands[0]) == [("812", Decimal("200.00"))]


def test_what_it_settles_counts_once_however_it_is_told() -> None:
    books = Books()
    enter(books, memo("1000", applied("812", "invoice", "1000"), applied("5", "invoice", "1")))
    [early] = books.decide(request("200.00")).commands
    assert applied_by(early) == [("812", Decimal("200.00"))]
    later = Books()
    enter(later, memo("1000"))
    shown = invoice(amountRemaining=Decimal(200))
    theirs = applied(MEMO.id, "creditMemo", "1000")
    later.body = replace(shown, lines={**shown.lines, "apply": (theirs,)})
    [sent] = later.decide(request("200.00")).commands
    assert applied_by(sent) == [("812", Decimal("200.00"))]
    over = later.decide(request("200.01"), step("other"))
    assert code_of(over) == "OVER_CREDIT"


def test_a_voided_or_deleted_one_counts_no_more() -> None:
    books = Books()
    enter(books, memo("1000"))
    enter(books, memo("0", **{"status.id": "V"}))
    assert books.credits == []
    enter(books, memo("1000"))
    gone = case(change(MEMO, None, kind=ChangeKind.DELETE))
    assert remove(gone, books.facts(), books.policy).uncredits == (MEMO,)


def test_our_own_and_one_that_is_about_nothing_do_not_count_here() -> None:
    books = Books()
    enter(books, memo("300", externalId=external_id_of(ORG, step("cm"))))
    enter(books, memo("300", **{"createdFrom.id": None}))
    assert books.credits == []


def test_one_for_goods_that_came_back_counts_on_what_was_sold() -> None:
    books = Books()
    returned = netsuite("returnAuthorization", "40")
    document = memo("300", **{"createdFrom.id": returned.id})
    known = replace(books.facts(), bodies={returned: memo("300")})
    [credit] = decide(case(change(MEMO, document)), document, known, books.policy).credits
    assert credit.billed == netsuite("invoice", "812")
