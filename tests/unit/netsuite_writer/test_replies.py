"""What NetSuite's answers mean: one table, one row a kind of answer."""

from dataclasses import replace
from decimal import Decimal

import pytest

from kernel.exact_json import Json
from kernel.messages import Result, WriteCommand
from kernel.parts import UNAPPLY
from kernel.records import netsuite
from kernel.sentences import SENTENCES, say
from kernel.values import Document, Sealed
from netsuite_writer.domain.readings import document_of, heads_of, value_of
from netsuite_writer.domain.replies import RULES, Kind, meaning_of, refusal
from netsuite_writer.ports import Reply
from tests.unit.netsuite_writer.commands import customer, order

RESOURCE = "Error while accessing a resource. "
INVALID = RESOURCE + "You have entered an Invalid Field Value {} for the following field: {}."


def error(status: int, code: str, detail: str, path: str = "") -> Reply:
    told: dict[str, Json] = {"detail": detail, "o:errorCode": code}
    if path:
        told["o:errorPath"] = path
    return Reply(status=status, body={"status": status, "o:errorDetails": [told]})


@pytest.mark.parametrize(
    ("reply", "kind", "code"),
    [
        (Reply(status=204, record_id="812"), Kind.DONE, ""),
        (Reply(status=200, body={}), Kind.DONE, ""),
        (
            error(429, "CONCURRENCY_LIMIT_EXCEEDED", "Concurrent request limit exceeded."),
            Kind.BUSY,
            "",
        ),
        (error(400, "SSS_REQUEST_LIMIT_EXCEEDED", "x"), Kind.BUSY, ""),
        (error(400, "USER_ERROR", "Concurrent request limit exceeded. Blocked."), Kind.BUSY, ""),
        (error(400, "USER_ERROR", RESOURCE + "Record has been changed"), Kind.BUSY, ""),
        (error(400, "RCRD_HAS_BEEN_CHANGED", "x"), Kind.BUSY, ""),
        (Reply(status=503), Kind.AWAY, ""),
        (error(500, "UNEXPECTED_ERROR", "An unexpected error occurred."), Kind.UNKNOWN, ""),
        (Reply(status=502), Kind.UNKNOWN, ""),
        (Reply(status=504, body="<html>"), Kind.UNKNOWN, ""),
        (error(404, "NONEXISTENT_ID", "Record does not exist."), Kind.GONE, ""),
        (error(404, "NOT_FOUND", "Record type 'x' does not exist."), Kind.REFUSED,
         "NETSUITE_REFUSED"),
        (error(400, "USER_ERROR", RESOURCE + "This entity already exists."), Kind.EXISTS, ""),
        (error(400, "USER_ERROR", RESOURCE + "This record already exists."), Kind.EXISTS, ""),
        (error(403, "INSUFFICIENT_PERMISSION", "x"), Kind.REFUSED, "PERMISSION_MISSING"),
        (
            error(400, "USER_ERROR", "Your current role does not have permission to do this."),
            Kind.REFUSED,
            "PERMISSION_MISSING",
        ),
        (error(400, "USER_ERROR", "The posting period is closed."), Kind.REFUSED, "PERIOD_CLOSED"),
        (
            error(400, "USER_ERROR", INVALID.format("4", "currency"), "currency"),
            Kind.REFUSED,
            "CUSTOMER_CURRENCY",
        ),
        (error(400, "USER_ERROR", INVALID.format("1", "item")), Kind.REFUSED, "VALUE_REFUSED"),
        (error(400, "USER_ERROR", "Please enter value(s) for: Subsidiary."), Kind.REFUSED,
         "VALUE_REFUSED"),
        (
            error(400, "USER_ERROR", "Line 1 has been billed and cannot be removed.", "item"),
            Kind.REFUSED,
            "ORDER_LOCKED",
        ),
        (error(400, "INVALID_REQUEST", "malformed syntax"), Kind.REFUSED, "NETSUITE_REFUSED"),
        (Reply(status=400, body="not JSON"), Kind.REFUSED, "NETSUITE_REFUSED"),
    ],
)  # fmt: skip
def test_an_answer_means(reply: Reply, kind: Kind, code: str) -> None:
    meaning = meaning_of(reply)
    assert (meaning.kind, meaning.code) == (kind, code)


def test_every_code_of_the_table_has_its_sentence() -> None:
    assert {rule.code for rule in RULES if rule.code} <= SENTENCES.keys()


