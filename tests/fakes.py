"""Working stand-ins for the ports. Each passes the same contract as the real adapter."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

import netsuite_writer.ports
import salesforce_writer.ports
from kernel.errors import RetryableError, UnknownOutcomeError
from kernel.exact_json import Json, dumps, loads
from kernel.messages import Coordinates, Message, Outcome, Version, WriteCommand
from kernel.records import RecordRef
from kernel.values import Document, Sealed, Value, content_hash
from kernel.write_log import Entry

JsonObject = dict[str, Json]
SEALED_MARK = b"sealed:"


class FakeOutcomes:
    """The log of outcomes: keeps what was sent; `away` so often nothing is taken."""

    def __init__(self) -> None:
        self.sent: list[Outcome] = []
        self.away = 0

    async def send(
        self, messages: Sequence[Message], *, parents: Mapping[str, str] | None = None
    ) -> list[Coordinates]:
        if self.away:
            self.away -= 1
            raise RetryableError("Kafka is away")
        self.sent += [message for message in messages if isinstance(message, Outcome)]
        return [Coordinates("sync.outcomes.v1", 0, at) for at in range(len(messages))]


class FakeSeals:
    """Seals texts so that they can be told from open ones."""

    async def seal(self, items: Sequence[tuple[str, str, Value]]) -> list[Sealed | None]:
        return [
            None if value is None else Sealed(subject, path, 1, SEALED_MARK + str(value).encode())
            for subject, path, value in items
        ]

    async def open_document(self, document: Document) -> Document:
        return Document(
            {name: opened(value) for name, value in document.fields.items()},
            {
                sublist: tuple({name: opened(value) for name, value in line.items()}
                               for line in lines)
                for sublist, lines in document.lines.items()
            },
        )  # fmt: skip


def opened(value: Value) -> Value:
    if isinstance(value, Sealed):
        return value.ciphertext.removeprefix(SEALED_MARK).decode()
    return value


@dataclass(kw_only=True)
class FakeWrite:
    """A row of the write log."""

    state: str = "started"
    attempts: int = 1
    failures: int = 0
    waited_s: float = 0.0
    outcome: Outcome | None = None


@dataclass
class FakeWriteLog:
    """The write log of the netsuite-writer, in memory."""

    writes: dict[str, FakeWrite] = field(default_factory=dict)
    written: dict[tuple[RecordRef, str], tuple[Version, str]] = field(default_factory=dict)
    meanwhile: dict[tuple[RecordRef, str], tuple[Version, str]] = field(default_factory=dict)
    """What another process writes right after the next begin."""

    async def begin(self, command: WriteCommand) -> Entry:
        row = self.writes.get(command.id)
        is_begun = row is None or row.state == "idle"
        if row is None:
            row = self.writes[command.id] = FakeWrite()
        elif is_begun:
            row.state, row.attempts = "started", row.attempts + 1
        version, held = self.written.get((command.target, command.part), (None, ""))
        self.written, seen = {**self.written, **self.meanwhile}, self.written
        return Entry(
            attempts=row.attempts,
            failures=row.failures,
            outcome=row.outcome,
            is_leftover=not is_begun,
            waited_s=row.waited_s,
            newest=version,
            held=held,
            was_written=any(target == command.target for target, _ in seen),
        )

    async def again(self, command: WriteCommand, failures: int) -> None:
        row = self.writes[command.id]
        if row.state != "ended":
            row.state, row.attempts, row.failures = "started", row.attempts + 1, failures

    async def rest(self, command: WriteCommand) -> None:
        row = self.writes[command.id]
        if row.state == "started":
            row.state = "idle"

    async def newest(self, command: WriteCommand) -> Version | None:
        return self.written.get((command.target, command.part), (None, ""))[0]

    async def end(self, command: WriteCommand, outcome: Outcome) -> Outcome:
        row = self.writes.setdefault(command.id, FakeWrite())
        if row.outcome is not None:
            return row.outcome
        row.state, row.outcome = "ended", outcome
        newest = self.written.get((command.target, command.part), (command.version, ""))[0]
        if outcome.written is not None and newest <= command.version:
            held = content_hash(command.document)
            self.written[command.target, command.part] = (command.version, held)
        return outcome


@dataclass
class FakeBatchLog:
    """The write log of the salesforce-writer, in memory."""

    inner: FakeWriteLog = field(default_factory=FakeWriteLog)

    async def begin(self, commands: Sequence[WriteCommand]) -> list[Entry]:
        return [await self.inner.begin(command) for command in commands]

    async def again(self, failed: Sequence[tuple[WriteCommand, int]]) -> None:
        for command, failures in failed:
            await self.inner.again(command, failures)

    async def rest(self, commands: Sequence[WriteCommand]) -> None:
        for command in commands:
            await self.inner.rest(command)

    async def newest(self, commands: Sequence[WriteCommand]) -> list[Version | None]:
        return [await self.inner.newest(command) for command in commands]

    async def end(self, ended: Sequence[tuple[WriteCommand, Outcome]]) -> list[Outcome]:
        return [await self.inner.end(command, outcome) for command, outcome in ended]


class FakeNetSuite:
    """Customers and orders in memory. `troubles` holds what happens to the next saves: a reply
    instead of the save, an error instead of it, or `lost` (saved, and no answer comes) or `late`
    (no answer comes, and it is saved after so many reads)."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], JsonObject] = {}
        self.saves = 0
        self.reads = 0
        self.troubles: list[netsuite_writer.ports.Reply | Exception | str] = []
        self.late: list[tuple[int, netsuite_writer.ports.Saving]] = []
        self.deaf_reads = 0
        self.was_read = asyncio.Event()

    async def save(self, saving: netsuite_writer.ports.Saving) -> netsuite_writer.ports.Reply:
        self.saves += 1
        trouble = self.troubles.pop(0) if self.troubles else None
        match trouble:
            case Exception():
                raise trouble
            case netsuite_writer.ports.Reply():
                return trouble
            case "lost":
                self._save(saving)
                raise UnknownOutcomeError("no answer to PUT")
            case str():
                self.late.append((self.reads + int(trouble.partition(" ")[2]), saving))
                raise UnknownOutcomeError("no answer to PUT")
        return self._save(saving)

    async def read(
        self, target: RecordRef, fields: tuple[str, ...] = ()
    ) -> netsuite_writer.ports.Reply:
        self.reads += 1
        self.was_read.set()
        if self.deaf_reads:
            self.deaf_reads -= 1
            raise RetryableError("NetSuite cannot be reached")
        for due, saving in list(self.late):
            if self.reads > due:
                self.late.remove((due, saving))
                self._save(saving)
        record = self._find(target)
        if record is None:
            return _netsuite_error(404, "NONEXISTENT_ID", "Record does not exist.")
        told = {name: record[name] for name in fields if name in record} if fields else record
        return netsuite_writer.ports.Reply(status=200, body=loads(dumps(told)))

    async def find(self, kind: str, values: Mapping[str, str]) -> netsuite_writer.ports.Reply:
        self.reads += 1
        found = [
            record["id"]
            for (one, _), record in self.records.items()
            if one == kind and all(_key(record.get(name)) == v for name, v in values.items())
        ]
        items: list[Json] = [{"id": record_id} for record_id in found]
        return netsuite_writer.ports.Reply(status=200, body={"items": items})

    def _find(self, target: RecordRef) -> JsonObject | None:
        if target.external_id is not None and target.mark is None:
            return self.records.get((target.kind, target.external_id))
        found = (
            record
            for (kind, _), record in self.records.items()
            if kind == target.kind and record["id"] == target.id
        )
        return next(found, None)

    def _save(self, saving: netsuite_writer.ports.Saving) -> netsuite_writer.ports.Reply:
        record = self._find(saving.target)
        if record is None:
            if saving.target.external_id is None:
                return _netsuite_error(404, "NONEXISTENT_ID", "Record does not exist.")
            number = str(len(self.records) + 1)
            record = {"id": number, "externalId": saving.target.external_id}
            if saving.target.mark:
                record = {"id": number}
            named = number if saving.target.mark else saving.target.external_id
            self.records[saving.target.kind, named] = record
        for name, value in cast(JsonObject, loads(saving.body)).items():
            if isinstance(value, dict) and "items" in value:
                record[name] = _merged(record.get(name), value, name in saving.replaces)
            elif value is None:
                record.pop(name, None)
            else:
                record[name] = value
        _compute(saving.target.kind, record)
        return netsuite_writer.ports.Reply(status=204, record_id=str(record["id"]))


