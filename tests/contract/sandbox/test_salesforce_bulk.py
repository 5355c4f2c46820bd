"""Bulk API 2.0: many records in, many records out, as jobs."""

import csv
import gzip
import io
import uuid
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.bulk_client import Bulk
from tests.contract.sandbox.events_client import SAMPLE, Event, publish
from tests.contract.sandbox.salesforce_client import PubSub, Rest

JOB_KEYS = [
    "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state",
    "concurrencyMode", "contentType", "apiVersion",
]  # fmt: skip
FORM_KEYS = ["lineEnding", "columnDelimiter"]


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox, client="Loader")


@pytest.fixture(scope="module")
def bulk(rest: Rest) -> Bulk:
    return Bulk(rest)


@pytest.fixture
def marked() -> str:
    """A name that no other test's records have."""
    return uuid.uuid4().hex


def test_only_object_and_operation_are_needed_and_the_rest_has_defaults(bulk: Bulk) -> None:
    job = bulk.open("insert")
    assert list(job) == [*JOB_KEYS, "contentUrl", *FORM_KEYS]
    assert (job["state"], job["apiVersion"], job["lineEnding"]) == ("Open", 68.0, "LF")
    assert job["contentUrl"] == f"services/data/v68.0/jobs/ingest/{job['id']}/batches"
    assert job["id"].startswith("750")
    answer = bulk.put(job, "Name\n")
    assert (answer.status_code, answer.content) == (201, b"")
    closed = bulk.set_state("ingest", job, "UploadComplete").json()
    assert list(closed) == JOB_KEYS
    assert closed["state"] == "UploadComplete"
    ended = bulk.ended("ingest", job)
    assert (ended["state"], ended["jobType"]) == ("JobComplete", "V2Ingest")
    assert (ended["numberRecordsProcessed"], ended["numberRecordsFailed"]) == (0, 0)