def test_a_refused_value_is_named_with_its_field_and_stays_sealed() -> None:
    mail = Sealed("salesforce:Account:001", "Account.NS_Billing_Email__c", 1, b"x")
    command = customer(email=mail)
    meaning = meaning_of(error(400, "INVALID_CONTENT", INVALID.format("a@b", "email"), "email"))
    verdict = refusal(command, meaning)
    assert verdict.result is Result.PARKED
    assert verdict.params["value"] is mail
    assert say(verdict.code, verdict.params).startswith(
        "Account 001xx0000000001AAA (customer) is held: NetSuite does not take [sealed] for email."
    )


def test_a_pointer_into_a_line_finds_the_value_of_that_line() -> None:
    meaning = meaning_of(
        error(400, "USER_ERROR", INVALID.format("102", "item"), "item.items[1].item")
    )
    verdict = refusal(order(), meaning)
    assert verdict.params["field"] == "item[1].item.id"
    assert verdict.params["value"] == "102"


def test_a_missing_value_is_named_by_its_label() -> None:
    verdict = refusal(
        customer(**{"subsidiary.id": None}),
        meaning_of(error(400, "USER_ERROR", "Please enter value(s) for: Subsidiary.")),
    )
    assert say(verdict.code, verdict.params).startswith(
        "Account 001xx0000000001AAA (customer) is held: NetSuite does not take empty for"
        " subsidiary.id."
    )


def test_words_about_no_field_of_ours_are_kept_to_be_sealed() -> None:
    verdict = refusal(customer(), meaning_of(error(400, "USER_ERROR", "No: Jane Doe, 5 Elm St")))
    assert verdict.code == "NETSUITE_REFUSED"
    assert verdict.told == "No: Jane Doe, 5 Elm St"
    assert "Jane" not in repr(verdict)


def test_a_currency_the_customer_does_not_trade_in_is_said_so() -> None:
    reply = error(400, "USER_ERROR", INVALID.format("4", "currency"), "currency")
    verdict = refusal(order(), meaning_of(reply))
    assert "the customer does not trade in currency 4" in say(verdict.code, verdict.params)


def test_reading_back_tells_the_asked_paths_with_their_types() -> None:
    paths = ("id", "tranId", "status.refName", "tranDate", "createdDate", "total", "memo")
    record: dict[str, Json] = {
        "id": "812",
        "tranId": "2026-11-20",
        "status": {"id": "A", "refName": "Pending Approval"},
        "tranDate": "2026-11-20",
        "createdDate": "2026-11-20T09:14:00Z",
        "total": Decimal("3100.490"),
    }
    told = document_of(paths, record, "").fields
    assert heads_of(paths) == ("id", "tranId", "status", "tranDate", "createdDate", "total", "memo")
    assert told["status.refName"] == "Pending Approval"
    assert told["tranId"] == "2026-11-20"
    assert str(told["tranDate"]) == "2026-11-20"
    assert not isinstance(told["tranDate"], str)
    assert str(told["createdDate"]) == "2026-11-20 09:14:00+00:00"
    assert told["total"] == Decimal("3100.49")
    assert told["memo"] is None


def test_the_location_names_the_id_where_the_body_does_not() -> None:
    assert document_of(("id",), {}, "812").fields == {"id": "812"}
    assert value_of("x", {"id": "1"}) is None


@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (
            replace(customer(), part=UNAPPLY, target=netsuite("customerPayment", "70")),
            "UNAPPLY_REFUSED",
            "NetSuite customerPayment 70 could not be taken off the invoices",
        ),
        (
            replace(
                customer(),
                target=netsuite("creditMemo", "900"),
                document=Document({"voided": True}),
            ),
            "VOID_REFUSED",
            "NetSuite creditMemo 900 settles nothing any more, but it could not be voided",
        ),
    ],
    ids=["unapply", "void"],
)
def test_what_cannot_be_undone_says_which_document_and_what_finance_does(
    command: WriteCommand, code: str, words: str
) -> None:
    told: Json = {"error": {"code": "USER_ERROR", "message": "It cannot be done."}}
    verdict = refusal(command, meaning_of(Reply(status=400, body=told)))
    assert (verdict.code, verdict.told) == (code, "It cannot be done.")
    assert words in say(code, verdict.params)
    denied = refusal(command, meaning_of(error(403, "INSUFFICIENT_PERMISSION", "x")))
    assert denied.code == "PERMISSION_MISSING"