def _key(value: Json) -> Json:
    return value.get("id") if isinstance(value, dict) else value


def _merged(held: Json, sent: Json, replace: bool) -> Json:
    lines = _items(held)
    met: list[JsonObject] = []
    for line in _items(sent):
        target = next((one for one in lines if one["line"] == line.get("line")), None)
        if target is None:
            taken = [int(str(one["line"])) for one in lines]
            target = {"line": max(taken, default=0) + 1}
            lines.append(target)
        target.update(line)
        met.append(target)
    kept = [line for line in lines if not replace or any(line is one for one in met)]
    return {"items": cast(Json, kept)}


def _items(collection: Json) -> list[JsonObject]:
    items = collection.get("items") if isinstance(collection, dict) else None
    return [line for line in items or [] if isinstance(line, dict)]  # type: ignore[union-attr]


def _compute(kind: str, record: JsonObject) -> None:
    """The fields that NetSuite fills in by itself."""
    if kind == "customer":
        record.setdefault("entityId", f"CUST-{record['id']}")
        return
    record.setdefault("tranId", f"SO-{record['id']}")
    record.setdefault("status", {"id": "A", "refName": "Pending Approval"})
    record["total"] = sum(
        (Decimal(str(line.get("amount", 0))) for line in _items(record.get("item"))), Decimal(0)
    )


