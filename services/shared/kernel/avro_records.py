"""The messages as Avro records and back: plain dictionaries in the shape of schemas/avro."""

from collections.abc import Callable, Mapping
from typing import Any

from kernel.avro_values import Record, utc, value_from_avro, value_to_avro
from kernel.messages import (
    Alert,
    AlertState,
    Capture,
    ChangeEvent,
    ChangeKind,
    Coordinates,
    Message,
    Operation,
    OperationKind,
    Outcome,
    Result,
    Subject,
    Version,
    WriteCommand,
)  # fmt: skip
from kernel.records import RecordRef, System
from kernel.values import Document, Fields, Value


def branch_of(name: str, record: Record | None) -> object:
    """A record where the schema allows null too."""
    return None if record is None else (f"tallystick.{name}", record)


def fields_to_avro(fields: Fields) -> Record:
    """Sorted by name, so that equal fields are equal bytes."""
    return {name: {"value": value_to_avro(fields[name])} for name in sorted(fields)}


def fields_from_avro(record: Mapping[str, Record]) -> dict[str, Value]:
    return {name: value_from_avro(item["value"]) for name, item in record.items()}


def document_to_avro(document: Document | None) -> Record | None:
    if document is None:
        return None
    return {
        "fields": fields_to_avro(document.fields),
        "lines": {
            name: [fields_to_avro(line) for line in document.lines[name]]
            for name in sorted(document.lines)
        },
    }


def document_from_avro(value: Any) -> Document | None:
    record = untagged(value)
    if record is None:
        return None
    lines = record["lines"].items()
    return Document(
        fields_from_avro(record["fields"]),
        {name: tuple(fields_from_avro(line) for line in some) for name, some in lines},
    )


def untagged(value: Any) -> Record | None:
    """A record out of a union with null arrives as (name, record)."""
    record: Record | None = value[1] if isinstance(value, tuple) else value
    return record


def ref_to_avro(ref: RecordRef | None) -> Record | None:
    return None if ref is None else {"system": ref.system.value, "kind": ref.kind, "id": ref.id}


def ref_from_avro(value: Any) -> RecordRef | None:
    record = untagged(value)
    if record is None:
        return None
    return RecordRef(System(record["system"]), record["kind"], record["id"])


def _ref(value: Any) -> RecordRef:
    ref = ref_from_avro(value)
    if ref is None:
        raise ValueError("a ref is missing")
    return ref


def version_to_avro(version: Version | None) -> Record | None:
    return None if version is None else {"major": version.major, "minor": version.minor}


def version_from_avro(value: Any) -> Version | None:
    record = untagged(value)
    return None if record is None else Version(record["major"], record["minor"])


def _version(value: Any) -> Version:
    version = version_from_avro(value)
    if version is None:
        raise ValueError("a version is missing")
    return version


def coordinates_to_avro(coordinates: Coordinates) -> Record:
    return {
        "topic": coordinates.topic,
        "partition": coordinates.partition,
        "offset": coordinates.offset,
    }


def coordinates_from_avro(record: Record) -> Coordinates:
    return Coordinates(record["topic"], record["partition"], record["offset"])


def capture_to_avro(capture: Capture) -> Record:
    return {
        "position": capture.position,
        "kind": capture.kind.value,
        "committed_at": capture.committed_at,
        "user": capture.user,
        "origin": capture.origin,
        "commit_number": capture.commit_number,
        "transaction": capture.transaction,
        "sequence": capture.sequence,
        "changed": list(capture.changed),
    }


def capture_from_avro(record: Record) -> Capture:
    return Capture(
        position=record["position"],
        kind=ChangeKind(record["kind"]),
        committed_at=utc(record["committed_at"]),
        user=record["user"],
        origin=record["origin"],
        commit_number=record["commit_number"],
        transaction=record["transaction"],
        sequence=record["sequence"],
        changed=tuple(record["changed"]),
    )


def change_to_avro(change: ChangeEvent) -> Record:
    return {
        "id": change.id,
        "ref": ref_to_avro(change.ref),
        "source": change.source,
        "kind": change.kind.value,
        "version": version_to_avro(change.version),
        "captures": [capture_to_avro(capture) for capture in change.captures],
        "document": branch_of("Document", document_to_avro(change.document)),
        "content_hash": change.content_hash,
    }


def change_from_avro(record: Record) -> ChangeEvent:
    return ChangeEvent(
        id=record["id"],
        ref=_ref(record["ref"]),
        source=record["source"],
        kind=ChangeKind(record["kind"]),
        version=_version(record["version"]),
        captures=tuple(map(capture_from_avro, record["captures"])),
        document=document_from_avro(record["document"]),
        content_hash=record["content_hash"],
    )


