"""Messages as they stand in the log, for tests of what is made of them."""

from datetime import UTC, datetime, timedelta

from auditor.app.read import entry_of
from auditor.domain.columns import LogRecord
from auditor.domain.history import Entry
from kernel.headers import headers_of
from kernel.identity import command_id, outcome_id
from kernel.messages import (
    ChangeEvent,
    Coordinates,
    Message,
    Outcome,
    Result,
    Subject,
    WriteCommand,
)
from kernel.records import RecordRef, external_id_of, netsuite
from kernel.topics import key_of, topic_of
from kernel.values import Document, Fields
from runtime.schemas import load_codec, schemas_directory
from tests.builders import ORG

CODEC = load_codec(schemas_directory())
START = datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC)


def logged(
    message: Message, *, offset: int = 0, after_ms: int = 0, partition: int = 0
) -> LogRecord:
    headers = headers_of(message, CODEC, "test").items()
    return LogRecord(
        at=Coordinates(topic_of(message), partition, offset),
        logged_at=START + timedelta(milliseconds=after_ms),
        key=key_of(message).encode(),
        value=CODEC.encode(message),
        headers=tuple((name, value.encode()) for name, value in headers),
    )


def entry(message: Message, *, offset: int = 0, after_ms: int = 0) -> Entry:
    return entry_of(logged(message, offset=offset, after_ms=after_ms), CODEC)


def order_ref(event: ChangeEvent) -> RecordRef:
    return netsuite("salesOrder", f"eid:{external_id_of(ORG, event.ref)}")


def command(event: ChangeEvent, target: RecordRef, fields: Fields, round_: int = 0) -> WriteCommand:
    document = Document(fields)
    return WriteCommand(
        id=command_id(event.id, target, "record", document, round_),
        event_id=event.id,
        origin=Coordinates(topic_of(event), 0, 0),
        round=round_,
        source=event.ref,
        target=target,
        part="record",
        version=event.version,
        document=document,
        map_hash="3f9a" * 16,
    )


def command_outcome(
    done: WriteCommand,
    result: Result = Result.APPLIED,
    code: str = "WRITTEN",
    *,
    written: RecordRef | None = None,
    read_back: Fields | None = None,
) -> Outcome:
    return Outcome(
        id=outcome_id(Subject.COMMAND, done.event_id, done.id, done.round, result, code),
        subject=Subject.COMMAND,
        event_id=done.event_id,
        command_id=done.id,
        origin=done.origin,
        round=done.round,
        ref=done.source,
        result=result,
        code=code,
        target=done.target,
        written=written,
        read_back=Document(read_back) if read_back else None,
        attempts=1,
        duration_ms=640,
    )


def change_outcome(
    event: ChangeEvent,
    result: Result = Result.APPLIED,
    code: str = "APPLIED",
    *,
    round_: int = 0,
    params: Fields | None = None,
    waits_on: RecordRef | None = None,
    operation_id: str = "",
    path: tuple[str, ...] = (),
) -> Outcome:
    return Outcome(
        id=outcome_id(Subject.CHANGE, event.id, "", round_, result, code),
        subject=Subject.CHANGE,
        event_id=event.id,
        origin=Coordinates(topic_of(event), 0, 0),
        round=round_,
        ref=event.ref,
        result=result,
        code=code,
        params=params or {},
        path=path,
        waits_on=waits_on,
        operation_id=operation_id,
    )
