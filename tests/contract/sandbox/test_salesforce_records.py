"""Single records over REST: create, read, update, delete, upsert, and how each fails."""

import uuid

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest


@pytest.fixture
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


def unique(stem: str) -> str:
    return f"{stem} {uuid.uuid4().hex[:12]}"


def test_a_record_is_created_read_changed_and_deleted(rest: Rest) -> None:
    name = unique("Überraschung 😀 عربى")
    identifier = rest.create("Account", Name=name, BillingCity="Köln", NumberOfEmployees=7)
    assert len(identifier) == 18
    account = rest.get("Account", identifier[:15])
    assert account["attributes"] == {
        "type": "Account",
        "url": f"/services/data/v68.0/sobjects/Account/{identifier}",
    }
    assert account["Name"] == name
    assert account["BillingAddress"]["city"] == "Köln"
    assert list(account["BillingAddress"]) == [
        "city", "country", "geocodeAccuracy", "latitude", "longitude", "postalCode", "state",
        "street",
    ]  # fmt: skip
    assert account["CreatedDate"].endswith(".000+0000")
    assert account["LastModifiedById"] == account["CreatedById"]
    rest.update("Account", identifier, Phone="+49 221 1", AnnualRevenue=None)
    assert rest.get("Account", identifier)["Phone"] == "+49 221 1"
    rest.delete("Account", identifier)
    assert rest.refused("GET", f"/sobjects/Account/{identifier}") == (
        404,
        {"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []},
    )


def test_only_the_fields_asked_for_are_read(rest: Rest) -> None:
    identifier = rest.create("Account", Name=unique("Fields"))
    answer = rest.call(
        "GET", f"/sobjects/Account/{identifier}", params={"fields": "Name,IsDeleted"}
    )
    assert set(answer.json()) == {"attributes", "Name", "IsDeleted", "Id"}


def test_an_upsert_has_four_answers(rest: Rest) -> None:
    number = uuid.uuid4().hex
    path = f"/sobjects/Account/NS_Customer_Id__c/{number}"
    created = rest.call("PATCH", path, {"Name": unique("Upsert")})
    assert created.status_code == 201
    assert created.json()["created"] is True
    updated = rest.call("PATCH", path, {"Phone": "1"})
    assert updated.status_code == 200
    assert updated.json() == {
        "id": created.json()["id"],
        "success": True,
        "errors": [],
        "created": False,
    }
    item = uuid.uuid4().hex
    twins = [rest.create("Product2", Name=unique("Twin"), NS_Item_Id__c=item) for _ in range(2)]
    several = rest.call("PATCH", f"/sobjects/Product2/NS_Item_Id__c/{item}", {"Name": "x"})
    assert several.status_code == 300
    assert several.json() == [
        f"/services/data/v68.0/sobjects/Product2/{identifier}" for identifier in twins
    ]
    assert rest.refused("PATCH", "/sobjects/Account/Foo__c/1", {"Name": "x"}) == (
        404,
        {
            "errorCode": "NOT_FOUND",
            "message": "Provided external ID field does not exist or is not accessible: Foo__c",
        },
    )


def test_an_upsert_before_version_46_answers_204_without_a_body(rest: Rest) -> None:
    path = (
        f"{rest.root.replace('68.0', '45.0')}/sobjects/Account/NS_Customer_Id__c/{uuid.uuid4().hex}"
    )
    assert rest.call("PATCH", path, {"Name": unique("Old")}).status_code == 201
    answer = rest.call("PATCH", path, {"Phone": "1"})
    assert (answer.status_code, answer.content) == (204, b"")


def test_an_external_id_with_special_characters_is_found_again(rest: Rest) -> None:
    value = f"a b/c+d%ü {uuid.uuid4().hex[:8]}"
    segment = httpx.URL(f"http://x/{value.replace('%', '%25').replace('/', '%2F')}").raw_path
    quoted = segment.decode()[1:].replace("+", "%2B")
    path = f"/sobjects/Account/NS_Customer_Id__c/{quoted}"
    answer = rest.call("PATCH", path, {"Name": unique("Special")})
    assert answer.status_code == 201, answer.text
    assert rest.get("Account", answer.json()["id"])["NS_Customer_Id__c"] == value
    assert rest.call("GET", path).json()["Id"] == answer.json()["id"]


def test_the_external_id_in_the_body_and_update_only_are_refused(rest: Rest) -> None:
    path = f"/sobjects/Account/NS_Customer_Id__c/{uuid.uuid4().hex}"
    status, error = rest.refused("PATCH", path, {"NS_Customer_Id__c": "1"})
    assert (status, error["errorCode"]) == (400, "INVALID_FIELD")
    assert rest.refused("PATCH", f"{path}?updateOnly=true", {"Name": "x"})[0] == 404


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"),
        (
            {"Name": "x", "foo": 1},
            "INVALID_FIELD",
            "No such column 'foo' on sobject of type Account",
        ),
        (
            {"Name": "x" * 300},
            "STRING_TOO_LONG",
            f"Account Name: data value too large: {'x' * 300} (max length=255)",
        ),
        (
            {"Name": "x", "NS_Sync_Status__c": "Lost"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "bad value for restricted picklist field: Lost",
        ),
        (
            {"Name": "x", "ParentId": "001dx00000zzzzzAAA"},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
        ),
        (
            {"Name": "x", "NS_Billing_Email__c": "nobody"},
            "INVALID_EMAIL_ADDRESS",
            "NS Billing Email: invalid email address: nobody",
        ),
    ],
)
def test_a_bad_value_is_refused_with_its_code_and_words(
    rest: Rest, body: dict[str, object], code: str, message: str
) -> None:
    status, error = rest.refused("POST", "/sobjects/Account", body)
    assert (status, error["errorCode"], error["message"]) == (400, code, message)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"IsDeleted": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"ParentId": "nonsense"}, "MALFORMED_ID"),
        ({"ParentId": "003dx0000000001AAA"}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"NumberOfEmployees": "many"}, "JSON_PARSER_ERROR"),
        ({"NS_Credit_Limit__c": 10**17}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"CurrencyIsoCode": "XXX"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Name": 5}, "JSON_PARSER_ERROR"),
        ({"NS_Last_Sync__c": "0001-01-01T00:00:00+14:00"}, "JSON_PARSER_ERROR"),
        ({"NS_Last_Sync__c": "4001-01-01T00:00:00Z"}, "JSON_PARSER_ERROR"),
    ],
)
def test_every_kind_of_wrong_value_has_its_code(
    rest: Rest, body: dict[str, object], code: str
) -> None:
    status, error = rest.refused("POST", "/sobjects/Account", {"Name": unique("Bad"), **body})
    assert (status, error["errorCode"]) == (400, code)


