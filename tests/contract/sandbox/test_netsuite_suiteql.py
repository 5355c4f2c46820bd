"""The query service on the wire: envelope, pages, bounds, bound values, refusals, rights."""

import json
from typing import Any

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

PATH = "/query/v1/suiteql"
TRANSIENT = {"Prefer": "transient"}
COLLECTION = "application/vnd.oracle.resource+json; type=collection; charset=UTF-8"
RATES = "SELECT id FROM currencyrate ORDER BY id"
MANY = "SELECT a.id FROM currencyrate a CROSS JOIN (SELECT id FROM currency) b CROSS JOIN account c"


@pytest.fixture
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


def refused(netsuite: NetSuiteClient, body: Any, page: str = "", **headers: str) -> dict[str, Any]:
    return netsuite.refused("POST", f"{PATH}{page}", body, **{**TRANSIENT, **headers})


def test_an_answer_has_the_recorded_shape(netsuite: NetSuiteClient) -> None:
    query = "SELECT symbol AS Zulu, id, fxrateupdatetimezone, name, isinactive FROM currency"
    answer = netsuite.search(f"{query} WHERE id = 2", page="?limit=1000&offset=0")
    assert answer.headers["Content-Type"] == COLLECTION
    body = answer.json()
    assert list(body) == ["links", "count", "hasMore", "items", "offset", "totalResults"]
    assert body["links"] == [
        {"rel": "self", "href": f"{netsuite.base}/services/rest{PATH}?limit=1000&offset=0"}
    ]
    assert (body["count"], body["hasMore"], body["offset"], body["totalResults"]) == (
        1,
        False,
        0,
        1,
    )
    (row,) = body["items"]
    assert list(row.items()) == [
        ("links", []),
        ("id", "2"),
        ("isinactive", "F"),
        ("name", "British pound"),
        ("zulu", "GBP"),
    ]


def test_self_says_what_was_asked(netsuite: NetSuiteClient) -> None:
    body = netsuite.search("SELECT id FROM term").json()
    assert body["links"] == [{"rel": "self", "href": f"{netsuite.base}/services/rest{PATH}"}]


def test_pages_follow_each_other_without_gap_or_double(netsuite: NetSuiteClient) -> None:
    seen: list[str] = []
    offset, more = 0, True
    while more:
        page = netsuite.search(RATES, page=f"?limit=1000&offset={offset}").json()
        assert page["offset"] == offset
        seen += [row["id"] for row in page["items"]]
        more, offset = page["hasMore"], offset + 1000
    assert len(seen) == page["totalResults"] == len(set(seen))
    assert seen == sorted(seen, key=int)
    rels = {link["rel"]: link["href"] for link in page["links"]}
    assert set(rels) >= {"previous", "first", "self"}
    assert "next" not in rels
    assert rels["previous"].endswith(f"limit=1000&offset={offset - 2000}")


def test_an_empty_answer_is_an_answer(netsuite: NetSuiteClient) -> None:
    body = netsuite.search("SELECT id FROM term WHERE id = -1").json()
    assert (body["items"], body["count"], body["totalResults"]) == ([], 0, 0)


@pytest.mark.parametrize(
    ("page", "parameter"),
    [
        ("?limit=1001", "limit"),
        ("?limit=0", "limit"),
        ("?limit=-1", "limit"),
        ("?limit=ten", "limit"),
        ("?limit=10&offset=5", "offset"),
        ("?offset=-10", "offset"),
        ("?limit=1000&offset=100000", "offset"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    netsuite: NetSuiteClient, page: str, parameter: str
) -> None:
    error = refused(netsuite, {"q": RATES}, page)
    assert (error["status"], error["o:errorCode"]) == (400, "INVALID_PARAMETER")
    assert error["o:errorQueryParam"] == parameter


def test_no_search_gives_out_more_than_a_hundred_thousand_rows(netsuite: NetSuiteClient) -> None:
    page = netsuite.search(MANY, page="?limit=1000&offset=99000").json()
    assert page["totalResults"] > 100_000
    assert (page["count"], page["hasMore"]) == (1000, False)
    assert "next" not in {link["rel"] for link in page["links"]}


@pytest.mark.parametrize("prefer", ["", "return=minimal"])
def test_a_search_is_transient_or_refused(netsuite: NetSuiteClient, prefer: str) -> None:
    headers = {"Prefer": prefer} if prefer else {}
    error = netsuite.refused("POST", PATH, {"q": RATES}, **headers)
    assert (error["status"], error["o:errorCode"]) == (400, "INVALID_HEADER")


def test_transient_is_read_among_others_and_in_any_case(netsuite: NetSuiteClient) -> None:
    headers = {"prefer": "handling=strict, Transient"}
    assert netsuite.call("POST", PATH, {"q": RATES}, headers).status_code == 200


@pytest.mark.parametrize("body", [{}, {"q": ""}, {"q": 5}, {"q": None}, {"query": RATES}])
def test_a_body_without_a_query_is_refused(netsuite: NetSuiteClient, body: Any) -> None:
    assert refused(netsuite, body)["status"] == 400


def test_get_is_not_how_one_asks(netsuite: NetSuiteClient) -> None:
    assert netsuite.call("GET", PATH, headers=TRANSIENT).status_code == 405


def test_bound_values_are_data_and_nothing_else(netsuite: NetSuiteClient) -> None:
    query = "SELECT id FROM term WHERE name = ? OR id = ? ORDER BY id"
    assert netsuite.query(query, "Net 30", "2") == [{"id": "1"}, {"id": "2"}]
    assert netsuite.query(query, "x' OR '1'='1", "-7") == []
    assert netsuite.query("SELECT ? AS a, NVL(?, 'null') AS b FROM dual", "it's", "") == [
        {"a": "it's", "b": "null"}
    ]


@pytest.mark.parametrize("parameters", [["1"], ["1", "2", "3"], "1", [["1"]], [{}]])
def test_bound_values_must_fit(netsuite: NetSuiteClient, parameters: Any) -> None:
    body = {"q": "SELECT id FROM term WHERE id IN (?, ?)", "params": parameters}
    assert refused(netsuite, body)["status"] == 400


def test_a_refusal_has_the_recorded_shape(netsuite: NetSuiteClient) -> None:
    answer = netsuite.search("SELECT nope FROM transaction")
    assert answer.status_code == 400
    assert answer.headers["Content-Type"].endswith("type=error; charset=UTF-8")
    assert json.loads(answer.text) == {
        "type": "https://www.rfc-editor.org/rfc/rfc9110.html#section-15.5.1",
        "title": "Bad Request",
        "status": 400,
        "o:errorDetails": [
            {
                "detail": "Invalid search query. Detailed unprocessed description follows. "
                "Search error occurred: Unknown identifier 'nope'. Available identifiers are: "
                "{transaction=transaction}.",
                "o:errorQueryParam": "q",
                "o:errorCode": "INVALID_PARAMETER",
            }
        ],
    }


def test_a_role_does_not_find_what_it_may_not_see(sandbox: Sandbox) -> None:
    finance = NetSuiteClient(sandbox, "finance")
    answer = finance.search("SELECT id FROM employee")
    assert answer.status_code == 400
    assert "Record 'employee' was not found." in answer.json()["o:errorDetails"][0]["detail"]
    assert finance.query("SELECT COUNT(*) AS n FROM term") == [{"n": "2"}]
