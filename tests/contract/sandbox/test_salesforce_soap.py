"""The SOAP API with records: what REST does not have (merge, undelete), and the rest of it."""

import uuid
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import Rest

PARTNER = "{urn:partner.soap.sforce.com}"


class Soap:
    """Posts operations as a session's owner; answers the response element without namespaces."""

    def __init__(self, sandbox: Sandbox, version: str = "68.0") -> None:
        self.rest = Rest(sandbox, "admin")
        org = sandbox.salesforce["org_id"]
        self.address = f"{sandbox.salesforce['http']}/services/Soap/u/{version}/{org}"

    def post(self, operation: str, session: str | None = None, more: str = "") -> httpx.Response:
        text = (
            '<?xml version="1.0"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns="urn:partner.soap.sforce.com"><e:Header><SessionHeader><sessionId>'
            f"{session or self.rest.token}</sessionId></SessionHeader>{more}</e:Header>"
            f"<e:Body>{operation}</e:Body></e:Envelope>"
        )
        return self.rest.sandbox.http.post(self.address, content=text.encode())

    def call(self, operation: str, more: str = "") -> ElementTree.Element:
        answer = self.post(operation, more=more)
        assert answer.status_code == 200, answer.text
        return ElementTree.fromstring(answer.content)[0][0]

    def result(self, operation: str, more: str = "") -> dict[str, str | None]:
        """The first result's parts; of repeated ones the last."""
        return {child.tag.rpartition("}")[2]: child.text for child in self.call(operation, more)[0]}


@pytest.fixture(scope="module")
def soap(sandbox: Sandbox) -> Soap:
    return Soap(sandbox)


def account(name: str) -> str:
    return f"<sObjects><type>Account</type><Name>{escape(name)}</Name></sObjects>"


def test_records_are_created_read_changed_and_deleted(soap: Soap) -> None:
    name = f"Müller & Söhne {uuid.uuid4().hex}"
    made = soap.result(f"<create>{account(name)}</create>")
    assert made["success"] == "true"
    identifier = made["id"]
    page = soap.call(
        f"<query><queryString>SELECT Id, Name, Owner.Name FROM Account WHERE Id = '{identifier}'"
        "</queryString></query>"
    )[0]
    parts = [child.tag.rpartition("}")[2] for child in page]
    assert parts == ["done", "queryLocator", "records", "size"]
    record = [(child.tag.rpartition("}")[2], child.text) for child in page[2]]
    assert record[:4] == [("type", "Account"), ("Id", identifier), ("Id", identifier),
                          ("Name", name)]  # fmt: skip
    cleared = soap.result(
        f"<update><sObjects><type>Account</type><Id>{identifier}</Id><Phone>1</Phone>"
        "<fieldsToNull>Website</fieldsToNull></sObjects></update>"
    )
    assert cleared["success"] == "true"
    (row,) = soap.call(
        "<retrieve><fieldList>Phone,Website</fieldList><sObjectType>Account</sObjectType>"
        f"<ids>{identifier}</ids></retrieve>"
    )
    assert [child.text for child in row][2:] == ["1", None]
    assert soap.result(f"<delete><ids>{identifier}</ids></delete>")["success"] == "true"
    again = soap.call(f"<delete><ids>{identifier}</ids></delete>")[0]
    assert again[0][-1].text == "ENTITY_IS_DELETED"


def test_a_merge_moves_what_belongs_to_the_loser_and_says_to_whom(soap: Soap) -> None:
    rest = soap.rest
    master, loser = (rest.create("Account", Name=uuid.uuid4().hex) for _ in range(2))
    contact = rest.create("Contact", LastName="Moved", AccountId=loser)
    answer = soap.call(
        f"<merge><request><masterRecord><type>Account</type><Id>{master}</Id><Fax>9</Fax>"
        f"</masterRecord><recordToMergeIds>{loser}</recordToMergeIds></request></merge>"
    )[0]
    assert [(child.tag.removeprefix(PARTNER), child.text) for child in answer] == [
        ("id", master),
        ("mergedRecordIds", loser),
        ("success", "true"),
        ("updatedRelatedIds", contact),
    ]
    assert rest.get("Contact", contact)["AccountId"] == master
    assert rest.get("Account", master)["Fax"] == "9"
    (gone,) = rest.query(
        f"SELECT MasterRecordId, IsDeleted FROM Account WHERE Id = '{loser}'", "queryAll"
    )
    assert (gone["MasterRecordId"], gone["IsDeleted"]) == (master, True)
    refused = soap.result(
        f"<merge><request><masterRecord><type>Account</type><Id>{master}</Id></masterRecord>"
        f"<recordToMergeIds>{master}</recordToMergeIds></request></merge>"
    )
    assert refused["success"] == "false"


