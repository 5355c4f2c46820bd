"""What cannot be undone by itself, and what finance undoes by hand."""

from dataclasses import replace
from decimal import Decimal

from kernel.messages import ChangeKind, Version, WriteCommand
from kernel.records import netsuite
from kernel.values import Document, value_hash
from kernel.verdicts import held, outcome_of
from tests.builders import case, change
from tests.unit.transform.refunds.desk import OTHER, REQUEST, Books, code_of, request, step
from transform.domain.endings import ChangeState, Conclusion, Ending, conclude
from transform.domain.newer import newer_than
from transform.domain.refunds import entered

MEMO = netsuite("creditMemo", "900")
CANCELLED = {"Status__c": "Cancelled"}


def credited() -> Books:
    """A request whose credit memo of 1,200.00 stands."""
    books = Books()
    [credit] = books.decide(request("1200.00")).commands
    books.entered(credit, MEMO.id)
    books.links[MEMO] = books.links[step("cm")]
    return books


def stopped(command: WriteCommand, code: str, books: Books) -> Conclusion:
    ending = Ending(
        outcome=outcome_of(command, held(command, code, target="NetSuite creditMemo 900")),
        command=command,
        cause=case(change(REQUEST, request())).cause,
        state=ChangeState.OPEN,
        open_siblings=0,
        sibling_results=frozenset(),
    )
    known = replace(books.facts(), latest={command.target: Version(7, 2)})
    return conclude(ending, known, books.policy)


def test_t2_11_a_credit_that_netsuite_does_not_void_waits_for_what_finance_does() -> None:
    """As in an account that voids by reversing journals: it is not tried again and again."""
    books = credited()
    [void] = books.decide(request("1200.00", **CANCELLED)).commands
    end = stopped(void, "VOID_REFUSED", books)
    assert end.outcome is not None
    assert end.outcome.waits_on == newer_than(MEMO, Version(7, 2))
    assert end.follow_up is not None
    said = end.follow_up.document.fields
    assert said["NS_Sync_Status__c"] == "Held"
    assert "Finance: delete it, and the request ends by itself" in str(said["NS_Sync_Message__c"])
    assert "NetSuite creditMemo 900" in str(said["NS_Sync_Message__c"])


def test_t2_11_what_finance_deletes_or_voids_counts_no_more_and_is_not_made_again() -> None:
    for gone in (True, False):
        books = credited()
        document = Document({"status.id": "V", "externalId": books.links[MEMO].external_id})
        if gone:
            deleted = case(change(MEMO, None, kind=ChangeKind.DELETE))
            found = entered.remove(deleted, books.facts(), books.policy)
        else:
            event = case(change(MEMO, document))
            found = entered.decide(event, document, books.facts(), books.policy)
        assert found.voids == (step("cm"),)
        books.voided()
        assert code_of(books.decide(request("1200.00"))) == "REFUND_VOIDED"
        assert books.decide(request("1200.00"), OTHER).credits[0].gross == Decimal(1200)


def test_t2_11_a_cancelled_request_says_that_it_is_over_once_finance_undid_its_credit() -> None:
    books = credited()
    books.voided()
    assert code_of(books.decide(request(**CANCELLED))) == "CREDIT_UNDONE"
    books.seen = {(REQUEST, "NS_Sync_Status__c"): value_hash("Held")}
    [told] = books.decide(request(**CANCELLED)).commands
    assert told.document.fields["NS_Sync_Status__c"] == "Synced"


def test_the_credit_of_a_receipt_stays_counted_when_it_is_deleted() -> None:
    """What came back is not credited a second time."""
    books = credited()
    books.links[MEMO] = replace(books.links[MEMO], source=step("cm1"))
    deleted = case(change(MEMO, None, kind=ChangeKind.DELETE))
    assert entered.remove(deleted, books.facts(), books.policy).voids == ()
