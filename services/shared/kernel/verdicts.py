"""How a command ended, in one service's hands, and the outcome that tells it to all."""

from dataclasses import dataclass, field

from kernel.identity import outcome_id, undecodable_event_id
from kernel.messages import Coordinates, Outcome, Result, Subject, WriteCommand
from kernel.records import RecordRef, System
from kernel.values import Document, Fields, Value

SYSTEM_NAMES = {System.SALESFORCE: "Salesforce", System.NETSUITE: "NetSuite"}
DETAIL = "detail"
"""Param with the words of a vendor, and the path under which they are sealed: they can repeat
personal data."""
DETAIL_MAX = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The end of one command: result, code and what its sentence is filled with."""

    result: Result
    code: str
    params: Fields = field(default_factory=dict)
    record_id: str = ""
    """The record's own id, where it holds what the command wants."""
    read_back: Document | None = None
    told: str = field(default="", repr=False)
    """Words of the vendor for the param `detail`; to be sealed before they go into it."""


NOTHING_DONE = frozenset({"ALREADY_SO", "ALREADY_GONE", "CURRENCY_NOT_KEPT"})
SUPERSEDED = Verdict(result=Result.SUPERSEDED, code="SUPERSEDED")


def stands(command: WriteCommand, code: str, record_id: str, read_back: Document | None) -> Verdict:
    """The record holds what the command wants."""
    return Verdict(
        result=Result.UNCHANGED if code in NOTHING_DONE else Result.APPLIED,
        code=code,
        params={"target": target_text(command, record_id)},
        record_id=record_id,
        read_back=read_back,
    )


def held(command: WriteCommand, code: str, *, told: str = "", **params: Value) -> Verdict:
    """Parked until a person or a later version of the source corrects it."""
    fields = {"record": record_text(command), "system": _system(command), **params}
    return Verdict(result=Result.PARKED, code=code, params=fields, told=told)


def in_review(command: WriteCommand, code: str, **params: Value) -> Verdict:
    """Until a person has said which record is meant."""
    fields = {"record": record_text(command), "system": _system(command), **params}
    return Verdict(result=Result.REVIEW, code=code, params=fields)


def gone(command: WriteCommand) -> Verdict:
    """Parked because the target does not exist."""
    params = {"target": target_text(command)}
    return Verdict(result=Result.PARKED, code="TARGET_GONE", params=params)


def dead(command: WriteCommand, code: str, *, told: str = "", **params: Value) -> Verdict:
    """The command itself can never work."""
    fields = {"record": record_text(command), **params}
    return Verdict(result=Result.DEAD, code=code, params=fields, told=told)


def record_text(command: WriteCommand) -> str:
    """How a sentence names the record that is held: `Account 001… (customer)`."""
    return f"{command.source.kind} {command.source.id} ({command.target.kind})"


def target_text(command: WriteCommand, record_id: str = "") -> str:
    return f"{_system(command)} {command.target.kind} {record_id or command.target.id}"


def outcome_of(command: WriteCommand, verdict: Verdict) -> Outcome:
    """`verdict.params` must hold by now what was told, sealed."""
    identity = outcome_id(
        Subject.COMMAND, command.event_id, command.id, command.round, verdict.result, verdict.code
    )
    written = RecordRef(command.target.system, command.target.kind, verdict.record_id)
    return Outcome(
        id=identity,
        subject=Subject.COMMAND,
        event_id=command.event_id,
        command_id=command.id,
        origin=command.origin,
        round=command.round,
        ref=command.source,
        result=verdict.result,
        code=verdict.code,
        params=verdict.params,
        target=command.target,
        part=command.part,
        written=written if verdict.record_id else None,
        version=command.version,
        read_back=verdict.read_back,
        waits_on=None if verdict.result.is_final else command.source,
        map_hash=command.map_hash,
    )


def undecodable(coordinates: Coordinates, subject: Subject, why: str) -> Outcome:
    """Ends what stands in the log at these coordinates and cannot be read as a message."""
    topic, partition, offset = coordinates.topic, coordinates.partition, coordinates.offset
    event_id = undecodable_event_id(topic, partition, offset)
    return Outcome(
        id=outcome_id(subject, event_id, "", 0, Result.DEAD, "UNDECODABLE"),
        subject=subject,
        event_id=event_id,
        origin=coordinates,
        ref=None,
        result=Result.DEAD,
        code="UNDECODABLE",
        params={"coordinates": str(coordinates), DETAIL: why[:DETAIL_MAX]},
    )


def _system(command: WriteCommand) -> str:
    return SYSTEM_NAMES[command.target.system]
