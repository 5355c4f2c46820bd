"""What travels beside a record's bytes: CloudEvents attributes and an auditor's search columns.

All of it can be stored without decoding the body. Values are ids, codes and times, never a
field's content.
"""

from collections.abc import Mapping

from kernel.codec import Codec
from kernel.messages import Alert, ChangeEvent, Message, Operation, Outcome, Subject, WriteCommand

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/avro"
CE_ID, CE_TYPE, CE_SOURCE, CE_SUBJECT, CE_TIME = (
    "ce_id",
    "ce_type",
    "ce_source",
    "ce_subject",
    "ce_time",
)
CORRELATION, CAUSATION, TARGET = "x-correlation-id", "x-causation-id", "x-target"
WRITTEN, RESULT, CODE, USER, MAP = "x-written", "x-result", "x-code", "x-user", "x-map"
SUBJECT_KIND, ROUND, WAITS_ON, OPERATION = "x-subject", "x-round", "x-waits-on", "x-operation-id"
ORIGIN = "x-origin"
LANE, BACKFILL = "x-lane", "backfill"
"""Says of a command that it serves a reading without a notice of its own: it may wait."""
TRACEPARENT = "traceparent"


def headers_of(message: Message, codec: Codec, produced_by: str) -> dict[str, str]:
    """Every header of a message but the trace context, empty ones left out.

    `produced_by` names the service; a change's source is its installation.
    """
    own = {name: value for name, value in _own(message).items() if value}
    return {
        "ce_specversion": SPEC_VERSION,
        CE_ID: message.id,
        CE_SOURCE: f"/tallystick/{produced_by}",
        "ce_dataschema": f"/schemas/{codec.schema_id(type(message))}",
        "content-type": CONTENT_TYPE,
        **own,
    }


def _own(message: Message) -> Mapping[str, str]:
    match message:
        case ChangeEvent():
            return _of_change(message)
        case WriteCommand():
            return _of_command(message)
        case Outcome():
            return _of_outcome(message)
        case Operation():
            return {
                CE_TYPE: f"tallystick.operation.{message.kind}",
                CE_TIME: message.requested_at.isoformat(),
                CORRELATION: message.id,
                USER: message.actor,
            }
        case Alert():
            return {
                CE_TYPE: f"tallystick.alert.{message.state}",
                CE_SUBJECT: message.subject,
                CE_TIME: message.since.isoformat(),
                CORRELATION: message.id,
                CODE: message.code,
            }


def _of_change(change: ChangeEvent) -> Mapping[str, str]:
    last = change.captures[-1] if change.captures else None
    return {
        CE_TYPE: f"tallystick.change.{change.kind}",
        CE_SOURCE: f"/{change.ref.system}/{change.source}",
        CE_SUBJECT: str(change.ref),
        CE_TIME: last.committed_at.isoformat() if last else "",
        CORRELATION: change.id,
        USER: last.user if last else "",
    }


def _of_command(command: WriteCommand) -> Mapping[str, str]:
    return {
        CE_TYPE: "tallystick.command.write",
        CE_SUBJECT: str(command.source),
        CORRELATION: command.event_id,
        CAUSATION: command.event_id,
        TARGET: str(command.target),
        ROUND: str(command.round),
        MAP: command.map_hash,
        ORIGIN: str(command.origin),
    }


def _of_outcome(outcome: Outcome) -> Mapping[str, str]:
    is_command = outcome.subject is Subject.COMMAND
    return {
        CE_TYPE: f"tallystick.outcome.{outcome.result}",
        CE_SUBJECT: str(outcome.ref or ""),
        CORRELATION: outcome.event_id,
        CAUSATION: outcome.command_id if is_command else outcome.event_id,
        SUBJECT_KIND: outcome.subject.value,
        TARGET: str(outcome.target or ""),
        WRITTEN: str(outcome.written or ""),
        RESULT: outcome.result.value,
        CODE: outcome.code,
        ROUND: str(outcome.round),
        WAITS_ON: str(outcome.waits_on or ""),
        MAP: outcome.map_hash,
        OPERATION: outcome.operation_id,
        ORIGIN: str(outcome.origin),
    }
