"""What REST offers beside single records: trees, replication, search, XML, conditions, gzip."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox, "admin")


def branch(kind: str, reference: str, **more: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": reference}, **more}


def test_a_tree_is_created_whole(rest: Rest) -> None:
    name = uuid.uuid4().hex
    contacts = {
        "records": [branch("Contact", "c1", LastName="A"), branch("Contact", "c2", LastName="B")]
    }
    body = {"records": [branch("Account", "a1", Name=name, Contacts=contacts)]}
    answer = rest.call("POST", "/composite/tree/Account", body)
    assert answer.status_code == 201
    made = answer.json()
    assert list(made) == ["hasErrors", "results"]
    assert [row["referenceId"] for row in made["results"]] == ["a1", "c1", "c2"]
    (account,) = rest.query(
        f"SELECT Id, (SELECT LastName FROM Contacts) FROM Account WHERE Name = '{name}'"
    )
    assert account["Id"] == made["results"][0]["id"]
    assert account["Contacts"]["totalSize"] == 2


def test_a_tree_with_one_bad_record_leaves_nothing_and_names_the_offender(rest: Rest) -> None:
    name = uuid.uuid4().hex
    body = {
        "records": [
            branch("Account", "good", Name=name),
            branch("Account", "bad", Name=name, Contacts={"records": [
                branch("Contact", "ref2", LastName="x", Email="123")]}),
        ]
    }  # fmt: skip
    answer = rest.call("POST", "/composite/tree/Account", body)
    assert answer.status_code == 400
    assert answer.json() == {
        "hasErrors": True,
        "results": [
            {
                "referenceId": "ref2",
                "errors": [
                    {
                        "statusCode": "INVALID_EMAIL_ADDRESS",
                        "message": "Email: invalid email address: 123",
                        "fields": ["Email"],
                    }
                ],
            }
        ],
    }
    assert rest.query(f"SELECT Id FROM Account WHERE Name = '{name}'") == []


def test_a_tree_needs_references_and_knows_its_limits(rest: Rest) -> None:
    twice = [branch("Account", "a", Name="x"), branch("Account", "a", Name="y")]
    many = [branch("Account", f"r{at}", Name="x") for at in range(201)]
    for records in (twice, many, [{"Name": "no reference"}]):
        answer = rest.call("POST", "/composite/tree/Account", {"records": records})
        assert answer.status_code == 400
        assert answer.json()["hasErrors"] is True


def span(rest: Rest) -> dict[str, str]:
    """From yesterday to a minute from now, by the sandbox's clock."""
    now = datetime.now(UTC)
    return {
        "start": (now - timedelta(days=1)).isoformat(timespec="seconds"),
        "end": (now + timedelta(minutes=1)).isoformat(timespec="seconds"),
    }


def test_what_was_deleted_and_changed_is_told(rest: Rest) -> None:
    gone, kept = (rest.create("Account", Name=uuid.uuid4().hex) for _ in range(2))
    rest.delete("Account", gone)
    deleted = rest.call("GET", "/sobjects/Account/deleted/", params=span(rest)).json()
    assert list(deleted) == ["deletedRecords", "earliestDateAvailable", "latestDateCovered"]
    found = {row["id"]: row["deletedDate"] for row in deleted["deletedRecords"]}
    assert found[gone].endswith(".000+0000")
    assert kept not in found
    updated = rest.call("GET", "/sobjects/Account/updated", params=span(rest)).json()
    assert list(updated) == ["ids", "latestDateCovered"]
    assert kept in updated["ids"]
    assert gone not in updated["ids"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"start": "2020-01-01T00:00:00Z"}, "INVALID_REPLICATION_DATE"),
        ({"start": ""}, "MISSING_ARGUMENT"),
        ({"end": "yesterday"}, "INVALID_REPLICATION_DATE"),
        ({"start": "2099-01-01T00:00:00Z"}, "INVALID_REPLICATION_DATE"),
    ],
)
def test_a_wrong_span_is_refused(rest: Rest, changes: dict[str, str], code: str) -> None:
    status, error = rest.refused("GET", "/sobjects/Account/deleted", params=span(rest) | changes)
    assert (status, error["errorCode"]) == (400, code)