def test_good_rows_are_saved_and_bad_ones_say_why(bulk: Bulk, rest: Rest, marked: str) -> None:
    data = f'Name,AnnualRevenue,Site\n"{marked}, one",12,\n,1,"a ""site"""\n{marked} two,many,\n'
    job = bulk.load("insert", data)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 2)
    (saved,) = bulk.results(job, "successfulResults")
    assert (saved["sf__Created"], saved["Name"]) == ("true", f"{marked}, one")
    record = rest.get("Account", saved["sf__Id"])
    assert (record["Name"], record["AnnualRevenue"]) == (f"{marked}, one", 12.0)
    nameless, wrong = bulk.results(job, "failedResults")
    assert nameless["sf__Error"] == (
        "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    )
    assert (nameless["sf__Id"], nameless["Site"]) == ("", 'a "site"')
    assert wrong["sf__Error"].startswith("INVALID_TYPE_ON_FIELD_IN_RECORD:")
    assert bulk.results(job, "unprocessedrecords") == []


def test_changes_by_a_job_reach_the_journal_and_the_event_bus(
    sandbox: Sandbox, bulk: Bulk, rest: Rest, marked: str
) -> None:
    pubsub = PubSub(sandbox, rest.token)
    place = publish(pubsub, SAMPLE, Event(pubsub).made()).results[0].replay_id
    stream = pubsub.subscribe("/data/ChangeEvents", replay_preset=2, replay_id=place)
    start = sandbox.end_of_journal("salesforce")
    job = bulk.load("insert", f"Name\n{marked} a\n{marked} b\n")
    first, second = stream.events(2)
    keys = {event["ChangeEventHeader"]["transactionKey"] for event in (first, second)}
    assert len(keys) == 1
    origin = "com/salesforce/api/bulk/68.0;client=Loader"
    assert first["ChangeEventHeader"]["changeOrigin"] == origin
    written = [entry for entry in sandbox.journal("salesforce", start) if entry["mutations"]]
    assert [entry["method"] for entry in written] == ["BULK"]
    assert written[0]["path"].endswith(job["id"])
    stream.cancel()
    pubsub.close()


def test_update_upsert_and_delete_know_their_records(bulk: Bulk, rest: Rest, marked: str) -> None:
    identifier = rest.create("Account", Name=marked, Phone="1", Fax="2")
    job = bulk.load("update", f"Id,Phone,Fax\n{identifier},,#N/A\n001000000000000,3,\n,4,\n")
    record = rest.get("Account", identifier)
    assert (record["Phone"], record["Fax"]) == ("1", None)
    errors = [row["sf__Error"] for row in bulk.results(job, "failedResults")]
    assert errors[0] == "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--"
    assert errors[1].startswith("MISSING_ARGUMENT:Id not specified in an update call")
    key = "NS_Customer_Id__c"
    data = f"{key},Name\n{marked},first\n{marked},second\n"
    job = bulk.load("upsert", data, externalIdFieldName=key)
    assert job["externalIdFieldName"] == key
    rows = bulk.results(job, "successfulResults")
    assert [row["sf__Created"] for row in rows] == ["true", "false"]
    assert rows[0]["sf__Id"] == rows[1]["sf__Id"]
    gone = bulk.load("delete", f"Id\n{identifier}\n{identifier}\n")
    assert (gone["numberRecordsProcessed"], gone["numberRecordsFailed"]) == (2, 1)
    (refused,) = bulk.results(gone, "failedResults")
    assert refused["sf__Error"] == "ENTITY_IS_DELETED:entity is deleted:--"
    assert refused["sf__Id"] == identifier


def test_a_parent_may_be_named_by_its_external_id(bulk: Bulk, rest: Rest, marked: str) -> None:
    account = rest.create("Account", Name=marked, NS_Customer_Id__c=marked)
    data = f"LastName,Account.NS_Customer_Id__c\nKnown,{marked}\nUnknown,{marked[1:]}\n"
    job = bulk.load("insert", data, sobject="Contact")
    (saved,) = bulk.results(job, "successfulResults")
    assert rest.get("Contact", saved["sf__Id"])["AccountId"] == account
    (refused,) = bulk.results(job, "failedResults")
    assert refused["sf__Error"].startswith("INVALID_FIELD:Foreign key external ID:")


def test_deleting_for_good_skips_the_recycle_bin_and_needs_a_permission(
    sandbox: Sandbox, bulk: Bulk, rest: Rest, marked: str
) -> None:
    identifier = rest.create("Account", Name=marked)
    assert bulk.load("hardDelete", f"Id\n{identifier}\n")["numberRecordsFailed"] == 0
    assert rest.query(f"SELECT Id FROM Account WHERE Name = '{marked}'", "queryAll") == []
    body = {"object": "Account", "operation": "hardDelete"}
    status, error = Rest(sandbox, "sales").refused("POST", "/jobs/ingest", body)
    assert (status, error["errorCode"]) == (400, "FEATURENOTENABLED")


@pytest.mark.parametrize(
    ("settings", "data", "message"),
    [
        ({}, "Name\r\nx\r\n", "ClientInputError : LineEnding is invalid on user data. Current"),
        ({"lineEnding": "CRLF"}, "Name\nx\n", "LineEnding setting is CRLF"),
        ({}, "Nome\nx\n", "InvalidBatch : Field name not found : Nome"),
        ({}, "Name,name\nx,y\n", "Duplicate column"),
        ({}, "Name\nx,y\n", "number of fields"),
        ({"operation": "delete"}, "Id,Name\n1,x\n", "must contain only the field Id"),
    ],
)
def test_data_that_do_not_fit_fail_the_whole_job(
    bulk: Bulk, settings: dict[str, str], data: str, message: str
) -> None:
    job = bulk.load(settings.pop("operation", "insert"), data, **settings)
    assert job["state"] == "Failed"
    assert message in job["errorMessage"]
    assert bulk.results(job, "successfulResults") == []


@pytest.mark.parametrize(
    ("name", "mark"),
    [("BACKQUOTE", "`"), ("CARET", "^"), ("PIPE", "|"), ("SEMICOLON", ";"), ("TAB", "\t")],
)
def test_other_delimiters_and_line_endings(bulk: Bulk, marked: str, name: str, mark: str) -> None:
    data = f'Name{mark}Site\r\n"{marked}{mark}"{mark}a,b\r\n'
    job = bulk.load("insert", data, columnDelimiter=name, lineEnding="CRLF")
    answer = bulk.rest.call("GET", f"/jobs/ingest/{job['id']}/successfulResults")
    header, row, rest = answer.text.split("\r\n")
    assert header == mark.join(['"sf__Id"', '"sf__Created"', '"Name"', '"Site"'])
    assert row.endswith(mark.join(['"true"', f'"{marked}{mark}"', '"a,b"']))
    assert rest == ""


def test_data_may_come_compressed_in_another_encoding_or_with_the_job(
    bulk: Bulk, rest: Rest, marked: str
) -> None:
    job = bulk.open("insert")
    packed = gzip.compress(f"Name\nMüller {marked}\n".encode("latin-1"))
    coded = {"Content-Encoding": "gzip", "Content-Type": "text/csv; charset=ISO-8859-1"}
    assert bulk.put(job, packed, **coded).status_code == 201
    bulk.set_state("ingest", job, "UploadComplete")
    (saved,) = bulk.results(bulk.ended("ingest", job), "successfulResults")
    assert rest.get("Account", saved["sf__Id"])["Name"] == f"Müller {marked}"
    parts = {
        "job": (None, '{"object":"Account","operation":"insert"}', "application/json"),
        "content": ("content", f"Name\nJoined {marked}\n", "text/csv"),
    }
    answer = rest.sandbox.http.post(f"{rest.root}/jobs/ingest", files=parts, headers=rest.headers)
    assert (answer.status_code, answer.json()["state"]) == (200, "UploadComplete")
    (saved,) = bulk.results(bulk.ended("ingest", answer.json()), "successfulResults")
    assert saved["Name"] == f"Joined {marked}"


def test_a_job_that_is_stopped_keeps_what_it_did_not_come_to(
    sandbox: Sandbox, bulk: Bulk, marked: str
) -> None:
    rule = {"system": "salesforce", "method": "BULK", "effect": "delay", "seconds": 3600}
    sandbox.faults({**rule, "path": "/jobs/ingest/account/insert", "times": 1})
    job = bulk.open("insert")
    bulk.put(job, f"Name\n{marked}\n")
    status, error = bulk.rest.refused("GET", f"/jobs/ingest/{job['id']}/failedResults")
    assert (status, error["errorCode"]) == (412, "JOB_NOT_COMPLETE")
    bulk.set_state("ingest", job, "UploadComplete")
    assert bulk.told("ingest", job)["state"] == "InProgress"
    path = f"/jobs/ingest/{job['id']}"
    assert bulk.rest.refused("DELETE", path)[1]["errorCode"] == "INVALIDJOBSTATE"
    assert bulk.set_state("ingest", job, "Aborted").json()["state"] == "Aborted"
    assert bulk.results(job, "unprocessedrecords") == [{"Name": marked}]
    refused = bulk.set_state("ingest", job, "Aborted")
    assert refused.json()[0]["message"] == (
        "InvalidJobState : Aborting already Aborted Job not allowed"
    )
    assert bulk.rest.call("DELETE", path).status_code == 204
    assert bulk.rest.refused("GET", path)[1]["errorCode"] == "INVALIDJOB"


def test_a_job_fails_on_request_and_a_row_too(sandbox: Sandbox, bulk: Bulk, marked: str) -> None:
    rule = {"system": "salesforce", "effect": "status", "times": 1}
    told = "InternalServerError : Something went wrong"
    sandbox.faults({**rule, "method": "BULK", "path": "/jobs/ingest/*", "body": told})
    job = bulk.load("insert", f"Name\n{marked}\n")
    assert (job["state"], job["errorMessage"]) == ("Failed", told)
    sandbox.faults({**rule, "method": "RECORD", "path": "/account/*"})
    job = bulk.load("insert", f"Name\n{marked} a\n{marked} b\n")
    (refused,) = bulk.results(job, "failedResults")
    assert refused["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access")


def test_data_are_put_once(bulk: Bulk) -> None:
    job = bulk.open("insert")
    assert bulk.put(job, "Name\nx\n").status_code == 201
    second = bulk.put(job, "Name\ny\n")
    assert second.status_code == 400
    assert "Found multiple contents for job" in second.json()[0]["message"]
    bulk.set_state("ingest", job, "Aborted")
    assert bulk.put(job, "Name\nz\n").json()[0]["errorCode"] == "INVALIDJOBSTATE"


@pytest.mark.parametrize(
    ("body", "status", "code", "words"),
    [
        ({"operation": "insert", "object": "Blah"}, 400, "INVALIDJOB",
         "InvalidJob : Unable to find object: Blah"),
        ({"operation": "merge", "object": "Account"}, 400, "JSON_PARSER_ERROR", "operation"),
        ({"object": "Account"}, 400, "INVALIDJOB", "operation"),
        ({"operation": "upsert", "object": "Account"}, 400, "INVALIDJOB", "External ID was blank"),
        ({"operation": "upsert", "object": "Account", "externalIdFieldName": "Site"}, 400,
         "INVALIDJOB", "does not match an External ID"),
        ({"operation": "insert", "object": "Account", "lineEnding": "CR"}, 400,
         "JSON_PARSER_ERROR", "lineEnding"),
        ({"operation": "insert", "object": "Account", "x": 1}, 400, "JSON_PARSER_ERROR", '"x"'),
    ],
)  # fmt: skip
def test_a_wrong_job_is_refused(
    rest: Rest, body: dict[str, str], status: int, code: str, words: str
) -> None:
    answered, error = rest.refused("POST", "/jobs/ingest", body)
    assert (answered, error["errorCode"]) == (status, code)
    assert words in error["message"]


def test_a_query_job_is_told_as_recorded_and_read_page_by_page(
    bulk: Bulk, rest: Rest, marked: str
) -> None:
    account = rest.create("Account", Name=f'{marked} "x"', AnnualRevenue=10, NS_Customer_Id__c="")
    for number in range(5):
        rest.create("Contact", LastName=f"{marked}{number}", AccountId=account)
    soql = (
        "SELECT LastName, Account.Name, Account.AnnualRevenue, Email, CreatedDate, IsDeleted"
        f" FROM Contact WHERE AccountId = '{account}' ORDER BY LastName"
    )
    job = bulk.ask(soql)
    assert list(job) == [*JOB_KEYS, *FORM_KEYS]
    assert (job["state"], job["object"], job["operation"]) == (
        "UploadComplete", "Contact", "query",
    )  # fmt: skip
    ended = bulk.ended("query", job)
    assert (ended["jobType"], ended["numberRecordsProcessed"]) == ("V2Query", 5)
    assert ended["retries"] == 0
    first = bulk.page(job, maxRecords=3)
    assert first.headers["Content-Type"] == "text/csv"
    assert first.headers["Sforce-NumberOfRecords"] == "3"
    assert first.headers["Sforce-Locator"] == "Mw"
    header, row, *_ = first.text.split("\n")
    assert header == (
        '"LastName","Account.Name","Account.AnnualRevenue","Email","CreatedDate","IsDeleted"'
    )
    assert row.startswith(f'"{marked}0","{marked} ""x""","10.0","","')
    assert row.endswith('.000Z","false"')
    last = bulk.page(job, maxRecords=3, locator="Mw")
    assert (last.headers["Sforce-Locator"], last.headers["Sforce-NumberOfRecords"]) == (
        "null", "2",
    )  # fmt: skip
    names = [found["LastName"] for found in csv.DictReader(io.StringIO(last.text))]
    assert names == [f"{marked}3", f"{marked}4"]
    pages = rest.call("GET", f"/jobs/query/{job['id']}/resultPages").json()
    assert pages["done"] is True
    (page,) = pages["resultPages"]
    host = rest.root.partition("/services/")[0]
    assert rest.call("GET", host + page["resultUrl"]).headers["Sforce-NumberOfRecords"] == "5"


def test_deleted_records_are_found_by_query_all_only(bulk: Bulk, rest: Rest, marked: str) -> None:
    rest.delete("Account", rest.create("Account", Name=marked))
    soql = f"SELECT Id, IsDeleted FROM Account WHERE Name = '{marked}'"
    assert bulk.ended("query", bulk.ask(soql))["numberRecordsProcessed"] == 0
    every = bulk.ask(soql, operation="queryAll")
    assert bulk.ended("query", every)["numberRecordsProcessed"] == 1
    assert bulk.page(every).text.endswith('"true"\n')


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        ("SELECT BillingAddress FROM Account", "INVALID_FIELD",
         "Selecting compound data not supported in Bulk Query"),
        ("SELECT Id FROM CaseStatus", "INVALIDENTITY", "is not supported by the Bulk API"),
        ("SELECT COUNT() FROM Account", "FUNCTIONALITY_NOT_ENABLED", "Aggregate"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FUNCTIONALITY_NOT_ENABLED", ""),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 5", "FUNCTIONALITY_NOT_ENABLED", "OFFSET"),
        ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope' on entity 'Account'"),
        ("SELECT FROM", "MALFORMED_QUERY", ""),
        ("", "API_ERROR", ""),
    ],
)  # fmt: skip
def test_queries_that_only_rest_knows_are_refused(
    rest: Rest, soql: str, code: str, words: str
) -> None:
    body = {"operation": "query", "query": soql}
    status, error = rest.refused("POST", "/jobs/query", body)
    assert (status, error["errorCode"]) == (400, code)
    assert words in error["message"]


