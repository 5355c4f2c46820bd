"""Order to cash through the NetSuite stand-in, as its users and its readers see it."""

import uuid
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line

EUR, JPY = "4", "5"
STAMP = "TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS m"


@pytest.fixture
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


@pytest.fixture
def finance(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox, "finance")


def transformed(client: NetSuiteClient, path: str, body: Any = None) -> str:
    answer = client.call("POST", f"/record/v1{path}", body or {})
    assert answer.status_code == 204, answer.text
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_an_order_in_euro_is_billed_in_two_parts_and_paid(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    customer = netsuite.customer(terms={"id": "1"})
    order = netsuite.order(
        customer,
        line(101, 1, 6000.0, custcol_sf_line_id="00k1"),
        line(102, 2, 1250.0, custcol_sf_line_id="00k2"),
        line(103, 1, 1500.0, custcol_sf_line_id="00k3"),
        orderStatus={"id": "A"},
        tranDate="2026-11-24",
        custbody_sf_opportunity_id="006A",
    )
    held = netsuite.get(f"/salesOrder/{order}")
    assert held["status"]["refName"] == "Pending Approval"
    assert (held["total"], held["exchangeRate"]) == (10000.0, 1.03)
    finance.patch(f"/salesOrder/{order}", {"orderStatus": {"id": "B"}})
    part = {
        "tranDate": "2026-11-24",
        "item": {"items": [{"orderLine": 2, "quantity": 1}, {"orderLine": 3, "quantity": 0}]},
    }
    first = transformed(finance, f"/salesOrder/{order}/!transform/invoice", part)
    second = transformed(finance, f"/salesOrder/{order}/!transform/invoice")
    bill = netsuite.get(f"/invoice/{first}?expandSubResources=true")
    assert (bill["total"], bill["amountRemaining"], bill["status"]["id"]) == (7250.0, 7250.0, "A")
    assert bill["createdFrom"]["id"] == order
    assert bill["dueDate"] == "2026-12-24"
    assert bill["custbody_sf_opportunity_id"] == "006A"
    assert [(one["orderLine"], one["custcol_sf_line_id"]) for one in bill["item"]["items"]] == [
        (1, "00k1"),
        (2, "00k2"),
    ]
    assert netsuite.get(f"/invoice/{second}")["total"] == 2750.0
    assert netsuite.get(f"/salesOrder/{order}")["status"]["id"] == "G"
    payment = transformed(finance, f"/invoice/{first}/!transform/customerPayment")
    paid = netsuite.get(f"/invoice/{first}")
    assert (paid["amountPaid"], paid["amountRemaining"]) == (7250.0, 0.0)
    assert paid["status"] == {"id": "B", "refName": "Paid In Full"}
    applied = netsuite.get(f"/customerPayment/{payment}?expandSubResources=true")["apply"]
    ticked = [(one["doc"]["id"], one["amount"]) for one in applied["items"] if one["apply"]]
    assert ticked == [(first, 7250.0)]
    assert [one["doc"]["id"] for one in applied["items"] if not one["apply"]] == [second]
    assert netsuite.get(f"/customer/{customer}")["balance"] == 2750.0


def test_yen_go_through_without_minor_units(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    customer = netsuite.customer(currency={"id": JPY})
    order = netsuite.order(customer, line(104, 3, 411522.4), exchangeRate=0.0067)
    invoice = transformed(
        finance, f"/salesOrder/{order}/!transform/invoice", {"exchangeRate": 0.0067}
    )
    held = netsuite.get(f"/invoice/{invoice}")
    assert (held["total"], held["exchangeRate"]) == (1234567.0, 0.0067)
    rows = netsuite.query(
        "SELECT debit FROM transactionaccountingline WHERE account = 119 AND transaction ="
        f" {invoice}"
    )
    assert rows == [{"debit": "8271.6"}]
    transformed(finance, f"/invoice/{invoice}/!transform/customerPayment", {"payment": 567})
    assert netsuite.get(f"/invoice/{invoice}")["amountRemaining"] == 1234000.0


def test_a_payment_changes_the_invoice_but_not_its_time(
    sandbox: Sandbox, netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    """The harder case for a reader: only the payment and the link are new."""
    order = netsuite.order(netsuite.customer(), line(101, 1, 100.0))
    invoice = transformed(finance, f"/salesOrder/{order}/!transform/invoice")
    query = f"SELECT {STAMP}, status FROM transaction WHERE id = {invoice}"
    (before,) = netsuite.query(query)
    sandbox.clock(advance_s=3600)
    payment = transformed(finance, f"/invoice/{invoice}/!transform/customerPayment")
    sandbox.clock(now=None)
    (after,) = netsuite.query(query)
    assert (before["m"], before["status"], after["status"]) == (after["m"], "A", "B")
    links = netsuite.query(
        "SELECT nextdoc, linktype, foreignamount FROM nexttransactionlinelink"
        f" WHERE previousdoc = {invoice}"
    )
    assert links == [{"nextdoc": payment, "linktype": "Payment", "foreignamount": "100"}]


def test_billing_an_order_moves_the_orders_time(
    sandbox: Sandbox, netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 100.0))
    query = f"SELECT {STAMP} FROM transaction WHERE id = {order}"
    before = netsuite.query(query)
    sandbox.clock(advance_s=3600)
    transformed(finance, f"/salesOrder/{order}/!transform/invoice")
    sandbox.clock(now=None)
    assert netsuite.query(query) != before


def test_a_credit_memo_takes_the_invoice_down(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 100.0))
    invoice = transformed(finance, f"/salesOrder/{order}/!transform/invoice")
    body = {
        "item": {"items": [line(101, 1, 30.0)]},
        "apply": {"items": [{"doc": {"id": invoice}, "apply": True, "amount": 25.5}]},
    }
    credit = transformed(finance, f"/invoice/{invoice}/!transform/creditMemo", body)
    held = netsuite.get(f"/creditMemo/{credit}")
    assert (held["total"], held["applied"], held["unapplied"]) == (30.0, 25.5, 4.5)
    assert held["status"]["refName"] == "Open"
    assert netsuite.get(f"/invoice/{invoice}")["amountRemaining"] == 74.5


def test_the_journal_names_the_records_that_followed(
    sandbox: Sandbox, netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 100.0))
    after = sandbox.end_of_journal("netsuite")
    invoice = transformed(finance, f"/salesOrder/{order}/!transform/invoice")
    (entry,) = sandbox.journal("netsuite", after)
    assert entry["actor"] == "Frieda Finance"
    told = [(one["record"], one["id"], one["operation"]) for one in entry["mutations"]]
    assert told == [("invoice", invoice, "create"), ("salesOrder", order, "update")]
    images = entry["mutations"][1]
    assert (images["before"]["status"]["id"], images["after"]["status"]["id"]) == ("F", "G")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/salesOrder/{order}/!transform/customerPayment", "cannot be transformed"),
        ("/salesOrder/{order}/!transform/unicorn", "does not exist"),
        ("/salesOrder/1/!transform/invoice", "does not exist"),
    ],
)
def test_transformations_that_do_not_exist_are_refused(
    netsuite: NetSuiteClient, path: str, words: str
) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 100.0))
    error = netsuite.refused("POST", f"/record/v1{path.format(order=order)}", {})
    assert words in error["detail"]