def test_what_was_deleted_comes_back_with_its_children(soap: Soap) -> None:
    rest = soap.rest
    parent = rest.create("Account", Name=uuid.uuid4().hex)
    child = rest.create("Contact", LastName="Child", AccountId=parent)
    rest.delete("Account", parent)
    assert rest.refused("GET", f"/sobjects/Contact/{child}")[0] == 404
    assert soap.result(f"<undelete><ids>{parent}</ids></undelete>")["success"] == "true"
    assert rest.get("Contact", child)["AccountId"] == parent
    twice = soap.call(f"<undelete><ids>{parent}</ids></undelete>")[0]
    assert twice[0][-1].text == "UNDELETE_FAILED"
    rest.delete("Account", parent)
    emptied = soap.result(f"<emptyRecycleBin><ids>{parent}</ids></emptyRecycleBin>")
    assert emptied["success"] == "true"
    assert rest.query(f"SELECT Id FROM Account WHERE Id = '{parent}'", "queryAll") == []
    gone = soap.call(f"<undelete><ids>{parent}</ids></undelete>")[0]
    assert gone[0][-1].text == "UNDELETE_FAILED"


def test_all_or_none_and_an_upsert(soap: Soap) -> None:
    number = uuid.uuid4().hex
    row = (
        f"<sObjects><type>Account</type><NS_Customer_Id__c>{number}</NS_Customer_Id__c>"
        f"<Name>{number}</Name></sObjects>"
    )
    key = "<externalIDFieldName>NS_Customer_Id__c</externalIDFieldName>"
    assert soap.result(f"<upsert>{key}{row}</upsert>")["created"] == "true"
    assert soap.result(f"<upsert>{key}{row}</upsert>")["created"] == "false"
    header = "<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
    both = soap.call(f"<create>{account('x')}{account('')}</create>", header)
    codes = [result[0][-1].text for result in both]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]


def test_who_and_when_and_how_it_ends(soap: Soap) -> None:
    mine = Soap(soap.rest.sandbox)
    who = mine.result("<getUserInfo/>")
    assert who["organizationId"] == mine.rest.sandbox.salesforce["org_id"]
    assert str(mine.result("<getServerTimestamp/>")["timestamp"]).endswith("Z")
    mine.call("<logout/>")
    answer = mine.post("<getUserInfo/>")
    assert answer.status_code == 500
    assert "<faultcode>sf:INVALID_SESSION_ID</faultcode>" in answer.text


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        ("<query><queryString>SELECT Foo FROM Account</queryString></query>", "sf:INVALID_FIELD"),
        ("<dance/>", "soapenv:Client"),
        ("", "soapenv:Client"),
        ("<queryMore><queryLocator>x</queryLocator></queryMore>", "sf:INVALID_QUERY_LOCATOR"),
    ],
)
def test_a_call_that_cannot_be_understood_is_a_fault(
    soap: Soap, operation: str, words: str
) -> None:
    answer = soap.post(operation)
    assert answer.status_code == 500
    assert f"<faultcode>{words}</faultcode>" in answer.text


def test_the_metadata_api_has_no_operations_here(soap: Soap) -> None:
    address = soap.address.replace("/Soap/u/", "/Soap/m/")
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
        '<describeMetadata xmlns="http://soap.sforce.com/2006/04/metadata"/></e:Body></e:Envelope>'
    )
    answer = soap.rest.sandbox.http.post(address, content=body.encode())
    assert answer.status_code == 500
    assert "No operation available for request describeMetadata" in answer.text
