"""Bad input of every kind gets the vendor's own kind of error: no stack trace, no death."""

import json
import random
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest

PIECES = [
    "", "null", "0", "-1", "1e999", "9" * 30, "'", '"', "\\", "\0", "\x7f", "é", "\ud7ff", "💥",
    "%00", "%zz", "..", "//", "a" * 300, "{}", "[]", "[[]]", "{", "}", "true", "NaN", "--", ";",
    "SELECT", "FROM", "Id", "Account", "transaction", "WHERE", "(", ")", ",", "=", "LIKE", "IN",
    "ORDER BY", "GROUP BY", "LIMIT", "OFFSET", "COUNT()", "BUILTIN.DF(", "TO_DATE(", "(+)", "UNION",
    "2026-11-24", "LAST_N_DAYS:", "__c", "@{r.id}", "eid:", "!transform", "*", "$", "#",
]  # fmt: skip
WORDS = ("Traceback", 'File "', "sqlite3", "aiohttp", "site-packages", "<class")
TRACES = WORDS[:3]
GROWTH_MAX_KB = 120_000


def scrambled(dice: random.Random, text: str) -> str:
    """A text with some parts taken out, doubled, or replaced by pieces that hurt."""
    for _ in range(dice.randint(1, 4)):
        start = dice.randint(0, len(text))
        end = min(len(text), start + dice.randint(0, 6))
        text = text[:start] + dice.choice((dice.choice(PIECES), text[start:end] * 2)) + text[end:]
    return text


def body_of(dice: random.Random, usual: object) -> bytes:
    text = json.dumps(usual)
    match dice.randint(0, 5):
        case 0:
            return dice.randbytes(dice.randint(0, 200))
        case 1:
            return ("[" * 3000).encode()
        case 2:
            return json.dumps({dice.choice(PIECES): dice.choice(PIECES) for _ in range(3)}).encode()
        case _:
            return scrambled(dice, text).encode("utf-8", "surrogatepass")


def pid_of(sandbox: Sandbox) -> int:
    process = sandbox._process
    assert process is not None
    return process.pid


def resident_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS")))


