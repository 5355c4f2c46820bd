"""The journals: written with the change, read by position, while writers race and power fails."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest

WRITERS = 4
BEFORE_THE_CUT, AFTER_THE_CUT = 40, 10
PAGE = 7
Write = Callable[[httpx.Client, str], str]
"""Makes one record of this name; returns its id."""


@pytest.fixture
def sandbox_to_kill(tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path / "state", "--seed", "empty", "--profile", "enterprise")
    running.start()
    yield running
    running.stop()
    running.http.close()


@dataclass
class Reader:
    """Reads on from where it is, a page at a time, as a tool of a user would."""

    sandbox: Sandbox
    system: str
    entries: list[dict[str, Any]] = field(default_factory=list)

    def read(self) -> int:
        """The number of new entries."""
        after = self.entries[-1]["seq"] if self.entries else 0
        query = {"after": str(after), "limit": str(PAGE)}
        address = f"{self.sandbox.endpoints['sandbox_admin']}/journal/{self.system}"
        answer = self.sandbox.http.get(address, params=query)
        found = [httpx.Response(200, text=line).json() for line in answer.text.splitlines()]
        assert len(found) <= PAGE
        self.entries += found
        return len(found)

    def read_all(self) -> None:
        while self.read():
            pass


@dataclass
class Writers:
    """Write until they have made enough records, or until nobody answers any more."""

    write: Write
    enough: int
    prefix: str
    made: list[str] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        for number in range(WRITERS):
            thread = threading.Thread(target=self._work, args=(number,))
            self._threads.append(thread)
            thread.start()

    def are_done(self) -> bool:
        return len(self.made) >= self.enough

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        at = 0
        with httpx.Client(timeout=10.0) as client:
            while not self.are_done():
                at += 1
                try:
                    self.made.append(self.write(client, f"{self.prefix} {number}.{at}"))
                except httpx.TransportError:
                    return


def salesforce_writer(sandbox: Sandbox) -> Write:
    rest = Rest(sandbox)

    def write(client: httpx.Client, name: str) -> str:
        address = f"{rest.root}/sobjects/Account"
        answer = client.post(address, json={"Name": name}, headers=rest.headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    return write


def netsuite_writer(sandbox: Sandbox) -> Write:
    signer = NetSuiteClient(sandbox)
    address = f"{sandbox.netsuite['http']}/services/rest/record/v1/customer"

    def write(client: httpx.Client, name: str) -> str:
        body = {"companyName": name, "subsidiary": {"id": "1"}}
        headers = {"Authorization": signer.authorization("POST", address)}
        answer = client.post(address, json=body, headers=headers)
        assert answer.status_code == 204, answer.text
        return str(answer.headers["Location"].rpartition("/")[2])

    return write


@pytest.mark.parametrize(
    ("system", "record", "writer"),
    [("salesforce", "Account", salesforce_writer), ("netsuite", "customer", netsuite_writer)],
)
def test_a_reader_misses_and_doubles_nothing_while_writers_race_and_the_power_fails(
    sandbox_to_kill: Sandbox, system: str, record: str, writer: Callable[[Sandbox], Write]
) -> None:
    reader = Reader(sandbox_to_kill, system)
    racing = Writers(writer(sandbox_to_kill), 10_000, "Before")
    racing.start()
    while len(racing.made) < BEFORE_THE_CUT:
        reader.read()
    sandbox_to_kill.kill()
    racing.join()
    sandbox_to_kill.start()
    second = Writers(writer(sandbox_to_kill), AFTER_THE_CUT, "After")
    second.start()
    while not second.are_done():
        reader.read()
    second.join()
    reader.read_all()
    places = [entry["seq"] for entry in reader.entries]
    assert places == list(range(1, len(places) + 1))
    created = [
        mutation["id"]
        for entry in reader.entries
        if entry["method"] == "POST"
        for mutation in entry["mutations"]
        if (mutation["record"], mutation["operation"]) == (record, "create")
    ]
    assert len(created) == len(set(created))
    assert {*racing.made, *second.made} <= set(created)
    assert len(created) <= len(racing.made) + len(second.made) + WRITERS


def test_a_change_that_was_undone_is_in_no_journal(sandbox: Sandbox) -> None:
    rest = Rest(sandbox)
    before = sandbox.end_of_journal("salesforce")
    records = [{"attributes": {"type": "Account"}, "Name": name} for name in ("Good", "")]
    body = {"allOrNone": True, "records": records}
    address = f"{rest.root}/composite/sobjects"
    answer = sandbox.http.post(address, json=body, headers=rest.headers)
    assert not any(result["success"] for result in answer.json())
    assert [entry["mutations"] for entry in sandbox.journal("salesforce", before)] == [[]]