def test_a_search_finds_words_in_names(rest: Rest) -> None:
    word = uuid.uuid4().hex
    account = rest.create("Account", Name=f"Searched {word}")
    rest.create("Account", Name=f"Other {word}", Phone="77")
    sosl = (
        f"FIND {{Searched AND {word}}} IN NAME FIELDS RETURNING Account(Id, Name LIMIT 5), Contact"
    )
    answer = rest.call("GET", "/search/", params={"q": sosl}).json()
    assert list(answer) == ["searchRecords"]
    (record,) = answer["searchRecords"]
    assert (record["Id"], record["attributes"]["type"]) == (account, "Account")
    params = {
        "q": word,
        "sobject": "Account",
        "Account.fields": "Name",
        "Account.where": "Phone='77'",
    }
    (other,) = rest.call("GET", "/parameterizedSearch", params=params).json()["searchRecords"]
    assert other["Name"] == f"Other {word}"
    body = {"q": word, "sobjects": [{"name": "Account", "fields": ["Id"], "limit": 1}]}
    assert len(rest.call("POST", "/parameterizedSearch", body).json()["searchRecords"]) == 1


@pytest.mark.parametrize("sosl", ["FIND x", "FIND {x}", "FIND {xyz} RETURNING", "FIND {xyz} x"])
def test_a_search_that_cannot_be_read_is_refused(rest: Rest, sosl: str) -> None:
    status, error = rest.refused("GET", "/search", params={"q": sosl})
    assert (status, error["errorCode"]) == (400, "MALFORMED_SEARCH")


def test_answers_and_errors_are_xml_when_only_that_is_accepted(rest: Rest) -> None:
    xml = {"Accept": "application/xml"}
    identifier = rest.create("Account", Name="Müller & Söhne")
    answer = rest.call("GET", f"/sobjects/Account/{identifier}?fields=Name", headers=xml)
    assert answer.headers["content-type"] == "application/xml;charset=UTF-8"
    root = ElementTree.fromstring(answer.content)
    assert (root.tag, root.get("type"), root.findtext("Name")) == (
        "Account",
        "Account",
        "Müller & Söhne",
    )
    page = rest.call("GET", "/query", params={"q": "SELECT Id FROM Account LIMIT 2"}, headers=xml)
    assert [row.tag for row in ElementTree.fromstring(page.content)][-2:] == ["records"] * 2
    wrong = rest.call("GET", "/sobjects/Nothing__c", headers=xml)
    assert wrong.text.endswith(
        "<Errors><Error><errorCode>NOT_FOUND</errorCode><message>The requested resource does not"
        " exist</message></Error></Errors>"
    )