def test_a_date_is_a_day_and_nothing_else(rest: Rest) -> None:
    deal = {"Name": unique("Dated"), "StageName": "Prospecting"}
    for wrong in ("2026-11-31", "2026-W01-1", "20261124", "2026-11-24 or so", "1699-12-31", True):
        status, error = rest.refused("POST", "/sobjects/Opportunity", deal | {"CloseDate": wrong})
        token = "VALUE_TRUE value true" if wrong is True else f"VALUE_STRING value {wrong}"
        assert (status, error["errorCode"]) == (400, "JSON_PARSER_ERROR")
        assert f"instance of date from {token} or" in error["message"]
    for day in ("2026-11-24", "2026-11-24T00:00:00.000Z"):
        identifier = rest.create("Opportunity", **deal, CloseDate=day)
        assert rest.get("Opportunity", identifier)["CloseDate"] == "2026-11-24"


def test_a_parser_error_tells_where_the_value_stands(rest: Rest) -> None:
    body = '{"Name": "A",\n  "NumberOfEmployees" : "many"}'
    answer = rest.sandbox.http.post(
        f"{rest.root}/sobjects/Account", content=body, headers=rest.headers
    )
    assert answer.json()[0]["message"].endswith(" at [line:2, column:25]")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"Name": NaN}',
        "[1]",
        "\udcff".encode("utf-8", "surrogateescape"),
        '{"Name": "\\ud800"}',
    ],
)
def test_a_body_that_is_no_json_object_is_a_parser_error(rest: Rest, text: str | bytes) -> None:
    answer = rest.sandbox.http.post(
        f"{rest.root}/sobjects/Account", content=text, headers=rest.headers
    )
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_a_unique_external_id_is_taken_once(rest: Rest) -> None:
    number = uuid.uuid4().hex
    first = rest.create("Account", Name=unique("First"), NS_Customer_Id__c=number)
    body = {"Name": unique("Second"), "NS_Customer_Id__c": number.upper()}
    assert rest.refused("POST", "/sobjects/Account", body) == (
        400,
        {
            "message": "duplicate value found: NS_Customer_Id__c duplicates value on record with"
            f" id: {first}",
            "errorCode": "DUPLICATE_VALUE",
            "fields": ["NS_Customer_Id__c"],
        },
    )
    rest.delete("Account", first)
    rest.create("Account", Name=unique("Third"), NS_Customer_Id__c=number)


