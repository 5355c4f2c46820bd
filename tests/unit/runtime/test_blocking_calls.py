"""A library that blocks sends only where our calls go, and with their token."""

import asyncio

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError

from kernel.errors import UnknownOutcomeError
from runtime.blocking_calls import BlockingCalls
from runtime.telemetry import open_telemetry
from runtime.vendor_calls import VendorCalls
from tests.unit.runtime.answering import Speak, answering, fetching, saying


class Let:
    """Lets everything in, with one token."""

    async def header(self, method: str, url: str) -> str:
        return "Bearer ours"

    async def renewed(self, refused: str, method: str, url: str) -> str:
        return refused

    def worked(self) -> None: ...

    def refusal(self, message: str) -> Exception:
        return AssertionError(message)


async def asked(speak: Speak, instance: str) -> tuple[object, list[str], BlockingCalls]:
    """What the library made of the answer, the requests' heads, and the line it spoke on."""
    async with answering(speak) as server, fetching() as client:
        calls = VendorCalls(
            client, Let(), open_telemetry("test", "0"),
            system="salesforce", url=server.url, credential="a key",
        )  # fmt: skip
        line = BlockingCalls(calls, "query", 5.0)
        org = Salesforce(session_id="theirs", instance_url=instance, session=line.session)
        try:
            found: object = await asyncio.to_thread(org.query, "SELECT Id FROM Account")
        except (SalesforceError, UnknownOutcomeError) as error:
            found = error
        return found, server.heads, line


async def test_the_host_and_the_token_are_those_of_the_calls() -> None:
    found, heads, line = await asked(saying(b'{"done": true}'), "https://elsewhere.example")
    assert found == {"done": True}
    (head,) = heads
    assert head.startswith("GET /services/data/v59.0/query/?q=SELECT+Id+FROM+Account HTTP/1.1")
    assert "authorization: bearer ours" in head.lower()
    assert "theirs" not in head
    assert "elsewhere" not in head
    assert line.answer is not None
    assert line.answer.status == 200


async def test_a_redirect_is_an_error_and_is_not_followed() -> None:
    async with answering(saying()) as other:
        speak = saying(b"{}", "302 Found", f"Location: {other.url}/thief")
        found, heads, line = await asked(speak, "https://elsewhere.example")
    assert isinstance(found, SalesforceError)
    assert (len(heads), other.heads) == (1, [])
    assert line.answer is not None
    assert line.answer.is_redirect


async def test_an_answer_that_breaks_off_is_our_own_error() -> None:
    found, _, line = await asked(saying(b"{", length=99), "https://elsewhere.example")
    assert isinstance(found, UnknownOutcomeError)
    assert line.answer is None


async def test_an_error_keeps_its_status_and_body() -> None:
    body = b'[{"errorCode": "MALFORMED_QUERY", "message": "no"}]'
    found, _, line = await asked(saying(body, "400 Bad Request"), "https://elsewhere.example")
    assert isinstance(found, SalesforceError)
    assert found.status == 400
    assert line.answer is not None
    assert line.answer.json() == [{"errorCode": "MALFORMED_QUERY", "message": "no"}]