def command_to_avro(command: WriteCommand) -> Record:
    return {
        "id": command.id,
        "event_id": command.event_id,
        "origin": coordinates_to_avro(command.origin),
        "round": command.round,
        "source": ref_to_avro(command.source),
        "target": ref_to_avro(command.target),
        "part": command.part,
        "version": version_to_avro(command.version),
        "document": document_to_avro(command.document),
        "reads_back": list(command.reads_back),
        "map_hash": command.map_hash,
    }


def command_from_avro(record: Record) -> WriteCommand:
    return WriteCommand(
        id=record["id"],
        event_id=record["event_id"],
        origin=coordinates_from_avro(record["origin"]),
        round=record["round"],
        source=_ref(record["source"]),
        target=_ref(record["target"]),
        part=record["part"],
        version=_version(record["version"]),
        document=document_from_avro(record["document"]) or Document(),
        reads_back=tuple(record["reads_back"]),
        map_hash=record["map_hash"],
    )


def outcome_to_avro(outcome: Outcome) -> Record:
    return {
        "id": outcome.id,
        "subject": outcome.subject.value,
        "event_id": outcome.event_id,
        "command_id": outcome.command_id,
        "origin": coordinates_to_avro(outcome.origin),
        "round": outcome.round,
        "ref": branch_of("RecordRef", ref_to_avro(outcome.ref)),
        "result": outcome.result.value,
        "code": outcome.code,
        "params": fields_to_avro(outcome.params),
        "path": list(outcome.path),
        "target": branch_of("RecordRef", ref_to_avro(outcome.target)),
        "part": outcome.part,
        "written": branch_of("RecordRef", ref_to_avro(outcome.written)),
        "version": branch_of("Version", version_to_avro(outcome.version)),
        "read_back": branch_of("Document", document_to_avro(outcome.read_back)),
        "waits_on": branch_of("RecordRef", ref_to_avro(outcome.waits_on)),
        "attempts": outcome.attempts,
        "duration_ms": outcome.duration_ms,
        "map_hash": outcome.map_hash,
        "operation_id": outcome.operation_id,
    }


def outcome_from_avro(record: Record) -> Outcome:
    return Outcome(
        id=record["id"],
        subject=Subject(record["subject"]),
        event_id=record["event_id"],
        command_id=record["command_id"],
        origin=coordinates_from_avro(record["origin"]),
        round=record["round"],
        ref=ref_from_avro(record["ref"]),
        result=Result(record["result"]),
        code=record["code"],
        params=fields_from_avro(record["params"]),
        path=tuple(record["path"]),
        target=ref_from_avro(record["target"]),
        part=record["part"],
        written=ref_from_avro(record["written"]),
        version=version_from_avro(record["version"]),
        read_back=document_from_avro(record["read_back"]),
        waits_on=ref_from_avro(record["waits_on"]),
        attempts=record["attempts"],
        duration_ms=record["duration_ms"],
        map_hash=record["map_hash"],
        operation_id=record["operation_id"],
    )


def operation_to_avro(operation: Operation) -> Record:
    return {
        "id": operation.id,
        "kind": operation.kind.value,
        "actor": operation.actor,
        "reason": operation.reason,
        "selection": fields_to_avro(operation.selection),
        "requested_at": operation.requested_at,
    }


def operation_from_avro(record: Record) -> Operation:
    return Operation(
        id=record["id"],
        kind=OperationKind(record["kind"]),
        actor=record["actor"],
        reason=record["reason"],
        selection=fields_from_avro(record["selection"]),
        requested_at=utc(record["requested_at"]),
    )


def alert_to_avro(alert: Alert) -> Record:
    return {
        "id": alert.id,
        "subject": alert.subject,
        "state": alert.state.value,
        "code": alert.code,
        "params": fields_to_avro(alert.params),
        "since": alert.since,
    }


def alert_from_avro(record: Record) -> Alert:
    return Alert(
        id=record["id"],
        subject=record["subject"],
        state=AlertState(record["state"]),
        code=record["code"],
        params=fields_from_avro(record["params"]),
        since=utc(record["since"]),
    )


TO_RECORD: Mapping[type, Callable[..., Record]] = {
    ChangeEvent: change_to_avro,
    WriteCommand: command_to_avro,
    Outcome: outcome_to_avro,
    Operation: operation_to_avro,
    Alert: alert_to_avro,
}
FROM_RECORD: Mapping[type, Callable[[Record], Message]] = {
    ChangeEvent: change_from_avro,
    WriteCommand: command_from_avro,
    Outcome: outcome_from_avro,
    Operation: operation_from_avro,
    Alert: alert_from_avro,
}
