"""How many records a second the stand-ins write and read over HTTP, each on one core."""

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks.results import Result, median
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest

CONNECTIONS = 4
WRITES, READS, ROUNDS = 1_500, 3_000, 3
WRITES_TARGET, READS_TARGET = 400, 800
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)
BARE = Path(__file__).parent / "sandbox_bare.py"


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One server: how a write and a read of it look. `body` takes a number that is new."""

    name: str
    address: str
    headers: str
    write_path: str
    body: Callable[[int], object]
    read_path: str
    pid: int

    def cpu_s(self) -> float:
        """Processor time that the server has used so far."""
        held = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(held[11]) + int(held[12])) / os.sysconf("SC_CLK_TCK")

    def write(self, number: int) -> bytes:
        body = json.dumps(self.body(number)).encode()
        length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return self._head("POST", self.write_path, length) + body

    def read(self, _: int) -> bytes:
        return self._head("GET", self.read_path, "")

    def _head(self, method: str, path: str, more: str) -> bytes:
        host = urlsplit(self.address).netloc
        text = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\n{self.headers}{more}\r\n"
        return text.encode()


def sandbox_records() -> list[Result]:
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as directory:
        root = Path(directory)
        sandbox = Sandbox(root / "state", "--seed", "empty", "--profile", "enterprise")
        sandbox.start()
        try:
            with _bare(root) as bare:
                _pin(_pid(sandbox), 0)
                peers = [_salesforce(sandbox), _netsuite(sandbox)]
                return _results(bare, peers)
        finally:
            sandbox.stop()
            sandbox.http.close()


def _results(bare: Peer, peers: list[Peer]) -> list[Result]:
    os.sched_setaffinity(0, _cores()[-1:])
    kinds = (("writes", WRITES, WRITES_TARGET), ("reads", READS, READS_TARGET))
    found: list[Result] = []
    for what, count, target in kinds:
        limit = median(_rates(bare, what, count))
        for peer in peers:
            before = peer.cpu_s()
            rates = _rates(peer, what, count)
            whole = count * ROUNDS + count // 10
            per_core = whole / (peer.cpu_s() - before)
            found.append(
                Result(
                    name=f"{peer.name}: record {what} over HTTP on one core",
                    measured=f"{median(rates):,.0f}/s (min {min(rates):,.0f}, {ROUNDS} rounds of"
                    f" {count:,}, {CONNECTIONS} connections); {per_core:,.0f} a second of processor"
                    " time",
                    target=f">= {target:,}/s",
                    compared=f"a bare aiohttp and SQLite handler: {limit:,.0f}/s",
                    ratio=f"{median(rates) / limit:.2f} x",
                )
            )
    os.sched_setaffinity(0, _cores())
    return found


def _rates(peer: Peer, what: str, count: int) -> list[float]:
    request = peer.write if what == "writes" else peer.read
    asyncio.run(_sent(peer, request, count // 10))
    return [count / asyncio.run(_sent(peer, request, count)) for _ in range(ROUNDS)]


async def _sent(peer: Peer, request: Callable[[int], bytes], count: int) -> float:
    """Seconds until all were answered well."""
    started = time.perf_counter()
    numbers = iter(range(count))
    await asyncio.gather(*(_worker(peer, request, numbers) for _ in range(CONNECTIONS)))
    return time.perf_counter() - started


async def _worker(peer: Peer, request: Callable[[int], bytes], numbers: Iterator[int]) -> None:
    place = urlsplit(peer.address)
    reader, writer = await asyncio.open_connection(place.hostname, place.port)
    for _ in numbers:
        writer.write(request(time.perf_counter_ns()))
        head = await reader.readuntil(b"\r\n\r\n")
        length = LENGTH.search(head)
        body = await reader.readexactly(int(length[1]) if length else 0)
        assert head[9:10] == b"2", (head, body)
    writer.close()


def _salesforce(sandbox: Sandbox) -> Peer:
    rest = Rest(sandbox)
    root = urlsplit(rest.root).path
    made = rest.sandbox.http.post(
        f"{rest.root}/sobjects/Account", json={"Name": "Read me"}, headers=rest.headers
    )
    return Peer(
        name="Salesforce",
        address=str(sandbox.salesforce["http"]),
        headers=f"Authorization: Bearer {rest.token}\r\n",
        write_path=f"{root}/sobjects/Account",
        body=lambda number: {"Name": f"Account {number}", "BillingCity": "Berlin"},
        pid=_pid(sandbox),
        read_path=f"{root}/sobjects/Account/{made.json()['id']}?fields=Name,BillingCity",
    )


def _netsuite(sandbox: Sandbox) -> Peer:
    client = NetSuiteClient(sandbox)
    assert client.sign_in().status_code == 200
    made = client.call("POST", "/record/v1/customer", _customer(0))
    return Peer(
        name="NetSuite",
        address=client.base,
        headers=f"Authorization: Bearer {client.bearer}\r\n",
        write_path="/services/rest/record/v1/customer",
        body=_customer,
        pid=_pid(sandbox),
        read_path=urlsplit(made.headers["Location"]).path,
    )


def _customer(number: int) -> object:
    return {"companyName": f"Customer {number}", "subsidiary": {"id": "1"}}


@contextmanager
def _bare(directory: Path) -> Iterator[Peer]:
    process = subprocess.Popen([sys.executable, str(BARE), str(directory)])
    _pin(process.pid, 0)
    port = directory / "port"
    while not port.exists():
        assert process.poll() is None
        time.sleep(0.02)
    try:
        yield Peer(
            name="bare",
            address=f"http://127.0.0.1:{port.read_text()}",
            headers="",
            write_path="/records",
            body=lambda number: {"Name": f"Account {number}", "BillingCity": "Berlin"},
            read_path="/records/1",
            pid=process.pid,
        )
    finally:
        process.kill()
        process.wait()


def _pid(sandbox: Sandbox) -> int:
    process = sandbox._process
    assert process is not None
    return process.pid


def _pin(pid: int, core: int) -> None:
    """The server on one core, the client on another."""
    os.sched_setaffinity(pid, _cores()[core : core + 1])


def _cores() -> list[int]:
    return list(range(os.cpu_count() or 1))


def main() -> None:
    for result in sandbox_records():
        print(f"{result.name}: {result.measured} [{result.compared}: {result.ratio}]")


if __name__ == "__main__":
    main()