def test_a_parent_may_be_named_by_its_external_id(rest: Rest) -> None:
    number = uuid.uuid4().hex
    parent = rest.create("Account", Name=unique("Parent"), NS_Customer_Id__c=number)
    child = rest.create("Account", Name=unique("Child"), Parent={"NS_Customer_Id__c": number})
    assert rest.get("Account", child)["ParentId"] == parent


def test_the_standard_duplicate_rule_stops_a_second_account_unless_allowed(rest: Rest) -> None:
    name, code = unique("Twin"), uuid.uuid4().hex[:8]
    first = rest.create("Account", Name=f"{name} GmbH", BillingPostalCode=code)
    second = {"Name": f"{name.upper()} Ltd.", "BillingPostalCode": code}
    status, error = rest.refused("POST", "/sobjects/Account", second)
    assert (status, error["errorCode"]) == (400, "DUPLICATES_DETECTED")
    assert list(error) == ["duplicateResult", "errorCode", "message"]
    (match,) = error["duplicateResult"]["matchResults"][0]["matchRecords"]
    assert match["record"]["Id"] == first
    allowed = {"Sforce-Duplicate-Rule-Header": "allowSave=true"}
    answer = rest.call("POST", "/sobjects/Account", second, headers=allowed)
    assert answer.status_code == 201
    rest.create("Account", Name=f"{name} AG", BillingPostalCode="elsewhere")


def test_a_page_is_pretty_when_asked_and_compact_otherwise(rest: Rest) -> None:
    params = {"q": "SELECT COUNT() FROM Pricebook2"}
    compact = rest.call("GET", "/query/", params=params)
    assert compact.text == '{"totalSize":2,"done":true,"records":[]}'
    assert compact.headers["Content-Type"] == "application/json;charset=UTF-8"
    pretty = rest.call("GET", "/query/", params=params, headers={"X-PrettyPrint": "1"})
    assert pretty.text == '{\n  "totalSize" : 2,\n  "done" : true,\n  "records" : [ ]\n}'


def test_each_answer_counts_against_the_days_requests(rest: Rest) -> None:
    first, second = (rest.call("GET", "/limits/") for _ in range(2))
    used = [
        int(answer.headers["Sforce-Limit-Info"].split("=")[1].split("/")[0])
        for answer in (first, second)
    ]
    assert used[1] == used[0] + 1
    assert second.json()["DailyApiRequests"]["Max"] == 15000


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("PUT", "/sobjects/Account", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/sobjects/Nothing__c/describe", 404, "NOT_FOUND"),
        ("GET", "/sobjects/Account/001dx00000zzzzzAAA", 404, "NOT_FOUND"),
        ("GET", "/sobjects/Account/x", 404, "NOT_FOUND"),
        (
            "DELETE",
            "/sobjects/User/005dx0000000001AAA",
            400,
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        ),
    ],
)
def test_what_is_not_there_or_not_allowed_says_so(
    rest: Rest, method: str, path: str, status: int, code: str
) -> None:
    found, error = rest.refused(method, path)
    assert (found, error["errorCode"]) == (status, code)


