"""What a test does to both vendors, and what it sees of it in the log."""

import asyncio
import json
import signal
import urllib.error
import urllib.request
import uuid
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from kernel.messages import ChangeEvent
from kernel.records import RecordRef, netsuite, salesforce
from kernel.topics import CHANGES
from kernel.values import Document, Sealed, Value
from ops.local.stack import Stack
from runtime.database import open_pool
from runtime.sealing import open_sealer
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest
from tests.log import LogClient, eventually

WITHIN_S = 40.0
INGEST = "ingest"


class Desk:
    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        endpoints: Any = stack.endpoints
        self.vendors = Sandbox(stack.state.directory)
        self.vendors.endpoints = endpoints
        self.people, self.books = Rest(self.vendors, "sales"), NetSuiteClient(self.vendors)
        self.log = LogClient(str(endpoints["kafka"]["bootstrap"]))

    def close(self) -> None:
        self.vendors.http.close()

    def opportunity(self, **fields: object) -> str:
        """A new one with a line, of a new account; its id."""
        name = fields.pop("name", f"Deal {uuid.uuid4().hex[:8]}")
        account = self.people.create("Account", Name=f"Buyer {name}", CurrencyIsoCode="EUR")
        known = {"Name": name, "AccountId": account, "StageName": "Prospecting",
                 "CloseDate": "2026-12-01", "CurrencyIsoCode": "EUR"}  # fmt: skip
        made = self.people.create("Opportunity", **known | fields)
        self.add_line(made, 2, 1500)
        return made

    def add_line(self, opportunity: str, quantity: int, price: int) -> str:
        [entry] = self.people.query(
            "SELECT Id FROM PricebookEntry WHERE CurrencyIsoCode = 'EUR'"
            " AND Product2.ProductCode = 'SUB-PLAT' AND Pricebook2.IsStandard = true"
        )
        return self.people.create(
            "OpportunityLineItem",
            OpportunityId=opportunity,
            PricebookEntryId=entry["Id"],
            Quantity=quantity,
            UnitPrice=price,
        )

    def changes(self, ref: RecordRef) -> list[ChangeEvent]:
        """All that were told of a document, in the order of the log."""
        found = [m for m in self.log.messages(CHANGES[ref.system]) if isinstance(m, ChangeEvent)]
        return [change for change in found if change.ref == ref]

    def change(
        self, ref: RecordRef, is_it: Callable[[ChangeEvent], bool], *, within_s: float = WITHIN_S
    ) -> ChangeEvent:
        """The first change of the document that is the one."""
        return eventually(lambda: next(filter(is_it, self.changes(ref)), None), within_s=within_s)

    def ready(self) -> tuple[bool, dict[str, str]]:
        try:
            told = json.loads(self.get("/ready"))
        except urllib.error.HTTPError as error:
            told = json.load(error)
        return told["ready"], told["parts"]

    def until_ready(self) -> None:
        """Also after a part was killed and started again."""
        for part in ("kafka", "postgres", "sandbox", INGEST):
            asyncio.run(self.stack.until_ready(part))
        eventually(lambda: self.ready()[0], within_s=WITHIN_S)

    def metric(self, name: str, **labels: str) -> float:
        """Of the running process; 0 where nothing was counted."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(name)]
        found = [line for line in lines if all(text in line for text in wanted)]
        return sum(float(line.rpartition(" ")[2]) for line in found)

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"{self.health}{path}", timeout=5) as answer:
            return str(answer.read().decode())

    @property
    def health(self) -> str:
        """A process that was started again answers elsewhere."""
        written = json.loads((self.stack.state.health / f"{INGEST}.json").read_text())
        return str(written["health"])

    def pid(self) -> int:
        return eventually(lambda: self.stack.pid(INGEST), within_s=WITHIN_S)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self.stack.kill(INGEST, number)

    async def opened(self, document: Document) -> dict[str, Value]:
        """The root fields with every sealed value opened."""
        pool = open_pool(self.stack.dsn("keys_service"), size=1, service="test")
        async with pool:
            sealer = await open_sealer(pool, Path(self.environment()["KEK_FILE"]))
            return dict((await sealer.open_document(document)).fields)

    def environment(self) -> dict[str, str]:
        """Of the running process."""
        raw = Path(f"/proc/{self.pid()}/environ").read_bytes().split(b"\0")
        pairs = (item.decode().partition("=") for item in raw if item)
        return {name: value for name, _, value in pairs}


def opportunity_ref(record_id: str) -> RecordRef:
    return salesforce("Opportunity", record_id)


def order_ref(record_id: str) -> RecordRef:
    return netsuite("salesOrder", record_id)


def fields(change: ChangeEvent) -> dict[str, Value]:
    return dict(change.document.fields) if change.document else {}


def lines(change: ChangeEvent, name: str) -> Sequence[Any]:
    return change.document.lines[name] if change.document else ()


def stage_is(stage: str) -> Callable[[ChangeEvent], bool]:
    return lambda change: fields(change).get("StageName") == stage


def is_sealed(value: Value) -> bool:
    return isinstance(value, Sealed)


def is_pending_approval(change: ChangeEvent) -> bool:
    return fields(change).get("status.refName") == "Pending Approval"


def one_content_an_id(changes: list[ChangeEvent]) -> bool:
    by_id: defaultdict[str, set[str]] = defaultdict(set)
    for change in changes:
        by_id[change.id].add(f"{change.version} {change.content_hash}")
    return all(len(contents) == 1 for contents in by_id.values())
