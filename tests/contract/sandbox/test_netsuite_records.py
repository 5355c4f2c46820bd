"""Records of the NetSuite stand-in over HTTP: envelope, references, lists, upserts, refusals."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line


@pytest.fixture
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def fresh(prefix: str = "sf") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


def test_a_created_record_is_answered_with_its_address_and_nothing_else(
    netsuite: NetSuiteClient,
) -> None:
    body = {"companyName": "Acme GmbH", "subsidiary": {"id": "1"}}
    answer = netsuite.call("POST", "/record/v1/customer", body)
    assert (answer.status_code, answer.text) == (204, "")
    assert answer.headers["Location"].startswith(
        f"{netsuite.base}/services/rest/record/v1/customer/"
    )
    for header in ("X-N-OperationId", "X-NetSuite-JobId", "NS_RTIMER_COMPOSITE"):
        assert answer.headers[header]


def test_a_record_has_its_links_first_and_then_its_fields_in_order(
    netsuite: NetSuiteClient,
) -> None:
    key = netsuite.customer(phone="+49 30 1")
    answer = netsuite.call("GET", f"/record/v1/CUSTOMER/{key}?expandSubResources=true")
    assert answer.headers["Content-Type"] == (
        "application/vnd.oracle.resource+json; type=singular; charset=UTF-8"
    )
    assert "ETag" not in answer.headers
    body = answer.json()
    names = list(body)
    assert names[0] == "links"
    assert names[1:] == sorted(names[1:], key=str.lower)
    assert body["links"] == [{"rel": "self", "href": str(answer.request.url)}]
    assert body["subsidiary"] == {
        "links": [{"rel": "self", "href": f"{netsuite.base}/services/rest/record/v1/subsidiary/1"}],
        "id": "1",
        "refName": "Tallystick Demo Inc.",
    }
    assert '"balance":0.0' in answer.text
    assert "fax" not in body


def test_times_are_whole_minutes(netsuite: NetSuiteClient) -> None:
    body = netsuite.get(f"/customer/{netsuite.customer()}")
    assert body["dateCreated"].endswith(":00Z")
    assert body["lastModifiedDate"].endswith(":00Z")


def test_sublists_are_links_until_they_are_expanded_or_followed(netsuite: NetSuiteClient) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 5), line(102, 2, 5))
    plain = netsuite.get(f"/salesOrder/{order}")
    href = plain["item"]["links"][0]["href"]
    assert href == f"{netsuite.base}/services/rest/record/v1/salesorder/{order}/item"
    followed = netsuite.get(f"/salesorder/{order}/item")
    assert followed["totalResults"] == 2
    assert followed["items"][1]["links"][0]["href"] == f"{href}/2"
    assert netsuite.get(f"/salesorder/{order}/item/2")["quantity"] == 2.0
    expanded = netsuite.get(f"/salesOrder/{order}?expandSubResources=true")["item"]
    assert set(expanded) == {"links", "items", "totalResults"}
    assert [one["line"] for one in expanded["items"]] == [1, 2]


def test_fields_choose_what_is_answered_and_do_not_go_with_expanding(
    netsuite: NetSuiteClient,
) -> None:
    key = netsuite.customer()
    assert set(netsuite.get(f"/customer/{key}?fields=companyName,entityId")) == {
        "links",
        "companyName",
        "entityId",
    }
    error = netsuite.refused(
        "GET", f"/record/v1/customer/{key}?fields=entityId&expandSubResources=true"
    )
    assert error["status"] == 400


def test_enumerations_can_be_asked_for_plain(netsuite: NetSuiteClient) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 5))
    assert netsuite.get(f"/salesOrder/{order}")["status"] == {
        "id": "F",
        "refName": "Pending Billing",
    }
    assert netsuite.get(f"/salesOrder/{order}?simpleEnumFormat=true")["status"] == "F"


def test_an_upsert_creates_once_and_then_updates(netsuite: NetSuiteClient) -> None:
    key = fresh()
    body = {"companyName": "Acme GmbH", "subsidiary": {"id": "1"}, "phone": "1"}
    first = netsuite.put(f"/customer/eid:{key}", body)
    again = netsuite.put(f"/customer/eid:{key}", {"phone": "2"})
    assert first == again
    held = netsuite.get(f"/customer/eid:{key}")
    assert (held["id"], held["phone"], held["companyName"]) == (first, "2", "Acme GmbH")


def test_an_external_id_is_taken_once(netsuite: NetSuiteClient) -> None:
    key = fresh()
    netsuite.customer(externalId=key)
    body = {"companyName": "Other", "subsidiary": {"id": "1"}, "externalId": key}
    error = netsuite.refused("POST", "/record/v1/customer", body)
    assert (error["status"], error["o:errorCode"]) == (400, "USER_ERROR")
    assert error["detail"] == "Error while accessing a resource. This entity already exists."


def test_references_may_be_written_in_every_recorded_way(netsuite: NetSuiteClient) -> None:
    key = fresh()
    customer = netsuite.customer(externalId=key)
    for entity in ({"externalId": key}, {"id": customer}, customer, int(customer)):
        order = netsuite.post(
            "/salesOrder", {"entity": entity, "item": {"items": [line(101, 1, 1)]}}
        )
        assert netsuite.get(f"/salesOrder/{order}")["entity"]["id"] == customer


def test_a_patch_meets_lines_by_their_number_and_adds_the_others(netsuite: NetSuiteClient) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 10), line(102, 1, 20))
    netsuite.patch(f"/salesOrder/{order}", {"item": {"items": [{"line": 1, "quantity": 3}]}})
    netsuite.patch(f"/salesOrder/{order}", {"item": {"items": [line(103, 1, 5)]}})
    assert amounts(netsuite, order) == {1: 30.0, 2: 20.0, 3: 5.0}
    netsuite.patch(f"/salesOrder/{order}", {"item": {"items": [line(103, 1, 5)]}})
    assert amounts(netsuite, order) == {1: 30.0, 2: 20.0, 3: 5.0, 4: 5.0}


def test_replace_keeps_the_lines_that_are_met_and_drops_the_rest(netsuite: NetSuiteClient) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 10), line(102, 1, 20))
    body = {"item": {"items": [{"line": 2, "quantity": 2}, line(103, 1, 5)]}}
    netsuite.patch(f"/salesOrder/{order}?replace=item", body)
    assert amounts(netsuite, order) == {2: 40.0, 3: 5.0}


def amounts(netsuite: NetSuiteClient, order: str) -> dict[int, float]:
    body = netsuite.get(f"/salesOrder/{order}?expandSubResources=true")
    return {one["line"]: one["amount"] for one in body["item"]["items"]}


def test_null_clears_a_field_unless_only_others_are_selected(netsuite: NetSuiteClient) -> None:
    key = netsuite.customer(phone="1", fax="2")
    clears = {"phone": None, "fax": None}
    netsuite.patch(f"/customer/{key}?replaceSelectedFields=true&replace=fax", clears)
    held = netsuite.get(f"/customer/{key}")
    assert held["phone"] == "1"
    assert "fax" not in held
    netsuite.patch(f"/customer/{key}", {"phone": None})
    assert "phone" not in netsuite.get(f"/customer/{key}")


def test_an_address_book_has_one_default_each(netsuite: NetSuiteClient) -> None:
    def address(street: str) -> dict[str, Any]:
        inner = {"addr1": street, "city": "Berlin", "zip": "10115", "country": {"id": "DE"}}
        return {"defaultBilling": True, "addressBookAddress": inner}

    key = netsuite.customer(addressBook={"items": [address("A"), address("B")]})
    book = netsuite.get(f"/customer/{key}?expandSubResources=true")["addressBook"]["items"]
    assert [one["defaultBilling"] for one in book] == [False, True]
    assert book[1]["addressBookAddress"]["country"]["id"] == "DE"
    netsuite.patch(
        f"/customer/{key}",
        {"addressBook": {"items": [{"id": book[0]["id"], "label": "Old"}]}},
    )
    held = netsuite.get(f"/customer/{key}?expandSubResources=true")["addressBook"]["items"]
    assert [one["label"] for one in held] == ["Old", "B"]


def test_a_deleted_record_is_gone_and_leaves_a_row_behind(netsuite: NetSuiteClient) -> None:
    key = netsuite.customer()
    assert netsuite.call("DELETE", f"/record/v1/customer/{key}").status_code == 204
    error = netsuite.refused("GET", f"/record/v1/customer/{key}")
    assert (error["status"], error["o:errorCode"]) == (404, "NONEXISTENT_ID")
    rows = netsuite.query(
        f"SELECT type, BUILTIN.DF(deletedby) AS who FROM deletedrecord WHERE recordid = {key}"
    )
    assert rows == [{"type": "customer", "who": "Tallystick Integration"}]


def test_every_change_leaves_a_system_note(netsuite: NetSuiteClient) -> None:
    key = netsuite.customer(phone="1")
    netsuite.patch(f"/customer/{key}", {"phone": "2"})
    rows = netsuite.query(
        "SELECT field, oldvalue, newvalue, type FROM systemnote"
        f" WHERE recordid = {key} AND field = 'PHONE' ORDER BY id"
    )
    assert rows == [
        {"field": "PHONE", "newvalue": "1", "type": "Create"},
        {"field": "PHONE", "oldvalue": "1", "newvalue": "2", "type": "Set"},
    ]


def test_unknown_properties_are_warned_of_refused_or_ignored_as_asked(
    netsuite: NetSuiteClient,
) -> None:
    body = {"companyName": "A", "subsidiary": {"id": "1"}, "favouriteColour": "blue"}
    warned = netsuite.call("POST", "/record/v1/customer", body)
    assert warned.headers["X-NetSuite-PropertyValidation"] == "favouriteColour"
    name = {"X-NetSuite-PropertyNameValidation": "Error"}
    error = netsuite.refused("POST", "/record/v1/customer", body, **name)
    assert error["o:errorPath"] == "favouriteColour"
    quiet = netsuite.call(
        "POST", "/record/v1/customer", body, {"X-NetSuite-PropertyNameValidation": "ignore"}
    )
    assert "X-NetSuite-PropertyValidation" not in quiet.headers


REFUSED: dict[str, tuple[str, Any, str, str]] = {
    "no subsidiary": (
        "/customer",
        {"companyName": "A"},
        "USER_ERROR",
        "Error while accessing a resource. Please enter value(s) for: Subsidiary.",
    ),
    "no customer": (
        "/salesOrder",
        {"item": {"items": [line(101, 1, 1)]}},
        "USER_ERROR",
        "Customer",
    ),
    "no lines": ("/salesOrder", {"entity": "CUSTOMER"}, "USER_ERROR", "at least one line item"),
    "no item": (
        "/salesOrder",
        {"entity": "CUSTOMER", "item": {"items": [{"quantity": 1}]}},
        "USER_ERROR",
        "Please enter value(s) for: Item.",
    ),
    "an item that does not exist": (
        "/salesOrder",
        {"entity": "CUSTOMER", "item": {"items": [line(9999, 1, 1)]}},
        "INVALID_CONTENT",
        "You have entered an Invalid Field Value 9999 for the following field: item",
    ),
    "a currency that the customer does not have": (
        "/salesOrder",
        {"entity": "CUSTOMER", "currency": "5", "item": {"items": [line(101, 1, 1)]}},
        "USER_ERROR",
        "Invalid Field Value 5 for the following field: currency.",
    ),
    "a name that is too long": (
        "/customer",
        {"companyName": "x" * 300, "subsidiary": "1"},
        "USER_ERROR",
        "contained more than the maximum number ( 83 ) of characters allowed",
    ),
    "a number that is none": (
        "/customer",
        {"companyName": "A", "subsidiary": "1", "creditLimit": "much"},
        "INVALID_CONTENT",
        "Invalid Field Value much for the following field: creditLimit",
    ),
    "a date that is none": (
        "/salesOrder",
        {"entity": "CUSTOMER", "tranDate": "24.11.2026", "item": {"items": [line(101, 1, 1)]}},
        "INVALID_CONTENT",
        "following field: tranDate",
    ),
    "a status that does not exist": (
        "/salesOrder",
        {"entity": "CUSTOMER", "orderStatus": "Z", "item": {"items": [line(101, 1, 1)]}},
        "INVALID_CONTENT",
        "following field: orderStatus",
    ),
    "a negative quantity": (
        "/salesOrder",
        {"entity": "CUSTOMER", "item": {"items": [line(101, -1, 1)]}},
        "USER_ERROR",
        "following field: quantity",
    ),
    "a list in place of an object": ("/customer", [], "INVALID_REQUEST", "malformed syntax"),
}


@pytest.mark.parametrize(("path", "body", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_bad_bodies_are_refused_in_the_vendors_words(
    netsuite: NetSuiteClient, path: str, body: Any, code: str, words: str
) -> None:
    if isinstance(body, dict) and body.get("entity") == "CUSTOMER":
        body = {**body, "entity": netsuite.customer()}
    error = netsuite.refused("POST", f"/record/v1{path}", body)
    assert (error["status"], error["o:errorCode"]) == (400, code)
    assert words in error["detail"]


@pytest.mark.parametrize("raw", [b"bad body", b"{", b"\xff\xfe", b"[" * 100_000, b'"text"'])
def test_what_is_no_json_object_is_refused(netsuite: NetSuiteClient, raw: bytes) -> None:
    url = f"{netsuite.base}/services/rest/record/v1/customer"
    headers = {"Authorization": netsuite.authorization("POST", url)}
    answer = netsuite.http.post(url, content=raw, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"] == [
        {
            "detail": (
                "The request could not be understood by the server due to malformed syntax."
            ),
            "o:errorCode": "INVALID_REQUEST",
        }
    ]


def test_control_characters_inside_texts_are_let_through(netsuite: NetSuiteClient) -> None:
    url = f"{netsuite.base}/services/rest/record/v1/customer"
    headers = {"Authorization": netsuite.authorization("POST", url)}
    raw = b'{"companyName": "A", "subsidiary": "1", "comments": "one\ntwo"}'
    assert netsuite.http.post(url, content=raw, headers=headers).status_code == 204


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/record/v1/unicorn", 404),
        ("GET", "/record/v1/customer/-1", 404),
        ("GET", "/record/v1/customer/abc", 404),
        ("GET", "/record/v1/customer/eid:none", 404),
        ("GET", "/record/v1/partner/1", 404),
        ("PUT", "/record/v1/customer/601", 400),
        ("PUT", "/record/v1/customer/eid:a|b", 400),
        ("GET", "/nothing/v1", 404),
        ("DELETE", "/record/v1/customer", 405),
        ("GET", "/record/v1/customer?offset=3&limit=2", 400),
        ("GET", "/record/v1/customer?limit=1001", 400),
        ("GET", "/record/v1/customer?limit=x", 400),
    ],
)
def test_wrong_addresses_are_refused(
    netsuite: NetSuiteClient, method: str, path: str, status: int
) -> None:
    body = {"companyName": "A", "subsidiary": "1"} if method == "PUT" else None
    assert netsuite.refused(method, path, body)["status"] == status


def test_an_address_may_end_with_a_slash_and_options_are_answered(netsuite: NetSuiteClient) -> None:
    assert netsuite.call("GET", "/record/v1/customer/?limit=1").status_code == 200
    assert netsuite.call("OPTIONS", "/*").status_code == 204


def test_a_collection_lists_ids_page_by_page(netsuite: NetSuiteClient) -> None:
    tag = fresh()
    keys = {netsuite.customer(companyName=f"{tag} {at}") for at in range(5)}
    query = f'q=companyName START_WITH "{tag}"'
    first = netsuite.get(f"/customer?{query}&limit=2")
    assert (first["count"], first["totalResults"], first["hasMore"]) == (2, 5, True)
    assert set(first["items"][0]) == {"links", "id"}
    found: list[str] = []
    page = first
    while True:
        found += [one["id"] for one in page["items"]]
        following = [one["href"] for one in page["links"] if one["rel"] == "next"]
        if not following:
            break
        page = netsuite.get(following[0].split("/record/v1")[1])
    assert sorted(found) == sorted(keys)
    rels = [one["rel"] for one in page["links"]]
    assert "previous" in rels
    assert rels[-1] == "self"


FILTERS = {
    'companyName IS "TAG one"': {"one"},
    'companyName CONTAIN "TAG"': {"one", "two"},
    'companyName CONTAIN "TAG" AND phone EMPTY': {"two"},
    'companyName CONTAIN "TAG" AND phone EMPTY_NOT': {"one"},
    'companyName END_WITH_NOT "one" AND companyName START_WITH TAG': {"two"},
    "companyName START_WITH TAG AND creditLimit GREATER_OR_EQUAL 100": {"one"},
    "companyName START_WITH TAG AND creditLimit BETWEEN [50, 150]": {"one"},
    "companyName START_WITH TAG AND currency ANY_OF [1, 4]": {"one", "two"},
    "companyName START_WITH TAG AND isInactive IS true": set(),
    'companyName IS "TAG one" OR companyName IS "TAG two" AND phone EMPTY_NOT': {"one"},
    '(companyName IS "TAG one" OR companyName IS "TAG two") AND phone EMPTY': {"two"},
    'companyName START_WITH TAG AND dateCreated ON_OR_AFTER "1/1/2019"': {"one", "two"},
    'companyName START_WITH TAG AND lastModifiedDate BEFORE "1/1/2019 11:39 pm"': set(),
}


@pytest.mark.parametrize(("query", "names"), FILTERS.items(), ids=FILTERS.keys())
def test_filters_find_what_they_say(netsuite: NetSuiteClient, query: str, names: set[str]) -> None:
    tag = fresh("f")
    keys = {
        netsuite.customer(companyName=f"{tag} one", phone="1", creditLimit=100): "one",
        netsuite.customer(companyName=f"{tag} two"): "two",
    }
    page = netsuite.get(f"/customer?q={quote(query.replace('TAG', tag))}")
    assert {keys[one["id"]] for one in page["items"]} == names


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("companyName IS 'A'", "Invalid search query. Provide a valid search query."),
        ("createdFrom ANY_OF 1", "Unknown field name 'createdFrom' in the search query."),
        ('dateCreated AFTER "2019-01-01"', 'failed with date format "M/d/yy" in time zone'),
        ("companyName", "Provide a valid search query."),
        ("companyName LIKE x", "Provide a valid search query."),
        ("(companyName IS A", "Provide a valid search query."),
        ("creditLimit EQUAL much", "Provide a valid search query."),
    ],
)
def test_filters_that_cannot_be_read_are_refused(
    netsuite: NetSuiteClient, query: str, words: str
) -> None:
    error = netsuite.refused("GET", f"/record/v1/customer?q={query}")
    assert (error["o:errorCode"], error["o:errorQueryParam"]) == ("INVALID_PARAMETER", "q")
    assert words in error["detail"]


def test_the_catalogue_names_the_records_and_their_properties(netsuite: NetSuiteClient) -> None:
    names = {one["name"] for one in netsuite.get("/metadata-catalog/")["items"]}
    assert {"customer", "salesOrder", "invoice", "customerPayment", "creditMemo"} <= names
    schema = netsuite.get("/metadata-catalog/salesOrder")
    assert schema["type"] == "object"
    assert schema["properties"]["tranDate"]["format"] == "date"
    assert schema["properties"]["custbody_sf_opportunity_id"]["x-ns-custom-field"] is True
    assert netsuite.refused("GET", "/record/v1/metadata-catalog/unicorn")["status"] == 404


def test_the_small_services_answer(sandbox: Sandbox, netsuite: NetSuiteClient) -> None:
    time = netsuite.call("GET", "/system/v1/serverTime").json()["serverTime"]
    assert time.endswith("Z")
    error = netsuite.refused("GET", "/system/v1/governanceLimits")
    assert error["o:errorCode"] == "INSUFFICIENT_PERMISSION"
    administrator = NetSuiteClient(sandbox, "administrator")
    limits = administrator.call("GET", "/system/v1/governanceLimits").json()
    assert limits["accountConcurrencyLimit"] == 5


def test_the_journal_tells_each_mutation_with_its_images(
    sandbox: Sandbox, netsuite: NetSuiteClient
) -> None:
    after = sandbox.end_of_journal("netsuite")
    key = netsuite.customer(phone="1")
    netsuite.patch(f"/customer/{key}", {"phone": "2"})
    netsuite.refused("PATCH", f"/record/v1/customer/{key}", {"phone": "3" * 99})
    created, changed, refused = sandbox.journal("netsuite", after)
    assert created["mutations"][0]["operation"] == "create"
    assert created["mutations"][0]["before"] is None
    (mutation,) = changed["mutations"]
    assert (mutation["record"], mutation["id"]) == ("customer", key)
    assert (mutation["before"]["phone"], mutation["after"]["phone"]) == ("1", "2")
    assert mutation["after"]["subsidiary"] == {"id": "1", "refName": "Tallystick Demo Inc."}
    assert (refused["status"], refused["mutations"]) == (400, [])


def test_what_was_read_can_be_written_back_and_changes_nothing(netsuite: NetSuiteClient) -> None:
    customer = netsuite.customer(terms={"id": "1"})
    order = netsuite.order(customer, line(101, 1, 10), price_line())
    netsuite.call("POST", f"/record/v1/salesOrder/{order}/!transform/invoice", {})
    for path in (f"/customer/{customer}", f"/salesOrder/{order}", "/serviceSaleItem/101"):
        before = netsuite.get(f"{path}?expandSubResources=true")
        answer = netsuite.call("PATCH", f"/record/v1{path}", before)
        assert answer.status_code == 204, answer.text
        after = netsuite.get(f"{path}?expandSubResources=true")
        for body in (before, after):
            body.pop("lastModifiedDate")
        assert after == before


def price_line() -> dict[str, Any]:
    return line(102, 2, 3.25, price={"id": "-1"})


def test_a_transformation_to_a_type_that_the_account_lacks_is_unknown(
    netsuite: NetSuiteClient,
) -> None:
    key = netsuite.customer()
    error = netsuite.refused("POST", f"/record/v1/customer/{key}/!transform/lead", {})
    assert (error["status"], error["o:errorCode"]) == (404, "NOT_FOUND")


def test_consolidated_rates_can_be_listed_and_read_only(netsuite: NetSuiteClient) -> None:
    listed = netsuite.get("/consolidatedExchangeRate?limit=1")
    assert listed["hasMore"] is True
    (one,) = listed["items"]
    shown = netsuite.get(f"/consolidatedExchangeRate/{one['id']}")
    assert shown["toCurrency"]["links"]
    assert shown["periodStartDate"] < shown["periodEndDate"]
    path = f"/record/v1/consolidatedExchangeRate/{one['id']}"
    assert netsuite.refused("PATCH", path, {"currentRate": 1})["status"] == 405