def _netsuite_error(status: int, code: str, detail: str) -> netsuite_writer.ports.Reply:
    told: JsonObject = {"detail": detail, "o:errorCode": code}
    return netsuite_writer.ports.Reply(
        status=status, body={"status": status, "o:errorDetails": [told]}
    )


QUERY = re.compile(
    r"^SELECT (?P<names>.+) FROM (?P<kind>\w+) WHERE (?P<by>\w+) IN \((?P<keys>[^)]+)\)"
    r"( OR (?P<other>\w+) IN \((?P<codes>[^)]+)\))?( ORDER BY Id)?$"
)


class FakeSalesforce:
    """Records in memory. `troubles` as with NetSuite, for whole calls; `refused` names records
    whose write is refused, each with the errors to come, first one first."""

    def __init__(self) -> None:
        self.records: dict[tuple[str, str], JsonObject] = {}
        self.saves: list[int] = []
        self.queries = 0
        self.troubles: list[salesforce_writer.ports.Reply | Exception | str] = []
        self.refused: dict[str, list[JsonObject]] = {}

    def add(self, kind: str, record_id: str, **fields: Json) -> None:
        self.records[kind, record_id] = {"Id": record_id, **fields}

    async def save(self, saving: salesforce_writer.ports.Saving) -> salesforce_writer.ports.Reply:
        body = cast(dict[str, list[JsonObject]], loads(saving.body))
        self.saves.append(len(body["records"]))
        trouble = self.troubles.pop(0) if self.troubles else None
        match trouble:
            case Exception():
                raise trouble
            case salesforce_writer.ports.Reply():
                return trouble
        results = [self._save(record, saving.external) for record in body["records"]]
        if trouble == "lost":
            raise UnknownOutcomeError("no answer to PATCH")
        return salesforce_writer.ports.Reply(status=200, body=cast(Json, results))

    async def remove(self, ids: Sequence[str]) -> salesforce_writer.ports.Reply:
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Exception):
            raise trouble
        results = [self._remove(record_id) for record_id in ids]
        if trouble == "lost":
            raise UnknownOutcomeError("no answer to DELETE")
        return salesforce_writer.ports.Reply(status=200, body=cast(Json, results))

    def _remove(self, record_id: str) -> JsonObject:
        found = next((key for key in self.records if key[1] == record_id), None)
        if found is None:
            error = {
                "statusCode": "ENTITY_IS_DELETED",
                "message": "entity is deleted",
                "fields": [],
            }
            return {"success": False, "errors": [cast(Json, error)]}
        del self.records[found]
        return {"id": record_id, "success": True, "errors": []}

    async def query(self, soql: str) -> salesforce_writer.ports.Reply:
        self.queries += 1
        asked = QUERY.match(soql)
        assert asked is not None, soql
        keys = {key.strip()[1:-1] for key in asked["keys"].split(",")}
        codes = {code.strip()[1:-1] for code in (asked["codes"] or "").split(",")}
        names = asked["names"].split(", ")
        found: list[Json] = [
            {name: record.get(name) for name in names}
            for (kind, _), record in self.records.items()
            if kind == asked["kind"]
            and (
                str(record.get(asked["by"])) in keys
                or (asked["other"] and str(record.get(asked["other"])) in codes)
            )
        ]
        return salesforce_writer.ports.Reply(status=200, body={"records": found})

    def _save(self, sent: JsonObject, external: str) -> JsonObject:
        attributes = sent.pop("attributes")
        assert isinstance(attributes, dict)
        kind = str(attributes["type"])
        key = str(sent.pop("id") if not external else sent[external])
        if self.refused.get(key):
            error = self.refused[key].pop(0)
            return {"success": False, "errors": [cast(Json, error)]}
        record = self._find(kind, external or "Id", key)
        if record is None and not external:
            error = {"statusCode": "INVALID_CROSS_REFERENCE_KEY", "message": "invalid cross"
                     " reference id", "fields": []}  # fmt: skip
            return {"success": False, "errors": [cast(Json, error)]}
        if record is None:
            self.add(kind, f"a0{len(self.records):013d}AAA")
            record = list(self.records.values())[-1]
        record.update(sent)
        return {"id": record["Id"], "success": True, "errors": []}

    def _find(self, kind: str, field_name: str, key: str) -> JsonObject | None:
        found = (
            record
            for (known, _), record in self.records.items()
            if known == kind and str(record.get(field_name)) == key
        )
        return next(found, None)
