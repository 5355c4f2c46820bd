"""The frame around both vendors: one transaction a request, faults, journal, ports, relay."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from sandbox.clock import Clock
from sandbox.database import open_database
from sandbox.faults import FaultRuleError, Faults
from sandbox.frame import EXCHANGE, Frame
from sandbox.journal import Journal, Mutation
from sandbox.ports import Ports
from sandbox.profile import DEFAULT
from sandbox.serving import Site
from sandbox.tls import tls_files


class Shop:
    """The smallest vendor: it keeps words and refuses the word "bad"."""

    system = "netsuite"

    def __init__(self, frame: Frame) -> None:
        schema = "CREATE TABLE IF NOT EXISTS word (word TEXT)"
        self.connection: sqlite3.Connection = open_database(frame.state / "shop.db", schema)
        self.journal = Journal(self.connection, frame.clock)
        self.dead: set[str] = set()
        self.running = 0
        self.committed_once = asyncio.Event()

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/words/{word}", self.keep)
        return app

    async def keep(self, request: web.Request) -> web.Response:
        word = request.match_info["word"]
        exchange = request[EXCHANGE]
        exchange.actor = request.headers.get("Authorization", "")
        if exchange.actor in self.dead:
            return web.json_response({"error": "dead"}, status=401)
        self.connection.execute("INSERT INTO word VALUES (?)", (word,))
        exchange.mutations.append(
            Mutation(record="word", id=word, operation="create", before=None, after={"word": word})
        )
        if word == "bad":
            raise ValueError("bad word")
        if word == "slow":
            await asyncio.sleep(0)
        return web.json_response({"kept": word}, status=201)

    def seed(self, name: str) -> None:
        self.connection.execute("DELETE FROM word")

    def endpoints(self, http: str, https: str) -> Mapping[str, object]:
        return {"http": http, "https": https}

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def admit(self, request: web.Request) -> web.Response | None:
        if self.running >= 2:
            return web.json_response({"error": "full"}, status=429)
        self.running += 1
        return None

    def leave(self, request: web.Request) -> None:
        self.running -= 1

    def committed(self) -> None:
        self.committed_once.set()

    def refusal(self, status: int, body: object) -> web.Response:
        return web.json_response(body or {"error": "vendor"}, status=status)

    def revoke(self, request: web.Request) -> None:
        self.dead.add(request.headers.get("Authorization", ""))

    def words(self) -> list[str]:
        return [row[0] for row in self.connection.execute("SELECT word FROM word")]

    def entries(self) -> list[dict[str, object]]:
        return list(self.journal.read(0))


@asynccontextmanager
async def shop_of(state: Path) -> AsyncIterator[tuple[Shop, Frame, Site]]:
    frame = Frame(
        clock=Clock(state / "clock.json"),
        faults=Faults(),
        profile=DEFAULT,
        state=state,
        ports=Ports(state / "ports.json"),
        tls=tls_files(state / "tls"),
        package=state,
    )
    shop = Shop(frame)
    site = Site(frame, shop)
    await site.start()
    try:
        yield shop, frame, site
    finally:
        await site.stop()
        shop.connection.close()


async def post(site: Site, word: str, token: str = "t") -> int:
    """The status, 0 when the connection was cut."""
    async with aiohttp.ClientSession(headers={"Authorization": token}) as client:
        try:
            async with client.post(f"{site.http}/words/{word}") as answer:
                await answer.read()
                return answer.status
        except aiohttp.ClientError:
            return 0


def rule(effect: str, **more: object) -> list[dict[str, object]]:
    return [{"system": "netsuite", "path": "/words/*", "effect": effect, "times": 1, **more}]


async def test_a_change_and_its_journal_entry_are_committed_together(tmp_path: Path) -> None:
    async with shop_of(tmp_path) as (shop, _, site):
        assert await post(site, "one") == 201
        (entry,) = shop.entries()
        assert entry["status"] == 201
        assert entry["mutations"] == [
            {
                "record": "word",
                "id": "one",
                "operation": "create",
                "before": None,
                "after": {"word": "one"},
            }
        ]


async def test_no_answer_names_the_library_that_serves_it(tmp_path: Path) -> None:
    async with (
        shop_of(tmp_path) as (_, _, site),
        aiohttp.ClientSession(headers={"Authorization": "t"}) as client,
        client.post(f"{site.http}/words/one") as answer,
    ):
        assert answer.status == 201
        assert "Server" not in answer.headers


@pytest.mark.parametrize("word", ["bad", "slow"])
async def test_a_handler_that_fails_or_waits_leaves_nothing_behind(
    tmp_path: Path, word: str
) -> None:
    async with shop_of(tmp_path) as (shop, _, site):
        assert await post(site, word) == 500
        assert shop.words() == []
        assert [entry["mutations"] for entry in shop.entries()] == [[]]


@pytest.mark.parametrize(
    ("effect", "status", "words"),
    [
        ("status", 503, []),
        ("drop_before_commit", 0, []),
        ("drop_after_commit", 0, ["one"]),
        ("delay", 201, ["one"]),
        ("token_dead", 401, []),
    ],
)
async def test_a_fault_happens_once_as_its_rule_says(
    tmp_path: Path, effect: str, status: int, words: list[str]
) -> None:
    async with shop_of(tmp_path) as (shop, frame, site):
        frame.faults.replace(1, rule(effect, seconds=0.01))
        assert await post(site, "one") == status
        assert shop.words() == words
        assert shop.entries()[0]["effect"] == effect
        assert await post(site, "two", token="fresh") == 201


async def test_a_late_commit_happens_although_the_client_has_left(tmp_path: Path) -> None:
    async with shop_of(tmp_path) as (shop, frame, site):
        frame.faults.replace(1, rule("commit_late", seconds=0.3))
        timeout = aiohttp.ClientTimeout(total=0.1)
        async with aiohttp.ClientSession(timeout=timeout) as client:
            with pytest.raises(TimeoutError):
                await client.post(f"{site.http}/words/late")
        assert shop.words() == []
        async with asyncio.timeout(5):
            await shop.committed_once.wait()
        assert shop.words() == ["late"]
        assert shop.entries()[0]["effect"] == "commit_late"


async def test_an_admission_refused_is_answered_and_journaled(tmp_path: Path) -> None:
    async with shop_of(tmp_path) as (shop, _, site):
        shop.running = 2
        assert await post(site, "one") == 429
        assert shop.entries()[0]["effect"] == "refused"
        assert shop.running == 2


async def test_a_restart_on_the_same_state_has_the_same_address_and_journal(
    tmp_path: Path,
) -> None:
    async with shop_of(tmp_path) as (_, _, site):
        first = site.http
        assert await post(site, "one") == 201
    async with shop_of(tmp_path) as (shop, _, site):
        assert site.http == first
        assert [entry["seq"] for entry in shop.entries()] == [1]


def test_the_journal_refuses_to_be_rewritten(tmp_path: Path) -> None:
    connection = open_database(tmp_path / "j.db")
    journal = Journal(connection, Clock())
    journal.write(actor="a", method="GET", path="/", status=200)
    for statement in ("DELETE FROM journal", "UPDATE journal SET entry = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"effect": "explode"}, "effect: 'explode' is not known"),
        ({"effect": "delay"}, "seconds: None; delay needs a number above 0"),
        ({"effect": "status", "status": 42}, "status: 42; use an HTTP status"),
        ({"effect": "status", "system": "oracle"}, "system: 'oracle'"),
        ({"effect": "status", "often": 1}, "often: unknown key"),
        ({"effect": "status", "probability": 1.5}, "probability: 1.5"),
        ({"effect": "status", "times": -1}, "times: -1"),
    ],
)
def test_a_wrong_fault_rule_is_refused_with_key_and_value(
    wrong: dict[str, object], sentence: str
) -> None:
    with pytest.raises(FaultRuleError, match=re.escape(sentence)):
        Faults().replace(0, [{"system": "salesforce", **wrong}])


def test_the_dice_of_faults_fall_the_same_way_for_the_same_seed() -> None:
    faults = Faults()
    rules = [{"system": "*", "effect": "status", "probability": 0.5}]

    def falls() -> list[bool]:
        faults.replace(7, rules)
        return [faults.match("netsuite", "GET", "/x") is not None for _ in range(40)]

    assert falls() == falls()
    assert 5 < sum(falls()) < 35


def test_a_path_glob_matches_any_end_of_the_path_in_any_case() -> None:
    faults = Faults()
    faults.replace(
        0, [{"system": "netsuite", "path": "/record/v1/salesOrder/*", "effect": "status"}]
    )
    assert faults.match("netsuite", "PUT", "/services/rest/record/v1/salesorder/eid:x")
    assert not faults.match("netsuite", "PUT", "/services/rest/record/v1/invoice/1")
