"""Answers that no vendor should give, addresses that nobody should follow."""

import asyncio
import gzip
import zlib

import pytest

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from runtime import fetching as limits
from runtime.fetching import Answer, Fetching, with_query
from runtime.hosts import SALESFORCE_HOSTS, Hosts, is_private
from tests.unit.runtime.answering import HOST, Speak, answering, fetching, saying

ORG = Hosts(vendor=SALESFORCE_HOSTS)
MORE_THAN_FITS = limits.BODY_BYTES_MAX + 1


async def get(client: Fetching, url: str, timeout_s: float = 5.0) -> Answer:
    return await client.send("a call", "GET", url, timeout_s=timeout_s)


async def asked(speak: Speak, timeout_s: float = 5.0) -> Answer:
    async with answering(speak) as server, fetching() as client:
        return await get(client, server.url, timeout_s)


async def test_an_answer_comes_with_its_headers_and_its_exact_numbers() -> None:
    answer = await asked(saying(b'{"total": 0.10}', "200 OK", "Retry-After: 7"))
    assert (answer.status, answer.after_s, answer.is_success) == (200, 7.0, True)
    assert str(answer.fields()["total"]) == "0.10"


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
async def test_a_compressed_answer_is_unfolded(pack: object) -> None:
    assert callable(pack)
    answer = await asked(saying(pack(b"[1, 2]"), "200 OK", "Content-Encoding: gzip"))
    assert answer.json() == [1, 2]


async def test_a_redirect_is_handed_over_and_not_followed() -> None:
    async with answering(saying()) as other, fetching() as client:
        elsewhere = saying(b"", "302 Found", f"Location: {other.url}/thief")
        async with answering(elsewhere) as server:
            answer = await get(client, server.url)
    assert (answer.status, answer.is_redirect) == (302, True)
    assert other.heads == []


async def test_a_small_answer_that_unfolds_into_a_huge_one_is_given_up() -> None:
    bomb = gzip.compress(bytes(MORE_THAN_FITS), compresslevel=1)
    assert len(bomb) < 1_000_000
    with pytest.raises(UnknownOutcomeError, match="larger than"):
        await asked(saying(bomb, "200 OK", "Content-Encoding: gzip"))


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "zstd"])
async def test_a_coding_nobody_asked_for_is_refused(coding: str) -> None:
    with pytest.raises(UnknownOutcomeError, match="was not asked for"):
        await asked(saying(b"x", "200 OK", f"Content-Encoding: {coding}"))


async def test_half_of_a_compressed_body_is_no_body() -> None:
    half = gzip.compress(b"0123456789" * 99)[:-9]
    with pytest.raises(UnknownOutcomeError, match="ends too soon"):
        await asked(saying(half, "200 OK", "Content-Encoding: gzip"))


async def test_a_body_that_ends_before_its_length_is_no_answer() -> None:
    with pytest.raises(UnknownOutcomeError, match="no answer to a call"):
        await asked(saying(b"[1,", length=99))


async def test_a_huge_header_is_no_answer() -> None:
    with pytest.raises(UnknownOutcomeError):
        await asked(saying(b"{}", "200 OK", "X-Long: " + "x" * 2 * limits.HEADER_BYTES_MAX))


async def test_an_answer_that_trickles_is_given_up_in_time() -> None:
    async def trickle(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    with pytest.raises(UnknownOutcomeError, match="TimeoutError"):
        await asked(trickle, timeout_s=0.3)


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.my.salesforce.com.evil.example/",
        "https://evilmy.salesforce.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://user:word@acme.my.salesforce.com/",
        "http://acme.my.salesforce.com/",
        "ftp://acme.my.salesforce.com/",
        "https://1234567.suitetalk.api.netsuite.com/",
        "https://[acme",
        "",
    ],
)
async def test_nothing_is_sent_to_a_host_that_is_not_the_vendors(url: str) -> None:
    async with fetching(ORG) as client:
        with pytest.raises(FatalError, match="nothing is sent"):
            await get(client, url)


async def test_plain_http_needs_a_named_host_and_a_word() -> None:
    async with (
        answering(saying()) as server,
        fetching(Hosts(vendor=(), named=frozenset({HOST}))) as shy,
    ):
        with pytest.raises(FatalError, match="OUTBOUND_PLAIN_HTTP"):
            await get(shy, server.url)
    assert server.heads == []


async def test_a_vendors_name_that_leads_into_our_own_network_is_refused() -> None:
    async with fetching(Hosts(vendor=("localhost",))) as client:
        with pytest.raises(FatalError, match="private address"):
            await get(client, "https://localhost:9/")


async def test_a_server_that_is_not_there_was_sent_nothing() -> None:
    async with fetching() as client:
        with pytest.raises(RetryableError, match="cannot be reached") as caught:
            await get(client, f"http://{HOST}:9/")
    assert not isinstance(caught.value, UnknownOutcomeError)


async def test_an_address_longer_than_a_vendor_takes_is_not_sent() -> None:
    async with fetching() as client:
        with pytest.raises(FatalError, match="characters"):
            await get(client, with_query(f"http://{HOST}:9/", {"q": "x" * limits.URL_CHARS_MAX}))


@pytest.mark.parametrize(
    ("address", "private"),
    [("10.0.0.1", True), ("169.254.169.254", True), ("::1", True), ("fe80::1%eth0", True),
     ("136.147.46.8", False), ("2606:4700::1111", False)],
)  # fmt: skip
def test_addresses_of_our_own_networks_are_known(address: str, private: bool) -> None:
    assert is_private(address) is private


@pytest.mark.parametrize("body", [b"", b"<html>", b"{", b"NaN", b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_json_is_nothing(body: bytes) -> None:
    assert Answer(200, {}, body).json() is None
    assert Answer(200, {}, body).fields() == {}