def test_a_billed_order_has_nothing_left_to_bill(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    order = netsuite.order(netsuite.customer(), line(101, 1, 100.0))
    path = f"/salesOrder/{order}/!transform/invoice"
    transformed(finance, path)
    error = finance.refused("POST", f"/record/v1{path}", {})
    assert (error["status"], error["o:errorCode"]) == (400, "USER_ERROR")


def test_a_page_of_a_search_is_answered_with_its_links(netsuite: NetSuiteClient) -> None:
    query = "SELECT id, name FROM currency ORDER BY id"
    answer = netsuite.search(query, page="?limit=2&offset=2")
    assert answer.headers["Content-Type"] == (
        "application/vnd.oracle.resource+json; type=collection; charset=UTF-8"
    )
    body = answer.json()
    assert list(body) == ["links", "count", "hasMore", "items", "offset", "totalResults"]
    assert body["items"] == [
        {"links": [], "id": "3", "name": "Canadian Dollar"},
        {"links": [], "id": "4", "name": "Euro"},
    ]
    assert (body["count"], body["offset"], body["totalResults"], body["hasMore"]) == (2, 2, 5, True)
    assert netsuite.search(query).json()["links"] == [
        {"rel": "self", "href": f"{netsuite.base}/services/rest/query/v1/suiteql"}
    ]


def test_a_search_takes_bound_values(netsuite: NetSuiteClient) -> None:
    rows = netsuite.query("SELECT name FROM currency WHERE symbol = ? AND id > ?", "EUR", "-7")
    assert rows == [{"name": "Euro"}]


@pytest.mark.parametrize(
    ("headers", "body", "page", "code"),
    [
        ({}, {"q": "SELECT id FROM term"}, "", "INVALID_HEADER"),
        ({"Prefer": "transient"}, {}, "", "INVALID_CONTENT"),
        ({"Prefer": "transient"}, {"q": 5}, "", "INVALID_CONTENT"),
        ({"Prefer": "transient"}, {"q": "SELECT x FROM term"}, "", "INVALID_PARAMETER"),
        ({"Prefer": "transient"}, {"q": "SELECT id FROM term"}, "?limit=0", "INVALID_PARAMETER"),
        (
            {"Prefer": "transient"},
            {"q": "SELECT id FROM term"},
            "?limit=1000&offset=100000",
            "INVALID_PARAMETER",
        ),
    ],
)
def test_searches_that_cannot_be_run_are_refused(
    netsuite: NetSuiteClient, headers: dict[str, str], body: Any, page: str, code: str
) -> None:
    answer = netsuite.call("POST", f"/query/v1/suiteql{page}", body, headers)
    assert answer.status_code == 400
    assert answer.json()["o:errorDetails"][0]["o:errorCode"] == code


def test_the_books_balance_after_all_of_it(netsuite: NetSuiteClient) -> None:
    rows = netsuite.query(
        "SELECT SUM(NVL(debit, 0)) AS d, SUM(NVL(credit, 0)) AS c FROM transactionaccountingline"
        " WHERE posting = 'T'"
    )
    assert Decimal(rows[0]["d"]) == Decimal(rows[0]["c"])


def test_goods_are_shipped_paid_in_advance_returned_and_refunded(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    """Every step by the record service, every document found again by search."""
    item = netsuite.post(
        "/inventoryItem", {"itemId": "PUMP", "cost": 40.0, "rate": 100.0, "isFulfillable": True}
    )
    customer = netsuite.customer(currency={"id": "1"})
    order = netsuite.order(customer, line(int(item), 3, 100.0), orderStatus={"id": "B"})
    shipped = transformed(
        finance,
        f"/salesOrder/{order}/!transform/itemFulfillment",
        {"inventoryLocation": {"id": "1"}},
    )
    held = netsuite.get(f"/itemFulfillment/{shipped}?expandSubResources=true")
    assert held["status"] == {"id": "C", "refName": "Shipped"}
    assert [one["quantity"] for one in held["item"]["items"]] == [3.0]
    deposit = finance.post(
        "/customerDeposit",
        {"customer": {"id": customer}, "payment": 120.0, "salesOrder": {"id": order}},
    )
    assert netsuite.get(f"/customer/{customer}")["depositBalance"] == 120.0
    invoice = transformed(finance, f"/salesOrder/{order}/!transform/invoice")
    finance.post(
        "/depositApplication",
        {
            "deposit": {"id": deposit},
            "apply": {"items": [{"doc": {"id": invoice}, "apply": True, "amount": 120.0}]},
        },
    )
    transformed(finance, f"/invoice/{invoice}/!transform/customerPayment")
    assert netsuite.get(f"/invoice/{invoice}")["status"]["refName"] == "Paid In Full"
    goods = transformed(
        finance,
        f"/invoice/{invoice}/!transform/returnAuthorization",
        {"orderStatus": {"id": "B"}, "item": {"items": [line(int(item), 1, 100.0)]}},
    )
    assert netsuite.get(f"/returnAuthorization/{goods}")["orderStatus"] == {
        "id": "B",
        "refName": "Pending Receipt",
    }
    transformed(
        finance,
        f"/returnAuthorization/{goods}/!transform/itemReceipt",
        {"inventoryLocation": {"id": "1"}},
    )
    credit = transformed(finance, f"/returnAuthorization/{goods}/!transform/creditMemo")
    refund = finance.post(
        "/customerRefund",
        {
            "customer": {"id": customer},
            "apply": {"items": [{"doc": {"id": credit}, "apply": True}]},
        },
    )
    assert netsuite.get(f"/customerRefund/{refund}")["total"] == 100.0
    assert netsuite.get(f"/creditMemo/{credit}")["status"]["refName"] == "Fully Applied"
    owed = netsuite.get(f"/customer/{customer}")
    assert (owed["balance"], owed["depositBalance"], owed["unbilledOrders"]) == (0.0, 0.0, 0.0)
    rows = netsuite.query(
        "SELECT DISTINCT t.type FROM transaction t JOIN transactionline l ON l.transaction = t.id"
        f" WHERE t.entity = {customer} AND l.mainline = 'T' ORDER BY t.type"
    )
    assert [row["type"] for row in rows] == [
        "CustCred",
        "CustDep",
        "CustInvc",
        "CustPymt",
        "CustRfnd",
        "DepAppl",
        "ItemRcpt",
        "ItemShip",
        "RtnAuth",
        "SalesOrd",
    ]


def test_a_customer_becomes_an_opportunity(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    customer = netsuite.customer()
    body = {"title": "Ten seats", "probability": 50, "item": {"items": [line(101, 2, 100.25)]}}
    deal = transformed(finance, f"/customer/{customer}/!transform/opportunity", body)
    held = netsuite.get(f"/opportunity/{deal}?expandSubResources=true")
    assert (held["entity"]["id"], held["currency"]["refName"]) == (customer, "Euro")
    assert held["item"]["items"][0]["amount"] == held["total"] == held["projectedTotal"] == 200.5
    assert (held["weightedTotal"], held["status"]["refName"]) == (100.25, "In Progress")
    rows = netsuite.query(f"SELECT type, posting, entity FROM transaction WHERE id = {deal}")
    assert rows == [{"type": "Opprtnty", "posting": "F", "entity": customer}]
    named = netsuite.order(customer, line(101, 2, 100.25), opportunity={"id": deal})
    assert netsuite.get(f"/salesOrder/{named}")["opportunity"]["id"] == deal
    wrong = {"entity": customer, "opportunity": named, "item": {"items": [line(101, 1, 1.0)]}}
    error = netsuite.refused("POST", "/record/v1/salesOrder", wrong)
    assert (error["o:errorCode"], error["o:errorPath"]) == ("INVALID_CONTENT", "opportunity")


def test_a_customer_becomes_a_vendor_of_its_own(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    street = {"addressBookAddress": {"addr1": "Street 1", "city": "Berlin"}, "label": "HQ"}
    book = {"items": [{"defaultBilling": True, **street}]}
    customer = netsuite.customer(email="ap@acme.example", addressBook=book)
    vendor = transformed(finance, f"/customer/{customer}/!transform/vendor")
    assert vendor != customer
    held = netsuite.get(f"/vendor/{vendor}?expandSubResources=true")
    source = netsuite.get(f"/customer/{customer}")
    same = ("companyName", "email", "isPerson", "defaultAddress")
    assert {name: held[name] for name in same} == {name: source[name] for name in same}
    assert held["entityId"] != source["entityId"]
    assert held["currencyList"]["items"][0]["currency"]["id"] == "4"
    (row,) = netsuite.query(
        "SELECT v.companyname, e.type, e.vendor, BUILTIN.DF(e.vendor) AS named FROM vendor v"
        f" JOIN entity e ON e.vendor = v.id WHERE v.id = {vendor}"
    )
    assert (row["type"], row["vendor"]) == ("Vendor", vendor)
    assert row["named"] == f"{held['entityId']} {row['companyname']}"
    error = netsuite.refused("POST", "/record/v1/salesOrder", {"entity": {"id": vendor}})
    assert error["status"] == 400
    catalogue = netsuite.call("GET", "/record/v1/metadata-catalog").json()
    assert {"fulfillmentRequest", "opportunity", "vendor"} <= {
        one["name"] for one in catalogue["items"]
    }


def test_an_approved_order_is_asked_of_a_location(
    netsuite: NetSuiteClient, finance: NetSuiteClient
) -> None:
    goods = netsuite.post("/inventoryItem", {"itemId": f"GOODS-{uuid.uuid4().hex[:8]}", "cost": 2})
    customer = netsuite.customer()
    order = netsuite.order(customer, line(int(goods), 5, 3.0), line(101, 1, 1.0))
    path = f"/salesOrder/{order}/!transform/fulfillmentRequest"
    error = netsuite.refused("POST", f"/record/v1{path}", {})
    assert error["detail"].endswith("Please enter value(s) for: Location.")
    some = {"location": {"id": "1"}, "item": {"items": [{"orderLine": 1, "quantity": 2}]}}
    first = transformed(finance, path, some)
    held = netsuite.get(f"/fulfillmentRequest/{first}?expandSubResources=true")
    assert (held["createdFrom"]["id"], held["entity"]["id"]) == (order, customer)
    assert (held["location"]["id"], held["status"]["refName"]) == ("1", "New")
    (asked,) = held["item"]["items"]
    assert (asked["item"]["id"], asked["quantity"], asked["orderLine"]) == (goods, 2.0, 1)
    rest = transformed(finance, path, {"location": "1"})
    held = netsuite.get(f"/fulfillmentRequest/{rest}?expandSubResources=true")
    assert [one["quantity"] for one in held["item"]["items"]] == [3.0]
    refused = netsuite.refused("POST", f"/record/v1{path}", {"location": "1"})
    assert "at least one line item" in refused["detail"]
    rows = netsuite.query(
        f"SELECT nextdoc, nexttype FROM nexttransactionlink WHERE previousdoc = {order}"
        " ORDER BY nextdoc"
    )
    assert rows == [{"nextdoc": key, "nexttype": "FftReq"} for key in (first, rest)]
    assert netsuite.get(f"/salesOrder/{order}")["status"]["id"] == "B"
    assert netsuite.refused("DELETE", f"/record/v1/salesOrder/{order}")["status"] == 400
    pending = netsuite.order(customer, line(int(goods), 1, 3.0), orderStatus={"id": "A"})
    early = f"/record/v1/salesOrder/{pending}/!transform/fulfillmentRequest"
    error = netsuite.refused("POST", early, {"location": "1"})
    assert "You can not initialize fulfillmentRequest" in error["detail"]