def test_a_record_may_come_as_xml_but_not_as_a_form(rest: Rest) -> None:
    name = uuid.uuid4().hex
    answer = rest.call(
        "POST",
        "/sobjects/Account",
        headers={"Content-Type": "application/xml"},
        content=f"<Account><Name>{name}</Name><NumberOfEmployees>7</NumberOfEmployees></Account>",
    )
    assert answer.status_code == 201
    assert rest.get("Account", answer.json()["id"])["NumberOfEmployees"] == 7
    status, error = rest.refused("POST", "/sobjects/Account", data={"Name": name})
    assert (status, error["errorCode"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


def test_a_body_may_be_in_another_character_set(rest: Rest) -> None:
    name = f"Café {uuid.uuid4()}"
    address = f"{rest.root}/sobjects/Account"

    def post(charset: str) -> httpx.Response:
        headers = rest.headers | {"Content-Type": f"application/json; charset={charset}"}
        content = f'{{"Name": "{name}"}}'.encode("latin-1")
        return rest.sandbox.http.post(address, content=content, headers=headers)

    assert rest.get("Account", post("ISO-8859-1").json()["id"])["Name"] == name
    assert (post("utf-8").status_code, post("klingon").status_code) == (400, 415)
    assert post("base64").status_code == 415


def test_a_reader_is_told_of_no_change_and_a_late_writer_is_stopped(rest: Rest) -> None:
    identifier = rest.create("Account", Name=uuid.uuid4().hex)
    path = f"/sobjects/Account/{identifier}"
    first = rest.call("GET", path)
    tag, changed = first.headers["etag"], first.headers["last-modified"]
    assert rest.call("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert rest.call("GET", path, headers={"If-Modified-Since": changed}).status_code == 304
    rest.update("Account", identifier, Phone="1")
    late = rest.call("PATCH", path, {"Phone": "2"}, headers={"If-Match": tag})
    assert (late.status_code, late.json()[0]["errorCode"]) == (412, "PRECONDITION_FAILED")
    old = {"If-Unmodified-Since": "Tue, 01 Jan 2019 00:00:00 GMT"}
    assert rest.call("DELETE", path, headers=old).status_code == 412
    assert rest.call("GET", path, headers={"If-None-Match": tag}).status_code == 200


def test_a_describe_is_sent_again_to_who_has_an_older_one(rest: Rest) -> None:
    older = {"If-Modified-Since": "Tue, 01 Jan 2019 00:00:00 GMT"}
    assert rest.call("GET", "/sobjects/Account/describe", headers=older).status_code == 200


def test_large_answers_are_compressed_for_who_knows_gzip(rest: Rest) -> None:
    plain = rest.call("GET", "/sobjects", headers={"Accept-Encoding": "identity"})
    packed = rest.call("GET", "/sobjects", headers={"Accept-Encoding": "gzip, deflate"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.json() == plain.json()


def test_tooling_queries_tell_of_the_orgs_metadata(rest: Rest) -> None:
    def tooling(soql: str) -> dict[str, Any]:
        return dict(rest.call("GET", "/tooling/query/", params={"q": soql}).json())

    page = tooling(
        "SELECT Id, DeveloperName, EntityDefinition.QualifiedApiName FROM CustomField"
        " WHERE EntityDefinition.QualifiedApiName = 'account' AND DeveloperName LIKE 'NS_Cust%'"
    )
    assert page["entityTypeName"] == "CustomField"
    assert page["records"][0]["EntityDefinition"]["QualifiedApiName"] == "Account"
    assert page["size"] == page["totalSize"] >= 1
    assert tooling("SELECT Id, Name FROM ApexClass")["records"] == []
    assert tooling("SELECT COUNT() FROM CustomField")["totalSize"] >= 1
    assert tooling("SELECT Id, Name FROM User LIMIT 1")["entityTypeName"] == "User"
    names = rest.query("SELECT QualifiedApiName FROM EntityDefinition ORDER BY QualifiedApiName")
    assert {"Account", "Opportunity"} <= {row["QualifiedApiName"] for row in names}
    wrong = rest.call("GET", "/tooling/query", params={"q": "SELECT Foo FROM ApexClass"})
    assert wrong.json()[0]["errorCode"] == "INVALID_FIELD"


def test_a_layout_shows_the_fields(rest: Rest) -> None:
    layouts = rest.call("GET", "/sobjects/Account/describe/layouts").json()
    assert layouts["recordTypeMappings"][-1]["recordTypeId"] == "012000000000000AAA"
    layout = rest.call("GET", "/sobjects/Account/describe/layouts/012000000000000AAA").json()
    (section,) = layout["detailLayoutSections"]
    labels = [item["label"] for row in section["layoutRows"] for item in row["layoutItems"]]
    assert "Account Name" in labels


def test_a_relationship_in_the_address_leads_to_parents_and_children(rest: Rest) -> None:
    account = rest.create("Account", Name=uuid.uuid4().hex)
    contact = rest.create("Contact", LastName="Below", AccountId=account)
    parent = rest.call("GET", f"/sobjects/Contact/{contact}/Account", params={"fields": "Name"})
    assert parent.json()["Id"] == account
    page = rest.call("GET", f"/sobjects/Account/{account}/Contacts?fields=LastName").json()
    assert [row["LastName"] for row in page["records"]] == ["Below"]
    assert rest.refused("GET", f"/sobjects/Account/{account}/Nothing")[0] == 404


def test_an_address_or_headers_may_be_too_long(rest: Rest) -> None:
    assert rest.refused("GET", f"/limits?x={'x' * 17_000}")[0] == 414
    status, _ = rest.refused("GET", "/limits", headers={"X-Long": "x" * 33_000})
    assert status == 431


def test_a_retired_version_of_bulk_has_its_own_refusal(rest: Rest) -> None:
    host = rest.root.partition("/services/")[0]
    answer = rest.sandbox.http.post(f"{host}/services/async/30.0/job", content=b"{}")
    assert answer.status_code == 400
    assert "<exceptionCode>InvalidVersion</exceptionCode>" in answer.text
    assert rest.sandbox.http.post(f"{host}/services/async/68.0/job").status_code == 404


def test_resources_that_lead_to_others_name_them(rest: Rest) -> None:
    found = rest.call("GET", "/composite").json()
    assert found["tree"] == "/services/data/v68.0/composite/tree"
    assert set(found) == {"tree", "batch", "sobjects", "graph"}
    urls = rest.call("GET", "/sobjects/Account").json()["objectDescribe"]["urls"]
    for name in set(urls) - {"rowTemplate"}:
        answer = rest.call("GET", str(rest.root).partition("/services")[0] + urls[name])
        assert answer.status_code == 200, (name, answer.text)
