"""Formulas, roll-ups, validation rules and rights that the package's files ask for."""

from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest

TRANSACTION = "NS_Transaction__c"
APPLICATION = "NS_Application__c"
REQUEST = "NS_Refund_Request__c"
REQUEST_LINE = "NS_Refund_Request_Line__c"


@pytest.fixture
def admin(sandbox: Sandbox) -> Rest:
    return Rest(sandbox, "admin")


def invoice(rest: Rest, **fields: Any) -> str:
    body = {"Name": "INV1", "Type__c": "Invoice", "Total__c": 1200, "Remaining__c": 1200}
    return rest.create(TRANSACTION, **{**body, **fields})


def request(rest: Rest, **fields: Any) -> str:
    body = {"Invoice__c": invoice(rest), "Reason__c": "Billing error", "Amount__c": 300}
    return rest.create(REQUEST, **{**body, **fields})


def test_a_formula_follows_its_record(admin: Rest) -> None:
    made = invoice(admin)
    assert admin.get(TRANSACTION, made)["Is_Open__c"] is True
    admin.update(TRANSACTION, made, Remaining__c=0)
    assert admin.get(TRANSACTION, made)["Is_Open__c"] is False
    found = admin.query(f"SELECT Id FROM {TRANSACTION} WHERE Is_Open__c = false")
    assert made in [record["Id"] for record in found]


def test_a_formula_of_todays_date_changes_overnight(sandbox: Sandbox, admin: Rest) -> None:
    sandbox.clock(now="2026-11-20T09:00:00Z")
    made = invoice(admin, Due_Date__c="2026-11-20")
    before = admin.get(TRANSACTION, made)
    sandbox.clock(now="2026-11-21T09:00:00Z")
    after = admin.get(TRANSACTION, made)
    assert (before["Is_Overdue__c"], after["Is_Overdue__c"]) == (False, True)
    assert before["SystemModstamp"] == after["SystemModstamp"]
    sandbox.clock(now=None)


def test_roll_ups_count_the_living_details_of_both_masters(admin: Rest) -> None:
    billed = invoice(admin)
    payment = invoice(admin, Type__c="Payment", Name="PMT1")
    pair = {"Applied_To__c": billed, "Paying_Transaction__c": payment}
    first = admin.create(APPLICATION, **pair, Amount__c=200.5)
    admin.create(APPLICATION, **pair, Amount__c=100)
    assert admin.get(TRANSACTION, billed)["Received__c"] == 300.5
    assert admin.get(TRANSACTION, payment)["Given__c"] == 300.5
    assert admin.get(TRANSACTION, billed)["Line_Count__c"] in (None, 0.0)
    admin.update(APPLICATION, first, Amount__c=50)
    assert admin.get(TRANSACTION, billed)["Received__c"] == 150.0
    admin.delete(APPLICATION, first)
    assert admin.get(TRANSACTION, payment)["Given__c"] == 100.0


def test_a_formula_shows_its_parent_also_after_the_parent_changed(admin: Rest) -> None:
    billed = invoice(admin, Name="INV7")
    payment = invoice(admin, Type__c="Payment", Name="PMT7")
    made = admin.create(APPLICATION, Applied_To__c=billed, Paying_Transaction__c=payment)
    assert admin.get(APPLICATION, made)["Applied_To_Number__c"] == "INV7"
    stamp = admin.get(APPLICATION, made)["SystemModstamp"]
    admin.update(TRANSACTION, billed, Name="INV8")
    found = admin.get(APPLICATION, made)
    assert (found["Applied_To_Number__c"], found["SystemModstamp"]) == ("INV8", stamp)


def test_calculated_fields_are_described_and_refused(admin: Rest) -> None:
    described = admin.call("GET", f"/sobjects/{TRANSACTION}/describe").json()
    fields = {field["name"]: field for field in described["fields"]}
    for name in ("Is_Open__c", "Received__c"):
        assert fields[name]["calculated"] is True
        assert fields[name]["createable"] is fields[name]["updateable"] is False
    body = {"Name": "INV9", "Type__c": "Invoice", "Received__c": 1}
    _, error = admin.refused("POST", f"/sobjects/{TRANSACTION}", body)
    assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def described(admin: Rest, sobject: str) -> dict[str, dict[str, object]]:
    found = admin.call("GET", f"/sobjects/{sobject}/describe").json()["fields"]
    return {field["name"]: field for field in found}


def test_a_describe_tells_the_text_of_a_formula_and_none_of_a_roll_up(admin: Rest) -> None:
    number = described(admin, APPLICATION)["Applied_To_Number__c"]
    assert number["calculatedFormula"] == "Applied_To__r.Name"
    assert number["formulaTreatNullNumberAsZero"] is True
    total = described(admin, TRANSACTION)["Received__c"]
    assert (total["calculated"], total["calculatedFormula"]) == (True, None)
    assert total["formulaTreatNullNumberAsZero"] is False