def test_old_versions_warn_and_retired_ones_are_gone(rest: Rest) -> None:
    old = rest.call("GET", f"{rest.root.replace('68.0', '35.0')}/limits")
    assert old.status_code == 200
    assert old.headers["Warning"].startswith('299 - "This API is deprecated')
    gone = rest.call("GET", f"{rest.root.replace('68.0', '28.0')}/limits")
    assert (gone.status_code, gone.json()[0]["errorCode"]) == (410, "GONE")
    never = rest.call("GET", f"{rest.root.replace('68.0', '99.0')}/limits")
    assert never.status_code == 404


def test_a_post_may_stand_for_a_patch(rest: Rest) -> None:
    identifier = rest.create("Account", Name=unique("Post"))
    answer = rest.call("POST", f"/sobjects/Account/{identifier}?_HttpMethod=PATCH", {"Phone": "9"})
    assert answer.status_code == 204
    assert rest.get("Account", identifier)["Phone"] == "9"


def test_a_describe_has_every_key_and_is_not_sent_twice(rest: Rest) -> None:
    answer = rest.call("GET", "/sobjects/opportunity/describe/")
    fields = {field["name"]: field for field in answer.json()["fields"]}
    assert {len(field) for field in fields.values()} == {57}
    assert (
        fields["NS_SO_Id__c"]
        | {
            "custom": True,
            "externalId": True,
            "idLookup": True,
            "length": 32,
            "byteLength": 96,
            "type": "string",
            "unique": True,
            "soapType": "xsd:string",
        }
        == fields["NS_SO_Id__c"]
    )
    assert fields["Amount"]["precision"] == 18
    assert fields["NS_Sync_Status__c"]["picklistValues"][0]["value"] == "Not eligible"
    assert fields["StageName"]["nillable"] is False
    again = rest.call(
        "GET", "/sobjects/Opportunity/describe", headers={"If-None-Match": answer.headers["ETag"]}
    )
    assert (again.status_code, again.content) == (304, b"")


def test_the_global_describe_lists_the_objects_of_order_to_cash(rest: Rest) -> None:
    body = rest.call("GET", "/sobjects").json()
    assert body["maxBatchSize"] == 200
    names = {sobject["name"]: sobject["keyPrefix"] for sobject in body["sobjects"]}
    assert names["Opportunity"] == "006"
    assert {"Account", "OpportunityLineItem", "PricebookEntry", "CurrencyType"} <= set(names)


def test_record_counts_leave_out_empty_objects(rest: Rest) -> None:
    body = rest.call("GET", "/limits/recordCount?sObjects=Pricebook2,UserRole").json()
    assert body == {"sObjects": [{"count": 2, "name": "Pricebook2"}]}


def test_places_are_found_and_sorted_by_their_distance(rest: Rest) -> None:
    name = unique("Far")
    places = {"Paris": (48.8566, 2.3522), "London": (51.5074, -0.1278), "Rome": (41.9028, 12.4964)}
    for city, (latitude, longitude) in places.items():
        rest.create(
            "Account", Name=name, BillingCity=city,
            BillingLatitude=latitude, BillingLongitude=longitude,
        )  # fmt: skip
    rest.create("Account", Name=name, BillingCity="Nowhere")
    berlin = "DISTANCE(BillingAddress, GEOLOCATION(52.52, 13.405), 'km')"
    named = f"FROM Account WHERE Name = '{name}' AND"
    near = rest.query(f"SELECT BillingCity, {berlin} {named} {berlin} < 1000 ORDER BY {berlin}")
    assert [(row["BillingCity"], round(row["expr0"])) for row in near] == [
        ("Paris", 877),
        ("London", 932),
    ]
    miles = berlin.replace("'km'", "'mi'")
    far = rest.query(f"SELECT BillingCity, {miles} {named} {miles} > 600 ORDER BY {miles} DESC")
    assert [(row["BillingCity"], round(row["expr0"])) for row in far] == [("Rome", 735)]
