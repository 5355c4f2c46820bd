"""What surrounds a record of the NetSuite stand-in: parts, forms, options, attachments, roles."""

import uuid
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line

RESOURCE = "application/vnd.oracle.resource+json"
REL = "rel"


@pytest.fixture(scope="module")
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


@pytest.fixture(scope="module")
def customer(netsuite: NetSuiteClient) -> str:
    street = {"addr1": "Street 1", "city": "Berlin", "zip": "10115", "country": {"id": "DE"}}
    book = {"items": [{"defaultBilling": True, "label": "HQ", "addressBookAddress": street}]}
    return netsuite.customer(addressBook=book)


@pytest.fixture(scope="module")
def order(netsuite: NetSuiteClient, customer: str) -> str:
    return netsuite.order(customer, line(101, 2, 10.0), line(102, 1, 5.0))


def asked(netsuite: NetSuiteClient, method: str, path: str, kind: str, body: Any = None) -> Any:
    answer = netsuite.call(
        method, f"/record/v1{path}", body or {}, {"Accept": f"{RESOURCE}; type={kind}"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == f"{RESOURCE}; type={kind}; charset=UTF-8"
    return answer.json()


def test_a_sublist_lists_links_to_its_lines(netsuite: NetSuiteClient, order: str) -> None:
    answer = netsuite.call("GET", f"/record/v1/salesOrder/{order}/item")
    assert "type=collection" in answer.headers["Content-Type"]
    body = answer.json()
    assert list(body) == ["links", "items", "totalResults"]
    assert body["totalResults"] == 2
    href = body["items"][1]["links"][0]["href"]
    assert href.endswith(f"/salesorder/{order}/item/2")
    followed = netsuite.get(href.split("/record/v1")[1])
    assert (followed["line"], followed["amount"], followed["item"]["id"]) == (2, 5.0, "102")


def test_each_lines_address_ends_with_its_number(netsuite: NetSuiteClient, customer: str) -> None:
    debit, credit = {"account": {"id": "83"}, "debit": 1}, {"account": {"id": "6"}, "credit": 1}
    body = {"subsidiary": {"id": "1"}, "line": {"items": [debit, credit]}}
    entry = netsuite.post("/journalEntry", body)
    sold = {"entity": {"id": customer}, "item": {"items": [line(101, 1, 10.0)]}}
    payment = netsuite.post(
        f"/invoice/{netsuite.post('/invoice', sold)}/!transform/customerPayment", {}
    )
    for path, sublist in (
        (f"journalentry/{entry}", "line"),
        (f"customerpayment/{payment}", "apply"),
    ):
        held = netsuite.get(f"/{path}?expandSubResources=true")[sublist]["items"]
        first = held[0]
        assert next(iter(first)) == "links"
        assert first["line"] == 0
        assert first["links"][0]["href"].endswith(f"/{path}/{sublist}/0")
        assert netsuite.get(f"/{path}/{sublist}/0")["line"] == 0
    doc = first["doc"]["id"]
    assert netsuite.get(f"/{path}/apply/{doc}")["doc"]["id"] == doc


def test_a_sublist_can_be_expanded_by_itself(netsuite: NetSuiteClient, order: str) -> None:
    body = netsuite.get(f"/salesOrder/{order}/item?expandSubResources=true")
    assert [one["quantity"] for one in body["items"]] == [2.0, 1.0]


def test_an_address_is_reached_through_its_book(netsuite: NetSuiteClient, customer: str) -> None:
    (entry,) = netsuite.get(f"/customer/{customer}/addressBook")["items"]
    path = entry["links"][0]["href"].split("/record/v1")[1]
    assert netsuite.get(f"{path}/addressBookAddress")["city"] == "Berlin"


def test_a_reference_is_followed_through_the_record_that_holds_it(
    netsuite: NetSuiteClient, customer: str, order: str
) -> None:
    assert netsuite.get(f"/salesOrder/{order}/entity")["id"] == customer
    assert netsuite.refused("GET", f"/record/v1/salesOrder/{order}/unicorn")["status"] == 404


def test_head_is_get_without_a_body(netsuite: NetSuiteClient, customer: str) -> None:
    answer = netsuite.call("HEAD", f"/record/v1/customer/{customer}")
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 100
    assert netsuite.call("HEAD", "/record/v1/customer/999999").status_code == 404


def test_options_tell_the_methods(netsuite: NetSuiteClient) -> None:
    answer = netsuite.call("OPTIONS", "/record/v1/customer/1")
    assert answer.status_code == 204
    assert answer.headers["Allow"] == "GET, HEAD, PATCH, PUT, DELETE, OPTIONS"


def test_every_answer_has_the_vendors_headers_and_no_etag(
    netsuite: NetSuiteClient, customer: str
) -> None:
    headers = netsuite.call("GET", f"/record/v1/customer/{customer}").headers
    for name in ("X-N-OperationId", "X-NetSuite-JobId"):
        assert str(uuid.UUID(headers[name])) == headers[name]
    assert headers["Cache-Control"] == "No-Cache"
    assert (headers["Pragma"], headers["Expires"]) == ("No-Cache", "0")
    assert headers["Vary"] == "User-Agent, Accept-Encoding"
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "NS_RTIMER_COMPOSITE" in headers
    assert "Akamai-GRN" in headers
    assert "ETag" not in headers


def test_later_pages_lead_back_and_the_last_one_no_further(netsuite: NetSuiteClient) -> None:
    def rels(path: str) -> list[str]:
        return [one[REL] for one in netsuite.get(path)["links"]]

    total = netsuite.get("/currency")["totalResults"]
    assert rels("/currency") == ["self"]
    assert rels("/currency?limit=2") == ["next", "last", "self"]
    assert rels("/currency?limit=2&offset=2") == ["previous", "first", "next", "last", "self"]
    end = (total - 1) // 2 * 2
    assert rels(f"/currency?limit=2&offset={end}") == ["previous", "first", "self"]


def test_the_self_link_repeats_the_address_as_it_was_sent(
    netsuite: NetSuiteClient, order: str
) -> None:
    path = f"/SalesORDER/{order}?fields=tranId&simpleEnumFormat=True"
    body = netsuite.get(path)
    assert body["links"] == [
        {"rel": "self", "href": f"{netsuite.base}/services/rest/record/v1{path}"}
    ]
    assert list(body) == ["links", "tranId"]


def test_a_create_form_shows_what_would_be_saved(netsuite: NetSuiteClient) -> None:
    end = netsuite.get("/customer?limit=1")["totalResults"]
    body = asked(netsuite, "POST", "/customer", "create-form", {"companyName": "Form"})
    assert (body["companyName"], body["emailPreference"]["id"]) == ("Form", "DEFAULT")
    assert not {"id", "subsidiary", "dateCreated"} & body.keys()
    assert [one[REL] for one in body["links"]] == ["self", "create"]
    assert netsuite.get("/customer?limit=1")["totalResults"] == end


def test_an_edit_form_changes_nothing(netsuite: NetSuiteClient, customer: str) -> None:
    path = f"/customer/{customer}"
    before = netsuite.get(path)["companyName"]
    assert asked(netsuite, "PATCH", path, "edit-form", {"companyName": "F"})["companyName"] == "F"
    assert netsuite.get(path)["companyName"] == before


def test_a_transformation_has_a_form_too(netsuite: NetSuiteClient, order: str) -> None:
    path = f"/salesOrder/{order}/!transform/invoice"
    body = asked(netsuite, "POST", path, "create-form")
    assert (body["total"], body["createdFrom"]["id"]) == (25.0, order)
    assert netsuite.get(f"/salesOrder/{order}")["status"]["id"] == "F"


def test_select_options_name_what_a_field_may_hold(netsuite: NetSuiteClient) -> None:
    path = "/salesOrder?fields=terms,item.item&limit=2"
    body = asked(netsuite, "POST", path, "select-options")
    terms = body["terms"]["_selectOptions"]
    assert {"id": "1", "refName": "Net 30"} in terms["items"]
    items = body["item.item"]["_selectOptions"]
    assert (items["count"], items["hasMore"]) == (2, True)


def test_contacts_are_attached_and_detached(netsuite: NetSuiteClient, customer: str) -> None:
    contact = netsuite.post(
        "/contact",
        {"firstName": "Ada", "lastName": uuid.uuid4().hex[:8], "subsidiary": {"id": "1"}},
    )
    at = f"/record/v1/customer/{customer}"
    answer = netsuite.call("POST", f"{at}/!attach/contact/{contact}", {"role": {"id": "-10"}})
    assert (answer.status_code, answer.content) == (204, b"")
    listed = netsuite.get(f"/customer/{customer}/contactRoles?expandSubResources=true")
    assert [one["contact"]["id"] for one in listed["items"]] == [contact]
    assert netsuite.call("POST", f"{at}/!detach/contact/{contact}").status_code == 204
    assert netsuite.refused("POST", f"{at}/!detach/contact/{contact}")["status"] == 404
    assert netsuite.refused("POST", f"{at}/!attach/item/101")["status"] == 400


def test_an_empty_list_takes_all_lines_away(netsuite: NetSuiteClient) -> None:
    street = {"addr1": "Street 1", "city": "Berlin", "country": {"id": "DE"}}
    book = {"items": [{"label": "HQ", "addressBookAddress": street}]}
    for nothing in (None, {"items": None}):
        key = netsuite.customer(addressBook=book)
        netsuite.patch(f"/customer/{key}", {"addressBook": nothing})
        assert netsuite.get(f"/customer/{key}/addressBook")["totalResults"] == 0


def test_an_application_is_met_by_its_document_or_by_its_line(
    netsuite: NetSuiteClient, customer: str
) -> None:
    first = netsuite.post("/invoice", {"entity": customer, "item": {"items": [line(101, 1, 40)]}})
    apply = {"items": [{"doc": {"id": first}, "amount": 40.0, "apply": True}]}
    payment = netsuite.post(
        "/customerPayment", {"customer": customer, "payment": 40.0, "apply": apply}
    )
    path = f"/customerPayment/{payment}"
    (held,) = netsuite.get(f"{path}/apply?expandSubResources=true")["items"]
    for key, amount in (({"doc": {"id": first}}, 30.0), ({"line": held["line"]}, 25.0)):
        netsuite.patch(path, {"apply": {"items": [{**key, "amount": amount}]}})
        assert netsuite.get(path)["applied"] == amount
        assert netsuite.get(f"/invoice/{first}")["amountRemaining"] == 40.0 - amount


def test_an_external_id_with_a_bar_can_only_be_searched(netsuite: NetSuiteClient) -> None:
    external = f"a|{uuid.uuid4().hex}"
    key = netsuite.customer(externalId=external)
    assert netsuite.refused("GET", f"/record/v1/customer/eid:{external}")["status"] == 400
    query = quote(f'externalId IS "{external}"')
    found = netsuite.get(f"/customer?q={query}")
    assert [one["id"] for one in found["items"]] == [key]


def test_a_role_sees_and_does_only_what_it_may(sandbox: Sandbox, customer: str) -> None:
    viewer = NetSuiteClient(sandbox, "viewer")
    assert viewer.get(f"/customer/{customer}")["id"] == customer
    for method, path, body in (
        ("POST", "/customer", {"companyName": "X"}),
        ("PATCH", f"/customer/{customer}", {"companyName": "X"}),
        ("DELETE", f"/customer/{customer}", None),
    ):
        error = viewer.refused(method, f"/record/v1{path}", body)
        assert (error["status"], error["o:errorCode"]) == (400, "USER_ERROR")
        assert error["detail"].startswith("Your current role does not have permission")
    hidden = viewer.refused("GET", "/record/v1/account")
    assert (hidden["status"], hidden["o:errorCode"]) == (403, "INSUFFICIENT_PERMISSION")
    search = viewer.search("SELECT id FROM customer")
    assert (search.status_code, search.json()["o:errorDetails"][0]["o:errorCode"]) == (
        400,
        "USER_ERROR",
    )


def test_parts_that_hold_nothing_have_an_address_too(netsuite: NetSuiteClient) -> None:
    key = netsuite.customer()
    shown = netsuite.get(f"/customer/{key}")
    for name in ("addressBook", "contactRoles", "groupPricing", "itemPricing"):
        address = shown[name]["links"][0]["href"]
        assert address.endswith(f"/record/v1/customer/{key}/{name}")
        assert netsuite.get(address.partition("/record/v1")[2])["totalResults"] == 0
    whole = netsuite.get(f"/customer/{key}?expandSubResources=true")
    assert whole["groupPricing"] == {**shown["groupPricing"], "items": [], "totalResults": 0}
    order = netsuite.order(key, line(101, 1, 5))
    assert set(netsuite.get(f"/salesOrder/{order}/billingAddress")) == {"links"}
    assert "links" in netsuite.get(f"/salesOrder/{order}")["shippingAddress"]


def test_lines_without_a_key_are_addressed_by_their_place(netsuite: NetSuiteClient) -> None:
    members = [{"item": {"id": "101"}, "quantity": 2}, {"item": {"id": "102"}, "quantity": 1}]
    body = {"itemId": f"KIT-{uuid.uuid4().hex[:8]}", "member": {"items": members}}
    kit = netsuite.post("/kitItem", body)
    held = netsuite.get(f"/kitItem/{kit}/member")["items"]
    assert held[1]["links"][0]["href"].endswith(f"/kititem/{kit}/member/2")
    assert netsuite.get(f"/kititem/{kit}/member/2")["quantity"] == 1