def test_results_are_only_for_the_version_that_asked_and_for_good_locators(
    bulk: Bulk, rest: Rest
) -> None:
    job = bulk.ask("SELECT Id FROM Account")
    bulk.ended("query", job)
    other = rest.root.replace("v68.0", "v60.0")
    status, _ = rest.refused("GET", f"{other}/jobs/query/{job['id']}/results")
    assert status == 409
    for locator in ("nonsense", "OTk5OTk", "%00"):
        answer = bulk.page(job, locator=locator)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (
            400, "INVALID_QUERY_LOCATOR",
        )  # fmt: skip
    assert bulk.page(job, maxRecords="many").status_code == 400
    assert bulk.set_state("query", job, "Aborted").json()[0]["message"] == (
        "InvalidJobState : Aborting already Complete Job not allowed"
    )
    assert rest.call("DELETE", f"/jobs/query/{job['id']}").status_code == 204
    assert rest.refused("GET", f"/jobs/query/{job['id']}")[1]["errorCode"] == "INVALIDJOB"


def test_jobs_are_listed_by_kind(bulk: Bulk, rest: Rest) -> None:
    made = bulk.open("insert")
    found = rest.call("GET", "/jobs/ingest").json()
    assert list(found) == ["done", "records", "nextRecordsUrl"]
    assert (found["done"], found["nextRecordsUrl"]) == (True, None)
    (row,) = [row for row in found["records"] if row["id"] == made["id"]]
    assert list(row) == [*JOB_KEYS, "jobType", "contentUrl", *FORM_KEYS]
    queries = rest.call("GET", "/jobs/query", params={"jobType": "V2Query"}).json()["records"]
    assert {row["jobType"] for row in queries} <= {"V2Query"}
    classic = rest.call("GET", "/jobs/ingest", params={"jobType": "Classic"}).json()
    assert classic["records"] == []


