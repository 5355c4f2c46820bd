"""What Salesforce's answers mean, for a call as a whole and for each of its records."""

import pytest

from kernel.exact_json import Json
from kernel.sentences import SENTENCES, say
from salesforce_writer.domain.replies import (
    ERRORS,
    Kind,
    meaning_of_call,
    meanings_of_records,
    refusal,
)
from salesforce_writer.ports import Reply
from tests.unit.salesforce_writer.commands import told


def failed(status: int, code: str = "", message: str = "") -> Reply:
    body: Json = [{"errorCode": code, "message": message}] if code else None
    return Reply(status=status, body=body)


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(status=200, body=[]), Kind.DONE),
        (failed(503), Kind.AWAY),
        (failed(503, "SERVER_UNAVAILABLE"), Kind.AWAY),
        (failed(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), Kind.AWAY),
        (failed(406), Kind.BUSY),
        (Reply(status=420, body="<html>"), Kind.BUSY),
        (failed(429), Kind.BUSY),
        (failed(400, "UNABLE_TO_LOCK_ROW"), Kind.BUSY),
        (failed(500, "UNKNOWN_EXCEPTION"), Kind.UNKNOWN),
        (failed(502), Kind.UNKNOWN),
        (failed(504), Kind.UNKNOWN),
        (failed(400, "REQUEST_RUNNING_TOO_LONG"), Kind.UNKNOWN),
        (failed(400, "INVALID_FIELD", "No such column"), Kind.REFUSED),
        (failed(403, "INSUFFICIENT_ACCESS"), Kind.REFUSED),
        (failed(404, "NOT_FOUND", "Provided external ID field does not exist"), Kind.REFUSED),
        (failed(410, "GONE"), Kind.CLOSED),
        (failed(410), Kind.CLOSED),
        (failed(400, "UNSUPPORTED_API_VERSION"), Kind.CLOSED),
    ],
)
def test_an_answer_to_a_call_means(reply: Reply, kind: Kind) -> None:
    assert meaning_of_call(reply).kind is kind


def error(code: str, message: str = "", *fields: str) -> Json:
    return {
        "success": False,
        "errors": [{"statusCode": code, "message": message, "fields": list(fields)}],
    }


@pytest.mark.parametrize(
    ("result", "kind", "code"),
    [
        ({"id": "006", "success": True, "errors": []}, Kind.DONE, ""),
        (error("UNABLE_TO_LOCK_ROW"), Kind.BUSY, ""),
        (error("UNKNOWN_EXCEPTION"), Kind.UNKNOWN, ""),
        (error("ENTITY_IS_DELETED"), Kind.GONE, ""),
        (error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"), Kind.GONE, ""),
        (
            error("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", "OwnerId"),
            Kind.REFUSED,
            "SALESFORCE_REFUSED",
        ),
        (error("INSUFFICIENT_ACCESS_OR_READONLY"), Kind.REFUSED, "PERMISSION_MISSING"),
        (error("INVALID_FIELD_FOR_INSERT_UPDATE"), Kind.REFUSED, "PERMISSION_MISSING"),
        (error("FIELD_CUSTOM_VALIDATION_EXCEPTION"), Kind.REFUSED, "SALESFORCE_REFUSED"),
        (error("SOME_NEW_CODE"), Kind.REFUSED, "SALESFORCE_REFUSED"),
    ],
)
def test_an_answer_to_a_record_means(result: Json, kind: Kind, code: str) -> None:
    meanings = meanings_of_records(Reply(status=200, body=[result]), 1)
    assert meanings is not None
    assert (meanings[0].kind, meanings[0].code) == (kind, code)


@pytest.mark.parametrize("body", [None, [], {"id": "x"}, ["x"]])
def test_an_answer_that_does_not_fit_the_call_says_nothing(body: Json) -> None:
    assert meanings_of_records(Reply(status=200, body=body), 1) is None


def test_every_code_of_the_table_has_its_sentence() -> None:
    assert {code for _, code in ERRORS.values() if code} <= SENTENCES.keys()


def test_a_refusal_names_the_field_and_is_kept_to_be_sealed() -> None:
    bad = error(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "bad value for restricted picklist field: Gone",
        "NS_Sync_Status__c",
    )
    meanings = meanings_of_records(Reply(status=200, body=[bad]), 1)
    assert meanings is not None
    verdict = refusal(told(), meanings[0])
    assert verdict.told == ("NS_Sync_Status__c: bad value for restricted picklist field: Gone")
    assert say(verdict.code, {**verdict.params, "detail": verdict.told}).startswith(
        "salesOrder 1 (Opportunity) is held: Salesforce refused the update: NS_Sync_Status__c: bad"
        " value for restricted picklist field: Gone."
    )