@pytest.fixture
def watched(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Whatever the test sends: the sandbox lives, stays small, and caught no fault of its own."""
    pid, before, size = pid_of(sandbox), len(sandbox.log()), resident_kb(pid_of(sandbox))
    yield sandbox
    said = sandbox.log()[before:]
    assert "Traceback" not in said, said[said.index("Traceback") - 300 :][:3000]
    assert " failed " not in said, said[said.index(" failed ") - 100 :][:3000]
    assert sandbox.http.get(f"{sandbox.endpoints['sandbox_admin']}/health").status_code == 200
    assert pid_of(sandbox) == pid
    assert resident_kb(pid) - size < GROWTH_MAX_KB


def assert_clean(answer: httpx.Response) -> None:
    assert answer.status_code < 500, (answer.request.url, answer.request.content, answer.text)
    assert not any(word in answer.text for word in WORDS), answer.text[:500]


def assert_salesforce_error(answer: httpx.Response) -> None:
    assert_clean(answer)
    if answer.status_code < 400 or not answer.content:
        return
    body: Any = answer.json()
    if isinstance(body, dict):
        assert "error" in body or "hasErrors" in body, body
        return
    assert all({"message", "errorCode"} <= set(entry) for entry in body), body


def assert_netsuite_error(answer: httpx.Response) -> None:
    assert_clean(answer)
    if answer.status_code < 400:
        return
    body = answer.json()
    assert body["status"] == answer.status_code
    assert all({"detail", "o:errorCode"} <= set(entry) for entry in body["o:errorDetails"]), body


def send(client: httpx.Client, request: httpx.Request) -> httpx.Response | None:
    """None when the client itself refuses to send that."""
    try:
        return client.send(request)
    except (httpx.LocalProtocolError, httpx.InvalidURL):
        return None


@pytest.mark.parametrize("seed", range(3))
def test_scrambled_salesforce_calls_are_refused_in_its_words(watched: Sandbox, seed: int) -> None:
    dice, rest = random.Random(seed), Rest(watched)
    soql = "SELECT Id, Account.Name, (SELECT Id FROM OpportunityLineItems) FROM Opportunity"
    soql += " WHERE CloseDate = LAST_N_DAYS:30 AND Name LIKE 'a%' GROUP BY Name LIMIT 5"
    record = {"Name": "x", "AnnualRevenue": 1.5, "NumberOfEmployees": 3, "BillingCity": "y"}
    part = {"method": "POST", "url": "/services/data/v68.0/sobjects/Account", "referenceId": "r"}
    calls: list[tuple[str, str, object]] = [
        ("POST", "/sobjects/Account", record),
        ("PATCH", "/sobjects/Account/001dx0000000001AAA", record),
        ("GET", "/sobjects/Account/describe", None),
        ("POST", "/composite", {"allOrNone": True, "compositeRequest": [{**part, "body": record}]}),
        ("POST", "/composite/sobjects", {"records": [{"attributes": {"type": "Account"}}]}),
        ("POST", "/composite/tree/Account", {"records": [{"attributes": {"type": "Account"}}]}),
        ("POST", "/jobs/query", {"operation": "query", "query": soql}),
    ]
    for _ in range(40):
        method, path, usual = dice.choice(calls)
        where = scrambled(dice, path) if dice.random() < 0.4 else path
        content = None if usual is None else body_of(dice, usual)
        headers = {**rest.headers, "Content-Type": "application/json"}
        if dice.random() < 0.2:
            headers["Sforce-Query-Options"] = (
                scrambled(dice, "batchSize=200")
                .encode("ascii", "replace")
                .decode()
                .replace("\0", "?")
            )
        try:
            asked = watched.http.build_request(
                method, f"{rest.root}{where}", content=content, headers=headers
            )
        except (httpx.InvalidURL, UnicodeError):
            continue
        answer = send(watched.http, asked)
        if answer is not None:
            assert_salesforce_error(answer)
        query = {"q": scrambled(dice, soql)}
        asked = watched.http.build_request(
            "GET", f"{rest.root}/query", params=query, headers=rest.headers
        )
        assert_salesforce_error(watched.http.send(asked))


@pytest.mark.parametrize("seed", range(3))
def test_scrambled_netsuite_calls_are_refused_in_its_words(watched: Sandbox, seed: int) -> None:
    dice, client = random.Random(seed), NetSuiteClient(watched)
    sql = "SELECT t.id, BUILTIN.DF(t.entity) AS who FROM transaction t LEFT JOIN customer c"
    sql += " ON c.id = t.entity WHERE t.trandate >= TO_DATE('2026-01-01', 'YYYY-MM-DD')"
    sql += " AND t.type IN ('SalesOrd', 'CustInvc') ORDER BY t.id"
    order = {
        "entity": {"id": "1"},
        "item": {"items": [{"item": {"id": "101"}, "quantity": 1, "rate": 2.5}]},
    }
    calls: list[tuple[str, str, object]] = [
        ("POST", "/record/v1/salesOrder", order),
        ("PATCH", "/record/v1/customer/601", {"companyName": "x", "creditLimit": 5}),
        ("PUT", "/record/v1/customer/eid:abc", {"companyName": "x"}),
        ("POST", "/record/v1/salesOrder/801/!transform/invoice", {}),
        ("GET", '/record/v1/customer?q=companyName CONTAIN "x" AND id EQUAL 5', None),
        ("GET", "/record/v1/metadata-catalog/customer", None),
    ]
    for _ in range(40):
        method, path, usual = dice.choice(calls)
        where = scrambled(dice, path) if dice.random() < 0.4 else path
        content = None if usual is None else body_of(dice, usual)
        url = f"{client.base}/services/rest{where}"
        try:
            asked = watched.http.build_request(method, url, content=content)
            asked.headers["Authorization"] = client.authorization(method, str(asked.url))
        except (httpx.InvalidURL, UnicodeError, ValueError):
            continue
        if not asked.url.path.startswith("/services/rest/"):
            continue
        answer = send(watched.http, asked)
        if answer is not None:
            assert_netsuite_error(answer)
        searched = client.call(
            "POST", "/query/v1/suiteql", {"q": scrambled(dice, sql)}, {"Prefer": "transient"}
        )
        assert_netsuite_error(searched)


def test_bytes_that_are_no_request_end_their_connection_and_nothing_else(watched: Sandbox) -> None:
    dice = random.Random(5)
    heads = [
        b"", b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
        b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 70_000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA\x00B: c\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    ]  # fmt: skip
    heads += [dice.randbytes(200) + b"\r\n\r\n" for _ in range(10)]
    targets = [watched.salesforce["http"], watched.netsuite["http"], watched.proxy]
    for target in targets:
        for head in heads:
            said = exchanged(place_of(target), head)
            assert not any(word.encode() in said for word in TRACES), said[:600]
            assert not said.startswith(b"HTTP/1.1 5"), (head[:80], said[:300])


@pytest.mark.parametrize(
    "head",
    [
        b"GARBAGE\r\n\r\n",
        b"GET /services/data HTTP/1.1\r\nHost: x\r\nNo Header\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: five\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["line", "header", "length", "chunk"],
)
def test_what_is_no_http_is_refused_in_each_vendors_shape(watched: Sandbox, head: bytes) -> None:
    for target, key in ((watched.salesforce, "errorCode"), (watched.netsuite, "o:errorDetails")):
        with socket.create_connection(place_of(target["http"]), timeout=10) as connection:
            connection.sendall(head)
            said = b"".join(iter(lambda: connection.recv(65536), b""))
        front, _, body = said.partition(b"\r\n\r\n")
        assert int(front.split()[1]) == 400, said
        assert key.encode() in body, said


def place_of(target: str) -> tuple[str, int]:
    place = urlsplit(target)
    return str(place.hostname), int(place.port or 0)


def exchanged(place: tuple[str, int], head: bytes) -> bytes:
    with socket.create_connection(place, timeout=5) as connection:
        try:
            connection.sendall(head)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65536)
        except OSError:
            return b""


def test_bytes_that_are_no_message_end_their_event_stream_with_a_status(watched: Sandbox) -> None:
    dice, rest = random.Random(7), Rest(watched)
    metadata = [
        ("accesstoken", rest.token),
        ("instanceurl", watched.salesforce["http"]),
        ("tenantid", watched.salesforce["org_id"]),
    ]
    names = ("GetTopic", "GetSchema", "Publish", "Subscribe", "PublishStream", "ManagedSubscribe")
    with grpc.insecure_channel(watched.salesforce["pubsub"]) as channel:
        for name in [name for name in names for _ in range(5)]:
            message = dice.choice((dice.randbytes(60), b"", b"\x0a\x05/data", b"\x08" * 9))
            path = f"/eventbus.v1.PubSub/{name}"
            with pytest.raises(grpc.RpcError) as refused:
                call(channel, path, message, metadata)
            assert refused.value.code() not in (
                grpc.StatusCode.UNKNOWN,
                grpc.StatusCode.DEADLINE_EXCEEDED,
            ), (name, message, refused.value.details())
            assert not any(word in str(refused.value.details()) for word in WORDS)


def call(channel: grpc.Channel, path: str, message: bytes, metadata: list[tuple[str, str]]) -> None:
    if path.endswith(("Subscribe", "PublishStream")):
        stream = channel.stream_stream(path, None, None)
        list(stream(iter([message]), metadata=metadata, timeout=5))
    else:
        channel.unary_unary(path, None, None)(message, metadata=metadata, timeout=5)