@pytest.fixture
def client(sandbox: Sandbox, rest: Rest, monkeypatch: pytest.MonkeyPatch) -> Salesforce:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", sandbox.ca_file)
    return Salesforce(
        instance_url=sandbox.salesforce["https"], session_id=rest.token, version="68.0"
    )


def test_the_public_client_loads_and_asks_unmodified(client: Salesforce, marked: str) -> None:
    bulk: Any = client.bulk2
    accounts = bulk.Account
    records = [{"Name": f"{marked} {number}", "Site": "ä"} for number in range(500)]
    (done,) = accounts.insert(records=[*records, {"Name": "", "Site": "no"}], wait=0)
    assert (done["numberRecordsProcessed"], done["numberRecordsFailed"]) == (501, 1)
    all_rows = accounts.get_all_ingest_records(done["job_id"])
    assert len(all_rows["successfulRecords"]) == 500
    assert all_rows["failedRecords"][0]["sf__Error"].endswith("[Name]:Name --")
    assert all_rows["unprocessedRecords"] == []
    soql = f"SELECT Id, Name, Site FROM Account WHERE Name LIKE '{marked}%'"
    pages = list(accounts.query(soql, max_records=200, wait=0))
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert (len(pages), len(rows), rows[0]["Site"]) == (3, 500, "ä")
    ids = [{"Id": row["Id"]} for row in rows]
    changed = [{"Id": row["Id"], "Site": "b"} for row in rows]
    (done,) = accounts.update(records=changed, wait=0)
    assert done["numberRecordsFailed"] == 0
    (done,) = accounts.delete(records=ids[:250], wait=0)
    assert done["numberRecordsProcessed"] == 250
    (done,) = accounts.hard_delete(records=ids[250:], wait=0)
    assert done["numberRecordsFailed"] == 0
    assert len(next(iter(accounts.query_all(soql, wait=0))).splitlines()) == 251
    with pytest.raises(SalesforceMalformedRequest) as refused:
        list(accounts.query("SELECT Nope FROM Account", wait=0))
    assert "No such column" in str(refused.value)
    client.session.close()
