"""Outbound messages: SOAP notifications, sent until they are acknowledged."""

import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.salesforce_client import WITHIN_S, Rest

OUTBOUND = "{http://soap.sforce.com/2005/09/outbound}"
FIELD = "{urn:sobject.enterprise.soap.sforce.com}"
KIND = "{http://www.w3.org/2001/XMLSchema-instance}type"
ACK = (
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>{}</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)


class Receiver:
    """A receiver of messages that answers as it is told, the last answer for good."""

    def __init__(self) -> None:
        self.messages: queue.Queue[tuple[dict[str, str], bytes]] = queue.Queue()
        self.answers: list[tuple[int, str]] = [(200, ACK.format("true"))]
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.messages.put((dict(self.headers), body))
                answers = receiver.answers
                status, text = answers.pop(0) if len(answers) > 1 else answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}/messages"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def message(self) -> ElementTree.Element:
        """The next message's `notifications`."""
        _, body = self.messages.get(timeout=WITHIN_S)
        return ElementTree.fromstring(body)[0][0]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def rest(sandbox: Sandbox) -> Rest:
    return Rest(sandbox)


class Setup:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._address = f"{sandbox.endpoints['sandbox_admin']}/outbound"

    def put(self, *rules: dict[str, Any]) -> httpx.Response:
        return self._sandbox.http.put(self._address, json={"rules": list(rules)})

    def queue(self) -> list[dict[str, Any]]:
        return list(self._sandbox.http.get(self._address).json()["queue"])

    def until(self, holds: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        deadline = time.monotonic() + WITHIN_S
        while not holds(found := self.queue()):
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        return found


@pytest.fixture
def setup(sandbox: Sandbox) -> Iterator[Setup]:
    made = Setup(sandbox)
    yield made
    made.put()


def rule(receiver: Receiver, **more: Any) -> dict[str, Any]:
    return {
        "name": "Tell",
        "object": "Account",
        "fields": ["Name", "AnnualRevenue", "Fax", "CreatedDate", "IsDeleted"],
        "endpoint": receiver.address,
        "retry_s": 0.01,
        **more,
    }


def fields(notification: ElementTree.Element) -> dict[str, str | None]:
    return {child.tag.removeprefix(FIELD): child.text for child in notification[1]}


def test_a_change_is_told_in_the_vendors_envelope(
    sandbox: Sandbox, rest: Rest, receiver: Receiver, setup: Setup
) -> None:
    answer = setup.put(rule(receiver))
    assert answer.status_code == 200, answer.text
    name = f"Müller & Söhne {uuid.uuid4().hex}"
    identifier = rest.create("Account", Name=name, AnnualRevenue=120000)
    headers, body = receiver.messages.get(timeout=WITHIN_S)
    assert headers["Content-Type"] == "text/xml; charset=utf-8"
    assert headers["SOAPAction"] == '""'
    notifications = ElementTree.fromstring(body)[0][0]
    tags = [child.tag.removeprefix(OUTBOUND) for child in notifications]
    assert tags == [
        "OrganizationId", "ActionId", "SessionId", "EnterpriseUrl", "PartnerUrl", "Notification",
    ]  # fmt: skip
    org, action, session, enterprise, partner, notification = notifications
    assert org.text == sandbox.salesforce["org_id"]
    assert action.text == answer.json()["rules"][0]["id"]
    assert str(action.text).startswith("04k")
    assert list(session.attrib.values()) == ["true"]
    root = f"{sandbox.salesforce['https']}/services/Soap"
    assert enterprise.text == f"{root}/c/68.0/{str(org.text)[:15]}"
    assert partner.text == f"{root}/u/68.0/{str(org.text)[:15]}"
    assert str(notification[0].text).startswith("04l")
    assert notification[1].attrib[KIND] == "sf:Account"
    found = fields(notification)
    assert list(found) == ["Id", "AnnualRevenue", "CreatedDate", "IsDeleted", "Name"]
    assert (found["Id"], found["Name"]) == (identifier, name)
    assert (found["AnnualRevenue"], found["IsDeleted"]) == ("120000.0", "false")
    assert str(found["CreatedDate"]).endswith(".000Z")
    assert setup.until(lambda queue: queue == []) == []


@pytest.mark.parametrize(
    ("first", "error"),
    [
        ((200, ACK.format("false")), "nack"),
        ((500, "no"), "the status 500"),
        ((302, ""), "the status 302"),
        ((200, "thanks"), "not valid XML"),
    ],
)
def test_what_is_not_acknowledged_comes_again_with_the_same_id(
    rest: Rest, receiver: Receiver, setup: Setup, first: tuple[int, str], error: str
) -> None:
    receiver.answers = [first, (200, ACK.format("true"))]
    setup.put(rule(receiver, retry_s=0.4))
    identifier = rest.create("Account", Name="Stubborn")
    one = receiver.message()
    (waiting,) = setup.until(lambda queue: bool(queue) and queue[0]["attempts"] == 1)
    assert (waiting["record"], waiting["state"]) == (identifier, "waiting")
    assert error in waiting["error"]
    rest.update("Account", identifier, Fax="new")
    again = [receiver.message(), receiver.message()]
    same = [message[5] for message in again if message[5][0].text == one[5][0].text]
    assert fields(same[0])["Fax"] == "new"
    setup.until(lambda queue: queue == [])


def test_up_to_a_hundred_travel_in_one_message(
    rest: Rest, receiver: Receiver, setup: Setup
) -> None:
    setup.put(rule(receiver, when="created"))
    records = [
        {"attributes": {"type": "Account"}, "Name": f"Many {number}"} for number in range(150)
    ]
    rest.call("POST", "/composite/sobjects", {"records": records})
    sizes = [len(receiver.message()) - 5 for _ in range(2)]
    assert sizes == [100, 50]


def test_a_rule_may_want_values_that_were_different_before(
    rest: Rest, receiver: Receiver, setup: Setup
) -> None:
    setup.put(rule(receiver, when="met", criteria={"Fax": "2"}))
    identifier = rest.create("Account", Name="Quiet", Fax="1")
    rest.update("Account", identifier, Fax="2")
    assert fields(receiver.message()[5])["Id"] == identifier
    rest.update("Account", identifier, Phone="3")
    rest.delete("Account", identifier)
    setup.until(lambda queue: queue == [])
    assert receiver.messages.empty()


def test_a_message_may_bring_a_session_of_its_user(
    sandbox: Sandbox, rest: Rest, receiver: Receiver, setup: Setup
) -> None:
    setup.put(rule(receiver, session=True))
    identifier = rest.create("Account", Name="Open")
    session = str(receiver.message()[2].text)
    headers = {"Authorization": f"Bearer {session}"}
    address = f"{rest.root}/sobjects/Account/{identifier}"
    assert sandbox.http.get(address, headers=headers).json()["Name"] == "Open"


def test_after_a_day_a_message_has_failed(
    sandbox: Sandbox, rest: Rest, receiver: Receiver, setup: Setup
) -> None:
    receiver.answers = [(503, "")]
    setup.put(rule(receiver, retry_s=3600))
    rest.create("Account", Name="Lost")
    setup.until(lambda queue: bool(queue) and queue[0]["attempts"] == 1)
    sandbox.clock(advance_s=25 * 3600)
    (failed,) = setup.until(lambda queue: queue[0]["state"] == "failed")
    assert (failed["attempts"], failed["next"]) == (2, None)


def test_an_answer_may_get_lost_on_request(
    sandbox: Sandbox, rest: Rest, receiver: Receiver, setup: Setup
) -> None:
    setup.put(rule(receiver))
    lost = {"system": "salesforce", "method": "OUTBOUND", "path": "/outbound/tell"}
    sandbox.faults({**lost, "effect": "drop_after_commit", "times": 1})
    rest.create("Account", Name="Twice")
    ids = {str(receiver.message()[5][0].text) for _ in range(2)}
    assert len(ids) == 1


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"object": "Nope"}, "object: 'Nope'"),
        ({"fields": ["Nope"]}, "'Nope' is not a plain field of Account"),
        ({"endpoint": "ftp://x"}, "endpoint"),
        ({"when": "never"}, "when"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
        ({"retry_s": 0}, "retry_s"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_the_remedy(
    receiver: Receiver, setup: Setup, wish: dict[str, Any], words: str
) -> None:
    answer = setup.put(rule(receiver, **wish))
    assert answer.status_code == 400
    assert words in answer.json()["error"]
