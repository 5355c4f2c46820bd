"""Jobs and sign-in where accounts differ: as the documents have it, or without tokens."""

import json

import pytest
from aiohttp.test_utils import make_mocked_request

from sandbox.clock import Clock
from sandbox.database import open_database
from sandbox.netsuite.account import Behaviour
from sandbox.netsuite.api import jobs
from sandbox.netsuite.api.wire import Call, headers_of
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.principals import new_rsa_key
from sandbox.netsuite.signin.certificates import Certificates
from sandbox.netsuite.signin.gate import Gate
from sandbox.netsuite.signin.m2m import Grants
from sandbox.netsuite.signin.nonces import Nonces
from sandbox.netsuite.signin.tba import Tokens
from sandbox.netsuite.site import tables_of, whole_schema
from sandbox.profile import DEFAULT
from tests.unit.sandbox.netsuite_account import Books

ORIGIN = "https://1234567.suitetalk.api.netsuite.com"


def request(key: str, query: str = "", method: str = "POST") -> Call:
    return Call(
        method=method,
        path="/services/rest/record/v1/customer",
        query_string=query,
        origin=ORIGIN,
        headers=headers_of(
            [("prefer", "respond-async"), ("x-netsuite-idempotency-key", key), ("Accept", "*/*")]
        ),
        raw=b'{"companyName": "A"}',
    )


@pytest.mark.parametrize(
    ("behaviour", "status", "location"),
    [
        (Behaviour(), 409, f"{ORIGIN}/services/rest/async/v1/job/1"),
        (
            Behaviour(repeated_key_status=400, relative_job_location=True),
            400,
            "/services/rest/async/v1/job/1",
        ),
    ],
)
def test_a_repeated_key_leads_to_the_first_job(
    behaviour: Behaviour, status: int, location: str
) -> None:
    books = Books(behaviour=behaviour)
    books.account.connection.executescript(jobs.SCHEMA)
    first = jobs.submit(books.work(), request("k"))
    again = jobs.submit(books.work(), request("k"))
    assert (first.status, again.status, again.reason) == (202, status, "Conflict")
    assert first.headers["Location"] == again.headers["Location"] == location
    assert isinstance(again.body, bytes)
    body = json.loads(again.body)
    assert (body["title"], body["status"]) == ("Conflict", status)


def test_external_ids_of_a_batch_may_be_quoted() -> None:
    books = Books()
    books.account.connection.executescript(jobs.SCHEMA)
    jobs.submit(books.work(), request("", "ids=1,eid:'a,b',eid:c&expandRecords=true", "GET"))
    rows = books.account.connection.execute("SELECT path FROM _task ORDER BY number").fetchall()
    assert [row["path"].rsplit("/", 1)[1] for row in rows] == ["1", "eid:a%2Cb", "eid:c"]


def test_without_the_feature_no_token_opens() -> None:
    connection = open_database(":memory:", whole_schema(tables_of(DEFAULT)))
    grants = Grants(Certificates(connection, []), [], new_rsa_key(2048))
    gate = Gate(
        connection,
        Clock(),
        Tokens([], Nonces(connection, good_s=1.0, now_s=0.0)),
        grants,
        token_login=False,
    )
    header = {"Authorization": 'OAuth realm="1234567", oauth_token="t"'}
    with pytest.raises(NetSuiteError) as error:
        gate.enter(make_mocked_request("GET", "/services/rest/record/v1/term", headers=header))
    assert 'error="FeatureDisabled"' in error.value.headers["WWW-Authenticate"]
    (noted,) = connection.execute("SELECT detail, status FROM loginaudit").fetchall()
    assert tuple(noted) == ("FeatureDisabled", "Failure")
