"""Many records or many calls in one request."""

import uuid
from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


def account(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Account"}, **fields}


def fresh(stem: str) -> str:
    return f"{stem} {uuid.uuid4().hex[:12]}"


def test_good_records_are_saved_beside_bad_ones(rest: Rest) -> None:
    records = [account(Name=fresh("Good")), account(), account(Name="x", Foo=1)]
    good, missing, unknown = rest.call("POST", "/composite/sobjects", {"records": records}).json()
    assert good == {"id": good["id"], "success": True, "errors": []}
    assert missing == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [Name]",
                "fields": ["Name"],
            }
        ],
    }
    assert unknown["errors"][0]["statusCode"] == "INVALID_FIELD"


def test_all_or_none_takes_back_the_good_ones(rest: Rest) -> None:
    name = fresh("Rolled back")
    body = {"allOrNone": True, "records": [account(Name=name), account()]}
    first, second = rest.call("POST", "/composite/sobjects", body).json()
    assert first["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert second["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert rest.query(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.parametrize("key", ["id", "Id"])
def test_updates_find_their_record_by_either_spelling_of_id(rest: Rest, key: str) -> None:
    identifier = rest.create("Account", Name=fresh("Update"))
    records = [
        account(**{key: identifier, "Phone": "5"}),
        account(**{key: "001dx00000zzzzzAAA", "Phone": "5"}),
        account(**{key: "rubbish", "Phone": "5"}),
        account(Phone="5"),
    ]
    results = rest.call("PATCH", "/composite/sobjects", {"records": records}).json()
    codes = [result["errors"][0]["statusCode"] if result["errors"] else "" for result in results]
    assert codes == ["", "INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "MISSING_ARGUMENT"]
    assert rest.get("Account", identifier)["Phone"] == "5"


def test_an_upsert_of_many_says_which_were_created(rest: Rest) -> None:
    known, new = uuid.uuid4().hex, uuid.uuid4().hex
    rest.create("Account", Name=fresh("Known"), NS_Customer_Id__c=known)
    records = [
        account(NS_Customer_Id__c=known, Phone="1"),
        account(NS_Customer_Id__c=new, Name=fresh("New")),
    ]
    path = "/composite/sobjects/Account/NS_Customer_Id__c"
    results = rest.call("PATCH", path, {"records": records}).json()
    assert [result["created"] for result in results] == [False, True]
    failing = {
        "allOrNone": True,
        "records": [account(NS_Customer_Id__c=new, Phone="2"), account(Name="x")],
    }
    first, second = rest.call("PATCH", path, failing).json()
    assert (first["success"], first["created"], second["created"]) == (False, True, True)


def test_records_without_an_id_are_created_by_an_upsert_on_id(rest: Rest) -> None:
    records = [account(Id=None, Name=fresh("By id"))]
    (result,) = rest.call("PATCH", "/composite/sobjects/Account/Id", {"records": records}).json()
    assert (result["success"], result["created"]) == (True, True)


def test_records_are_retrieved_in_order_with_null_for_missing_ones(rest: Rest) -> None:
    ids = [rest.create("Account", Name=fresh("Retrieve")) for _ in range(2)]
    body = {"ids": [ids[1], "001dx00000zzzzzAAA", ids[0]], "fields": ["Name"]}
    posted = rest.call("POST", "/composite/sobjects/Account", body).json()
    assert [record and record["Id"] for record in posted] == [ids[1], None, ids[0]]
    got = rest.call("GET", f"/composite/sobjects/Account?ids={ids[0]}&fields=Name,Phone").json()
    assert got[0]["Phone"] is None


def test_records_are_deleted_by_their_ids(rest: Rest) -> None:
    ids = [rest.create("Account", Name=fresh("Delete")) for _ in range(2)]
    results = rest.call("DELETE", f"/composite/sobjects?ids={','.join(ids)}&allOrNone=true").json()
    assert [result["success"] for result in results] == [True, True]
    (again,) = rest.call("DELETE", f"/composite/sobjects?ids={ids[0]}").json()
    assert again["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_more_than_two_hundred_records_are_refused(rest: Rest) -> None:
    records = [account(Name="x")] * 201
    status, error = rest.refused("POST", "/composite/sobjects", {"records": records})
    assert (status, error["errorCode"]) == (400, "EXCEEDED_ID_LIMIT")


def part(method: str, url: str, reference: str, body: Any = None) -> dict[str, Any]:
    made = {"method": method, "url": f"/services/data/v68.0{url}", "referenceId": reference}
    return made if body is None else {**made, "body": body}


def test_a_composite_passes_ids_on_to_later_calls(rest: Rest) -> None:
    parts = [
        part("POST", "/sobjects/Account", "parent", {"Name": fresh("Composite")}),
        part("POST", "/sobjects/Contact", "child", {"LastName": "L", "AccountId": "@{parent.id}"}),
        part(
            "GET", "/query?q=SELECT Id, Account.Name FROM Contact WHERE Id = '@{child.id}'", "found"
        ),
        part("PATCH", "/sobjects/Contact/@{found.records[0].Id}", "changed", {"FirstName": "F"}),
    ]
    body = {"compositeRequest": parts}
    responses = rest.call("POST", "/composite", body).json()["compositeResponse"]
    assert [response["httpStatusCode"] for response in responses] == [201, 201, 200, 204]
    assert [response["referenceId"] for response in responses] == [
        "parent",
        "child",
        "found",
        "changed",
    ]
    contact = rest.get("Contact", responses[1]["body"]["id"])
    assert contact["Name"] == "F L"


def test_a_reference_may_be_percent_encoded_in_an_address(rest: Rest) -> None:
    soql = "SELECT+Id+FROM+Account+WHERE+Id%3D%27%40%7Bmade.id%7D%27"
    parts = [
        part("POST", "/sobjects/Account", "made", {"Name": fresh("Encoded")}),
        part("GET", f"/query?q={soql}", "found"),
        part("GET", "/sobjects/Account/@%7Bfound.records%5B0%5D.Id%7D?fields=Name", "read"),
    ]
    responses = rest.call("POST", "/composite", {"compositeRequest": parts}).json()
    made, found, read = (response["body"] for response in responses["compositeResponse"])
    assert [record["Id"] for record in found["records"]] == [made["id"]] == [read["Id"]]


def test_a_composite_of_all_or_none_undoes_what_went_well(rest: Rest) -> None:
    name = fresh("Undone")
    parts = [
        part("POST", "/sobjects/Account", "a", {"Name": name}),
        part("POST", "/sobjects/Account", "b", {}),
        part("POST", "/sobjects/Account", "c", {"Name": name}),
    ]
    body = {"allOrNone": True, "compositeRequest": parts}
    responses = rest.call("POST", "/composite", body).json()["compositeResponse"]
    codes = [response["body"][0]["errorCode"] for response in responses]
    assert codes == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING", "PROCESSING_HALTED"]
    assert rest.query(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


def test_a_batch_runs_each_call_on_its_own(rest: Rest) -> None:
    requests = [
        {"method": "POST", "url": "v68.0/sobjects/Account", "richInput": {"Name": fresh("Batch")}},
        {"method": "GET", "url": "v68.0/sobjects/Account/nope"},
        {"method": "GET", "url": "v68.0/limits"},
    ]
    body = rest.call("POST", "/composite/batch", {"batchRequests": requests}).json()
    assert body["hasErrors"] is True
    assert [result["statusCode"] for result in body["results"]] == [201, 404, 200]
    halted = {"haltOnError": True, "batchRequests": requests[1:]}
    results = rest.call("POST", "/composite/batch", halted).json()["results"]
    assert [result["statusCode"] for result in results] == [404, 412]


def graph(identifier: str, *nodes: dict[str, Any]) -> dict[str, Any]:
    return {"graphId": identifier, "compositeRequest": list(nodes)}


def node(reference: str, sobject: str, **body: Any) -> dict[str, Any]:
    url = f"/services/data/v60.0/sobjects/{sobject}"
    return {"method": "POST", "url": url, "referenceId": reference, "body": body}


def test_each_graph_stands_or_falls_as_a_whole(rest: Rest) -> None:
    name = fresh("Graph")
    good = graph(
        "1",
        node("a", "Account", Name=name),
        node("c", "Contact", LastName="Graph", AccountId="@{a.id}"),
    )
    bad = graph("2", node("a", "Account", Name=f"{name} II"), node("c", "Contact"))
    answered = rest.call("POST", "/composite/graph", {"graphs": [good, bad]}).json()["graphs"]
    assert [(one["graphId"], one["isSuccessful"]) for one in answered] == [
        ("1", True),
        ("2", False),
    ]
    made, child = answered[0]["graphResponse"]["compositeResponse"]
    assert (made["httpStatusCode"], made["referenceId"]) == (201, "a")
    assert rest.get("Contact", child["body"]["id"])["AccountId"] == made["body"]["id"]
    halted, culprit = answered[1]["graphResponse"]["compositeResponse"]
    assert halted["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert culprit["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    found = rest.query(f"SELECT Name FROM Account WHERE Name LIKE '{name}%'")
    assert [one["Name"] for one in found] == [name]


def test_a_graph_keeps_to_records_and_to_its_limits(rest: Rest) -> None:
    query = {"method": "GET", "url": "/services/data/v60.0/query?q=x", "referenceId": "q"}
    chain = [node("n0", "Account", Name="0")]
    chain += [node(f"n{at}", "Account", Name=f"@{{n{at - 1}.id}}") for at in range(1, 16)]
    graphs = [graph("query", query), graph("deep", *chain)]
    answered = rest.call("POST", "/composite/graph", {"graphs": graphs}).json()["graphs"]
    codes = [
        one["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] for one in answered
    ]
    assert codes == ["INVALID_INPUT", "LIMIT_EXCEEDED"]
    wrongs: list[dict[str, Any]] = [{}, {"graphs": []}, {"graphs": [graph("1"), graph("1")]}]
    for wrong in wrongs:
        assert rest.refused("POST", "/composite/graph", wrong)[0] == 400