def test_a_describe_tells_what_becomes_of_a_record_whose_parent_goes(admin: Rest) -> None:
    keys = ("cascadeDelete", "restrictedDelete", "relationshipOrder", "writeRequiresMasterRead")
    fields = described(admin, APPLICATION)
    first, second = fields["Applied_To__c"], fields["Paying_Transaction__c"]
    assert [first[key] for key in keys] == [True, False, 0, False]
    assert [second[key] for key in keys] == [True, False, 1, False]
    assert (first["updateable"], first["nillable"]) == (False, False)
    restricted = {
        name: field["cascadeDelete"]
        for sobject in (TRANSACTION, "NS_Refund_Request__c")
        for name, field in described(admin, sobject).items()
        if field["restrictedDelete"]
    }
    assert list(restricted.values()) == [False]
    assert described(admin, "Account")["ParentId"]["relationshipOrder"] is None


@pytest.mark.parametrize(
    ("fields", "words", "field"),
    [
        ({"Amount__c": 0}, "The amount of a refund is above zero.", "Amount__c"),
        ({"Amount__c": 1201}, "The amount is more than the invoice's total.", "Amount__c"),
        ({"Status__c": "Approved"}, "Say who approved the request.", "Approved_By__c"),
    ],
)
def test_a_validation_rule_refuses_in_its_own_words(
    admin: Rest, fields: dict[str, object], words: str, field: str
) -> None:
    body = {"Invoice__c": invoice(admin), "Reason__c": "Billing error", "Amount__c": 1, **fields}
    status, error = admin.refused("POST", f"/sobjects/{REQUEST}", body)
    expected = {
        "message": words,
        "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "fields": [field],
    }
    assert (status, error) == (400, expected)


def test_an_approved_request_is_fixed_and_never_approved_by_who_asks(admin: Rest) -> None:
    users = [record["Id"] for record in admin.query("SELECT Id FROM User ORDER BY Id")]
    made = request(admin, Requested_By__c=users[0])
    path = f"/sobjects/{REQUEST}/{made}"
    assert admin.refused("PATCH", path, {"Approved_By__c": users[0]})[0] == 400
    admin.update(REQUEST, made, Approved_By__c=users[1], Status__c="Approved")
    _, error = admin.refused("PATCH", path, {"Amount__c": 299})
    assert error["message"] == "An approved request is not changed any more. Make another one."
    assert error["fields"] == []
    admin.update(REQUEST, made, Status__c="In progress")


def test_details_go_with_their_master_and_an_invoice_with_requests_stays(admin: Rest) -> None:
    made = request(admin)
    line = admin.create(REQUEST_LINE, Refund_Request__c=made, Amount__c=300)
    asked = admin.get(REQUEST, made)
    assert (asked["Line_Total__c"], asked["Status__c"]) == (300.0, "Draft")
    path = f"/sobjects/{TRANSACTION}/{asked['Invoice__c']}"
    assert admin.refused("DELETE", path)[1]["errorCode"] == "DELETE_FAILED"
    admin.delete(REQUEST, made)
    assert admin.refused("GET", f"/sobjects/{REQUEST_LINE}/{line}")[0] == 404
    admin.delete(TRANSACTION, asked["Invoice__c"])


def test_the_mirror_is_read_only_for_sales_on_every_way(sandbox: Sandbox, admin: Rest) -> None:
    made = invoice(admin)
    sales = Rest(sandbox, "sales")
    assert sales.get(TRANSACTION, made)["Total__c"] == 1200.0
    described = sales.call("GET", f"/sobjects/{TRANSACTION}/describe").json()
    assert (described["createable"], described["updateable"]) == (False, False)
    _, error = sales.refused("PATCH", f"/sobjects/{TRANSACTION}/{made}", {"Total__c": 1})
    assert error["errorCode"] in (
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "INVALID_FIELD_FOR_INSERT_UPDATE",
    )
    asked = request(admin)
    body = {"Approved_By__c": sandbox.salesforce["org_id"]}
    _, error = sales.refused("PATCH", f"/sobjects/{REQUEST}/{asked}", body)
    assert error["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_who_has_no_permission_set_sees_none_of_the_package(sandbox: Sandbox, admin: Rest) -> None:
    """Not in the describe, not in a query, not in a record, not in a write."""
    soql = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Tallystick_Sales'"
    assigned = admin.query(soql)[0]["Id"]
    sets = admin.query("SELECT Id FROM PermissionSet WHERE Name = 'Tallystick_Sales'")
    people = admin.query("SELECT Id FROM User WHERE Alias = 'sales'")
    sales = Rest(sandbox, "sales")
    account = sales.create("Account", Name="Seen by few")
    admin.delete("PermissionSetAssignment", assigned)
    assert "NS_Balance__c" not in sales.get("Account", account)
    assert sales.refused("GET", f"/sobjects/{TRANSACTION}/describe")[0] == 404
    _, error = sales.refused("GET", "/query", params={"q": "SELECT NS_Balance__c FROM Account"})
    assert "No such column 'NS_Balance__c' on entity 'Account'" in error["message"]
    _, error = sales.refused("GET", "/query", params={"q": f"SELECT Id FROM {TRANSACTION}"})
    assert error["errorCode"] == "INVALID_TYPE"
    _, error = sales.refused("PATCH", f"/sobjects/Account/{account}", {"NS_Sync_Now__c": True})
    assert error["errorCode"] == "INVALID_FIELD"
    admin.create(
        "PermissionSetAssignment", PermissionSetId=sets[0]["Id"], AssigneeId=people[0]["Id"]
    )
    assert "NS_Balance__c" in sales.get("Account", account)
